package advise

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"lagtop/kafka"
)

// world is one topic and one group that reads it, both changed by a test.
type world struct {
	topic    kafka.Topic
	group    kafka.Group
	settings map[string]string
	batches  []kafka.NewestBatches
}

// part is how one partition does; owner -1 is nobody.
type part struct {
	lag     int64
	in, out float64
	owner   int
}

// living is a stable group on a topic with these partitions and so many members.
func living(members int, parts ...part) *world {
	w := &world{topic: kafka.Topic{Name: "orders"}, group: kafka.Group{
		Name: "payments", Type: kafka.Classic, ProtocolType: "consumer", State: kafka.StateStable, Protocol: "range",
	}}
	for i := range members {
		w.group.Members = append(w.group.Members, kafka.Member{ID: fmt.Sprint("id-", i), ClientID: fmt.Sprint("payments-", i+1), Host: fmt.Sprint("10.0.0.", i)})
	}
	for i, p := range parts {
		tp := kafka.TopicPartition{Topic: "orders", Partition: int32(i)}
		w.topic.Partitions = append(w.topic.Partitions, kafka.Partition{ID: int32(i), In: kafka.Some(p.in), Replicas: []int32{1, 2, 3}})
		g := kafka.GroupPartition{TopicPartition: tp, Lag: kafka.Some(p.lag), In: kafka.Some(p.in), Out: kafka.Some(p.out)}
		if p.owner >= 0 {
			g.Owner = kafka.Some(p.owner)
			w.group.Members[p.owner].Assigned = append(w.group.Members[p.owner].Assigned, tp)
		}
		w.group.Partitions = append(w.group.Partitions, g)
	}
	return w
}

// shared is n partitions dealt to the members in turn, all alike.
func shared(members, n int, p part) *world {
	var parts []part
	for i := range n {
		p.owner = -1
		if members > 0 {
			p.owner = i % members
		}
		parts = append(parts, p)
	}
	return living(members, parts...)
}

// with changes a world.
func (w *world) with(f func(w *world)) *world {
	f(w)
	return w
}

func (w *world) set(name, value string) *world {
	if w.settings == nil {
		w.settings = map[string]string{"cleanup.policy": "delete", "compression.type": "producer", "retention.ms": "604800000", "retention.bytes": "-1"}
	}
	w.settings[name] = value
	return w
}

// written puts n batches of one kind at the end of partition 0.
func (w *world) written(n int, b kafka.Batch) *world {
	if len(w.batches) == 0 {
		w.batches = []kafka.NewestBatches{{}}
	}
	for range n {
		w.batches[0].Batches = append(w.batches[0].Batches, b)
	}
	return w
}

func batch(records, bytes int, codec kafka.Codec) kafka.Batch {
	return kafka.Batch{Records: kafka.Some(records), Bytes: bytes, Codec: codec}
}

func (w *world) known() Topic {
	t := Topic{Topic: &w.topic}
	if w.settings != nil {
		t.Settings.OK = true
		for k, v := range w.settings {
			t.Settings.V = append(t.Settings.V, kafka.Config{Name: k, Value: v, Source: kafka.SourceDefault})
		}
	}
	if w.batches != nil {
		t.Batches = kafka.Some(w.batches)
	}
	return t
}

func (w *world) ofGroup() []Advice { return OfGroup(&w.group, w.known()) }
func (w *world) ofTopic() []Advice { return ForTopic(w.known(), []kafka.Group{w.group}) }

// row is one world and what a rule says in it.
type row struct {
	world  *world
	rule   string // empty: only silent
	weight Weight
	says   []string // parts of title, evidence, suggestion, settings or gain
	silent []string // rules that must say nothing
}

func check(t *testing.T, rows map[string]row, advice func(*world) []Advice) {
	t.Helper()
	for name, r := range rows {
		t.Run(name, func(t *testing.T) {
			got := advice(r.world)
			for _, a := range got {
				if slices.Contains(r.silent, a.ID) {
					t.Errorf("%s is not silent: %s", a.ID, text(a))
				}
			}
			if r.rule == "" {
				return
			}
			i := slices.IndexFunc(got, func(a Advice) bool { return a.ID == r.rule })
			if i < 0 {
				t.Fatalf("no %s in %s", r.rule, texts(got))
			}
			if got[i].Weight != r.weight {
				t.Errorf("weight %d in %s", got[i].Weight, text(got[i]))
			}
			for _, want := range r.says {
				if !strings.Contains(text(got[i]), want) {
					t.Errorf("%q does not say %q", text(got[i]), want)
				}
			}
		})
	}
}

func texts(as []Advice) string {
	var b strings.Builder
	for _, a := range as {
		b.WriteString("\n" + text(a))
	}
	return b.String()
}

func text(a Advice) string {
	s := a.ID + ": " + a.Title + ". " + a.Evidence + ". " + a.Suggestion
	for _, x := range a.Settings {
		s += " " + x.Name
		switch {
		case x.Present.OK:
			s += "=" + x.Present.V
		case !x.Visible():
			s += "=not visible"
		}
	}
	if a.Gain.OK {
		s += " GAIN " + a.Gain.V.String()
	}
	return s
}
