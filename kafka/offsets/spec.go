package offsets

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"lagtop/kafka"
)

// Spec says what somebody wants: which group, which of its partitions, and where they shall stand.
type Spec struct {
	Group    string
	Scope    Scope
	Scenario Scenario
	Create   bool // allow a group that does not exist; a commit creates it
	// Overrides are offsets that a person chose for single partitions of the scope, whatever the scenario
	// says; they are clamped as well.
	Overrides map[kafka.TopicPartition]int64
}

// With is the spec with an offset for one partition, as Plan.With for the plan of it.
func (s Spec) With(tp kafka.TopicPartition, offset int64) Spec {
	s.Overrides = maps.Clone(s.Overrides)
	if s.Overrides == nil {
		s.Overrides = map[kafka.TopicPartition]int64{}
	}
	s.Overrides[tp] = offset
	return s
}

func (s Spec) action(g *kafka.Group) Action {
	_, removes := s.Scenario.(Remove)
	switch {
	case g.Type == kafka.Share && removes:
		return ActionDeleteStart
	case g.Type == kafka.Share:
		return ActionResetStart
	case removes:
		return ActionDelete
	}
	return ActionReset
}

// Scope chooses partitions. The zero Scope is every partition that the group has a commit for.
type Scope struct {
	Topics     []string               // all partitions of these topics, committed or not
	Partitions []kafka.TopicPartition // and these
}

// All tells whether the scope is every committed partition of the group.
func (s Scope) All() bool { return len(s.Topics) == 0 && len(s.Partitions) == 0 }

func (s Scope) String() string {
	if s.All() {
		return "all topics"
	}
	return strings.Join(s.words(), " ")
}

// words are the scope as kafka-consumer-groups takes it: topic or topic:0,1.
func (s Scope) words() []string {
	out := slices.Clone(s.Topics)
	byTopic := map[string][]string{}
	var order []string
	for _, tp := range s.Partitions {
		if byTopic[tp.Topic] == nil {
			order = append(order, tp.Topic)
		}
		byTopic[tp.Topic] = append(byTopic[tp.Topic], fmt.Sprint(tp.Partition))
	}
	for _, t := range order {
		out = append(out, t+":"+strings.Join(byTopic[t], ","))
	}
	return out
}

// Scenario is one way to choose a partition's new offset. The types below are all there are.
type Scenario interface {
	fmt.Stringer
	// lookup is the place in the log that has to be found first, when there is one.
	lookup() kafka.Known[kafka.OffsetAt]
	// target chooses the offset; Start and End of the partition are known.
	target(p Partition) target
	// flags are the options of kafka-consumer-groups.
	flags() []string
	// share tells whether a share group's start offsets can be moved like this.
	share() bool
}

// target is a scenario's wish for one partition, before it is clamped.
type target struct {
	offset int64
	note   string
	exact  bool   // store it even outside the log: it was there before
	err    string // why the scenario has no offset for this partition
}

// Earliest is the log start offset.
type Earliest struct{}

func (Earliest) String() string                      { return "to earliest" }
func (Earliest) lookup() kafka.Known[kafka.OffsetAt] { return kafka.Known[kafka.OffsetAt]{} }
func (Earliest) target(p Partition) target           { return target{offset: p.Start.V} }
func (Earliest) flags() []string                     { return []string{"--to-earliest"} }
func (Earliest) share() bool                         { return true }

// Latest is the high watermark.
type Latest struct{}

func (Latest) String() string                      { return "to latest" }
func (Latest) lookup() kafka.Known[kafka.OffsetAt] { return kafka.Known[kafka.OffsetAt]{} }
func (Latest) target(p Partition) target           { return target{offset: p.End.V} }
func (Latest) flags() []string                     { return []string{"--to-latest"} }
func (Latest) share() bool                         { return true }

// ToOffset is the same offset in each partition.
type ToOffset int64

func (o ToOffset) String() string                    { return fmt.Sprintf("to offset %d", int64(o)) }
func (ToOffset) lookup() kafka.Known[kafka.OffsetAt] { return kafka.Known[kafka.OffsetAt]{} }
func (o ToOffset) target(Partition) target           { return target{offset: int64(o)} }
func (o ToOffset) flags() []string                   { return flag("--to-offset", fmt.Sprint(int64(o))) }
func (ToOffset) share() bool                         { return true }

// ShiftBy moves the commit by so many offsets, back when negative.
type ShiftBy int64

func (n ShiftBy) String() string                    { return fmt.Sprintf("shift by %+d", int64(n)) }
func (ShiftBy) lookup() kafka.Known[kafka.OffsetAt] { return kafka.Known[kafka.OffsetAt]{} }
func (n ShiftBy) flags() []string                   { return flag("--shift-by", fmt.Sprint(int64(n))) }
func (ShiftBy) share() bool                         { return false }

