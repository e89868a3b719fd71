package topicdetail

import (
	"errors"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	"lagtop/ui/pane/panetest"
)

// answers is a lookup whose answers a test sets. It counts how often it was asked.
type answers struct {
	configs  pane.Answer[[]kafka.Config]
	settings pane.Answer[[]kafka.Config]
	batches  pane.Answer[[]kafka.NewestBatches]
	sizes    pane.Answer[[]kafka.LogSize]
	asked    []string
}

func (a *answers) Sizes(string) pane.Answer[[]kafka.LogSize]  { return a.sizes }
func (a *answers) Quorum() pane.Answer[[]kafka.QuorumReplica] { panic("not of a topic") }
func (a *answers) TopicConfigs(topic string) pane.Answer[[]kafka.Config] {
	a.asked = append(a.asked, topic)
	return a.configs
}
func (a *answers) TopicSettings(topic string) pane.Answer[[]kafka.Config] {
	a.asked = append(a.asked, "settings of "+topic)
	return a.settings
}
func (a *answers) Batches(topic string) pane.Answer[[]kafka.NewestBatches] {
	a.asked = append(a.asked, "batches of "+topic)
	return a.batches
}
func (a *answers) BrokerConfigs(int32) pane.Answer[[]kafka.Config] { panic("not of a topic") }
func (a *answers) LogDirs(int32) pane.Answer[[]kafka.LogDir]       { panic("not of a topic") }

func configs() pane.Answer[[]kafka.Config] {
	return pane.Answer[[]kafka.Config]{At: panetest.Now().Add(-4 * time.Second), V: []kafka.Config{
		{Name: "cleanup.policy", Value: "compact", Source: kafka.SourceTopic},
		{Name: "min.insync.replicas", Value: "2", Source: kafka.SourceDefaultBrokers},
		{Name: "retention.ms", Value: "604800000", Source: kafka.SourceTopic},
	}}
}

// sick is the typical cluster with partitions in each kind of trouble.
func sick() *kafka.Snapshot {
	s := panetest.Typical()
	t := s.Topic("orders")
	t.In.Add(kafka.Some(4890.0))
	for i := range t.Partitions {
		t.Partitions[i].In = kafka.Some(190.0)
	}
	p := t.Partitions
	p[3].Leader, p[3].ISR, p[3].Offline = kafka.Known[int32]{}, nil, []int32{1, 2, 3}
	p[3].End, p[3].In, p[3].Err = kafka.Known[int64]{}, kafka.Known[float64]{}, "no leader"
	p[5].ISR, p[5].Offline = []int32{3, 1}, []int32{2}
	p[7].At = s.At.Add(-20 * time.Second)
	p[8].Leader = kafka.Some[int32](1)
	p[9].Start = kafka.Some[int64](880_000)
	p[10].Err = "ListOffsets: NOT_LEADER_OR_FOLLOWER"
	return s
}

// sized are the sizes of the replicas of orders, but for those of a broker that did not answer.
func sized(s *kafka.Snapshot, silent int32) pane.Answer[[]kafka.LogSize] {
	a := pane.Answer[[]kafka.LogSize]{At: panetest.Now().Add(-4 * time.Second)}
	for _, p := range s.Topic("orders").Partitions {
		for _, r := range p.Replicas {
			if r != silent {
				a.V = append(a.V, kafka.LogSize{Partition: p.ID, Broker: r, Bytes: int64(p.ID+1) * 1_300_000_000})
			}
		}
	}
	return a
}

func TestSizesAreThoseOfTheLeaders(t *testing.T) {
	m, e := opened(t, panetest.Typical(), "orders", partPartitions)
	all := sized(panetest.Typical(), 0)
	p := e.Snapshot.Topic("orders").Partitions[0]
	for i := range all.V {
		if x := &all.V[i]; x.Partition == p.ID && x.Broker == p.Leader.V {
			x.Bytes = 7
		}
	}
	all.V = append(all.V, kafka.LogSize{Partition: p.ID, Broker: p.Leader.V, Bytes: 99, Moving: true})
	e.Lookup = &answers{sizes: all}
	m.Refresh(e)
	if got := panetest.Screen(m.View(e, 140, 20, true)); !strings.Contains(got, " 7 B ") || !strings.Contains(got, "on leaders") || strings.Contains(got, "≥") {
		t.Errorf("screen %s", got)
	}
}

