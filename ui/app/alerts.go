package app

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/alert"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/notify"
)

// Notifier runs the commands of alerts; *notify.Runner is one.
type Notifier interface {
	Run(notify.Job)
	Failures() <-chan error
}

// Alerting is what the user wants to be told, and how that gets out of the screen. The zero Alerting
// tells nothing.
type Alerting struct {
	Rules    []alert.Rule
	Notifier Notifier // nil: no commands are run
	Terminal notify.Terminal
}

// mostApart is how many alerts of one poll get a desktop notification each. More share one: when a cluster
// breaks, hundreds of groups do at once.
const mostApart = 3

type notifyFailedMsg struct{ err error }

// waitNotifier waits until a command of an alert failed.
func (m *Model) waitNotifier() tea.Msg {
	select {
	case err := <-m.deps.Alerting.Notifier.Failures():
		return notifyFailedMsg{err}
	case <-m.ctx.Done():
		return nil
	}
}

// judgeAlerts gives the newest snapshot to the rules and tells what they say.
func (m *Model) judgeAlerts() tea.Cmd {
	if m.env.Snapshot.Seq == 0 || len(m.deps.Alerting.Rules) == 0 {
		return nil
	}
	events := m.alerts.Observe(m.env.Snapshot, m.env.Now)
	if len(events) == 0 {
		return nil
	}
	var fired, cleared []alert.Event
	for _, e := range events {
		if e.Kind == alert.Fired {
			fired = append(fired, e)
		} else {
			cleared = append(cleared, e)
		}
		m.runCommand(&e)
	}
	if len(cleared) > 0 {
		title, body := summary(cleared)
		m.toast(component.ToastGood, title+": "+body)
	}
	if len(fired) > 0 {
		title, body := summary(fired)
		m.toast(component.ToastDanger, title+": "+body)
	}
	if out := m.signals(fired, cleared); out != "" {
		return tea.Raw(out)
	}
	return nil
}

func (m *Model) runCommand(e *alert.Event) {
	if m.deps.Alerting.Notifier == nil || len(e.Notify.Command) == 0 {
		return
	}
	line, err := e.JSON(m.deps.Name)
	if err != nil {
		m.toast(component.ToastDanger, "alert "+e.Rule+": "+err.Error())
		return
	}
	m.deps.Alerting.Notifier.Run(notify.Job{Name: e.Rule, Command: e.Notify.Command, Input: line})
}

// signals are the escape sequences that the terminal is sent: one bell, and notifications.
func (m *Model) signals(fired, cleared []alert.Event) string {
	var b strings.Builder
	desktop := func(events []alert.Event) {
		title, body := summary(events)
		b.WriteString(m.deps.Alerting.Terminal.Desktop("lagtop: "+title, body))
	}
	for _, e := range fired {
		if e.Notify.Bell {
			b.WriteString(notify.Bell)
			break
		}
	}
	for _, events := range [][]alert.Event{fired, cleared} {
		var shown []alert.Event
		for _, e := range events {
			if e.Notify.Desktop {
				shown = append(shown, e)
			}
		}
		if len(shown) > mostApart {
			desktop(shown)
			continue
		}
		for i := range shown {
			desktop(shown[i : i+1])
		}
	}
	return b.String()
}

// summary words events of one kind: a title, and what happened to whom. Unsanitised.
func summary(events []alert.Event) (title, body string) {
	e := &events[0]
	if len(events) == 1 {
		if e.Kind == alert.Cleared {
			return "alert " + e.Rule + " cleared", e.Group + ": " + e.Evidence
		}
		return "alert " + e.Rule, e.Group + ": " + e.Evidence
	}
	var names []string
	for i := range events[:min(len(events), 10)] {
		names = append(names, safe.Cut(safe.Line(events[i].Group), 40))
	}
	if n := len(events) - len(names); n > 0 {
		names = append(names, "and "+human.Count(int64(n))+" more")
	}
	return human.Plural(len(events), "alert") + " " + string(e.Kind), strings.Join(names, ", ")
}

// alertMark counts the open alerts and names the key that shows them; nothing when there are none.
func (m *Model) alertMark() []span {
	n := len(m.alerts.Open())
	if n == 0 {
		return nil
	}
	return []span{{theme.Danger, " " + m.theme.Glyphs.Warn + " " + human.Plural(n, "alert") + " "}, {theme.Key, command.ByID(command.ShowAlerts).Key()}, {theme.Text, " "}}
}

// showAlerts lists the open alerts, the longest first.
func (m *Model) showAlerts() tea.Cmd {
	b := &helpBox{component.Help{Title: "Alerts"}}
	open := m.alerts.Open()
	for _, a := range open {
		head := []component.Cell{
			{Text: m.theme.Glyphs.Warn + " " + safe.Line(a.Rule), Tok: theme.Danger},
			{Text: "  " + safe.Line(a.Group), Tok: theme.Title},
			{Text: "  for " + human.Duration(m.env.Now.Sub(a.Since)), Tok: theme.Muted},
		}
		if !a.Told {
			head = append(head, component.Cell{Text: "  quiet", Tok: theme.Muted})
		}
		b.Lines = append(b.Lines, head, []component.Cell{{Text: "  " + safe.Line(a.Evidence), Tok: theme.Text}})
	}
	switch n := len(m.deps.Alerting.Rules); {
	case n == 0:
		b.Lines = append(b.Lines, []component.Cell{{Text: "There are no rules: write them into the section alerts of the configuration file.", Tok: theme.Muted}})
	case len(open) == 0:
		b.Lines = append(b.Lines, []component.Cell{{Text: m.theme.Glyphs.OK + " none of " + human.Plural(n, "rule") + " holds", Tok: theme.Good}})
	}
	m.openModal(b)
	return nil
}
