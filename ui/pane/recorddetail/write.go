package recorddetail

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/kafka/tail"
	"lagtop/kafka/tail/format"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
)

// writer lays a record out in lines of at most so many cells.
type writer struct {
	width int
	lines []line
	heads []int
}

func write(e *pane.Env, m *Model, w int) (lines []line, heads []int) {
	b, entry, d := &writer{width: w}, &m.entry, &m.detail
	b.fact("place", d.Place, theme.Text)
	b.fact("time", d.Time+age(e, entry), theme.Text)
	if entry.Late {
		b.fact("order", e.Theme.Glyphs.Up+" it came too late to be put in order of time: it is older than the one above it in the tail", theme.Lagging)
	}
	if entry.Broken != nil {
		b.broken(e, m)
		return b.lines, b.heads
	}
	value, key := entry.Read(e.Schemas, format.OfValue), entry.Read(e.Schemas, format.OfKey)
	m.later = value.Later || key.Later
	said := format.DecodeAs(value, format.Auto, entry.Value, entry.Timestamp)
	b.event(entry, &said)
	b.fact("key by", safe.Line(key.Note), theme.Text)
	b.batch(entry)
	if entry.Cut() {
		b.fact("kept", e.Theme.Glyphs.Warn+" only the beginning of what is long was kept", theme.Lagging)
	}
	headers := "none"
	if d.HeaderN > 0 {
		headers = fmt.Sprintf("%d, %s", d.HeaderN, human.Bytes(int64(d.HeaderB)))
	}
	b.head("Headers", headers)
	for _, h := range d.Headers {
		b.header(h)
	}
	if hidden := d.HeaderN - len(d.Headers); hidden > 0 {
		b.text(fmt.Sprintf("and %d more that were not kept", hidden), theme.Muted)
	}
	keyBody, valueBody := d.Key.By(key), d.Value.By(value)
	b.body(e, "Key", &keyBody)
	b.body(e, "Value", &valueBody)
	if o := m.beside; o != nil {
		d := tail.Describe(o)
		b.beside(d.Place, d.Value.By(o.Read(e.Schemas, format.OfValue)).Lines, valueBody.Lines)
	}
	return b.lines, b.heads
}

// broken writes what is known of a batch that cannot be read, and its bytes.
func (b *writer) broken(e *pane.Env, m *Model) {
	b.fact("mark", m.entry.Mark.String()+" in place of its records", theme.Danger)
	for _, f := range m.detail.Broken {
		b.fact(f.Name, f.Text, theme.Text)
	}
	b.body(e, "Bytes", &m.detail.Value)
	if m.beside != nil {
		d := tail.Describe(m.beside)
		b.beside(d.Place, d.Value.Lines, m.detail.Value.Lines)
	}
}

// event writes what the value says of itself.
func (b *writer) event(entry *tail.Entry, ev *format.Event) {
	if entry.Mark.Marker() {
		b.fact("mark", entry.Mark.String()+", written by the broker", theme.Muted)
		return
	}
	if entry.Mark == kafka.Aborted {
		b.fact("mark", "aborted: nobody reads it with read_committed", theme.Lagging)
	}
	if !ev.Time.IsZero() && ev.Time.Year() <= 9999 {
		b.fact("event", ev.Time.UTC().Format("2006-01-02T15:04:05.000Z")+apart(ev.Time, entry.Timestamp), theme.Text)
	}
	if entry.Value != nil {
		b.fact("format", ev.Kind.String(), theme.Text)
	}
	b.fact("severity", ev.Severity.String(), theme.Text)
	b.fact("schema", safe.Line(ev.Note), theme.Text)
}

// apart says how far the time of the event is from that of the record.
func apart(event, record time.Time) string {
	d := record.Sub(event)
	switch {
	case record.IsZero() || d.Abs() < time.Second:
		return ""
	case d < 0:
		return "  " + human.Span(-d) + " after the record"
	}
	return "  " + human.Span(d) + " before the record"
}

// batch writes what the record came in.
func (b *writer) batch(entry *tail.Entry) {
	t := entry.Batch
	if t == nil {
		return
	}
	text := fmt.Sprintf("at %d, %s in the log, codec %s", t.Offset, human.Bytes(int64(t.Bytes)), t.Codec)
	if t.Records.OK {
		text += ", " + human.Plural(t.Records.V, "record")
	}
	b.fact("batch", text, theme.Text)
	if t.ProducerID.OK {
		text = strconv.FormatInt(t.ProducerID.V, 10)
		if t.Transactional {
			text += ", transactional"
		}
		b.fact("producer", text, theme.Text)
	}
}

// age says how long ago the record was written, by its own timestamp.
func age(e *pane.Env, entry *tail.Entry) string {
	if d := e.Now.Sub(entry.Timestamp); !entry.Timestamp.IsZero() && d >= 0 {
		return "  " + human.Span(d) + " ago"
	}
	return ""
}

const nameWidth = 10

func (b *writer) fact(name, text string, tok theme.Token) {
	if text == "" {
		return
	}
	b.wrap(component.Cell{Text: " " + component.Fit(name, nameWidth, false), Tok: theme.Muted}, text, tok)
}

// head begins a section below a blank line.
func (b *writer) head(name, note string) {
	b.lines = append(b.lines, nil)
	b.heads = append(b.heads, len(b.lines))
	b.lines = append(b.lines, line{{Text: " " + name, Tok: theme.Title}, {Text: "  " + note, Tok: theme.Muted}})
}

func (b *writer) header(h tail.HeaderLine) {
	tok := theme.Text
	if h.Null {
		tok = theme.Muted
	}
	key := component.Cell{Text: "   " + h.Key + " ", Tok: theme.Accent}
	if safe.Width(key.Text) > b.width/2 {
		b.text(h.Key, theme.Accent)
		key.Text = "     "
	}
	b.wrap(key, h.Value, tok)
}

func (b *writer) body(e *pane.Env, name string, body *tail.Body) {
	note := string(body.Form)
	if body.Form != tail.FormNull && body.Form != tail.FormEmpty {
		note += ", " + human.Bytes(int64(body.Size))
	}
	if body.Encoded > 0 {
		note += " of " + human.Bytes(int64(body.Encoded)) + " encoded"
	}
	b.head(name, note)
	tok := theme.Text
	if body.Form == tail.FormNull {
		tok = theme.Muted
	}
	for _, l := range body.Lines {
		if body.Form == tail.FormBinary { // a hex dump just fits in 80 columns
			b.wrap(component.Cell{}, l, tok)
			continue
		}
		b.text(l, tok)
	}
	if body.Shown < body.Size {
		b.text(fmt.Sprintf("%s %s of %s shown", e.Theme.Glyphs.Warn, human.Bytes(int64(body.Shown)), human.Bytes(int64(body.Size))), theme.Lagging)
	}
}

func (b *writer) text(text string, tok theme.Token) {
	b.wrap(component.Cell{Text: "   "}, text, tok)
}

// wrap writes text behind a first cell; what does not fit goes on below, indented as much.
func (b *writer) wrap(first component.Cell, text string, tok theme.Token) {
	indent := safe.Width(first.Text)
	room := b.width - indent
	if room < 1 {
		b.lines = append(b.lines, line{first})
		return
	}
	for {
		head, rest := cut(text, room)
		b.lines = append(b.lines, line{first, {Text: head, Tok: tok}})
		if rest == "" {
			return
		}
		first, text = component.Cell{Text: strings.Repeat(" ", indent)}, rest
	}
}
