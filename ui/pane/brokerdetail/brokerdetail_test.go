package brokerdetail

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

// answers is a lookup whose answers a test sets.
type answers struct {
	configs pane.Answer[[]kafka.Config]
	dirs    pane.Answer[[]kafka.LogDir]
	quorum  pane.Answer[[]kafka.QuorumReplica]
	asked   []int32
}

func (a *answers) Sizes(string) pane.Answer[[]kafka.LogSize]         { panic("not of a broker") }
func (a *answers) Quorum() pane.Answer[[]kafka.QuorumReplica]        { return a.quorum }
func (a *answers) TopicConfigs(string) pane.Answer[[]kafka.Config]   { panic("not of a broker") }
func (a *answers) TopicSettings(string) pane.Answer[[]kafka.Config]  { panic("not of a broker") }
func (a *answers) Batches(string) pane.Answer[[]kafka.NewestBatches] { panic("not of a broker") }

func (a *answers) BrokerConfigs(id int32) pane.Answer[[]kafka.Config] {
	a.asked = append(a.asked, id)
	return a.configs
}

func (a *answers) LogDirs(id int32) pane.Answer[[]kafka.LogDir] {
	a.asked = append(a.asked, id)
	return a.dirs
}

func answered() *answers {
	at := panetest.Now().Add(-12 * time.Second)
	return &answers{
		configs: pane.Answer[[]kafka.Config]{At: at, V: []kafka.Config{
			{Name: "listeners", Value: "PLAINTEXT://10.0.0.2:9092,CONTROLLER://10.0.0.2:9093", Source: kafka.SourceStaticBroker, ReadOnly: true},
			{Name: "log.cleaner.threads", Value: "2", Source: kafka.SourceBroker},
			{Name: "ssl.keystore.password", Source: kafka.SourceStaticBroker, Sensitive: true},
		}},
		dirs: pane.Answer[[]kafka.LogDir]{At: at, V: []kafka.LogDir{
			{Path: "/data/1", Size: 412e9, Partitions: 96, Total: kafka.Some[int64](1e12), Usable: kafka.Some[int64](550e9)},
			{Path: "/data/2", Size: 12e6, Partitions: 3, Moving: 2},
			{Path: "/data/3", Err: errors.New("KAFKA_STORAGE_ERROR")},
		}},
		quorum: pane.Answer[[]kafka.QuorumReplica]{At: at, V: []kafka.QuorumReplica{
			{ID: 101, Role: kafka.QuorumLeader, Epoch: 7, End: kafka.Some[int64](184211), Behind: kafka.Some[int64](0)},
			{ID: 102, Role: kafka.QuorumVoter, Epoch: 7, End: kafka.Some[int64](184209), Behind: kafka.Some[int64](2),
				SinceFetch: kafka.Some(120 * time.Millisecond), SinceCaughtUp: kafka.Some(480 * time.Millisecond)},
			{ID: 103, Role: kafka.QuorumVoter, Epoch: 7, End: kafka.Some[int64](171022), Behind: kafka.Some[int64](13189),
				SinceFetch: kafka.Some(19 * time.Second), SinceCaughtUp: kafka.Some(21 * time.Second)},
			{ID: 1, Role: kafka.QuorumObserver, Epoch: 7, End: kafka.Some[int64](184211), Behind: kafka.Some[int64](0)},
			{ID: 2, Role: kafka.QuorumObserver, Epoch: 7},
		}},
	}
}

// faulty is the stale cluster where the broker that hangs holds replicas that are not in sync.
func faulty() *kafka.Snapshot {
	s := panetest.Stale()
	t := s.Topic("orders")
	for i := range 5 {
		t.Partitions[i].ISR = []int32{1, 3}
	}
	t.Partitions[4].Offline = []int32{2}
	t.Partitions[6].At = s.At.Add(-8 * time.Second)
	for i := range t.Partitions {
		t.Partitions[i].In = kafka.Some(190.0)
	}
	t.Partitions[1].In = kafka.Known[float64]{}
	return s
}

// zookeeper is the typical cluster of an earlier release.
func zookeeper() *kafka.Snapshot {
	s := panetest.Typical()
	s.Cluster.Mode, s.Cluster.Controller = kafka.ModeZooKeeper, kafka.Some[int32](3)
	return s
}

