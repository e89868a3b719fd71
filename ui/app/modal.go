package app

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
)

// modal is in front of everything and gets every key.
type modal interface {
	key(m *Model, k tea.KeyPressMsg) tea.Cmd
	view(m *Model, w, h int) []string // the box, at most w by h
}

// openModal puts a modal in the queue: a result that arrives late waits until the person has answered what
// is in front.
func (m *Model) openModal(b modal) {
	m.modals = append(m.modals, b)
	m.present()
}

// closeModal removes the one in front.
func (m *Model) closeModal() {
	m.modals = m.modals[1:]
	m.present()
}

// present tells a dialog that comes to the front when that was: from then on it guards against keys that
// were meant for what was there before.
func (m *Model) present() {
	if a, ok := m.front().(interface{ open(now time.Time) }); ok {
		a.open(m.env.Now)
	}
}

// overModal puts a modal before the one in front, which it is about.
func (m *Model) overModal(b modal) {
	m.modals = append([]modal{b}, m.modals...)
	m.present()
}

// front is the modal that gets the keys, nil when there is none.
func (m *Model) front() modal {
	if len(m.modals) == 0 {
		return nil
	}
	return m.modals[0]
}

// helpBox is the text behind ?.
type helpBox struct{ component.Help }

func (b *helpBox) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	if b.Update(k.String()) {
		m.closeModal()
	}
	return nil
}

func (b *helpBox) view(m *Model, w, h int) []string { return b.View(m.theme, w, h) }

// newHelp lists the commands of the place on top from the table, and what the numbers mean.
func newHelp(m *Model) modal {
	st := m.state()
	b := &helpBox{component.Help{Title: "Keys in " + st.Where.String()}}
	for _, c := range command.In(st.Where) {
		tok, why := theme.Text, c.WhyNot(st)
		if why != "" {
			tok = theme.Muted
		}
		line := []component.Cell{{Text: component.Fit(m.keyNames(c), 14, false), Tok: theme.Key}, {Text: component.Fit(c.Title, 17, false), Tok: tok}, {Text: c.Help, Tok: tok}}
		if why != "" {
			line = append(line, component.Cell{Text: "  (" + why + ")", Tok: theme.Lagging})
		}
		b.Lines = append(b.Lines, line)
	}
	b.Lines = append(b.Lines, nil, []component.Cell{{Text: "What the numbers mean", Tok: theme.Title}})
	for _, n := range numbers(m.theme.Glyphs) {
		b.Lines = append(b.Lines, []component.Cell{{Text: component.Fit(n[0], 14, false), Tok: theme.Accent}, {Text: n[1], Tok: theme.Text}})
	}
	b.Lines = append(b.Lines, nil, []component.Cell{{Text: "Verdicts, worst first", Tok: theme.Title}})
	for k := kafka.VerdictLost; k > kafka.VerdictUnknown; k-- {
		glyph, tok := component.Verdict(m.theme, k)
		b.Lines = append(b.Lines, []component.Cell{{Text: component.Fit(glyph+" "+k.String(), 17, false), Tok: tok}, {Text: verdictHelp[k], Tok: theme.Text}})
	}
	return b
}

// keyNames are the keys of a command in the glyphs that the terminal has.
func (m *Model) keyNames(c *command.Command) string {
	if m.deps.Theme.ASCII && len(c.Keys) > 0 {
		return strings.Join(c.Keys, " ")
	}
	return c.KeyNames()
}

func numbers(g theme.Glyphs) [][2]string {
	return [][2]string{
		{"LAG", "records between the committed offset and the end of the log; gaps of compaction and transactions count too"},
		{g.Unknown + " and " + g.AtLeast, "not known (no commit, or no answer); a sum that misses parts"},
		{"AGE", "how old the oldest unread record is, 0s when all is read; " + g.Approx + " interpolated from what lagtop saw, never extrapolated"},
		{"", "1h" + g.Unknown + "6h, <1m, >1d: between those, by places of times in the log; asked for every 30 s where lagtop has not seen enough"},
		{"", "without a sign: by the record's own timestamp, in the partition under the cursor; future: that timestamp has not come yet"},
		{"IN/s OUT/s", "records produced, and consumed by commits, over the last minute or what there is"},
		{"ETA", "lag divided by the rate at which it shrinks; never when it does not, now for what is read within 8 s"},
		{g.Up + " in the tail", "late: older than the record above it, it came too late to be put in order of time (f: wait)"},
		{"dimmed", "older than three polls; the age is shown, and the line above says what did not answer"},
	}
}

