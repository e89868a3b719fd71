package start

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/doctor"
	"lagtop/theme"
	"lagtop/ui/pane/panetest"
)

func newModel(t *testing.T, test func(context.Context, []string) doctor.Report) *Model {
	t.Helper()
	th, err := theme.New(theme.Options{})
	if err != nil {
		t.Fatal(err)
	}
	parse := func(list string) ([]string, error) {
		if list == "" {
			return nil, errors.New("no address")
		}
		return strings.Split(list, ","), nil
	}
	m := New(context.Background(), Deps{Theme: th, Parse: parse, Test: test})
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	return m
}

func (m *Model) press(keys ...string) tea.Cmd {
	var cmd tea.Cmd
	for _, k := range keys {
		msg := tea.KeyPressMsg{Code: []rune(k)[0], Text: k}
		switch k {
		case "enter":
			msg = tea.KeyPressMsg{Code: tea.KeyEnter}
		case "esc":
			msg = tea.KeyPressMsg{Code: tea.KeyEscape}
		}
		_, cmd = m.Update(msg)
	}
	return cmd
}

func (m *Model) screen() string { return panetest.Screen(strings.Split(m.View().Content, "\n")) }

func TestMenuOffersDemoConnectAndQuit(t *testing.T) {
	m := newModel(t, nil)
	for _, want := range []string{"demo", "connect to a cluster", "lagtop -b"} {
		if !strings.Contains(m.screen(), want) {
			t.Errorf("the menu does not say %q:\n%s", want, m.screen())
		}
	}
	if m.press("d") == nil || !m.Choice.Demo {
		t.Error("d does not choose the demo")
	}
	m = newModel(t, nil)
	if m.press("q") == nil || m.Choice != (Choice{}) {
		t.Errorf("q chooses %+v", m.Choice)
	}
}

func TestFailedTestSaysWhatToTryAndKeepsTheForm(t *testing.T) {
	m := newModel(t, func(_ context.Context, addrs []string) doctor.Report {
		return doctor.Report{Verdict: doctor.Closed, Parts: []doctor.Part{{Title: addrs[0], Lines: []doctor.Line{
			{What: "connect", Outcome: doctor.Failed, Facts: []string{"connection refused\x1b[31m"}, Try: "check the port"},
		}}}}
	})
	m.press("c", "k", ":", "1")
	cmd := m.press("enter")
	if !strings.Contains(m.screen(), "Testing") {
		t.Errorf("nothing says that a test is under way:\n%s", m.screen())
	}
	m.Update(cmd())
	for _, want := range []string{"k:1", "connect", "connection refused", "check the port", "Connect to a cluster"} {
		if !strings.Contains(m.screen(), want) {
			t.Errorf("the screen does not say %q:\n%s", want, m.screen())
		}
	}
	if m.Choice.Bootstrap != "" {
		t.Error("a cluster that does not answer was chosen")
	}
}

func TestAnAddressThatAnswersIsChosen(t *testing.T) {
	m := newModel(t, func(context.Context, []string) doctor.Report { return doctor.Report{Verdict: doctor.Partial} })
	m.press("c", "a", ",", "b")
	m.Update(m.press("enter")())
	if m.Choice.Bootstrap != "a,b" {
		t.Errorf("chose %+v", m.Choice)
	}
}

func TestLateTestIsDropped(t *testing.T) {
	m := newModel(t, func(context.Context, []string) doctor.Report { return doctor.Report{Verdict: doctor.Sound} })
	m.press("c", "a")
	late := m.press("enter")
	m.press("esc")
	m.Update(late())
	if m.Choice.Bootstrap != "" || m.leaving {
		t.Error("a test that was stopped chose a cluster")
	}
}

func TestEscAndLeavingStopTheTest(t *testing.T) {
	for _, key := range []string{"esc", "ctrl+c"} {
		ended := false
		m := newModel(t, func(ctx context.Context, _ []string) doctor.Report {
			ended = ctx.Err() != nil
			return doctor.Report{}
		})
		m.press("c", "a")
		test := m.press("enter")
		m.press(key)
		if test(); !ended {
			t.Errorf("after %s the addresses are tested on", key)
		}
	}
}

func TestAddressThatCannotBeReadKeepsTheForm(t *testing.T) {
	m := newModel(t, nil)
	if cmd := m.press("c", "enter"); cmd != nil {
		t.Error("an empty address is tested")
	}
	if !strings.Contains(m.screen(), "no address") {
		t.Errorf("the form does not say what is wrong:\n%s", m.screen())
	}
}

func TestMenuOffersTheContextsOfTheFile(t *testing.T) {
	m := newModel(t, nil)
	for i := range 11 {
		m.deps.Contexts = append(m.deps.Contexts, Context{Name: fmt.Sprintf("cluster-%d", i+1), Detail: "kafka:9092  protected", Color: theme.Danger})
	}
	for _, want := range []string{"1  cluster-1  kafka:9092  protected", "9  cluster-9", "lagtop --context NAME, also for 2 more: lagtop context list"} {
		if !strings.Contains(m.screen(), want) {
			t.Errorf("the menu does not say %q:\n%s", want, m.screen())
		}
	}
	if strings.Contains(m.screen(), "cluster-10") {
		t.Error("a context without a key is offered")
	}
	if m.press("2") == nil || m.Choice != (Choice{Context: "cluster-2"}) {
		t.Errorf("2 chooses %+v", m.Choice)
	}
}
