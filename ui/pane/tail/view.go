package tail

import (
	"strconv"
	"strings"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	kafkatail "lagtop/kafka/tail"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
)

// look is where the columns stand. They grow with what was shown and never shrink, so that lines do not
// jump from frame to frame.
type look struct {
	topic int // cells of the topic's name
	place int // of partition@offset
	key   int
	shift int  // cells of the value that are scrolled out at the left
	more  bool // a value on screen goes on beyond the right edge
}

// The widths in cells.
const (
	severityWidth = 5
	shiftBy       = 16
	noTimeBelow   = 50 // narrower panes show no time
	noKeyBelow    = 60
	maxValue      = 4 << 10 // bytes of a value that can be scrolled to
)

func (l *look) scroll(dir int) {
	if dir > 0 && !l.more {
		return
	}
	l.shift = max(l.shift+dir*shiftBy, 0)
}

// Head is the frame's title and note.
func (m *Model) Head(e *pane.Env) (title, note string) {
	if m.src == nil {
		return "Tail", ""
	}
	return strings.TrimSpace("Tail " + safe.Line(m.label)), strings.Join(m.facts(), " "+e.Theme.Glyphs.Dot+" ")
}

// facts are what the note says, what matters most first: the end of a long note is cut.
func (m *Model) facts() []string {
	s := &m.state
	facts := []string{s.Phase.String()}
	add := func(when bool, text string) {
		if when {
			facts = append(facts, text)
		}
	}
	if s.Phase == kafkatail.Failed && s.Err != nil {
		facts[0] = "failed: " + safe.Cut(s.Err.Error(), 60)
	}
	add(s.Paused && m.waiting.Known > 0, human.Count(m.waiting.V)+" waiting")
	add(!m.follow, "G follows")
	add(s.Failing > 0 && s.Phase != kafkatail.Failed, strconv.Itoa(s.Failing)+" failing")
	if m.sieve.on() {
		hidden := s.Kept - m.sieve.unseen(s) - len(m.sieve.found)
		add(true, human.Count(int64(max(hidden, 0)))+" of "+human.Count(int64(s.Kept))+" hidden by /"+safe.Line(m.sieve.text))
		add(m.sieve.unseen(s) > 0, human.Count(int64(m.sieve.unseen(s)))+" not searched")
	}
	add(s.Partitions > 0, plural(s.Partitions, "partition"))
	add(s.Rate.OK && s.Rate.V > 0 && !s.Paused, human.Rate(s.Rate.V))
	add(s.Dropped > 0, "newest "+human.Count(int64(s.Kept))+" kept")
	add(s.Skipped > 0, human.Count(s.Skipped)+" gone unread")
	return facts
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return strconv.Itoa(n) + " " + word + "s"
}

// View draws the records on screen; no other is formatted.
func (m *Model) View(e *pane.Env, w, h int, focused bool) []string {
	m.rows = max(h, 0)
	out := make([]string, 0, m.rows)
	if m.src == nil || m.lines() == 0 {
		out = m.message(e, w, m.rows)
	} else {
		out = m.records(e, out, w, focused)
	}
	for len(out) < m.rows {
		out = append(out, component.Fit("", w, false))
	}
	return out
}

func (m *Model) records(e *pane.Env, out []string, w int, focused bool) []string {
	top, cursor := m.position()
	entries := m.entries(top, min(m.rows, m.lines()-top))
	o := kafkatail.Options{Now: e.Now, Zone: e.Now.Location(), MaxValue: min(m.look.shift+4*w, maxValue)}
	lines := make([]kafkatail.Line, len(entries))
	for i := range entries {
		lines[i] = kafkatail.Format(&entries[i].Record, o)
		m.look.measure(&lines[i])
	}
	m.look.more = false
	here := m.seq(cursor)
	for i := range lines {
		var run *theme.Style
		if !m.follow && entries[i].Seq == here {
			st := e.Theme.Style(theme.SelectedIdle)
			if focused {
				st = e.Theme.Style(theme.Selected)
			}
			run = &st
		}
		out = append(out, m.look.draw(e.Theme, &lines[i], w, run))
	}
	return out
}

// entries are n records from a line on. Some may have gone since the last Refresh.
func (m *Model) entries(top, n int) []kafkatail.Entry {
	if !m.sieve.on() {
		return m.src.Window(m.seq(top+n-1), n)
	}
	out := make([]kafkatail.Entry, 0, n)
	for i := top; i < top+n; i++ {
		if e, ok := m.src.Entry(m.seq(i)); ok {
			out = append(out, e)
		}
	}
	return out
}

