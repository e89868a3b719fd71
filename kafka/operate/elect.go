package operate

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
)

// Election is the plan to make the first replica of partitions their leader.
type Election struct {
	Action  Action
	Topic   string // empty: of the whole cluster
	Leaders []Leadership
	At      time.Time // when the leaders were read
}

// Leadership is a partition whose leader is not the preferred one.
type Leadership struct {
	kafka.TopicPartition
	Leader    kafka.Known[int32] // unknown: it has none
	Preferred int32              // the first of its replicas
	Internal  bool
	Skip      string // why it is left out, empty when it is elected
}

// PlanElection reads leaders and replicas of a topic, or of the whole cluster when it is empty. It wraps
// ErrNothing when every leader is the preferred one.
func PlanElection(ctx context.Context, r Topics, topic string, now time.Time) (*Election, error) {
	ts, err := topicsOf(ctx, r, topic)
	if err != nil {
		return nil, fmt.Errorf("plan to %s: %w", title(ElectLeaders, topic), err)
	}
	e := &Election{Action: ElectLeaders, Topic: topic, At: now.UTC().Round(0)}
	for i := range ts {
		if ts[i].Err != "" && topic != "" {
			return nil, fmt.Errorf("plan to %s: %s", title(ElectLeaders, topic), ts[i].Err)
		}
		e.Leaders = append(e.Leaders, displaced(&ts[i])...)
	}
	if len(e.Leaders) == 0 {
		where := "of the cluster"
		if topic != "" {
			where = "of topic " + topic
		}
		return nil, fmt.Errorf("every leader %s is the preferred one: %w", where, ErrNothing)
	}
	return e, nil
}

func topicsOf(ctx context.Context, r Topics, topic string) ([]kafka.Topic, error) {
	if topic == "" {
		return r.Topics(ctx)
	}
	return r.Topics(ctx, topic)
}

// displaced are the partitions of a topic that another replica leads than the first.
func displaced(t *kafka.Topic) []Leadership {
	var out []Leadership
	for i := range t.Partitions {
		p := &t.Partitions[i]
		if len(p.Replicas) == 0 || p.Leader.OK && p.Leader.V == p.Replicas[0] {
			continue
		}
		l := Leadership{
			TopicPartition: kafka.TopicPartition{Topic: t.Name, Partition: p.ID},
			Leader:         p.Leader, Preferred: p.Replicas[0], Internal: t.Internal,
		}
		switch {
		case slices.Contains(p.Offline, l.Preferred):
			l.Skip = fmt.Sprintf("broker %d is offline: start it first", l.Preferred)
		case !slices.Contains(p.ISR, l.Preferred):
			l.Skip = fmt.Sprintf("broker %d is not in sync: wait until it has caught up", l.Preferred)
		}
		out = append(out, l)
	}
	return out
}

// Does implements Plan.
func (e *Election) Does() Action { return ElectLeaders }

// Object implements Plan.
func (e *Election) Object() string { return e.Topic }

// Effect implements Plan.
func (e *Election) Effect() string {
	where := "of the cluster"
	if e.Topic != "" {
		where = "of topic " + e.Topic
	}
	s := fmt.Sprintf("the preferred replica becomes the leader of %s %s", human.Plural(len(e.elected()), "partition"), where)
	if skipped := len(e.Leaders) - len(e.elected()); skipped > 0 {
		s += fmt.Sprintf("; %d left out", skipped)
	}
	return s
}

// Warnings implements Plan.
func (e *Election) Warnings() []string {
	out := []string{"producers and consumers of these partitions pause for a moment until they have found the new leader; no record is lost"}
	if slices.ContainsFunc(e.Leaders, func(l Leadership) bool { return l.Internal && l.Skip == "" }) {
		out = append(out, "internal topics are among them: groups and transactions of these partitions get another coordinator, which loads their state first")
	}
	return append(out, "there is no undo: Kafka has no request that makes a chosen replica the leader")
}

// Destroys implements Plan.
func (e *Election) Destroys() string { return "" }

