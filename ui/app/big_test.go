package app

import (
	"context"
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/lag"
	"lagtop/kafka/triage"
	"lagtop/ui/pane/panetest"
)

// big is a cluster in which each group reads one topic of its own.
type big struct{ groups, partitions, members int }

// poll is the n-th snapshot. Lags differ from poll to poll, so that rows change places.
func (c big) poll(n int) *kafka.Snapshot {
	at := panetest.Now().Add(time.Duration(n) * 2 * time.Second)
	s := &kafka.Snapshot{Seq: uint64(n + 1), Began: at, At: at}
	for id := range int32(3) {
		s.Brokers = append(s.Brokers, kafka.Broker{ID: id + 1, Addr: fmt.Sprintf("10.0.0.%d:9092", id+1), At: at})
	}
	for i := range c.groups {
		t := kafka.Topic{Name: fmt.Sprintf("topic-%05d", i)}
		g := kafka.Group{Name: fmt.Sprintf("group-%05d", i), Type: kafka.Consumer, State: kafka.StateStable, At: at}
		for m := range c.members {
			g.Members = append(g.Members, kafka.Member{ID: fmt.Sprintf("member-%05d", m), ClientID: fmt.Sprintf("client-%05d", m), Host: "10.0.1.7"})
		}
		for p := range int32(c.partitions) {
			end, owner := int64(10_000*(n+1)), int(p)%c.members
			tp := kafka.TopicPartition{Topic: t.Name, Partition: p}
			t.Partitions = append(t.Partitions, kafka.Partition{
				ID: p, Leader: kafka.Some(p%3 + 1), Replicas: []int32{1, 2, 3}, ISR: []int32{1, 2, 3}, Start: kafka.Some[int64](0), End: kafka.Some(end), At: at,
			})
			g.Members[owner].Assigned = append(g.Members[owner].Assigned, tp)
			behind := int64(p+1) * int64(n*7919+i*104729+1) % 9000
			g.Partitions = append(g.Partitions, kafka.GroupPartition{TopicPartition: tp, Committed: kafka.Some(end - behind), Owner: kafka.Some(owner)})
		}
		s.Topics, s.Groups = append(s.Topics, t), append(s.Groups, g)
		lag.Join(&s.Groups[i], s.Topic)
	}
	return s
}

// source has what polls n-2 and n-1 of it bring, and the history of all n.
func (c big) source(n int) ([2]*kafka.Snapshot, *lag.History) {
	history := lag.NewHistory(lag.Options{})
	judge := triage.New(history)
	var last [2]*kafka.Snapshot
	for i := range n {
		s := c.poll(i)
		history.Observe(s)
		judge.Judge(s)
		last[0], last[1] = last[1], s
	}
	return last, history
}

// BenchmarkSnapshot is how long the event loop is busy with a snapshot and with the frame that shows it: keys wait
// that long.
func BenchmarkSnapshot(b *testing.B) {
	screens := []struct {
		name string
		keys []string
	}{
		{"overview", nil}, {"unfolded", []string{"2", "right"}}, {"filtered", []string{"2", "/", "l", "a", "g", ":", ">", "1", "k", "enter"}},
		{"detail", []string{"enter"}}, {"members", []string{"enter", "tab"}}, {"matrix", []string{"enter", "tab", "tab", "tab"}},
		{"topic", []string{"3", "enter"}},
	}
	for _, c := range []big{{2000, 12, 3}, {1, 100_000, 1000}, {1, 100_000, 1}} {
		polls, history := c.source(8)
		for _, screen := range screens {
			b.Run(fmt.Sprintf("%dx%d/%d/%s", c.groups, c.partitions, c.members, screen.name), func(b *testing.B) {
				benchmarkSnapshot(b, polls, history, screen.keys)
			})
		}
	}
}

func benchmarkSnapshot(b *testing.B, polls [2]*kafka.Snapshot, history *lag.History, keys []string) {
	src := &source{snap: polls[0], updates: make(chan struct{}, 1)}
	m, err := New(context.Background(), Deps{
		Session: Session{Name: "b", Source: src, Interval: 2 * time.Second, Tailer: silence{}, History: history}, Now: panetest.Now,
	})
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	m.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	m.Update(snapshotMsg{})
	m.View()
	for _, k := range keys {
		m.Update(press(k))
	}
	b.ReportAllocs()
	var frames time.Duration
	for i := 0; b.Loop(); i++ {
		src.snap = polls[i%2]
		m.Update(snapshotMsg{})
		began := time.Now()
		m.View()
		frames += time.Since(began)
	}
	b.ReportMetric(float64(frames.Nanoseconds())/float64(b.N), "ns/frame")
}