func (n ShiftBy) target(p Partition) target {
	if !p.Committed.OK {
		return target{err: "no commit to shift from"}
	}
	sum := p.Committed.V + int64(n)
	switch { // past the ends of int64 is past the ends of the log
	case n > 0 && sum < p.Committed.V:
		sum = p.End.V
	case n < 0 && sum > p.Committed.V:
		sum = p.Start.V
	}
	return target{offset: sum}
}

// ToTime is the first record with a timestamp at or after a time.
type ToTime struct{ Time time.Time }

func (t ToTime) String() string { return "to the first record at or after " + t.utc() + " UTC" }

// utc is the time as kafka-consumer-groups reads it; without a zone it is UTC.
func (t ToTime) utc() string { return t.Time.UTC().Format("2006-01-02T15:04:05.000") }

func (t ToTime) lookup() kafka.Known[kafka.OffsetAt] { return kafka.Some(kafka.AtTime(t.Time)) }
func (t ToTime) flags() []string                     { return flag("--to-datetime", t.utc()) }
func (ToTime) share() bool                           { return true }

func (t ToTime) target(p Partition) target {
	if !p.Found.OK {
		return target{offset: p.End.V, note: "no record at or after " + t.utc() + " UTC: latest"}
	}
	return target{offset: p.Found.V}
}

// ToCurrent commits the present commits again, which renews their retention.
type ToCurrent struct{}

func (ToCurrent) String() string                      { return "to current" }
func (ToCurrent) lookup() kafka.Known[kafka.OffsetAt] { return kafka.Known[kafka.OffsetAt]{} }
func (ToCurrent) flags() []string                     { return []string{"--to-current"} }
func (ToCurrent) share() bool                         { return false }

func (ToCurrent) target(p Partition) target {
	if !p.Committed.OK {
		return target{err: "no commit to repeat"}
	}
	return target{offset: p.Committed.V, exact: true}
}

// FromFile is an offset of its own for each partition, as ReadCSV gives them.
type FromFile struct {
	Name    string // of the file, for the shown command
	Offsets map[kafka.TopicPartition]int64
}

func (f FromFile) String() string                    { return "from file " + f.Name }
func (FromFile) lookup() kafka.Known[kafka.OffsetAt] { return kafka.Known[kafka.OffsetAt]{} }
func (f FromFile) flags() []string                   { return flag("--from-file", f.Name) }
func (FromFile) share() bool                         { return true }

func (f FromFile) target(p Partition) target {
	o, ok := f.Offsets[p.TopicPartition]
	if !ok {
		return target{err: "not in the file"}
	}
	return target{offset: o}
}

// ByDuration is ToTime, so long before a moment that stays the same when the plan is made again.
type ByDuration struct {
	Back time.Duration
	From time.Time
}

func (d ByDuration) time() ToTime {
	return ToTime{Time: d.From.Add(-d.Back).UTC().Truncate(time.Millisecond)}
}

func (d ByDuration) String() string {
	return "back by " + isoDuration(d.Back) + ", " + d.time().String()
}
func (d ByDuration) lookup() kafka.Known[kafka.OffsetAt] { return d.time().lookup() }
func (d ByDuration) target(p Partition) target           { return d.time().target(p) }
func (d ByDuration) flags() []string                     { return flag("--by-duration", isoDuration(d.Back)) }
func (ByDuration) share() bool                           { return true }

// Like is where another group stands. Its metadata is not taken over.
type Like string

func (l Like) String() string                    { return "like group " + string(l) }
func (Like) lookup() kafka.Known[kafka.OffsetAt] { return kafka.Known[kafka.OffsetAt]{} }
func (Like) flags() []string                     { return flag("--from-file", "PLAN.csv") }
func (Like) share() bool                         { return false }

func (l Like) target(p Partition) target {
	if !p.Found.OK {
		return target{err: "group " + string(l) + " has no commit here"}
	}
	return target{offset: p.Found.V}
}

// Remove takes the commits away; consumers then begin where their auto.offset.reset says. A share group
// loses the start offsets of whole topics.
type Remove struct{}

func (Remove) String() string                      { return "delete" }
func (Remove) lookup() kafka.Known[kafka.OffsetAt] { return kafka.Known[kafka.OffsetAt]{} }
func (Remove) target(Partition) target             { return target{err: "a deletion has no offset"} }
func (Remove) flags() []string                     { return []string{"--delete-offsets"} }
func (Remove) share() bool                         { return true }
