package findings

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/triage"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	"lagtop/ui/pane/panetest"
)

// some is a cluster with findings of every kind, worst first as the judge leaves them.
func some() *kafka.Snapshot {
	s := panetest.Typical()
	ago := func(d time.Duration) time.Time { return s.At.Add(-d) }
	group := func(name, topic string, partition int32) kafka.Subject {
		return kafka.Subject{Kind: kafka.SubjectGroup, Group: name, Member: name + "-1-id", Topic: topic, Partition: kafka.Some(partition)}
	}
	s.Findings = []kafka.Finding{
		{
			Rule: "no-controller", Severity: kafka.SeverityWorst, Since: ago(50 * time.Second),
			Evidence: "none of 3 brokers names a controller (KRaft)", Advice: "Look at the controllers' logs and the network between them.",
		},
		{
			Rule: "poison-record", Severity: kafka.SeverityWorst, Subject: group("payments", "orders", 7), Since: ago(6 * time.Minute), Command: "record-at-commit", Also: "tail offsets kick",
			Evidence: "orders/7 stands at 1000000 while payments-3 reads its 4 other partitions",
			Advice:   "Look at the record at the commit (tail, from the group's commit); stop the members and shift the offset by +1 to step over it.",
		},
		{
			Rule: "too-few-members", Severity: kafka.SeverityWarn, Subject: group("shipping", "clicks", 0), Since: ago(2 * time.Hour),
			Evidence: "2 members for 3 partitions, 3 of them fall behind: 1.5k/s in, 1.2k/s out, 48k behind", Advice: "Add members, up to the number of partitions.",
		},
		{
			Rule: "under-replicated", Severity: kafka.SeverityWarn, Subject: kafka.Subject{Kind: kafka.SubjectBroker, Broker: 2}, Since: ago(3 * time.Minute),
			Evidence: "5 of its 16 replicas are not in sync: orders/1, orders/2 and 3 more; it does not answer: no answer within 3 s",
			Advice:   "Look at the broker: is it up, are its disks full, can it reach the leaders?",
		},
		{
			Rule: "hot-key", Severity: kafka.SeverityHint, Subject: kafka.Subject{Kind: kafka.SubjectTopic, Topic: "orders", Partition: kafka.Some[int32](7)},
			Since: ago(time.Hour), Evidence: "orders/7 gets 2.1k/s, 3.4 times the mean of 12 partitions", Advice: "Choose a key with more values.", Command: "tail",
		},
	}
	s.Watching = []kafka.Watch{{Rule: "unread-topic", For: 9*time.Minute + 20*time.Second}, {Rule: "poll-interval-loop", For: 4 * time.Minute}}
	return s
}

func hostile(names ...string) *kafka.Snapshot {
	s := panetest.Hostile(names...)
	for i, n := range names {
		s.Findings = append(s.Findings, kafka.Finding{
			Rule: "lost", Severity: kafka.Severity(i % 3), Evidence: n, Advice: n, Command: "kick", Since: s.At.Add(time.Hour),
			Subject: kafka.Subject{Kind: kafka.SubjectKind(3 - i%2), Group: n, Member: n, Topic: n},
		})
	}
	s.Cluster.Bootstrap = names
	return s
}

func shown(t testing.TB, s *kafka.Snapshot) (*Model, *pane.Env) {
	t.Helper()
	m, e := New(), panetest.Env(t, s)
	m.Refresh(e)
	return m, e
}

func do(t *testing.T, m *Model, e *pane.Env, ids ...command.ID) {
	t.Helper()
	for _, id := range ids {
		if _, ok := m.Do(e, id); !ok {
			t.Fatalf("%s is not known", id)
		}
	}
}

func rules(m *Model) string {
	var all []string
	for i := range m.Len() {
		rule, _, _ := strings.Cut(m.Key(i), "\x00")
		all = append(all, rule)
	}
	return strings.Join(all, " ")
}