// hostile has a broker, groups and a topic of names that must not reach a terminal as they are.
func hostile(names ...string) *kafka.Snapshot {
	s := panetest.Hostile(names...)
	b := s.Broker(2)
	b.Addr, b.Rack = names[0], names[len(names)-1]
	s.Topics[0].Name = names[0]
	s.Faults = []kafka.Fault{{Broker: kafka.Some[int32](2), Op: names[0], Reason: names[0], Advice: names[0], Since: s.At.Add(-time.Minute)}}
	return s
}

func opened(t testing.TB, s *kafka.Snapshot, part int, lookup pane.Lookup) (*Model, *pane.Env) {
	t.Helper()
	m, e := New(), panetest.Env(t, s)
	e.Focus.Broker, e.Lookup = kafka.Some[int32](2), lookup
	m.Refresh(e)
	for range part {
		m.Do(e, command.Next)
	}
	return m, e
}

func TestFrames(t *testing.T) {
	all := panetest.HostileNames()
	for name, c := range map[string]struct {
		snapshot *kafka.Snapshot
		part     int
	}{
		"overview": {panetest.Typical(), partOverview}, "overview-stale": {faulty(), partOverview},
		"leads": {panetest.Typical(), partLeads}, "leads-stale": {faulty(), partLeads},
		"groups": {panetest.Typical(), partGroups}, "groups-stale": {faulty(), partGroups}, "groups-hostile": {hostile(all...), partGroups},
		"log-dirs": {panetest.Typical(), partLogDirs}, "configs": {panetest.Typical(), partConfigs},
		"quorum": {panetest.Typical(), partQuorum}, "quorum-zookeeper": {zookeeper(), partQuorum},
		"overview-hostile": {hostile(all...), partOverview}, "gone": {panetest.Waiting(), partOverview},
	} {
		t.Run(name, func(t *testing.T) {
			m, e := opened(t, c.snapshot, c.part, answered())
			panetest.Frames(t, name, m, e)
		})
	}
}

func screen(m *Model, e *pane.Env) string { return panetest.Screen(m.View(e, 110, 20, true)) }

func TestKeepsToTheBrokerItWasOpenedWith(t *testing.T) {
	m, e := opened(t, panetest.Typical(), partOverview, nil)
	e.Focus.Broker = kafka.Some[int32](3)
	m.Refresh(e)
	if title, note := m.Head(e); title != "Broker 2" || note != "10.0.0.2:9092 · rack-b" {
		t.Errorf("title %q, note %q", title, note)
	}
	f := pane.Focus{Group: "payments"}
	if m.Select(&f); f != (pane.Focus{Group: "payments", Broker: kafka.Some[int32](2)}) {
		t.Errorf("focus %+v", f)
	}
	e.Snapshot = panetest.Empty()
	e.Snapshot.Brokers = nil
	m.Refresh(e)
	if got := screen(m, e); !strings.Contains(got, "broker 2 is gone") || m.Copy(e) != "" {
		t.Errorf("screen %s", got)
	}
}

func TestOverviewSaysWhatIsWrongSinceWhenAndWhatToDo(t *testing.T) {
	m, e := opened(t, faulty(), partOverview, nil)
	got := screen(m, e)
	for _, want := range []string{
		"✖ OffsetFetch: no answer within 3 s, for 8 s", "check broker 2", "◌ 8 s old",
		"! 5 of its replicas", "! 2 of the partitions it leads", "! 1 of its replicas", "≥570/s",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the screen does not say %q:\n%s", want, got)
		}
	}
	if _, note := m.Head(e); !strings.HasPrefix(note, "8s old") {
		t.Errorf("note %q", note)
	}
}

func TestAFaultOfOneGroupIsNotTheBrokers(t *testing.T) {
	s := panetest.Typical()
	s.Faults = []kafka.Fault{{Broker: kafka.Some[int32](2), Group: "payments", Op: "OffsetFetch"}}
	m, e := opened(t, s, partOverview, nil)
	if got := screen(m, e); !strings.Contains(got, "● answers") {
		t.Errorf("screen %s", got)
	}
}

