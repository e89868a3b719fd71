package app

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/offsets"
	"lagtop/kafka/safe"
	"lagtop/kafka/tail"
	"lagtop/kafka/tail/filter"
	"lagtop/kafka/tail/format"
	"lagtop/theme"
	"lagtop/ui/component"
)

// waiting is the record that a group reads next in one partition.
type waiting struct {
	group  string
	tp     kafka.TopicPartition
	commit int64
	next   int64 // how far reading came
	end    int64 // of the log, when the record was read
	record kafka.Record
	broken *tail.BrokenError // the batch there cannot be read; there is no record then
	// exported is the file that it was written to, empty before.
	exported   string
	key, value format.Decoding // what schemas make of the record
}

// after is the offset behind what cannot be processed.
func (w *waiting) after() int64 {
	if w.broken != nil {
		return w.broken.Next
	}
	return w.record.Offset + 1
}

// Patience of reading one record, and the bound of a search for one.
const (
	recordPatience = 15 * time.Second
	mostSearched   = 2_000_000 // records
)

// askRecord reads the record at the commit of the selected partition, outside the event loop, and shows it.
func (m *Model) askRecord() tea.Cmd {
	f := m.env.Focus
	w := waiting{group: f.Group, tp: kafka.TopicPartition{Topic: f.Topic, Partition: f.Partition.V}}
	actor, src, schemas := m.deps.Actor, m.deps.Tailer, format.Waiting(m.env.Schemas)
	return m.start("read the record at the commit of "+w.group, func(ctx context.Context, note func(string)) func(*Model) tea.Cmd {
		note(place(w.tp))
		ctx, cancel := context.WithTimeoutCause(ctx, recordPatience, errors.New("no answer within "+recordPatience.String()))
		defer cancel()
		err := w.read(ctx, actor, src)
		if err == nil {
			entry := tail.Whole(w.record)
			w.key, w.value = entry.Read(schemas, format.OfKey), entry.Read(schemas, format.OfValue)
		}
		return func(m *Model) tea.Cmd {
			switch {
			case errors.Is(err, tail.ErrNotFound) && w.next < w.end:
				m.ask(component.Dialog{Title: "Nothing comes at the commit", Body: w.nothingLines()}, nil)
			case errors.Is(err, tail.ErrNotFound):
				m.ask(component.Dialog{Title: "No record at the commit", Body: [][]component.Cell{{{Text: fmt.Sprintf(
					"%s has committed %d in %s, which is the end of the log, or only gaps of compaction and transactions follow.", safe.Line(w.group), w.commit, place(w.tp))}}}}, nil)
			case err != nil:
				m.failed(err)
			default:
				m.showRecord(&w)
			}
			return nil
		}
	})
}

// read finds the commit as it is now and what is there.
func (w *waiting) read(ctx context.Context, groups offsets.Groups, src tail.Source) error {
	commits, err := groups.Committed(ctx, w.group)
	if err != nil {
		return fmt.Errorf("read the record at the commit: %w", err)
	}
	c, ok := commits[w.tp]
	if !ok {
		return fmt.Errorf("read the record at the commit: %s has no commit in %s/%d", w.group, w.tp.Topic, w.tp.Partition)
	}
	w.commit = c.Offset
	var at tail.Reading
	w.record, at, err = tail.Find(ctx, src, tail.Search{TopicPartition: w.tp, From: c.Offset, Strict: true})
	w.next, w.end = at.Next, at.End
	if errors.As(err, &w.broken) {
		return nil
	}
	return err
}

// Choices of the dialog about a record.
const (
	choiceSkip   = "skip"
	choiceSearch = "search"
	choiceExport = "export"
)

// showRecord shows what the group reads next and what can be done about it.
func (m *Model) showRecord(w *waiting) {
	d := component.Dialog{Title: "Next for " + safe.Line(w.group) + ": " + safe.Line(tail.Place(w.tp, w.commit)), Body: m.recordLines(w),
		Choices: []component.Choice{{ID: "close", Label: "Close"}}}
	why := m.whyNoSkip()
	if why == "" {
		skip := "Skip it"
		if w.broken != nil {
			skip = "Skip the batch"
		}
		d.Choices = append(d.Choices, component.Choice{ID: choiceSkip, Label: skip, Key: "s"},
			component.Choice{ID: choiceSearch, Label: "Skip to a match", Key: "f"})
	} else {
		d.Body = append(d.Body, nil, []component.Cell{{Text: "It cannot be skipped here: " + why + ".", Tok: theme.Muted}})
	}
	switch {
	case w.broken == nil:
		d.Choices = append(d.Choices, component.Choice{ID: choiceExport, Label: "Export it", Key: "x"})
	case w.broken.Batch != nil:
		d.Choices = append(d.Choices, component.Choice{ID: choiceExport, Label: "Export its bytes", Key: "x"})
	}
	m.ask(d, func(m *Model, choice string) tea.Cmd {
		switch choice {
		case choiceSkip:
			return m.planIf(w.skipTo(w.after()), w.still)
		case choiceSearch:
			return m.askSearch(w)
		}
		if w.broken != nil {
			return m.exportBatch(w)
		}
		return m.exportRecord(w)
	})
}

