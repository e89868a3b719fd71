package operate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
)

func TestDeletionSaysWhatIsLost(t *testing.T) {
	for name, c := range map[string]struct {
		group    kafka.Group
		commits  map[kafka.TopicPartition]kafka.Commit
		want     string
		destroys bool
		restores bool
	}{
		"consumer": {
			group:   kafka.Group{Type: kafka.Classic, ProtocolType: "consumer", State: kafka.StateEmpty},
			commits: map[kafka.TopicPartition]kafka.Commit{tp(0): {Offset: 1}}, want: "undo commits them again", restores: true,
		},
		"made by a commit": {
			group:   kafka.Group{Type: kafka.Classic, State: kafka.StateEmpty},
			commits: map[kafka.TopicPartition]kafka.Commit{tp(0): {Offset: 1}}, want: "auto.offset.reset", restores: true,
		},
		"KIP-848 without commits": {
			group: kafka.Group{Type: kafka.Consumer, State: kafka.StateEmpty}, want: "nothing of it is lost",
		},
		"connect": {group: kafka.Group{Type: kafka.Classic, ProtocolType: "connect", State: kafka.StateEmpty}, want: "no commits"},
		"share":   {group: kafka.Group{Type: kafka.Share, State: kafka.StateEmpty}, want: "cannot be brought back", destroys: true},
		"streams": {
			group:   kafka.Group{Type: kafka.Streams, State: kafka.StateEmpty},
			commits: map[kafka.TopicPartition]kafka.Commit{tp(0): {Offset: 1}}, want: "application reset tool", destroys: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.group.Name = "g"
			d, err := PlanDeletion(t.Context(), &world{group: &c.group, commits: c.commits}, "g")
			if err != nil || d.Refused() != nil {
				t.Fatalf("%v %v", err, d.Refused())
			}
			if text := asText(d); !strings.Contains(text, c.want) || !strings.Contains(text, "the "+string(c.group.Type)+" group g is deleted") {
				t.Errorf("%q does not say %q", text, c.want)
			}
			if (d.Destroys() != "") != c.destroys || (d.Restorable() == "") != c.restores {
				t.Errorf("destroys %q, restorable %q", d.Destroys(), d.Restorable())
			}
		})
	}
}

func TestDeletionOfWhatIsInUseNamesItsMembers(t *testing.T) {
	g := kafka.Group{Name: "g", Type: kafka.Consumer, State: kafka.StateStable, Members: []kafka.Member{{ClientID: "a", Host: "h", InstanceID: "pod"}}}
	d, err := PlanDeletion(t.Context(), &world{group: &g}, "g")
	if err != nil {
		t.Fatal(err)
	}
	var used *NotEmptyError
	err = d.Refused()
	if !errors.As(err, &used) || !errors.Is(err, kafka.CodeNonEmptyGroup) || !strings.Contains(err.Error(), "stop a (instance pod) on h first") {
		t.Errorf("%v", err)
	}
	g = kafka.Group{Name: "g", Type: kafka.Share, State: kafka.StateStable}
	if d, err = PlanDeletion(t.Context(), &world{group: &g}, "g"); err != nil || !strings.Contains(d.Refused().Error(), "it is Stable, not Empty") {
		t.Errorf("%v %v", err, d.Refused())
	}
	for _, gone := range []*kafka.Group{nil, {Name: "g", Type: kafka.Classic, State: kafka.StateDead}} {
		if _, err := PlanDeletion(t.Context(), &world{group: gone}, "g"); !errors.Is(err, kafka.CodeGroupIDNotFound) {
			t.Errorf("%v", err)
		}
	}
}

func TestElectionLeavesOutWhatCannotBeElected(t *testing.T) {
	w := newWorld()
	w.topics[0].Partitions = append(w.topics[0].Partitions,
		kafka.Partition{ID: 4, Replicas: []int32{1, 2}, ISR: []int32{2}, Offline: []int32{1}},
		kafka.Partition{ID: 5, Replicas: []int32{2, 1}, ISR: []int32{2, 1}})
	e, err := PlanElection(t.Context(), w, "orders", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]Change{}
	for _, c := range e.Changes() {
		got[c.What] = c
	}
	for what, want := range map[string]Change{
		"orders/0": {What: "orders/0", Before: "leader 2", After: "leader 1"},
		"orders/2": {What: "orders/2", Before: "leader 3", After: "leader 1", Skip: "broker 1 is not in sync: wait until it has caught up"},
		"orders/3": {What: "orders/3", Before: "leader 3", After: "leader 1"},
		"orders/4": {What: "orders/4", Before: "no leader", After: "leader 1", Skip: "broker 1 is offline: start it first"},
		"orders/5": {What: "orders/5", Before: "no leader", After: "leader 2"},
	} {
		if got[what] != want {
			t.Errorf("%s: %+v, want %+v", what, got[what], want)
		}
	}
	if len(got) != 5 || !strings.Contains(e.Effect(), "of 3 partitions of topic orders; 2 left out") {
		t.Errorf("%d changes, %s", len(got), e.Effect())
	}
	if c := e.Command("b:9092"); !strings.Contains(c, `{"topic":"orders","partition":5}`) || !strings.Contains(c, "--path-to-json-file leaders.json") {
		t.Error(c)
	}
}