// Changes implements Plan.
func (e *Election) Changes() []Change {
	out := make([]Change, 0, len(e.Leaders))
	for _, l := range e.Leaders {
		out = append(out, Change{What: partitionName(l.TopicPartition), Before: leaderName(l.Leader), After: leaderName(kafka.Some(l.Preferred)), Skip: l.Skip})
	}
	return out
}

func leaderName(id kafka.Known[int32]) string {
	if !id.OK {
		return "no leader"
	}
	return fmt.Sprintf("leader %d", id.V)
}

// Refused implements Plan.
func (e *Election) Refused() error {
	if len(e.elected()) == 0 {
		return fmt.Errorf("%s: no preferred replica is in sync: %w", title(ElectLeaders, e.Topic), ErrNothing)
	}
	return nil
}

// elected are the partitions that are not left out.
func (e *Election) elected() []kafka.TopicPartition {
	var out []kafka.TopicPartition
	for _, l := range e.Leaders {
		if l.Skip == "" {
			out = append(out, l.TopicPartition)
		}
	}
	return out
}

// Command implements Plan. The stock tool takes all partitions, one, or a file.
func (e *Election) Command(bootstrap string) string {
	const tool = "kafka-leader-election"
	tps := e.elected()
	switch {
	case e.Topic == "":
		return command(tool, bootstrap, "--election-type", "preferred", "--all-topic-partitions")
	case len(tps) == 1:
		return command(tool, bootstrap, "--election-type", "preferred", "--topic", e.Topic, "--partition", fmt.Sprint(tps[0].Partition))
	}
	type one struct {
		Topic     string `json:"topic"`
		Partition int32  `json:"partition"`
	}
	var list struct {
		Partitions []one `json:"partitions"`
	}
	for _, tp := range tps {
		list.Partitions = append(list.Partitions, one{tp.Topic, tp.Partition})
	}
	file, err := json.Marshal(list)
	if err != nil { // of strings and numbers: never
		return ""
	}
	return "echo " + safe.Quote(string(file)) + " > leaders.json; " + command(tool, bootstrap, "--election-type", "preferred", "--path-to-json-file", "leaders.json")
}

// check compares replicas too: a reassignment may have chosen another preferred replica meanwhile.
func (e *Election) check(ctx context.Context, r Reader) error {
	ts, err := topicsOf(ctx, r, e.Topic)
	if err != nil {
		return fmt.Errorf("%s: check before it: %w", title(ElectLeaders, e.Topic), err)
	}
	now := map[kafka.TopicPartition]Leadership{}
	for i := range ts {
		for _, l := range displaced(&ts[i]) {
			now[l.TopicPartition] = l
		}
	}
	was := &ChangedError{Action: ElectLeaders, Object: e.Topic}
	for _, l := range e.Leaders {
		is, ok := now[l.TopicPartition]
		switch name := partitionName(l.TopicPartition); {
		case l.Skip != "":
		case !ok:
			was.What = append(was.What, name+" has its preferred leader, or is gone")
		case is.Leader != l.Leader || is.Preferred != l.Preferred:
			was.What = append(was.What, fmt.Sprintf("%s was %s of preferred %d, is %s of preferred %d", name, leaderName(l.Leader), l.Preferred, leaderName(is.Leader), is.Preferred))
		case is.Skip != "":
			was.What = append(was.What, name+": "+is.Skip)
		}
	}
	if len(was.What) > 0 {
		return was
	}
	return nil
}

func (e *Election) send(ctx context.Context, c Client) (map[string]error, error) {
	refused, err := c.ElectPreferred(ctx, e.elected())
	out := map[string]error{}
	for tp, why := range refused {
		if !errors.Is(why, kafka.CodeElectionNotNeeded) && answered(why) {
			out[partitionName(tp)] = why
		}
	}
	return out, err
}

func (e *Election) now(ctx context.Context, r Reader) (map[string]string, error) {
	ts, err := topicsOf(ctx, r, e.Topic)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for i := range ts {
		for _, p := range ts[i].Partitions {
			out[partitionName(kafka.TopicPartition{Topic: ts[i].Name, Partition: p.ID})] = leaderName(p.Leader)
		}
	}
	for _, l := range e.Leaders {
		name := partitionName(l.TopicPartition)
		out[name] = cmp.Or(out[name], "not there")
	}
	return out, nil
}