func TestFrames(t *testing.T) {
	for name, s := range map[string]*kafka.Snapshot{
		"typical": some(), "empty": panetest.Empty(), "waiting": panetest.Waiting(), "hostile": hostile(panetest.HostileNames()...),
	} {
		t.Run(name, func(t *testing.T) {
			m, e := shown(t, s)
			m.Do(e, command.Down)
			panetest.Frames(t, name, m, e)
		})
	}
}

func TestWorstFirstAsJudged(t *testing.T) {
	m, e := shown(t, some())
	if got := rules(m); got != "no-controller poison-record too-few-members under-replicated hot-key" {
		t.Errorf("order %q", got)
	}
	do(t, m, e, command.Sort)
	if got := rules(m); got != "hot-key no-controller poison-record too-few-members under-replicated" {
		t.Errorf("by rule %q", got)
	}
	do(t, m, e, command.Sort)
	if got := rules(m); got != "under-replicated no-controller poison-record too-few-members hot-key" {
		t.Errorf("by place %q", got)
	}
	do(t, m, e, command.Sort)
	if got := rules(m); got != "no-controller under-replicated poison-record hot-key too-few-members" {
		t.Errorf("newest first %q", got)
	}
}

func TestSelectionStaysOnItsFindingWhenTheWorstPlaceMoves(t *testing.T) {
	m, e := shown(t, some())
	do(t, m, e, command.Down)
	e.Snapshot = some()
	e.Snapshot.Findings[1].Subject.Partition = kafka.Some[int32](3)
	e.Snapshot.Findings = e.Snapshot.Findings[1:]
	m.Refresh(e)
	if f := m.Finding(); f == nil || f.Rule != "poison-record" {
		t.Errorf("selected %+v", f)
	}
}

func TestFocusIsWhatTheFindingIsAbout(t *testing.T) {
	before := pane.Focus{Group: "fraud", Member: "fraud-1-id", Topic: "clicks", Partition: kafka.Some[int32](0), Broker: kafka.Some[int32](1)}
	for row, want := range []pane.Focus{
		{Broker: kafka.Some[int32](1)},
		{Group: "payments", Member: "payments-1-id", Topic: "orders", Partition: kafka.Some[int32](7), Broker: kafka.Some[int32](1)},
		{Group: "shipping", Member: "shipping-1-id", Topic: "clicks", Partition: kafka.Some[int32](0), Broker: kafka.Some[int32](1)},
		{Broker: kafka.Some[int32](2)},
		{Topic: "orders", Partition: kafka.Some[int32](7), Broker: kafka.Some[int32](1)},
	} {
		m, e := shown(t, some())
		for range row {
			do(t, m, e, command.Down)
		}
		f := before
		if m.Select(&f); f != want {
			t.Errorf("row %d: %+v, want %+v", row, f, want)
		}
	}
}

func TestDetailNamesTheKeyAndTheStockCommand(t *testing.T) {
	m, e := shown(t, some())
	do(t, m, e, command.Down)
	got := panetest.Screen(m.View(e, 118, 35, true))
	for _, want := range []string{
		"→ Look at the record at the commit", " i next record   t tail   o offsets   x kick", " enter go to orders/7 in group payments",
		"$ kafka-consumer-groups --bootstrap-server 10.0.0.1:9092 --describe --group payments",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the screen does not say %q:\n%s", want, got)
		}
	}
}

// A finding whose subject the screen's own commands cannot help has none: a broker has to be started, replicas
// are moved by other tools.
var helpless = []string{"offline", "cross-rack"}