func opened(t testing.TB, s *kafka.Snapshot, topic string, part int) (*Model, *pane.Env) {
	t.Helper()
	m, e := New(), panetest.Env(t, s)
	e.Focus.Topic = topic
	m.Refresh(e)
	for range part {
		m.Do(e, command.Next)
	}
	return m, e
}

func TestFrames(t *testing.T) {
	for name, c := range map[string]struct {
		snapshot *kafka.Snapshot
		topic    string
		part     int
		lookup   *answers
	}{
		"typical": {sick(), "orders", partPartitions, &answers{sizes: sized(sick(), 3)}},
		"sizes-failed": {panetest.Typical(), "orders", partPartitions, &answers{
			sizes: pane.Answer[[]kafka.LogSize]{Err: errors.New("not authorized: DESCRIBE on the cluster (CLUSTER_AUTHORIZATION_FAILED)")}}},
		"stale":           {panetest.Stale(), "orders", partGroups, nil},
		"groups":          {panetest.Typical(), "clicks", partGroups, nil},
		"nobody":          {lonely(), "lonely", partGroups, nil},
		"configs":         {panetest.Typical(), "orders", partConfigs, &answers{configs: configs()}},
		"configs-pending": {panetest.Typical(), "orders", partConfigs, &answers{configs: pane.Answer[[]kafka.Config]{Pending: true}}},
		"configs-failed": {panetest.Typical(), "orders", partConfigs, &answers{
			configs: pane.Answer[[]kafka.Config]{Err: errors.New("not authorized: DESCRIBE_CONFIGS on topic orders"), V: configs().V, At: configs().At}}},
		"advice":        {panetest.Typical(), "orders", partAdvice, &answers{settings: panetest.Settings(), batches: panetest.Batches(20)}},
		"advice-nobody": {lonely(), "lonely", partAdvice, nil},
		"advice-hostile": {hostile(panetest.HostileNames()...), panetest.HostileNames()[0], partAdvice,
			&answers{settings: panetest.Settings(), batches: pane.Answer[[]kafka.NewestBatches]{Err: errors.New(panetest.HostileNames()[0])}}},
		"chart":         {panetest.Typical(), "orders", partChart, nil},
		"chart-hostile": {hostile(panetest.HostileNames()...), panetest.HostileNames()[0], partChart, nil},
		"hostile":       {hostile(panetest.HostileNames()...), panetest.HostileNames()[0], partGroups, nil},
		"gone":          {panetest.Empty(), "orders", partPartitions, nil},
	} {
		t.Run(name, func(t *testing.T) {
			m, e := opened(t, c.snapshot, c.topic, 0)
			e.History = panetest.Past(c.snapshot)
			if c.lookup != nil {
				e.Lookup = c.lookup
				m.Refresh(e)
			}
			for range c.part {
				m.Do(e, command.Next)
			}
			panetest.Frames(t, name, m, e)
		})
	}
}

// hostile has a topic of the first name that groups of all names read.
func hostile(names ...string) *kafka.Snapshot {
	c := panetest.NewCluster()
	topic := c.Topic(names[0], 10, 20)
	topic.Err, topic.Partitions[1].Err = names[len(names)-1], names[0]
	for _, n := range names {
		g := c.Group(n, kafka.Classic, kafka.StateStable).Member(n, n, panetest.TP(names[0], 0)).Commit(names[0], 5)
		g.Judge(kafka.VerdictStalled, panetest.TP(names[0], 0), time.Minute, n, n)
	}
	return c.Build()
}

func lonely() *kafka.Snapshot {
	c := panetest.NewCluster()
	c.Topic("lonely", 10)
	return c.Build()
}

func screen(m *Model, e *pane.Env) string { return panetest.Screen(m.View(e, 110, 20, true)) }