// whyNoSkip says why no offset can be changed, empty when one can.
func (m *Model) whyNoSkip() string {
	if m.deps.ReadOnly != "" {
		return m.deps.ReadOnly
	}
	return m.unaudited()
}

// skipTo is the reset of the one partition.
func (w *waiting) skipTo(offset int64) offsets.Spec {
	return offsets.Spec{Group: w.group, Scope: offsets.Scope{Partitions: []kafka.TopicPartition{w.tp}}, Scenario: offsets.ToOffset(offset)}
}

// still refuses a plan for a group that got past the record meanwhile: to skip it would be to go back.
func (w *waiting) still(p *offsets.Plan) error {
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Before != kafka.Some(w.commit) {
			return fmt.Errorf("%s is not at %s any more: its commit is %s now, nothing has to be skipped there",
				w.group, tail.Place(w.tp, w.commit), offsetText(c.Before, "gone"))
		}
	}
	return nil
}

// recordLines write a record out: where and when, then headers, key and value as JSON, text or bytes.
func (m *Model) recordLines(w *waiting) [][]component.Cell {
	var lines [][]component.Cell
	add := func(tok theme.Token, text string) { lines = append(lines, []component.Cell{{Text: text, Tok: tok}}) }
	add(theme.Text, fmt.Sprintf("Committed is %d of %d: this is what the group reads next.", w.commit, w.end))
	if w.exported != "" {
		add(theme.Good, w.exportedNote())
	}
	if w.broken != nil {
		return append(lines, brokenLines(w.broken)...)
	}
	r := &w.record
	if r.Offset > w.commit {
		add(theme.Lagging, fmt.Sprintf("Nothing is at %d (compaction, or a transaction's marker): the first record behind it is at %d.", w.commit, r.Offset))
	}
	entry := tail.Whole(*r)
	d := tail.Describe(&entry)
	written := "Written " + d.Time
	if old := m.env.Now.Sub(r.Timestamp); !r.Timestamp.IsZero() && old >= 0 {
		written += " (" + human.Span(old) + " old)"
	}
	add(theme.Muted, written)
	lines = append(lines, nil)
	if d.HeaderN > 0 {
		lines = append(lines, []component.Cell{{Text: "Headers", Tok: theme.Title}, {Text: "  " + strconv.Itoa(d.HeaderN), Tok: theme.Muted}})
	}
	for _, h := range d.Headers {
		lines = append(lines, []component.Cell{{Text: "  " + h.Key + " ", Tok: theme.Accent}, {Text: h.Value, Tok: theme.Text}})
	}
	lines = append(lines, bodyLines("Key", d.Key, &w.key)...)
	return append(lines, bodyLines("Value", d.Value, &w.value)...)
}

// bodyLines write a key or a value as its schema reads it, or as it is and why no schema does.
func bodyLines(name string, raw tail.Body, by *format.Decoding) [][]component.Cell {
	b := raw.By(*by)
	note := "  " + string(b.Form)
	if b.Size > 0 {
		note += ", " + human.Bytes(int64(b.Size))
	}
	if b.Encoded > 0 {
		note += " of " + human.Bytes(int64(b.Encoded)) + " encoded"
	}
	if b.Shown < b.Size {
		note += ", its beginning"
	}
	lines := [][]component.Cell{{{Text: name, Tok: theme.Title}, {Text: note, Tok: theme.Muted}}}
	if by.Note != "" {
		tok := theme.Muted
		if by.Text == nil {
			tok = theme.Lagging
		}
		lines = append(lines, []component.Cell{{Text: "  " + safe.Line(by.Note), Tok: tok}})
	}
	for _, l := range b.Lines {
		lines = append(lines, []component.Cell{{Text: "  " + l, Tok: theme.Text}})
	}
	return lines
}

// fieldFilter is what the record to go on with has to pass.
const fieldFilter = "filter"

