package app

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"lagtop/kafka"
	"lagtop/kafka/alert"
	"lagtop/kafka/lag"
	"lagtop/kafka/timeline"
	"lagtop/kafka/triage"
	"lagtop/theme"
	"lagtop/ui/pane/panetest"
)

// restless is a cluster in which nothing stays: groups, topics and members come under names that never come
// again, live for some polls and go.
type restless struct {
	now  time.Time
	step time.Duration
	poll int
}

const (
	births   = 4 // groups and topics that come with each poll
	lives    = 6 // polls that each of them is there
	steadies = 8 // groups that stay, while their members and partitions change
)

func (c *restless) next() *kafka.Snapshot {
	c.poll++
	c.now = c.now.Add(c.step)
	s := &kafka.Snapshot{Seq: uint64(c.poll), Began: c.now, At: c.now.Add(100 * time.Millisecond)}
	s.Cluster = kafka.Cluster{ID: "restless", Controller: kafka.Some[int32](1), Mode: kafka.ModeKRaft}
	for _, id := range []int32{1, 2, 3, int32(4 + c.poll/10)} {
		s.Brokers = append(s.Brokers, kafka.Broker{ID: id, Addr: fmt.Sprintf("b%d:9092", id), At: c.now})
	}
	for i := range steadies {
		s.Topics = append(s.Topics, c.topic(fmt.Sprintf("steady-%d", i), 12))
	}
	for n := max(c.poll-lives, 0) * births; n < c.poll*births; n++ {
		s.Topics = append(s.Topics, c.topic(fmt.Sprintf("brief-%07d", n), 4))
		s.Groups = append(s.Groups, c.group(fmt.Sprintf("brief-%07d", n), n, fmt.Sprintf("brief-%07d", n), "steady-0"))
	}
	for i := range steadies {
		// Each poll takes topics in and leaves others out.
		names := []string{fmt.Sprintf("steady-%d", i)}
		for n := max(c.poll-lives/2, 0) * births; n < c.poll*births; n++ {
			names = append(names, fmt.Sprintf("brief-%07d", n))
		}
		s.Groups = append(s.Groups, c.group(fmt.Sprintf("steady-%d", i), i, names...))
	}
	slices.SortFunc(s.Topics, func(a, b kafka.Topic) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(s.Groups, func(a, b kafka.Group) int { return cmp.Compare(a.Name, b.Name) })
	if c.poll%7 == 0 {
		g := &s.Groups[c.poll%len(s.Groups)]
		g.Err, g.At = "coordinator of "+g.Name+" is not available", c.now.Add(-c.step)
		s.Faults = append(s.Faults, kafka.Fault{Group: g.Name, Op: "DescribeGroups", Reason: g.Err, Since: c.now})
	}
	for i := range s.Groups {
		lag.Join(&s.Groups[i], s.Topic)
	}
	return s
}

func (c *restless) topic(name string, parts int32) kafka.Topic {
	t := kafka.Topic{Name: name}
	copy(t.ID[:], name)
	for id := range parts {
		leader := id%3 + 1
		t.Partitions = append(t.Partitions, kafka.Partition{
			ID: id, Leader: kafka.Some(leader), Replicas: []int32{leader}, ISR: []int32{leader},
			Start: kafka.Some(int64(c.poll)), End: kafka.Some(int64(1000 * (c.poll + 1))), At: c.now,
		})
	}
	return t
}

// group reads topics with three members, one of which is another one in each poll.
func (c *restless) group(name string, n int, topics ...string) kafka.Group {
	g := kafka.Group{Name: name, Type: kafka.Classic, ProtocolType: "consumer", Protocol: "range", State: kafka.StateStable, At: c.now, Coordinator: kafka.Some(int32(n%3 + 1))}
	if (c.poll+n)%5 == 0 {
		g.State = kafka.StatePreparingRebalance
	}
	for i := range 3 {
		born := c.poll - (c.poll+i)%3
		id := fmt.Sprintf("%s-%d-%d", name, i, born)
		g.Members = append(g.Members, kafka.Member{ID: id, ClientID: fmt.Sprintf("client-%d-%d", n, born), Host: fmt.Sprintf("10.0.%d.%d", born%250, i), Subscribed: topics})
	}
	slices.Sort(topics)
	for _, topic := range topics {
		parts := 4
		if topic[0] == 's' {
			parts = 12
		}
		for p := range parts {
			tp := kafka.TopicPartition{Topic: topic, Partition: int32(p)}
			commit := int64(1000*c.poll) - int64(p*(c.poll%50)*n%400)
			switch (n + p) % 6 {
			case 0:
				commit = 5 // behind the log start, sooner or later
			case 1:
				commit = int64(1000 * (c.poll / 40 * 40)) // flat for long
			}
			owner := p % 3
			m := &g.Members[owner]
			m.Assigned = append(m.Assigned, tp)
			g.Partitions = append(g.Partitions, kafka.GroupPartition{TopicPartition: tp, Committed: kafka.Some(commit), Owner: kafka.Some(owner)})
		}
	}
	return g
}

// soakKeys are pressed one a poll.
var soakKeys = [...]string{"down", "enter", "down", "space", "tab", "esc", "tab", "space", "right", "left", "e", "esc", "H", "esc", "!", "esc", "1"}

// soak is all that looks at each snapshot.
type soak struct {
	*rig
	cluster restless
	history *lag.History
	judge   *triage.Judge
	log     *timeline.Log
	clock   atomic.Int64 // unix nanoseconds; goroutines of the lookup read it
}

func newSoak(t *testing.T, step time.Duration) *soak {
	t.Helper()
	h := lag.NewHistory(lag.Options{})
	s := &soak{
		cluster: restless{now: panetest.Now(), step: step}, history: h, judge: triage.New(h),
		log: timeline.New(timeline.Options{PerGroup: 4, Focused: 8, Groups: 4, All: 256}),
	}
	s.clock.Store(panetest.Now().UnixNano())
	s.rig = &rig{t: t, src: &source{updates: make(chan struct{}, 1)}, now: panetest.Now()}
	rules := []alert.Rule{{Name: "any", When: alert.When{Verdicts: []kafka.VerdictKind{kafka.VerdictLost, kafka.VerdictStalled, kafka.VerdictRewound, kafka.VerdictFallingBehind}}}}
	m, err := New(context.Background(), Deps{
		Session: Session{Name: "soak", Source: s.src, Interval: step, Tailer: silence{}, History: h, Timeline: s.log, Facts: &facts{}, ReadOnly: "read-only"},
		Theme:   theme.Options{Profile: colorprofile.TrueColor}, Now: func() time.Time { return time.Unix(0, s.clock.Load()) }, Alerting: Alerting{Rules: rules},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	s.Model = m
	s.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	return s
}

// look polls once, draws the screen and presses a key.
func (s *soak) look() {
	snap := s.cluster.next()
	s.history.Observe(snap)
	s.judge.Judge(snap)
	s.log.Observe(snap)
	if n := s.cluster.poll; n%16 == 0 {
		s.log.Follow(snap.Groups[n/16%len(snap.Groups)].Name)
	}
	s.src.snap = snap
	s.clock.Store(snap.At.UnixNano())
	s.send(snapshotMsg{})
	s.send(tickMsg(snap.At))
	s.View()
	s.send(press(soakKeys[s.cluster.poll%len(soakKeys)]))
}

func (s *soak) run(polls int) {
	for range polls {
		s.look()
	}
}

// heap is what is reachable, in bytes.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// The length stands for days: the history, the timeline and what the screen keeps are full after a third. More
// polls, and what the heap is at each twelfth of them, with LAGTOP_SOAK=17280, which is a day at a poll every 5 s.
func TestMemoryIsBoundedWhereEverythingComesAndGoes(t *testing.T) {
	const parts = 12
	polls := parts * 5 * len(soakKeys) // measured with the same keys pressed before
	if text := os.Getenv("LAGTOP_SOAK"); text != "" {
		polls, _ = strconv.Atoi(text)
	}
	s := newSoak(t, max(8*time.Hour/time.Duration(polls), 5*time.Second))
	var heaps [parts]uint64
	for i := range heaps {
		s.run(polls / parts)
		heaps[i] = heap()
		t.Logf("after %d polls %d kB, %d findings, %d rebalances, %d alerts", s.cluster.poll, heaps[i]>>10, len(s.src.snap.Findings), len(s.log.All()), len(s.alerts.Open()))
	}
	if len(s.src.snap.Findings) == 0 || len(s.log.All()) == 0 || len(s.alerts.Open()) == 0 {
		t.Error("the cluster was too quiet to tell")
	}
	early, late := slices.Max(heaps[:parts/3]), slices.Min(heaps[parts-2:])
	if float64(late) > 1.1*float64(early) {
		t.Errorf("%d kB are kept after %d polls, %d kB after a third of them", late>>10, polls, early>>10)
	}
}