func TestKeepsToTheTopicItWasOpenedWith(t *testing.T) {
	m, e := opened(t, panetest.Typical(), "orders", 0)
	e.Focus.Topic = "clicks"
	m.Refresh(e)
	if title, note := m.Head(e); title != "Topic orders" || note != "12 partitions · 3 replicas" {
		t.Errorf("title %q, note %q", title, note)
	}
	f := pane.Focus{Group: "payments"}
	m.Do(e, command.Down)
	m.Select(&f)
	if f != (pane.Focus{Group: "payments", Topic: "orders", Partition: kafka.Some[int32](1)}) {
		t.Errorf("focus %+v", f)
	}
	m.Do(e, command.Next)
	m.Select(&f)
	if f.Topic != "orders" || f.Partition.OK {
		t.Errorf("focus away from the partitions %+v", f)
	}
}

func TestSaysThatTheTopicIsGone(t *testing.T) {
	m, e := opened(t, panetest.Typical(), "orders", 0)
	m.Do(e, command.Down)
	e.Snapshot = panetest.Empty()
	m.Refresh(e)
	if got := screen(m, e); !strings.Contains(got, "topic orders is gone") {
		t.Errorf("screen %q", got)
	}
	if m.Copy(e) != "" {
		t.Errorf("copy %q", m.Copy(e))
	}
	f := pane.Focus{}
	if m.Select(&f); f.Partition.OK || f.Topic != "orders" {
		t.Errorf("focus %+v", f)
	}
	e.Snapshot = panetest.Typical()
	m.Refresh(e)
	if m.Select(&f); f.Partition != kafka.Some[int32](1) {
		t.Errorf("the place is lost when the topic is back: %+v", f)
	}
}

func TestTroubleHasAGlyphAndAWord(t *testing.T) {
	m, e := opened(t, sick(), "orders", 0)
	lines := strings.Split(screen(m, e), "\n")
	for line, want := range map[int]string{
		1: "✖ 1 without a leader  ! 1 under-replicated  ! 4 offline replicas",
		6: "✖ no leader", 8: "! under-replicated", 10: "◌ 20s old", 11: "○ not preferred", 12: "● in sync", 13: "◌ ListOffsets: ",
	} {
		if !strings.Contains(lines[line], want) {
			t.Errorf("line %d: %q does not say %q", line, lines[line], want)
		}
	}
}

func TestLagOfAGroupIsThatInTheTopic(t *testing.T) {
	c := panetest.NewCluster()
	c.Topic("a", 100, 100)
	c.Topic("b", 1000)
	g := c.Group("g", kafka.Classic, kafka.StateStable).Member("m1", "h", panetest.TP("a", 0)).Member("m2", "h", panetest.TP("b", 0)).
		Commit("a", 90).NoCommit(panetest.TP("a", 1)).Commit("b", 1)
	g.Judge(kafka.VerdictStalled, panetest.TP("b", 0), time.Minute, "b/0 is flat", "")
	rows := readers(c.Build(), "a", nil)
	if len(rows) != 1 || rows[0].lag != (kafka.Total{V: 10, Known: 1, Missing: 1}) || rows[0].owners != 1 {
		t.Fatalf("rows %+v", rows)
	}
	if k := rows[0].verdict.Kind; k != kafka.VerdictOK {
		t.Errorf("the verdict of the other topic is shown: %v", k)
	}
}

func TestVerdictOfTheWholeGroupCountsInEachTopic(t *testing.T) {
	s := panetest.Typical()
	s.Group("shipping").Verdict = kafka.Verdict{Kind: kafka.VerdictStopped, Evidence: "no members for 4 min"}
	rows := readers(s, "clicks", nil)
	for _, r := range rows {
		if r.Name == "shipping" && r.why() != "STOPPED: no members for 4 min" {
			t.Errorf("why %q", r.why())
		}
	}
	if len(rows) != 2 {
		t.Errorf("%d rows", len(rows))
	}
}

