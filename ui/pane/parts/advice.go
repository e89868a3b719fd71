package parts

import (
	"strconv"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/advise"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
)

// Advice is the page of what limits throughput: each piece with its evidence, what to change, and the
// present values of the settings concerned.
type Advice struct {
	Facts
	sections []section
	looks    []look
	absent   bool // there is nothing to look facts up with
	scanty   string
}

// section is the advice that concerns one topic.
type section struct {
	title  string // empty: none is drawn
	advice []advise.Advice
}

// look is how one answer of the Lookup stands.
type look struct {
	what    string
	at      time.Time
	err     error
	pending bool
}

// Begin forgets everything but the place on the page. scanty says what is left out, empty for nothing.
func (a *Advice) Begin(scanty string) {
	a.sections, a.looks, a.absent, a.scanty = a.sections[:0], a.looks[:0], false, scanty
}

// Topic looks up what is known of a topic, which is nothing at first.
func (a *Advice) Topic(e *pane.Env, name string) advise.Topic {
	t := advise.Topic{Topic: e.Snapshot.Topic(name), Partial: e.Snapshot.Limit.GroupsOut > 0}
	if e.Lookup == nil {
		a.absent = true
		return t
	}
	settings, batches := e.Lookup.TopicSettings(name), e.Lookup.Batches(name)
	t.Settings = kafka.Known[[]kafka.Config]{V: settings.V, OK: !settings.At.IsZero()}
	t.Batches = kafka.Known[[]kafka.NewestBatches]{V: batches.V, OK: !batches.At.IsZero()}
	for _, p := range batches.V {
		if p.Err != nil && batches.Err == nil {
			batches.Err = p.Err
		}
	}
	a.looks = append(a.looks,
		look{"configs of " + name, settings.At, settings.Err, settings.Pending},
		look{"batches of " + name, batches.At, batches.Err, batches.Pending})
	return t
}

// Add appends a section.
func (a *Advice) Add(title string, advice []advise.Advice) {
	a.sections = append(a.sections, section{title, advice})
}

// Note says how old the facts are that were looked up, and what could not be read.
func (a *Advice) Note(e *pane.Env) []component.Cell {
	if a.absent {
		return []component.Cell{{Text: "configs and batches are not read here: there is no connection for it", Tok: theme.Muted}}
	}
	var oldest time.Time
	for _, l := range a.looks {
		switch {
		case l.err != nil:
			return []component.Cell{{Text: e.Theme.Glyphs.Bad + " " + safe.Line(l.what) + " not read: " + safe.Line(l.err.Error()), Tok: theme.Danger}}
		case l.at.IsZero():
			return []component.Cell{{Text: "reading " + safe.Line(l.what) + e.Theme.Glyphs.Ellipsis, Tok: theme.Muted}}
		case oldest.IsZero() || l.at.Before(oldest):
			oldest = l.at
		}
	}
	if oldest.IsZero() {
		return nil
	}
	return []component.Cell{{Text: "configs and newest batches read " + human.Duration(e.Now.Sub(oldest)) + " ago", Tok: theme.Muted}}
}

// View draws the advice.
func (a *Advice) View(e *pane.Env, w, h int, focused bool) []string {
	a.Clear()
	for i, s := range a.sections {
		if i > 0 {
			a.Blank()
		}
		if s.title != "" {
			a.lines = append(a.lines, []component.Cell{{Text: " " + s.title, Tok: theme.Title}})
		}
		if len(s.advice) == 0 {
			a.text(w, "", "nothing is known of it", theme.Muted)
		}
		for j := range s.advice {
			a.piece(e, w, &s.advice[j])
		}
	}
	switch {
	case len(a.sections) == 0:
		a.text(w, "", "nothing is read, so there is nothing to say", theme.Muted)
	case a.scanty != "":
		a.Blank()
		a.text(w, "", a.scanty, theme.Muted)
	}
	return a.Facts.View(e, w, h, focused)
}

func (a *Advice) piece(e *pane.Env, w int, p *advise.Advice) {
	glyph, tok := weight(e.Theme, p.Weight)
	a.lines = append(a.lines, []component.Cell{{Text: " " + glyph + " ", Tok: tok}, {Text: safe.Line(p.Title), Tok: tok}})
	a.text(w, "seen", safe.Line(p.Evidence), theme.Text)
	a.text(w, "do", safe.Line(p.Suggestion), theme.Text)
	if p.Gain.OK {
		a.text(w, "gain", p.Gain.V.String(), theme.Good)
	}
	a.settings(w, p.Settings)
}

// weight is how much advice matters, as a glyph and a look.
func weight(th *theme.Theme, w advise.Weight) (string, theme.Token) {
	switch w {
	case advise.Limit:
		return th.Glyphs.Bad, theme.Danger
	case advise.Hint:
		return th.Glyphs.Warn, theme.Lagging
	case advise.Note:
		return th.Glyphs.Info, theme.Info
	}
	return th.Glyphs.OK, theme.Good
}

// labelCells is how wide the names of the lines are, their indentation included.
const labelCells = 11

func (a *Advice) text(w int, label, text string, tok theme.Token) {
	for _, line := range cell.Wrap(text, max(w-labelCells-1, 20)) {
		a.lines = append(a.lines, []component.Cell{{Text: "    " + component.Fit(label, labelCells-4, false), Tok: theme.Muted}, {Text: line, Tok: tok}})
		label = ""
	}
}

// settings are first those that can be read, each on a line, then the clients' own on one.
func (a *Advice) settings(w int, settings []advise.Setting) {
	label := "now"
	var consumers, producers []string
	for _, s := range settings {
		switch {
		case s.Where == advise.OfConsumer:
			consumers = append(consumers, s.Name)
		case s.Where == advise.OfProducer:
			producers = append(producers, s.Name)
		case s.Present.OK:
			a.text(w, label, s.Name+"="+safe.Line(s.Present.V)+meaning(s), theme.Accent)
			label = ""
		default:
			a.text(w, label, s.Name+": not read", theme.Muted)
			label = ""
		}
	}
	if len(consumers) > 0 {
		a.text(w, label, strings.Join(consumers, ", ")+" of the consumers: "+unseen, theme.Muted)
		label = ""
	}
	if len(producers) > 0 {
		a.text(w, label, strings.Join(producers, ", ")+" of the producers: "+unseen, theme.Muted)
	}
}

const unseen = "not visible to an admin client, ask the application's config"

// meaning is a value in words, and who set it.
func meaning(s advise.Setting) string {
	var words []string
	switch n, err := strconv.ParseInt(s.Present.V, 10, 64); {
	case err != nil:
	case n < 0:
		words = append(words, "no limit")
	case strings.HasSuffix(s.Name, ".ms") && n < int64(time.Hour*24*36500/time.Millisecond):
		words = append(words, human.Span(time.Duration(n)*time.Millisecond))
	case strings.HasSuffix(s.Name, ".bytes"):
		words = append(words, human.Bytes(n))
	}
	switch s.Source {
	case kafka.SourceUnknown:
	case kafka.SourceDefault:
		words = append(words, "default")
	default:
		words = append(words, "set by "+safe.Line(string(s.Source)))
	}
	if len(words) == 0 {
		return ""
	}
	return " (" + strings.Join(words, ", ") + ")"
}

// Text is the advice in one line.
func (a *Advice) Text() string {
	var all []string
	for _, s := range a.sections {
		for i := range s.advice {
			p := &s.advice[i]
			all = append(all, safe.Line(p.Topic+": "+p.Title+": "+p.Evidence))
		}
	}
	return strings.Join(all, "; ")
}