func TestElectionOfNothing(t *testing.T) {
	w := newWorld()
	w.lead(1, 0, 3)
	w.topics[0].Partitions = w.topics[0].Partitions[:2]
	if _, err := PlanElection(t.Context(), w, "", time.Now()); !errors.Is(err, ErrNothing) {
		t.Errorf("%v", err)
	}
	w = newWorld()
	w.topics[0].Partitions = w.topics[0].Partitions[2:3] // its preferred replica is not in sync
	e, err := PlanElection(t.Context(), w, "", time.Now())
	if err != nil || !errors.Is(e.Refused(), ErrNothing) {
		t.Errorf("%v %v", err, e)
	}
	w.topics[0].Err = "not authorized"
	if _, err := PlanElection(t.Context(), w, "orders", time.Now()); err == nil || !strings.Contains(err.Error(), "not authorized") {
		t.Errorf("%v", err)
	}
}

func limits(ms, bytes int64) Limits {
	return Limits{
		Topic: "orders", Policy: "delete",
		Time: Setting{Name: RetentionMS, Before: ms, Source: kafka.SourceDefault},
		Size: Setting{Name: RetentionBytes, Before: bytes, Source: kafka.SourceTopic},
	}
}

const day = int64(24 * time.Hour / time.Millisecond)

func TestRetentionSaysWhatItMeans(t *testing.T) {
	some := kafka.Some[int64]
	unread := &Unread{Group: "pay", TopicPartition: tp(7), Age: kafka.Age{Min: 20 * time.Hour, Max: 30 * time.Hour, Kind: kafka.AgeBracket}}
	for name, c := range map[string]struct {
		have     Limits
		want     Wanted
		says     []string
		not      string
		shortens bool
	}{
		"longer": {limits(day, -1), Wanted{Time: some(3 * day), Unread: unread},
			[]string{"for 3 days instead of 24 h", "pay has not read, in orders/7", "safe for 42 h more, was for no time", "disk space"}, "DELETED", false},
		"for good": {limits(day, -1), Wanted{Time: some(-1), Unread: unread}, []string{"for unlimited instead", "safe for ever"}, "DELETED", false},
		"the other limit stays": {limits(day, 1e9), Wanted{Time: some(2 * day)},
			[]string{"retention.bytes stays as it is: the oldest records of a partition larger than 1.0 GB go all the same"}, "DELETED", false},
		"size": {limits(day, 1e9), Wanted{Size: some(2e9), Unread: unread},
			[]string{"up to 2.0 GB per partition instead of 1.0 GB", "retention.ms stays as it is: records older than 24 h", "is 20h–2d old"}, "DELETED", false},
		"shorter":            {limits(7*day, -1), Wanted{Time: some(day)}, []string{"RECORDS ARE DELETED", "no undo"}, "disk space", true},
		"a limit where none": {limits(-1, -1), Wanted{Time: some(day)}, []string{"RECORDS ARE DELETED"}, "disk space", true},
		"both":               {limits(day, 1e9), Wanted{Time: some(2 * day), Size: some(-1)}, []string{"for 2 days", "and up to unlimited"}, "stays as it is", false},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := PlanRetention(c.have, c.want, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			text := asText(p)
			for _, w := range c.says {
				if !strings.Contains(text, w) {
					t.Errorf("%q is not said:\n%s", w, text)
				}
			}
			if strings.Contains(text, c.not) || p.Shortens() != c.shortens || (p.Destroys() != "") != c.shortens {
				t.Errorf("shortens %v, destroys %q:\n%s", p.Shortens(), p.Destroys(), text)
			}
		})
	}
}