func (l *look) measure(line *kafkatail.Line) {
	topic, place := split(line.Place)
	l.topic = max(l.topic, safe.Width(topic))
	l.place = max(l.place, len(place))
	l.key = max(l.key, safe.Width(line.Key))
}

// split cuts topic/partition@offset behind the topic, whose name may hold anything.
func split(place string) (topic, rest string) {
	i := strings.LastIndexByte(place, '/') + 1
	return place[:i], place[i:]
}

// draw is one record in exactly w cells, each column in its own style or all in the one given.
func (l *look) draw(th *theme.Theme, line *kafkatail.Line, w int, run *theme.Style) string {
	cells := make([]component.Cell, 0, 8)
	room := w
	add := func(text string, width int, tok theme.Token) {
		cells = append(cells, component.Cell{Text: component.FitTail(text, width, false, th.Glyphs.Ellipsis) + " ", Tok: tok})
		room -= width + 1
	}
	if w >= noTimeBelow {
		add(line.Time, kafkatail.TimeWidth, theme.Muted)
	}
	add(line.Severity.String(), severityWidth, severityTok(line.Severity))
	if full := l.topic + l.place; full <= w/4 {
		add(line.Place, full, theme.Muted)
	} else {
		_, place := split(line.Place)
		add(place, min(l.place, w/3), theme.Muted)
	}
	if l.key > 0 && w >= noKeyBelow {
		add(line.Key, min(l.key, w/6), theme.Accent)
	}
	tok := theme.Text
	if line.Tombstone {
		tok = theme.Muted
	}
	value := skip(line.Value, l.shift)
	l.more = l.more || safe.Width(value) > room
	cells = append(cells, component.Cell{Text: value, Tok: tok})
	if run == nil {
		return component.Line(th, cells, w)
	}
	var b strings.Builder
	for _, c := range cells {
		b.WriteString(c.Text)
	}
	return run.Render(component.FitTail(b.String(), w, false, th.Glyphs.Ellipsis))
}

func severityTok(s kafkatail.Severity) theme.Token {
	switch s {
	case kafkatail.SeverityFatal, kafkatail.SeverityError:
		return theme.Danger
	case kafkatail.SeverityWarn:
		return theme.Lagging
	case kafkatail.SeverityInfo:
		return theme.Info
	}
	return theme.Muted
}

// skip is safe text without its first cells. A character of two cells that is halved leaves a blank.
func skip(text string, cells int) string {
	if cells <= 0 {
		return text
	}
	head := safe.CutTail(text, cells, "")
	rest := text[len(head):]
	if rest != "" && safe.Width(head) < cells {
		return " " + rest[len(safe.CutTail(rest, 2, "")):]
	}
	return rest
}

// message stands in place of records when there are none to show.
func (m *Model) message(e *pane.Env, w, h int) []string {
	if h == 0 {
		return nil
	}
	text, tok := m.why(e)
	return []string{component.Line(e.Theme, []component.Cell{{Text: " " + text, Tok: tok}}, w)}
}

func (m *Model) why(e *pane.Env) (string, theme.Token) {
	s := &m.state
	switch {
	case m.src == nil && e.Focus.Topic == "":
		return "nothing is followed: select a topic, t follows it", theme.Muted
	case m.src == nil:
		return "t follows " + safe.Line(e.Focus.Topic), theme.Muted
	case s.Kept > 0:
		return "no record of " + human.Count(int64(s.Kept)) + " matches /" + safe.Line(m.sieve.text), theme.Muted
	case s.Err != nil:
		return e.Theme.Glyphs.Bad + " " + safe.Line(s.Err.Error()) + ", trying again", theme.Danger
	case s.Paused:
		return "paused before the first record, p goes on", theme.Muted
	case s.Phase == kafkatail.Starting:
		return "looking for the place to begin", theme.Muted
	}
	return "no record yet" + m.from(), theme.Muted
}

// from says why no record may be there, when following began at the end.
func (m *Model) from() string {
	if spec := m.src.Spec(); spec.From.Kind == kafka.SeekEnd && spec.Each == nil {
		return ": following from the end, f begins elsewhere"
	}
	return ""
}
