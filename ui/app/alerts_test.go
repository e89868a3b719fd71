package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"lagtop/kafka"
	"lagtop/kafka/alert"
	"lagtop/theme"
	"lagtop/ui/notify"
	"lagtop/ui/pane/panetest"
)

// bellhop remembers the commands that it was to run.
type bellhop struct {
	jobs     []notify.Job
	failures chan error
}

func (b *bellhop) Run(j notify.Job)       { b.jobs = append(b.jobs, j) }
func (b *bellhop) Failures() <-chan error { return b.failures }

// newAlertRig has these rules, each with every way of telling.
func newAlertRig(t *testing.T, rules ...alert.Rule) (*rig, *bellhop) {
	t.Helper()
	hop := &bellhop{failures: make(chan error, 1)}
	for i := range rules {
		rules[i].Notify = alert.Notify{Bell: true, Desktop: true, Command: []string{"page", "me"}}
	}
	r := &rig{t: t, src: &source{updates: make(chan struct{}, 1)}, now: panetest.Now()}
	m, err := New(context.Background(), Deps{
		Session: Session{Name: "prod-eu", Source: r.src, Interval: 2 * time.Second, Tailer: silence{}, ReadOnly: "read-only: started with --read-only"},
		Theme:   theme.Options{Profile: colorprofile.TrueColor}, Now: func() time.Time { return r.now },
		Alerting: Alerting{Rules: rules, Notifier: hop},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	r.Model = m
	r.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	return r, hop
}

// poll shows a snapshot and returns what the terminal is sent beside the frames.
func (r *rig) poll(s *kafka.Snapshot) string {
	r.t.Helper()
	r.now = r.now.Add(2 * time.Second)
	s.Seq = r.env.Snapshot.Seq + 1
	r.src.snap = s
	r.env.Now = r.now
	r.env.Snapshot = s
	out := ""
	if cmd := r.judgeAlerts(); cmd != nil {
		out = fmt.Sprint(cmd().(tea.RawMsg).Msg)
	}
	r.send(snapshotMsg{}) // the same snapshot: nothing is told twice
	return out
}

func calm() *kafka.Snapshot {
	s := panetest.Typical()
	for i := range s.Groups {
		s.Groups[i].Verdict.Kind = kafka.VerdictOK
	}
	return s
}

func stalled() alert.Rule {
	return alert.Rule{Name: "broken", When: alert.When{Verdicts: []kafka.VerdictKind{kafka.VerdictStalled}}}
}

func TestAlertIsToldAndCleared(t *testing.T) {
	r, hop := newAlertRig(t, stalled())
	out := r.poll(panetest.Typical())
	want := "\a\x1b]9;lagtop: alert broken: payments: STALLED: orders/7 flat for 6 min on payments-3, the other 11 drain at 2.1k/s\a"
	if out != want {
		t.Errorf("the terminal got %q, want %q", out, want)
	}
	r.see("1 alert A", "alert broken: payments: STALLED", "READ-ONLY")
	if len(hop.jobs) != 1 || hop.jobs[0].Name != "broken" || strings.Join(hop.jobs[0].Command, " ") != "page me" {
		t.Fatalf("commands: %+v", hop.jobs)
	}
	var line map[string]any
	if err := json.Unmarshal(hop.jobs[0].Input, &line); err != nil || line["group"] != "payments" || line["cluster"] != "prod-eu" || line["event"] != "fired" {
		t.Errorf("the command got %s (%v)", hop.jobs[0].Input, err)
	}
	r.keys("A")
	r.see("Alerts", "broken", "payments", "orders/7 flat for 6 min")
	r.keys("esc")
	if out := r.poll(calm()); !strings.HasPrefix(out, "\x1b]9;lagtop: alert broken cleared: payments:") {
		t.Errorf("afterwards the terminal got %q", out)
	}
	r.seeNot("1 alert")
	if len(hop.jobs) != 2 || !strings.Contains(string(hop.jobs[1].Input), `"event":"cleared"`) {
		t.Errorf("commands: %+v", hop.jobs)
	}
	r.keys("A")
	r.see("none of 1 rule holds")
}

func TestManyAlertsShareOneNotification(t *testing.T) {
	r, hop := newAlertRig(t, alert.Rule{Name: "any", When: alert.When{States: []kafka.GroupState{kafka.StateStable}}})
	c := panetest.NewCluster()
	for i := range 200 {
		c.Group(fmt.Sprintf("g-%03d", i), kafka.Classic, kafka.StateStable)
	}
	out := r.poll(c.Build())
	if want := "\a\x1b]9;lagtop: 200 alerts fired: g-000, g-001, g-002, g-003, g-004, g-005, g-006, g-007, g-008, g-009, and 190 more\a"; out != want {
		t.Errorf("the terminal got %q, want %q", out, want)
	}
	if len(hop.jobs) != 200 {
		t.Errorf("%d commands", len(hop.jobs))
	}
	r.see("200 alerts A")
}

func TestHostileGroupStaysInsideItsNotification(t *testing.T) {
	r, _ := newAlertRig(t, alert.Rule{Name: "any", When: alert.When{States: []kafka.GroupState{kafka.StateStable}}})
	c := panetest.NewCluster()
	c.Group("x\a\x1b]52;c;ZXZpbA==\a\u009c\n", kafka.Classic, kafka.StateStable)
	out := r.poll(c.Build())
	body := strings.TrimSuffix(strings.TrimPrefix(out, "\a\x1b]9;"), "\a")
	if len(body) != len(out)-6 || strings.ContainsAny(body, "\a\x1b\n;\u009c") {
		t.Errorf("the terminal got %q", out)
	}
	if strings.ContainsAny(r.screen(), "\a\x1b") {
		t.Error("the screen shows a control")
	}
}

func TestFailingCommandIsShown(t *testing.T) {
	r, hop := newAlertRig(t, stalled())
	hop.failures <- errors.New(`command of "broken": page: exit status 1`)
	r.send(r.waitNotifier())
	r.see(`command of "broken": page: exit status 1`)
}

func TestAlertsWithoutRulesSayWhereToWriteThem(t *testing.T) {
	r := newRig(t, panetest.Typical(), nil)
	r.keys("A")
	r.see("There are no rules", "alerts of the configuration file")
}

func TestAlertMarkFitsASmallHeader(t *testing.T) {
	r, _ := newAlertRig(t, stalled())
	s := panetest.Typical()
	s.Findings = make([]kafka.Finding, 12)
	r.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	r.poll(s)
	r.see("READ-ONLY", "1 alert A")
}
