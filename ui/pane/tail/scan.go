package tail

import (
	"lagtop/kafka/human"
	kafkatail "lagtop/kafka/tail"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
)

// Scan shows what a look into the past finds in place of what is followed, which Live brings back. The source
// ends by itself, and keeps only what is searched for.
func (m *Model) Scan(src Source, label string) {
	live := m.behind
	if live == nil {
		was := *m
		live = &was
	}
	*m = Model{src: src, label: label, follow: true, rows: m.rows, width: m.width, search: m.search, reading: m.reading, behind: live}
}

// Live shows what is followed again, with the filter that it had, at its newest record.
func (m *Model) Live() {
	if m.behind == nil {
		return
	}
	live := *m.behind
	live.rows, live.width, live.reading, live.search = m.rows, m.width, m.reading, m.search
	live.follow = true
	*m = live
}

// Beyond tells whether an older match was asked for again where none is kept.
func (m *Model) Beyond() bool { return m.search.beyond > 1 && m.behind == nil }

// share is how much of a scan is done, from 0 to 1, and of about how many records; false while neither is known.
func share(s *kafkatail.State, most int64) (part float64, of int64, ok bool) {
	if !s.All.OK {
		return 0, 0, false
	}
	if of = s.All.V; of <= 0 {
		return 1, 0, true
	}
	part = float64(s.Passed) / float64(of)
	if most > 0 && most < of {
		part, of = max(part, float64(s.Read)/float64(most)), most
	}
	return min(part, 1), of, true
}

func percent(part float64) string { return human.Count(int64(part*100)) + "%" }

// scanFacts are the first facts of the note while a scan is shown.
func (m *Model) scanFacts() []string {
	s := &m.state
	part, _, ok := share(s, m.src.Spec().Most)
	phase := "scanning"
	if ok {
		phase += " " + percent(part)
	}
	switch {
	case s.Stopped:
		phase = "stopped"
		if ok {
			phase += " at " + percent(part)
		}
	case s.Phase == kafkatail.Ended:
		phase = "ended"
	case s.Phase == kafkatail.Paused || s.Phase == kafkatail.Failed:
		phase = s.Phase.String()
	}
	return []string{phase, human.Count(int64(s.Received)) + " found"}
}

// scanLine says how far a scan is, what it found, and the way out.
func (m *Model) scanLine(e *pane.Env, w int) []component.Cell {
	s, most, g := &m.state, m.src.Spec().Most, e.Theme.Glyphs
	part, of, ok := share(s, most)
	cells := []component.Cell{{Text: " "}}
	add := func(tok theme.Token, text string) { cells = append(cells, component.Cell{Text: text, Tok: tok}) }
	found, read := human.Count(int64(s.Received))+" found", " records read"
	if s.Unsure > 0 {
		found += "  "
		if w < 100 {
			read = " read"
		}
	}
	if s.Phase == kafkatail.Ended {
		add(theme.Text, human.Count(s.Read)+read+", "+m.scanned(ok, part)+": "+found)
		add(theme.Lagging, m.unjudged())
		cells = append(cells, component.Cell{Text: "  "})
		add(theme.Key, "t")
		add(theme.Muted, " back to live")
		return cells
	}
	add(theme.Key, "esc")
	add(theme.Muted, " stops  ")
	if w >= 100 && ok {
		add(theme.Bar, component.Bar(e.Theme, part, 1, 20))
		add(theme.Text, " ")
	}
	if ok {
		add(theme.Text, percent(part)+"  ")
	}
	text := human.Count(s.Read)
	if ok {
		text += " of " + g.Approx + human.Count(of)
	}
	add(theme.Text, text+read+"  "+found)
	add(theme.Lagging, m.unjudged())
	if s.Rate.OK && !s.Paused {
		add(theme.Muted, "  "+human.Rate(s.Rate.V))
	}
	return cells
}

// unjudged says how many records were searched without a schema that could not be had.
func (m *Model) unjudged() string {
	if m.state.Unsure == 0 {
		return ""
	}
	return human.Count(m.state.Unsure) + " without schema"
}

// scanned says how a scan ended.
func (m *Model) scanned(ok bool, part float64) string {
	s := &m.state
	switch {
	case s.Stopped && ok:
		return "stopped at " + percent(part)
	case s.Stopped:
		return "stopped"
	case s.Full:
		return "as asked, not the newer ones"
	}
	return "up to the live tail"
}
