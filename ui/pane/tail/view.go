package tail

import (
	"strconv"
	"strings"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	kafkatail "lagtop/kafka/tail"
	"lagtop/kafka/tail/format"
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
	shortTopic    = 4       // cells of a topic that tell it from others
	levelsFrom    = 12      // lines of the pane; lower ones show records alone
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
	word := "Tail "
	if m.behind != nil {
		word = "Scan "
	}
	return strings.TrimSpace(word + safe.Line(m.label)), strings.Join(m.facts(), " "+e.Theme.Glyphs.Dot+" ")
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
	} else if m.behind != nil {
		facts = m.scanFacts()
	}
	add(s.Paused && m.waiting.Known > 0, human.Count(m.waiting.V)+" waiting")
	add(!m.follow, "G follows")
	add(s.Failing > 0 && s.Phase != kafkatail.Failed, failing(s))
	add(m.oneOf() > 1, "showing 1 of "+human.Count(m.oneOf()))
	add(m.search.says() != "", m.search.says())
	if m.mark != nil {
		add(true, "bookmark "+kafkatail.Place(m.mark.TopicPartition, m.mark.Offset))
	}
	facts = append(facts, m.reading.says()...)
	add(m.sieve.fold, "repeats folded")
	add(m.sieve.on() && m.sieve.unsure > 0, "some searched as bytes: no schema yet")
	if !m.sieve.filter.Empty() {
		add(true, human.Count(int64(m.sieve.passed()))+" shown of "+human.Count(int64(s.Kept))+" by /"+safe.Line(m.sieve.text))
	}
	add(m.sieve.on() && m.sieve.unseen(s) > 0, human.Count(int64(m.sieve.unseen(s)))+" not searched")
	add(s.Partitions > 0, human.Plural(s.Partitions, "partition"))
	add(s.Rate.OK && s.Rate.V > 0 && !s.Paused && s.Phase != kafkatail.Ended, human.Rate(s.Rate.V))
	add(s.Late > 0, human.Count(s.Late)+" late")
	add(s.Corrupt > 0, human.Plural(s.Corrupt, "corrupt batch"))
	add(s.Dropped > 0, "newest "+human.Count(int64(s.Kept))+" kept")
	add(s.Skipped > 0, human.Count(s.Skipped)+" gone unread")
	return facts
}

// failing is how many partitions cannot be read at present, and of one of them why.
func failing(s *kafkatail.State) string {
	n := strconv.Itoa(s.Failing) + " failing"
	if s.Err == nil {
		return n
	}
	return n + ": " + safe.Cut(s.Err.Error(), 60)
}

// View draws the records on screen; no other is formatted.
func (m *Model) View(e *pane.Env, w, h int, focused bool) []string {
	h = max(h, 0)
	m.rows, m.width, m.drawn = h, w, m.drawn[:0]
	levels := h >= levelsFrom && w >= noKeyBelow
	if levels {
		m.rows--
	}
	if m.behind != nil && h > 1 {
		m.rows--
	}
	out := make([]string, 0, h)
	var pieces []piece
	if m.src == nil || m.lines() == 0 {
		out = m.message(e, w, m.rows)
	} else {
		out, pieces = m.records(e, out, w, focused)
	}
	for len(out) < m.rows {
		out = append(out, component.Fit("", w, false))
	}
	if levels {
		out = append(out, component.Line(e.Theme, histogram(e, pieces, w), w))
	}
	if m.behind != nil && h > 1 {
		out = append(out, component.Line(e.Theme, m.scanLine(e, w), w))
	}
	return out
}

// records draws what fits. With wrapped lines that is fewer records than there are lines: the first ones
// give way, so that the one under the cursor is there.
func (m *Model) records(e *pane.Env, out []string, w int, focused bool) ([]string, []piece) {
	top, cursor := m.position()
	pieces := m.pieces(e, top, min(m.rows, m.lines()-top), w)
	m.look.more = false
	here := m.seq(cursor)
	drawn := make([][]string, len(pieces))
	for i := range pieces {
		var run *theme.Style
		if !m.follow && pieces[i].row.seq == here {
			st := e.Theme.Style(theme.SelectedIdle)
			if focused {
				st = e.Theme.Style(theme.Selected)
			}
			run = &st
		}
		drawn[i] = m.draw(e.Theme, &pieces[i], w, run)
	}
	first, room := cursor-top, m.rows
	for i := min(first, len(drawn)-1); i >= 0 && room > 0; i-- {
		if room -= len(drawn[i]); room >= 0 || i == cursor-top {
			first = i
		}
	}
	for i := max(first, 0); i < len(drawn); i++ {
		for _, l := range drawn[i][:min(len(drawn[i]), m.rows-len(out))] {
			out = append(out, l)
			m.drawn = append(m.drawn, top+i)
		}
		if len(out) == m.rows {
			return out, pieces[max(first, 0) : i+1]
		}
	}
	return out, pieces[min(max(first, 0), len(pieces)):]
}

// pieces reads n records from a line on.
func (m *Model) pieces(e *pane.Env, top, n, w int) []piece {
	one := min(top, 1) // the record above tells the time between
	entries := m.entries(top-one, n+one)
	o := kafkatail.Options{Now: e.Now, Zone: e.Now.Location(), MaxValue: min(m.look.shift+4*w, maxValue)}
	if m.reading.wrap {
		o.MaxValue = maxValue
	}
	out := make([]piece, 0, n)
	for i := range entries {
		var before *kafkatail.Entry
		if i > 0 {
			before = &entries[i-1]
		}
		if i == 0 && one > 0 && len(entries) > n {
			continue
		}
		p := m.read(&entries[i], before, m.row(entries[i].Seq), o, e.Schemas)
		if entries[i].Late {
			p.value = append([]component.Cell{{Text: e.Theme.Glyphs.Up + " ", Tok: theme.Lagging}}, p.value...)
		}
		m.look.measure(&p.line)
		out = append(out, p)
	}
	return out
}