// askSearch asks what the next record has to be like.
func (m *Model) askSearch(w *waiting) tea.Cmd {
	f := component.NewForm("Skip to the next record that passes", component.Field{
		Name: fieldFilter, Label: "filter", Hint: "words or /regexp/; level:error key:order-9 value:paid header:retry jq: .amount > 10; all must hold, - in front: must not",
		Check: func(v string) error {
			passes, err := filter.Parse(v)
			if err == nil && passes.Empty() {
				err = errors.New("say what it has to contain")
			}
			return err
		},
	})
	f.Submit = "look for it"
	m.openModal(&formBox{f, func(m *Model, f *component.Form) (tea.Cmd, bool) {
		passes, err := filter.Parse(f.Value(fieldFilter))
		if err != nil {
			f.Fail(fieldFilter, err)
			return nil, false
		}
		return m.searchRecord(w, passes), true
	}})
	return nil
}

// searchRecord reads on until a record passes, and then plans to go there.
func (m *Model) searchRecord(w *waiting, passes filter.Filter) tea.Cmd {
	src := m.deps.Tailer
	passes = passes.With(format.Waiting(m.env.Schemas))
	return m.start("look for "+passes.String()+" in "+place(w.tp), func(ctx context.Context, note func(string)) func(*Model) tea.Cmd {
		began, unsure := time.Now(), 0
		match := func(r *kafka.Record) bool { // one at a time: it is one partition
			ok, sure := passes.Judge(r, filter.Cut{})
			if !sure {
				unsure++
			}
			return ok
		}
		r, at, err := tail.Find(ctx, src, tail.Search{TopicPartition: w.tp, From: w.after(), Most: mostSearched, Match: match,
			Progress: func(at tail.Reading) { note(searching(at, time.Since(began))) }})
		return func(m *Model) tea.Cmd {
			switch {
			case errors.Is(err, tail.ErrNotFound):
				m.ask(component.Dialog{Title: "No record passes", Body: notFoundLines(passes.String(), w, at, unsure)}, nil)
				return nil
			case err != nil:
				m.failed(err)
				return nil
			case unsure > 0:
				m.toast(component.ToastWarn, "the schemas of "+human.Plural(unsure, "record")+" on the way could not be had: only their bytes were searched")
			}
			return m.planIf(w.skipTo(r.Offset), w.still)
		}
	})
}

// searching is a line of progress: how much was read, how fast, and how far it goes.
func searching(at tail.Reading, took time.Duration) string {
	text := human.Count(at.Read) + " records read"
	if s := took.Seconds(); s >= 0.5 {
		text += ", " + human.Rate(float64(at.Read)/s) + "/s"
	}
	return fmt.Sprintf("%s, at %d of %d", text, at.Next, at.End)
}

func notFoundLines(wanted string, w *waiting, at tail.Reading, unsure int) [][]component.Cell {
	end := "where the log ended when the search began"
	switch {
	case at.Next < at.End && at.Read < mostSearched:
		end = fmt.Sprintf("and the broker returns nothing for offset %d although the log goes on to %d", at.Next, at.End)
	case at.Next < at.End:
		end = fmt.Sprintf("and more was not looked at: a search ends after %s records", human.Count(mostSearched))
	}
	lines := [][]component.Cell{{{Text: fmt.Sprintf("None of %s of %s from %d to %d passes %s, %s.",
		human.Plural(int(at.Read), "record"), place(w.tp), w.after(), max(at.Next-1, w.after()), safe.Line(wanted), end)}}}
	if at.Broken > 0 {
		lines = append(lines, []component.Cell{{Text: human.Plural(at.Broken, "batch that cannot be read was") + " passed over.", Tok: theme.Lagging}})
	}
	if unsure > 0 {
		lines = append(lines, []component.Cell{{Text: "The schemas of " + human.Plural(unsure, "record") + " could not be had: only their bytes were searched.", Tok: theme.Lagging}})
	}
	return append(lines, []component.Cell{{Text: "Nothing was changed.", Tok: theme.Muted}})
}

// exportedMsg says where a record was written.
type exportedMsg struct {
	of   *waiting
	path string
	err  error
}

// exportRecord writes the record to a file of its own; the dialog then comes back and says where.
func (m *Model) exportRecord(w *waiting) tea.Cmd {
	dir, schemas, e := m.stateDir("records"), format.Waiting(m.env.Schemas), tail.Whole(w.record)
	return m.apart(func(context.Context) tea.Msg {
		path, err := tail.SaveRecord(dir, &e, schemas)
		return exportedMsg{w, path, err}
	})
}

func (m *Model) takeExported(msg exportedMsg) {
	if msg.err != nil {
		m.failed(msg.err)
	}
	msg.of.exported = msg.path
	m.showRecord(msg.of)
}
