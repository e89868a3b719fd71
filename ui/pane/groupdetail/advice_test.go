package groupdetail

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"lagtop/kafka"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	"lagtop/ui/pane/panetest"
)

// answers is a lookup with the same answers for every topic. It counts what it is asked.
type answers struct {
	settings pane.Answer[[]kafka.Config]
	batches  pane.Answer[[]kafka.NewestBatches]
	asked    []string
}

func (a *answers) TopicSettings(topic string) pane.Answer[[]kafka.Config] {
	a.asked = append(a.asked, topic)
	return a.settings
}
func (a *answers) Batches(string) pane.Answer[[]kafka.NewestBatches] { return a.batches }
func (a *answers) Sizes(string) pane.Answer[[]kafka.LogSize]         { panic("not of a group") }
func (a *answers) Quorum() pane.Answer[[]kafka.QuorumReplica]        { panic("not of a group") }
func (a *answers) TopicConfigs(string) pane.Answer[[]kafka.Config]   { panic("not of a group") }
func (a *answers) BrokerConfigs(int32) pane.Answer[[]kafka.Config]   { panic("not of a group") }
func (a *answers) LogDirs(int32) pane.Answer[[]kafka.LogDir]         { panic("not of a group") }

// advised is the advice for a group, with everything known that can be.
func advised(t testing.TB, s *kafka.Snapshot, group string) (*Model, *pane.Env, *answers) {
	t.Helper()
	m, e := shown(t, s, group, partOverview)
	a := &answers{settings: panetest.Settings(), batches: panetest.Batches(20)}
	e.Lookup = a
	do(t, m, e, command.Prev)
	return m, e, a
}

// behind is a group of three consumers that share twelve partitions of which none is emptied.
func behind() *kafka.Snapshot {
	c := panetest.NewCluster()
	c.Topic("orders", 900, 900, 900, 900, 900, 900, 900, 900, 900, 900, 900, 900)
	c.Topic("orders-dlq", 5)
	g := c.Group("payments", kafka.Classic, kafka.StateStable).
		Member("payments-1", "10.0.0.5", panetest.Span("orders", 0, 5)...).
		Member("payments-2", "10.0.0.5", append(panetest.Span("orders", 6, 9), panetest.TP("orders-dlq", 0))...).
		Member("payments-3", "10.0.0.6", panetest.Span("orders", 10, 11)...).
		Commit("orders-dlq", 5)
	for p := range int32(12) {
		g.Commit("orders", make([]int64, p+1)...).Rates("orders", p, 20, 15)
	}
	g.Rates("orders-dlq", 0, 0, 0)
	return c.Build()
}

func TestAdviceFrames(t *testing.T) {
	for _, c := range []struct {
		name, group string
		s           *kafka.Snapshot
		change      func(*pane.Env, *answers)
	}{
		{"behind", "payments", behind(), nil},
		{"typical", "payments", panetest.Typical(), nil},
		{"empty-group", "audit", panetest.Typical(), nil},
		{"share", "workers", panetest.Share(), nil},
		{"connect", "connect-jdbc", panetest.Connect(), nil},
		{"offline", "payments", behind(), func(e *pane.Env, _ *answers) { e.Lookup = nil }},
		{"failed", "payments", behind(), func(_ *pane.Env, a *answers) {
			a.settings = pane.Answer[[]kafka.Config]{Err: errors.New("not authorized: DESCRIBE_CONFIGS on topic orders")}
		}},
		{"hostile", panetest.HostileNames()[0], panetest.Hostile(), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, e, a := advised(t, c.s, c.group)
			if c.change != nil {
				c.change(e, a)
				m.Refresh(e)
			}
			panetest.Frames(t, "advice-"+c.name, m, e)
		})
	}
}

func TestAdviceIsAskedForWhenLookedAt(t *testing.T) {
	m, e := shown(t, behind(), "payments", partOverview)
	a := &answers{}
	e.Lookup = a
	m.Refresh(e)
	if len(a.asked) > 0 {
		t.Errorf("asked for %v before it is looked at", a.asked)
	}
	do(t, m, e, command.Prev)
	if got := strings.Join(a.asked, " "); got != "orders orders-dlq" {
		t.Errorf("asked for %q", got)
	}
	if got := panetest.Screen(m.View(e, 110, 30, true)); !strings.Contains(got, "reading configs of orders…") || !strings.Contains(got, "Consumers are the limit") {
		t.Errorf("before the answer: %s", got)
	}
	a.settings, a.batches = panetest.Settings(), panetest.Batches(20)
	m.Refresh(e)
	if got := panetest.Screen(m.View(e, 110, 30, true)); !strings.Contains(got, "read 4s ago") || !strings.Contains(got, "Batches are small") {
		t.Errorf("after the answer: %s", got)
	}
}

func TestAdviceAsksForAFewTopicsWithMostLag(t *testing.T) {
	c := panetest.NewCluster()
	g := c.Group("many", kafka.Classic, kafka.StateStable)
	for i := range 9 {
		name := fmt.Sprint("t", i)
		c.Topic(name, int64(100*i))
		g.Member(name, "h", panetest.TP(name, 0)).Commit(name, 0)
	}
	m, e, a := advised(t, c.Build(), "many")
	if got := strings.Join(a.asked, " "); got != "t8 t7 t6 t5 t4 t3" {
		t.Errorf("asked for %s", got)
	}
	do(t, m, e, command.Last)
	if got := panetest.Screen(m.View(e, 110, 300, true)); !strings.Contains(got, "3 further topics of the group with less lag") {
		t.Errorf("what is left out is not said: %s", got)
	}
}

func TestAdviceScrollsAndIsCopied(t *testing.T) {
	m, e, _ := advised(t, behind(), "payments")
	top := panetest.Screen(m.View(e, 110, 10, true))
	do(t, m, e, command.PageDown)
	m.Wheel(e, 1)
	if panetest.Screen(m.View(e, 110, 10, true)) == top {
		t.Error("nothing moved")
	}
	do(t, m, e, command.First)
	if panetest.Screen(m.View(e, 110, 10, true)) != top {
		t.Error("the first line is not back")
	}
	if got := m.Copy(e); !strings.HasPrefix(got, "payments  orders: Consumers are the limit: 3 consumers share 12 partitions") {
		t.Errorf("copy %q", got)
	}
}
