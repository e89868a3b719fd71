package app

import (
	"context"
	"fmt"
	"iter"
	"strings"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/kafka/tail"
	"lagtop/kafka/tail/filter"
	"lagtop/kafka/tail/format"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane/recorddetail"
)

const tailFilterHint = `word  /regexp/  level>=warn  key:x  partition:7  header:a=b  jq: .n > 9  -leave-out    f1: all`

// newTailFilterHelp is what can be typed as a filter of records.
func newTailFilterHelp() modal {
	b := &helpBox{component.Help{Title: "Filter and highlight records"}}
	for l := range strings.Lines(filter.Syntax) {
		b.Lines = append(b.Lines, []component.Cell{{Text: strings.TrimRight(l, "\n"), Tok: theme.Text}})
	}
	return b
}

// startHighlight types what is marked in the tail without hiding the rest.
func (m *Model) startHighlight() tea.Cmd {
	h := m.tailPane().Highlight()
	m.typing = &filterLine{target: h, prompt: "*", hint: tailFilterHint, text: []rune(h.Filter()), before: h.Filter()}
	return nil
}

// Fields and values of the form that says what is saved.
const (
	fieldSaved   = "what"
	whatKept     = "kept"
	whatMatches  = "matches"
	fieldSavedAs = "form"
)

// save writes what is in front to a file: the record of a detail, or records of the tail.
func (m *Model) save() tea.Cmd {
	if d, ok := m.top().(*recorddetail.Model); ok {
		return m.saveRecord(d)
	}
	if shown := m.tail.shown(); shown == nil || shown.State().Kept == 0 {
		m.toast(component.ToastWarn, "save: there are no records")
		return nil
	}
	text, what, why := m.tailPane().Filter(), whatMatches, ""
	if text == "" {
		what, why = whatKept, "no filter is set"
	}
	f := component.NewForm("Save records of "+tailName(m.tail.spec.Topics()),
		component.Field{Name: fieldSaved, Label: "which", Value: what, Options: []component.Option{
			{Value: whatMatches, Label: "those that pass the filter", Hint: "of all that are kept in memory: " + safe.Cut(text, 60), Why: why},
			{Value: whatKept, Label: "all that are kept", Hint: "the newest records, as many as are in memory"},
		}},
		component.Field{Name: fieldSavedAs, Label: "as", Value: string(tail.FileText), Options: []component.Option{
			{Value: string(tail.FileText), Label: "text", Hint: "one line each, safe to print"},
			{Value: string(tail.FileJSON), Label: "JSON lines", Hint: "with headers, every byte"},
			{Value: string(tail.FileCSV), Label: "CSV", Hint: "with headers, every byte"},
		}},
	)
	f.Submit = "write to a new file"
	m.openModal(&formBox{f, func(m *Model, f *component.Form) (tea.Cmd, bool) { return m.submitSave(f, text), true }})
	return nil
}

func (m *Model) submitSave(f *component.Form, text string) tea.Cmd {
	live := m.tail.shown()
	if live == nil {
		m.toast(component.ToastWarn, "save: the tail has ended")
		return nil
	}
	var match filter.Filter
	if f.Value(fieldSaved) == whatMatches {
		match, _ = filter.Parse(text) // the pane has understood it
	}
	match = match.With(format.Waiting(m.env.Schemas))
	spec := live.Spec()
	dir, topic, form := m.stateDir("records"), strings.Join(spec.Topics(), "+"), tail.FileForm(f.Value(fieldSavedAs))
	st := live.State()
	return m.start("save records of "+tailName(spec.Topics()), func(ctx context.Context, note func(string)) func(*Model) tea.Cmd {
		gone := 0
		out, err := tail.Save(ctx, dir, topic, form, kept(ctx, live, st, match, &gone), func(n int) { note(plural(n, "record") + " written") })
		return func(m *Model) tea.Cmd {
			if err != nil {
				m.failed(err)
				return nil
			}
			m.toast(component.ToastInfo, savedText(out, gone))
			return nil
		}
	})
}

func savedText(out tail.Saved, gone int) string {
	text := plural(out.Records, "record") + " written to " + out.Path
	if out.Cut > 0 {
		text += fmt.Sprintf("; of %s only the beginning was in memory", human.Count(int64(out.Cut)))
	}
	if gone > 0 {
		text += fmt.Sprintf("; %s gave way to newer ones meanwhile", human.Count(int64(gone)))
	}
	return text
}

// kept are the records that a tail kept at a moment and that pass, oldest first. gone counts those that
// gave way before they were looked at.
func kept(ctx context.Context, live *tail.Tail, st tail.State, match filter.Filter, gone *int) iter.Seq[*tail.Entry] {
	const chunk = 500
	return func(yield func(*tail.Entry) bool) {
		for from := st.First; from <= st.Last && ctx.Err() == nil; from += chunk {
			last := min(from+chunk-1, st.Last)
			seen := 0
			for _, e := range live.Window(last, int(last-from+1)) {
				if e.Seq < from || e.Seq > last {
					continue
				}
				seen++
				if passes, _ := e.Judge(match); passes && !yield(&e) {
					return
				}
			}
			*gone += int(last-from+1) - seen
		}
	}
}

// saveRecord writes the record of a detail.
func (m *Model) saveRecord(d *recorddetail.Model) tea.Cmd {
	dir, e := m.stateDir("records"), d.Entry()
	return m.start("save a record", func(context.Context, func(string)) func(*Model) tea.Cmd {
		path, err := tail.SaveRecord(dir, &e.Record)
		return func(m *Model) tea.Cmd {
			switch {
			case err != nil:
				m.failed(err)
			case e.Cut():
				m.toast(component.ToastWarn, "only what was kept of it is written to "+path)
			default:
				m.toast(component.ToastInfo, "written to "+path)
			}
			return nil
		}
	})
}