var verdictHelp = map[kafka.VerdictKind]string{
	kafka.VerdictLost:          "the commit is below the log start: records are gone for this group",
	kafka.VerdictStopped:       "nobody consumes while the end of the log moves on",
	kafka.VerdictStalled:       "a consumer owns the partition, its commit stands still, records wait",
	kafka.VerdictRewound:       "the commit moved back and has not come forward again",
	kafka.VerdictAtRisk:        "retention reaches the commit before the group does",
	kafka.VerdictFallingBehind: "more is produced than consumed",
	kafka.VerdictAhead:         "the commit is beyond the end of the log, and stays so",
	kafka.VerdictNoCommit:      "the group has never committed there",
	kafka.VerdictOK:            "caught up, or catching up",
}

// paletteBox is the list behind : of every command of the place.
type paletteBox struct{ *component.Palette }

func newPalette(m *Model) modal {
	st := m.state()
	var items []component.Item
	for _, c := range command.In(st.Where) {
		if c.Hidden {
			continue
		}
		items = append(items, component.Item{ID: string(c.ID), Title: c.Title, Detail: c.Help, Key: c.Key(), Why: c.WhyNot(st), Danger: c.Danger})
	}
	return &paletteBox{component.NewPalette("Commands", items)}
}

func (b *paletteBox) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	item, state := b.Update(k)
	switch state {
	case component.Cancelled:
		m.closeModal()
	case component.Done:
		m.closeModal()
		if c := command.ByID(command.ID(item.ID)); c != nil {
			return m.run(c)
		}
	}
	return nil
}

func (b *paletteBox) paste(_ *Model, text string)      { b.Update(tea.PasteMsg{Content: text}) }
func (b *paletteBox) view(m *Model, w, h int) []string { return b.View(m.theme, w, h) }

// dialogBox is a dialog and what its answer leads to.
type dialogBox struct {
	component.Dialog
	then func(m *Model, choice string) tea.Cmd // not called for the way back
}

func (m *Model) ask(d component.Dialog, then func(m *Model, choice string) tea.Cmd) {
	if d.Danger {
		d.Confirm = m.proof(d.Confirm)
	}
	m.openModal(&dialogBox{Dialog: d, then: then})
}

func (a *dialogBox) open(now time.Time) {
	if a.Opened.IsZero() {
		a.Opened = now
	}
}

func (a *dialogBox) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	c, done := a.Update(k.String(), m.env.Now)
	switch {
	case c.ID == component.CopyChoice:
		return m.copyText(a.Command)
	case !done:
		return nil
	}
	m.closeModal()
	if a.then == nil || len(a.Choices) == 0 || c.ID == a.Choices[0].ID {
		return nil
	}
	return a.then(m, c.ID)
}

func (a *dialogBox) view(m *Model, w, h int) []string { return a.View(m.theme, w, h) }

// formBox is a form and what its values lead to. submit may refuse them and keep the form open.
type formBox struct {
	*component.Form
	submit func(m *Model, f *component.Form) (cmd tea.Cmd, ok bool)
}

func (b *formBox) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	switch b.Update(k) {
	case component.Cancelled:
		m.closeModal()
	case component.Done:
		cmd, ok := b.submit(m, b.Form)
		if ok {
			m.closeModal()
		}
		return cmd
	}
	return nil
}

func (b *formBox) paste(_ *Model, text string)      { b.Update(tea.PasteMsg{Content: text}) }
func (b *formBox) view(m *Model, w, h int) []string { return b.View(m.theme, w, h) }