func TestEveryFindingOffersKeysThatActOnItsSubject(t *testing.T) {
	group := &kafka.Group{Name: "payments", Type: kafka.Classic, ProtocolType: "consumer", State: kafka.StateStable, Members: make([]kafka.Member, 1)}
	on := map[triage.Scope]command.State{
		triage.OfCluster: {}, triage.OfBroker: {}, triage.OfTopic: {Topic: "orders"},
		triage.OfGroup: {Group: group, Member: &group.Members[0], Topic: "orders", Partition: true},
	}
	checks := triage.Checks()
	for _, r := range triage.Rules() {
		checks = append(checks, triage.Check{ID: r.ID, Of: triage.OfGroup, Command: r.Command, Also: r.Also})
	}
	for _, c := range checks {
		if (c.Command == "") != slices.Contains(helpless, c.ID) {
			t.Errorf("%s helps with %q", c.ID, c.Command)
		}
		state := on[c.Of]
		state.Where = command.Findings
		for _, id := range strings.Fields(c.Command + " " + c.Also) {
			one := command.ByID(command.ID(id))
			if one == nil || one.Where&command.Findings == 0 {
				t.Errorf("%s: %q is no command of the findings", c.ID, id)
				continue
			}
			if why := one.WhyNot(state); why != "" {
				t.Errorf("%s: %s: %s", c.ID, id, why)
			}
		}
	}
}

func TestFilter(t *testing.T) {
	for text, want := range map[string]string{
		"severity:warn":   "too-few-members under-replicated",
		"rule:hot":        "hot-key",
		"group:pay":       "poison-record",
		"topic:clicks":    "too-few-members",
		"broker:2":        "under-replicated",
		"broker 2":        "under-replicated",
		"bad rule:poison": "poison-record",
		"group:nobody":    "",
	} {
		m, e := shown(t, some())
		if err := m.SetFilter(text); err != nil {
			t.Fatal(err)
		}
		m.Refresh(e)
		if got := rules(m); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestCopyIsOneLineForATicket(t *testing.T) {
	m, e := shown(t, some())
	do(t, m, e, command.Down)
	want := "poison-record group payments: orders/7 stands at 1000000 while payments-3 reads its 4 other partitions (for 6 min)"
	if got := m.Copy(e); got != want {
		t.Errorf("got %q", got)
	}
}

func TestHeadSaysWhatIsStillWatched(t *testing.T) {
	m, e := shown(t, some())
	if _, note := m.Head(e); note != "5, worst first · 2 rules watching, unread-topic 9m more" {
		t.Errorf("note %q", note)
	}
}

func TestNothingPanicsWithoutRowsOrRoom(t *testing.T) {
	for _, s := range []*kafka.Snapshot{panetest.Waiting(), panetest.Empty(), some()} {
		m, e := shown(t, s)
		for _, z := range [][2]int{{0, 0}, {0, 12}, {1, 1}, {3, 12}, {38, 5}, {118, 0}, {118, 10}} {
			panetest.Exact(t, m.View(e, z[0], z[1], true), z[0], z[1])
		}
		do(t, m, e, command.Up, command.Down, command.PageUp, command.PageDown, command.First, command.Last, command.Sort, command.Reverse, command.Left)
		m.Click(e, 3, 1)
		m.Wheel(e, 3)
		m.Copy(e)
		m.Select(&pane.Focus{})
	}
}

func TestPlainASCII(t *testing.T) {
	m, e := shown(t, some())
	panetest.ASCII(t, m, e)
}

func FuzzHostileNames(f *testing.F) {
	for _, n := range panetest.HostileNames() {
		f.Add(n, 100)
	}
	f.Fuzz(func(t *testing.T, name string, w int) {
		w = min(max(w, 0), 200)
		m, e := shown(t, hostile(name, name+"2"))
		panetest.Exact(t, m.View(e, w, 14, true), w, 14)
		_ = m.SetFilter(name)
		m.Refresh(e)
		title, note := m.Head(e)
		panetest.Exact(t, []string{title, note, m.Copy(e)}, -1, 3)
	})
}

func BenchmarkView(b *testing.B) {
	s := some()
	for len(s.Findings) < 4000 {
		f := s.Findings[1]
		f.Subject.Group = strings.Repeat("g", 1+len(s.Findings)%40) + time.Duration(len(s.Findings)).String()
		s.Findings = append(s.Findings, f)
	}
	m, e := shown(b, s)
	for b.Loop() {
		m.View(e, 118, 35, true)
	}
}