// row is what the sieve knows of a record.
func (m *Model) row(seq uint64) row {
	if m.sieve.on() {
		rows := m.sieve.rows()
		if i := at(rows, seq); i < len(rows) && rows[i].seq == seq {
			return rows[i]
		}
	}
	return row{seq: seq, first: seq, n: 1}
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

// draw is one record in lines of exactly w cells, each column in its own style or all in the one given. It
// is one line unless long ones are wrapped.
func (m *Model) draw(th *theme.Theme, p *piece, w int, run *theme.Style) []string {
	l, head := &m.look, []component.Cell(nil)
	if !m.reading.raw {
		head = m.columns(th, p, w)
	}
	room := w
	for i := range head {
		room -= safe.Width(head[i].Text)
	}
	if !m.reading.wrap || room < shiftBy {
		width := 0
		value := l.skip(p.value)
		for i := range value {
			width += safe.Width(value[i].Text)
		}
		l.more = l.more || width > room
		return []string{render(th, append(head, value...), w, run)}
	}
	var out []string
	for _, v := range wrapped(p.value, room) {
		out = append(out, render(th, append(head, v...), w, run))
		head = []component.Cell{{Text: strings.Repeat(" ", w-room)}}
	}
	return out
}

// columns are the cells before the value.
func (m *Model) columns(th *theme.Theme, p *piece, w int) []component.Cell {
	l, line := &m.look, &p.line
	cells := make([]component.Cell, 0, 8)
	add := func(text string, width int, tok theme.Token) {
		if p.row.near {
			tok = theme.Muted
		}
		cells = append(cells, component.Cell{Text: component.FitTail(text, width, false, th.Glyphs.Ellipsis) + " ", Tok: tok})
	}
	if w >= noTimeBelow {
		add(line.Time, kafkatail.TimeWidth, theme.Muted)
	}
	add(line.Severity.String(), severityWidth, severityTok(line.Severity))
	add(m.place(th, line.Place, w))
	if l.key > 0 && w >= noKeyBelow {
		add(line.Key, min(l.key, w/6), theme.Accent)
	}
	return cells
}

// place is topic/partition@offset where there is room for it. Of several topics the name is cut, of one it is left out.
func (m *Model) place(th *theme.Theme, full string, w int) (text string, width int, tok theme.Token) {
	l := &m.look
	topic, place := split(full)
	switch room := w/3 - l.place - 1; {
	case l.topic+l.place <= w/4:
		return full, l.topic + l.place, theme.Muted
	case len(m.src.Spec().Reads) > 1 && room >= shortTopic:
		width := min(l.topic-1, room)
		name := component.FitTail(strings.TrimSuffix(topic, "/"), width, false, th.Glyphs.Ellipsis)
		return strings.TrimRight(name, " ") + "/" + place, width + 1 + l.place, theme.Muted
	}
	return place, min(l.place, w/3), theme.Muted
}

func render(th *theme.Theme, cells []component.Cell, w int, run *theme.Style) string {
	if run == nil {
		return component.Line(th, cells, w)
	}
	var b strings.Builder
	for _, c := range cells {
		b.WriteString(c.Text)
	}
	return run.Render(component.FitTail(b.String(), w, false, th.Glyphs.Ellipsis))
}

// severityText is the token of text that has no column for its severity.
func severityText(s format.Severity) theme.Token {
	if s >= format.Warn {
		return severityTok(s)
	}
	return theme.Text
}

func severityTok(s format.Severity) theme.Token {
	switch s {
	case format.Fatal, format.Error:
		return theme.Danger
	case format.Warn:
		return theme.Lagging
	case format.Info:
		return theme.Info
	}
	return theme.Muted
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
	case s.Kept > 0 && m.sieve.filter.Empty():
		return "looking at what was kept", theme.Muted
	case s.Kept > 0 && m.sieve.unsure > 0:
		return "no record of " + human.Count(int64(s.Kept)) + " matches /" + safe.Line(m.sieve.text) + ", but schemas are missing: bytes were searched", theme.Lagging
	case s.Kept > 0:
		return "no record of " + human.Count(int64(s.Kept)) + " matches /" + safe.Line(m.sieve.text) + ", m searches the log further back", theme.Muted
	case s.Err != nil:
		return e.Theme.Glyphs.Bad + " " + safe.Line(s.Err.Error()) + ", trying again", theme.Danger
	case s.Paused:
		return "paused before the first record, p goes on", theme.Muted
	case s.Phase == kafkatail.Starting:
		return "looking for the place to begin", theme.Muted
	case m.behind != nil && s.Phase == kafkatail.Ended:
		return "no record passes", theme.Muted
	case m.behind != nil:
		return "nothing found yet", theme.Muted
	case s.Phase == kafkatail.Ended:
		return "no record was there: f begins elsewhere", theme.Muted
	}
	return "no record yet" + m.from(), theme.Muted
}

// from says why no record may be there, when following began at the end.
func (m *Model) from() string {
	for _, read := range m.src.Spec().Reads {
		if read.From.Kind != kafka.SeekEnd || read.Each != nil {
			return ""
		}
	}
	return ": following from the end, f begins elsewhere"
}