func TestConfigsAreAskedForWhenLookedAt(t *testing.T) {
	m, e := opened(t, panetest.Typical(), "orders", 0)
	a := &answers{configs: pane.Answer[[]kafka.Config]{Pending: true}}
	e.Lookup = a
	m.Refresh(e)
	if len(a.asked) > 0 {
		t.Errorf("asked for %v before they are looked at", a.asked)
	}
	m.Do(e, command.Prev)
	if got := screen(m, e); len(a.asked) != 1 || a.asked[0] != "orders" || !strings.Contains(got, "reading…") {
		t.Errorf("asked %v, screen %s", a.asked, got)
	}
	a.configs = configs()
	m.Refresh(e)
	if got := screen(m, e); !strings.Contains(got, "read 4s ago") || !strings.Contains(got, "cleanup.policy") {
		t.Errorf("screen %s", got)
	}
	if got := m.Copy(e); got != "cleanup.policy=compact" {
		t.Errorf("copy %q", got)
	}
}

func TestNothingPanicsWithoutRoom(t *testing.T) {
	for part := range 3 {
		for _, s := range []*kafka.Snapshot{panetest.Waiting(), panetest.Empty(), sick()} {
			m, e := opened(t, s, "orders", part)
			for _, z := range [][2]int{{0, 0}, {0, 4}, {1, 1}, {5, 2}, {30, 3}, {80, 0}} {
				panetest.Exact(t, m.View(e, z[0], z[1], true), z[0], z[1])
			}
			for _, id := range []command.ID{command.Up, command.Down, command.PageDown, command.Last, command.First, command.Left, command.Next} {
				m.Do(e, id)
			}
			m.Click(e, 3, 0)
			m.Click(e, 3, 4)
			m.Wheel(e, 2)
			m.Copy(e)
		}
	}
}

func TestTabsCanBeClicked(t *testing.T) {
	m, e := opened(t, panetest.Typical(), "orders", 0)
	x := strings.Index(strings.Split(screen(m, e), "\n")[0], "Groups")
	m.Click(e, x, 0)
	if got := screen(m, e); m.At() != partGroups || !strings.Contains(got, "payments") {
		t.Errorf("screen %s", got)
	}
	m.Click(e, 5, 3)
	if got := m.Copy(e); got != "payments  orders  Stable  lag 924k  STALLED: orders/7 flat for 6 min on payments-3; the other 11 drain at 2.1k/s" {
		t.Errorf("copy %q", got)
	}
}

func FuzzHostileNames(f *testing.F) {
	for _, n := range panetest.HostileNames() {
		f.Add(n, 100)
	}
	f.Fuzz(func(t *testing.T, name string, w int) {
		w = min(max(w, 0), 200)
		for part := range 3 {
			m, e := opened(t, hostile(name, name+"2"), name, part)
			e.Lookup = &answers{configs: pane.Answer[[]kafka.Config]{
				V: []kafka.Config{{Name: name, Value: name}, {Name: name + "2", Sensitive: true}}, Err: errors.New(name), At: e.Now}}
			m.Refresh(e)
			panetest.Exact(t, m.View(e, w, 7, true), w, 7)
			title, note := m.Head(e)
			panetest.Exact(t, []string{title, note, m.Copy(e)}, -1, 3)
		}
	})
}

func TestChartGoesThroughTheTopicAndItsPartitions(t *testing.T) {
	s := panetest.Typical()
	m, e := opened(t, s, "orders", partChart)
	e.History = panetest.LongPast(s)
	for _, c := range []struct {
		do        command.ID
		want      string
		partition kafka.Known[int32]
	}{
		{command.Right, "topic orders", kafka.Known[int32]{}}, {command.Down, "partition orders/0", kafka.Some[int32](0)},
		{command.Last, "partition orders/11", kafka.Some[int32](11)}, {command.Up, "partition orders/10", kafka.Some[int32](10)},
		{command.PageUp, "partition orders/0", kafka.Some[int32](0)}, {command.Up, "topic orders", kafka.Known[int32]{}},
		{command.Up, "topic orders", kafka.Known[int32]{}},
	} {
		if _, ok := m.Do(e, c.do); !ok {
			t.Errorf("%s is not known", c.do)
		}
		var f pane.Focus
		m.Select(&f)
		if got := screen(m, e); !strings.Contains(got, c.want) || !strings.Contains(got, "-15m") || f.Partition != c.partition {
			t.Errorf("after %s: focus %+v, want %s in\n%s", c.do, f, c.want, got)
		}
	}
	if got := m.Copy(e); got != "topic orders  produced –/s" {
		t.Errorf("copied %q", got)
	}
}
