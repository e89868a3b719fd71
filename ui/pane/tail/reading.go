package tail

import (
	"strconv"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	kafkatail "lagtop/kafka/tail"
	"lagtop/kafka/tail/format"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/pane"
)

// reading is how records are shown. The zero reading finds out the format of each.
type reading struct {
	kind  format.Kind
	raw   bool // the value alone, as it is written
	wrap  bool // long lines go on below instead of beyond the edge
	event bool // the time that the value says, not that of the record
}

// arounds are the numbers of neighbours to choose from.
var arounds = [...]int{0, 2, 10}

// gapFrom is the shortest time between two records that is said.
const gapFrom = time.Minute

// change carries out the commands that change what is shown of records.
func (m *Model) change(e *pane.Env, id command.ID) bool {
	r := &m.reading
	switch id {
	case command.TailFormat:
		r.kind = (r.kind + 1) % format.Kind(len(format.Kinds()))
	case command.TailRaw:
		r.raw, m.look.shift = !r.raw, 0
	case command.TailWrap:
		r.wrap, m.look.shift = !r.wrap, 0
	case command.TailStamp:
		r.event = !r.event
	case command.TailFold:
		m.sieve.fold = !m.sieve.fold
		m.sieve.again()
		m.Refresh(e)
	case command.TailAround:
		m.moreAround(e)
	case command.Bookmark:
		m.bookmark()
	case command.ToMark:
		m.toBookmark()
		return true
	case command.FindOlder:
		m.find(e.Schemas, -1)
		return true
	case command.FindNewer:
		m.find(e.Schemas, 1)
		return true
	default:
		return false
	}
	m.search.said, m.search.beyond = "", 0
	return true
}

func (m *Model) moreAround(e *pane.Env) {
	next := 0
	for i, n := range arounds {
		if n == m.sieve.around {
			next = arounds[(i+1)%len(arounds)]
		}
	}
	m.sieve.around = next
	m.Refresh(e)
}

// says is what the note tells of the reading: only what is not as at first.
func (r *reading) says() []string {
	var out []string
	add := func(when bool, text string) {
		if when {
			out = append(out, text)
		}
	}
	add(r.kind != format.Auto, "as "+r.kind.String())
	add(r.raw, "raw")
	add(r.event, "event time")
	return out
}

// piece is one record on its way to the screen.
type piece struct {
	line  kafkatail.Line
	row   row
	value []component.Cell // safe text
	at    time.Time        // of the record
	bad   bool             // it stands for a batch that cannot be read
}

// read takes in what a record says. before is the record above it, nil for none.
func (m *Model) read(e *kafkatail.Entry, before *kafkatail.Entry, r row, o kafkatail.Options, schemas format.Schemas) piece {
	p := piece{row: r, at: e.Timestamp, line: kafkatail.Format(&e.Record, o)}
	if e.Broken != nil {
		p.bad = true
		p.add(kafkatail.BrokenNote(e.Broken), theme.Danger)
		p.value = m.search.light(e, schemas, p.value)
		return p
	}
	if e.Mark.Marker() { // its key and value are Kafka's own
		p.line.Key, p.line.HasKey, p.line.Severity = "", false, format.None
		text := e.Mark.String()
		if e.Batch != nil && e.Batch.ProducerID.OK {
			text += " of producer " + strconv.FormatInt(e.Batch.ProducerID.V, 10)
		}
		p.value = []component.Cell{{Text: text, Tok: theme.Muted}}
		return p
	}
	decoded := p.decode(e, o, schemas)
	var ev format.Event
	if !m.reading.raw || m.reading.event {
		ev = format.DecodeAs(decoded, m.reading.kind, e.Value, e.Timestamp)
	}
	if m.reading.event {
		p.line.Time = kafkatail.Clock(ev.Time, o)
	}
	p.marks(e, before)
	switch {
	case p.line.Tombstone:
		p.add(p.line.Value, theme.Muted)
	case m.reading.raw:
		p.add(p.line.Value, severityText(p.line.Severity))
	default:
		p.event(&ev, p.line.Value, o.MaxValue)
	}
	if r.near {
		for i := range p.value {
			p.value[i].Tok = theme.Muted
		}
	}
	p.value = m.search.light(e, schemas, p.value)
	return p
}

// decode takes over what schemas make of the key, and of the severity: the one that a filter sees, whatever the
// value is read as.
func (p *piece) decode(e *kafkatail.Entry, o kafkatail.Options, schemas format.Schemas) format.Decoding {
	if key := e.Read(schemas, format.OfKey); key.Text != nil {
		p.line.Key = safe.Bytes(format.Plain(key.Text), o.MaxValue)
	}
	d := e.Read(schemas, format.OfValue)
	if d.Text != nil {
		p.line.Severity = format.Of(d.Text)
	}
	return d
}

func (p *piece) add(text string, tok theme.Token) {
	p.value = append(p.value, component.Cell{Text: text, Tok: tok})
}

// marks stand before the value: the time since the record above, how often it repeats, what became of
// its transaction.
func (p *piece) marks(e, before *kafkatail.Entry) {
	if before != nil && !before.Timestamp.IsZero() && !e.Timestamp.IsZero() {
		if d := e.Timestamp.Sub(before.Timestamp); d >= gapFrom {
			p.add("+"+human.Span(d)+" ", theme.Accent)
		}
	}
	if p.row.n > 1 {
		p.add("x "+human.Count(int64(p.row.n))+" ", theme.Badge)
	}
	if e.Mark == kafka.Aborted {
		p.add("["+e.Mark.String()+"] ", theme.Lagging)
	}
}

// event is the message, and behind it the fields that are not in it or in a column.
func (p *piece) event(ev *format.Event, whole string, most int) {
	switch ev.Kind {
	case format.Auto, format.Text:
		p.add(whole, theme.Text)
		return
	case format.Schema:
		if ev.Decoded == nil {
			p.add(safe.Line(ev.Note)+": ", theme.Muted)
		}
	case format.JSON:
		if strings.HasPrefix(ev.Message, "{") || strings.HasPrefix(ev.Message, "[") { // it has no message
			p.add(whole, theme.Text)
			return
		}
	}
	p.add(safe.Bytes([]byte(ev.Message), most), theme.Text)
	for i := range ev.Fields {
		if f := &ev.Fields[i]; most > 0 && !said(ev, f) {
			name, value := safe.Bytes([]byte(f.Name), most), safe.Bytes([]byte(f.Value), most)
			p.add(" "+name+"=", theme.Muted)
			p.add(value, theme.Text)
			most -= len(name) + len(value)
		}
	}
}

// said tells whether a field stands elsewhere on the line.
func said(ev *format.Event, f *format.Field) bool {
	switch strings.ToLower(f.Name) {
	case "level", "lvl", "loglevel", "log.level", "@l":
		_, ok := format.ParseSeverity(f.Value)
		return ok
	case "time", "ts", "timestamp", "@timestamp", "@t", "asctime":
		return !ev.Time.IsZero() // in the column of the time, when asked for
	case "severity":
		return ev.Severity != format.None
	case "facility", "request", "status":
		return ev.Kind == format.Syslog3164 || ev.Kind == format.Syslog5424 || ev.Kind == format.Access
	}
	return f.Value == ev.Message
}