func TestRetentionOfACompactedTopicSaysThatItDoesNothing(t *testing.T) {
	l := limits(day, -1)
	l.Policy = "compact"
	p, err := PlanRetention(l, Wanted{Time: kafka.Some(2 * day)}, time.Now())
	if err != nil || !strings.Contains(asText(p), "changes nothing") {
		t.Errorf("%v %s", err, asText(p))
	}
}

func TestRetentionThatMakesNoSense(t *testing.T) {
	for _, v := range []int64{0, -2} {
		if p, err := PlanRetention(limits(day, -1), Wanted{Time: kafka.Some(v)}, time.Now()); err == nil {
			t.Errorf("%d: %+v", v, p)
		}
	}
	if _, err := PlanRetention(limits(day, -1), Wanted{Time: kafka.Some(day)}, time.Now()); !errors.Is(err, ErrNothing) {
		t.Errorf("%v", err)
	}
	w := newWorld()
	w.settings[RetentionMS] = kafka.Config{Name: RetentionMS, Value: "soon"}
	if _, err := ReadLimits(t.Context(), w, "orders"); err == nil {
		t.Error("a value that is no number was read")
	}
	delete(w.settings, RetentionMS)
	if _, err := ReadLimits(t.Context(), w, "orders"); err == nil {
		t.Error("a missing value was read")
	}
}

func TestRetentionIsSetBack(t *testing.T) {
	w := newWorld()
	w.settings[RetentionBytes] = kafka.Config{Name: RetentionBytes, Value: "1000", Source: kafka.SourceTopic}
	read := func() Limits {
		l, err := ReadLimits(t.Context(), w, "orders")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	before := read()
	p, err := PlanRetention(before, Wanted{Time: kafka.Some(9 * day), Size: kafka.Some(int64(5000))}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	apply := func(p Plan) Outcome {
		out, err := Apply(context.Background(), w, p, options(t))
		if err != nil || !out.Proved {
			t.Fatalf("%v %s", err, out.String())
		}
		return out
	}
	out := apply(p)
	undo := out.Undo()
	if c := undo.Command(""); !strings.Contains(c, "--add-config retention.bytes=1000 --delete-config retention.ms") {
		t.Error(c)
	}
	again := apply(undo)
	if now := read(); now != before {
		t.Errorf("after the undo %+v, before %+v", now, before)
	}
	apply(again.Undo()) // and back
	if now := read(); now.Time.Before != 9*day || now.Size.Before != 5000 {
		t.Errorf("after the undo of the undo %+v", now)
	}
}

func TestParseTimeAndSize(t *testing.T) {
	for s, want := range map[string]int64{
		"36h": 36 * 3600e3, "7d": 7 * day, " 2W ": 14 * day, "1d12h": day + day/2, "1.5 d": day + day/2, "90m": 5400e3, "3 days": 3 * day,
		"604800000": 604800000, "unlimited": -1, "-1": -1,
	} {
		if got, err := ParseTime(s); err != nil || got != want {
			t.Errorf("%q: %d %v, want %d", s, got, err, want)
		}
	}
	for s, want := range map[string]int64{"500MB": 500e6, "10GiB": 10 << 30, "1.5 tb": 1.5e12, "12": 12, "unlimited": -1} {
		if got, err := ParseSize(s); err != nil || got != want {
			t.Errorf("%q: %d %v, want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", "0", "-2", "h", "7x", "7d7", "d7", "99999999999999999999", "9e99d", "1..5d", "NaN", "0.0s"} {
		if got, err := ParseTime(s); err == nil {
			t.Errorf("time %q: %d", s, got)
		}
	}
	for _, s := range []string{"", "0", "-5", "GB", "7d", "1 000MB", "99999999999TB"} {
		if got, err := ParseSize(s); err == nil {
			t.Errorf("size %q: %d", s, got)
		}
	}
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"1d12h", "7", "unlimited", "..", "1e9h", "9999999999999w"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v, err := ParseTime(s); err == nil && v < 1 && v != Unlimited {
			t.Errorf("%q: %d", s, v)
		}
		if v, err := ParseSize(s); err == nil && v < 1 && v != Unlimited {
			t.Errorf("%q: %d", s, v)
		}
	})
}

// asText is a plan as plain text, one line a change.
func asText(p Plan) string {
	var b strings.Builder
	b.WriteString(p.Effect() + "\n")
	for _, w := range p.Warnings() {
		b.WriteString(w + "\n")
	}
	for _, c := range p.Changes() {
		fmt.Fprintf(&b, "%s\t%s -> %s", c.What, c.Before, c.After)
		if c.Skip != "" {
			b.WriteString("\tleft out: " + c.Skip)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