func TestUnderReplicatedPartitionsComeFirst(t *testing.T) {
	m, e := opened(t, faulty(), partLeads, nil)
	if got := m.Copy(e); got != "orders/1  replicas 2,3,1  isr 1,3" {
		t.Errorf("first %q", got)
	}
	m.Do(e, command.Down)
	m.Do(e, command.Down)
	if got := m.Copy(e); got != "clicks/1  replicas 2,3,1  isr 2,3,1" {
		t.Errorf("third %q", got)
	}
}

func TestSlowFactsAreAskedForWhenLookedAt(t *testing.T) {
	a := answered()
	m, e := opened(t, panetest.Typical(), partGroups, a)
	m.Refresh(e)
	if len(a.asked) > 0 {
		t.Error("asked before anything is looked at")
	}
	m.Do(e, command.Next)
	if got := screen(m, e); len(a.asked) != 1 || a.asked[0] != 2 || !strings.Contains(got, "read 12s ago") || !strings.Contains(got, "/data/1") {
		t.Errorf("asked %v, screen %s", a.asked, got)
	}
}

func TestSensitiveValuesAreNeitherShownNorCopied(t *testing.T) {
	a := answered()
	a.configs.V[2].Value = "hunter2"
	m, e := opened(t, panetest.Typical(), partConfigs, a)
	m.Do(e, command.Last)
	if got := screen(m, e) + m.Copy(e); strings.Contains(got, "hunter2") || !strings.Contains(got, "(sensitive, not shown)") {
		t.Errorf("screen and copy: %s", got)
	}
}

func TestTheQuorumIsNotAskedForWhereZooKeeperCoordinates(t *testing.T) {
	m, e := opened(t, zookeeper(), partQuorum, nil) // a lookup would panic
	if got := screen(m, e); !strings.Contains(got, "ZooKeeper coordinates, and broker 3 is the controller") || strings.Contains(got, "not read") {
		t.Errorf("screen %s", got)
	}
}

func TestAVoterThatDoesNotFetchStandsOut(t *testing.T) {
	m, e := opened(t, panetest.Typical(), partQuorum, answered())
	if got := screen(m, e); !strings.Contains(got, "! 19s") || strings.Contains(got, "! 120ms") || !strings.Contains(got, "120ms") {
		t.Errorf("screen %s", got)
	}
}

func TestWithoutALookupItSaysSo(t *testing.T) {
	m, e := opened(t, panetest.Typical(), partLogDirs, nil)
	if got := screen(m, e); !strings.Contains(got, "not read here") {
		t.Errorf("screen %s", got)
	}
}

func TestNothingPanicsWithoutRoom(t *testing.T) {
	for part := range 6 {
		for _, s := range []*kafka.Snapshot{panetest.Waiting(), panetest.Empty(), faulty()} {
			m, e := opened(t, s, part, answered())
			for _, z := range [][2]int{{0, 0}, {0, 4}, {1, 1}, {5, 2}, {30, 3}, {80, 0}} {
				panetest.Exact(t, m.View(e, z[0], z[1], true), z[0], z[1])
			}
			for _, id := range []command.ID{command.Up, command.Down, command.PageUp, command.PageDown, command.Last, command.First, command.Left, command.Next} {
				m.Do(e, id)
			}
			m.Click(e, 3, 0)
			m.Click(e, 3, 4)
			m.Wheel(e, 2)
			m.Copy(e)
		}
	}
}

func FuzzHostileNames(f *testing.F) {
	for _, n := range panetest.HostileNames() {
		f.Add(n, 100)
	}
	f.Fuzz(func(t *testing.T, name string, w int) {
		w = min(max(w, 0), 200)
		a := answered()
		a.dirs.V[0].Path, a.dirs.V[1].Err, a.dirs.Err = name, errors.New(name), errors.New(name)
		a.quorum.V[0].Role, a.quorum.Err = kafka.QuorumRole(name), errors.New(name)
		for part := range 6 {
			m, e := opened(t, hostile(name, name+"2"), part, a)
			panetest.Exact(t, m.View(e, w, 9, true), w, 9)
			title, note := m.Head(e)
			panetest.Exact(t, []string{title, note, m.Copy(e)}, -1, 3)
		}
	})
}
