package app

import (
	"context"
	"fmt"
	"iter"
	"strconv"
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
	fieldSavedBy = "by"
	byBytes      = "bytes"
	bySchemas    = "schemas"
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
	jsonHint, values := "with headers, every byte", []component.Field(nil)
	if m.env.Schemas != nil {
		jsonHint, values = "with headers, every byte, and what schemas decode beside it", []component.Field{valuesField()}
	}
	f := component.NewForm("Save records of "+tailName(m.tail.spec.Topics()), append([]component.Field{
		{Name: fieldSaved, Label: "which", Value: what, Options: []component.Option{
			{Value: whatMatches, Label: "those that pass the filter", Hint: "of all that are kept in memory: " + safe.Cut(text, 60), Why: why},
			{Value: whatKept, Label: "all that are kept", Hint: "the newest records, as many as are in memory"},
		}},
		{Name: fieldSavedAs, Label: "as", Value: string(tail.FileText), Options: []component.Option{
			{Value: string(tail.FileText), Label: "text", Hint: "one line each, safe to print"},
			{Value: string(tail.FileJSON), Label: "JSON lines", Hint: jsonHint},
			{Value: string(tail.FileCSV), Label: "CSV", Hint: "with headers; what is no text as base64"},
		}},
	}, values...)...)
	f.Submit = "write to a new file"
	m.openModal(&formBox{f, func(m *Model, f *component.Form) (tea.Cmd, bool) { return m.submitSave(f, text), true }})
	return nil
}

// valuesField asks what stands for keys and values that schemas decode. JSON has both.
func valuesField() component.Field {
	return component.Field{Name: fieldSavedBy, Label: "values", Value: bySchemas, Options: []component.Option{
		{Value: bySchemas, Label: "as schemas decode them", Hint: "as on the screen; JSON lines have the bytes beside them"},
		{Value: byBytes, Label: "as they are in the log", Hint: "the bytes, as base64 in CSV and escaped in text"},
	}, When: func(f *component.Form) bool { return f.Value(fieldSavedAs) != string(tail.FileJSON) }}
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
	schemas, spec := format.Waiting(m.env.Schemas), live.Spec()
	match = match.With(schemas)
	dir, topic := m.stateDir("records"), strings.Join(spec.Topics(), "+")
	how := tail.Saving{Form: tail.FileForm(f.Value(fieldSavedAs)), Schemas: schemas}
	if how.Form != tail.FileJSON && f.Value(fieldSavedBy) == byBytes {
		how.Schemas = nil
	}
	st := live.State()
	return m.start("save records of "+tailName(spec.Topics()), func(ctx context.Context, note func(string)) func(*Model) tea.Cmd {
		var left leftOut
		out, err := tail.Save(ctx, dir, topic, how, kept(ctx, live, st, match, &left), func(n int) { note(human.Plural(n, "record") + " written") })
		return func(m *Model) tea.Cmd {
			if err != nil {
				m.failed(err)
				return nil
			}
			m.toast(component.ToastInfo, savedText(out, left))
			return nil
		}
	})
}

// leftOut counts what is perhaps missing in a file.
type leftOut struct {
	gone   int // gave way before they were looked at
	unsure int // judged without their schemas
}

func savedText(out tail.Saved, left leftOut) string {
	text := human.Plural(out.Records-out.Broken, "record")
	if out.Broken > 0 {
		text += " and " + strconv.Itoa(out.Broken) + " corrupt batch"
		if out.Broken > 1 {
			text += "es"
		}
	}
	text += " written to " + out.Path
	if out.Cut > 0 {
		text += fmt.Sprintf("; of %s only the beginning was in memory", human.Count(int64(out.Cut)))
	}
	if left.gone > 0 {
		text += fmt.Sprintf("; %s gave way to newer ones meanwhile", human.Count(int64(left.gone)))
	}
	if left.unsure > 0 {
		text += fmt.Sprintf("; of %s the schema could not be had: only their bytes were searched", human.Count(int64(left.unsure)))
	}
	return text
}

// kept are the records that a tail kept at a moment and that pass, oldest first.
func kept(ctx context.Context, live *tail.Tail, st tail.State, match filter.Filter, left *leftOut) iter.Seq[*tail.Entry] {
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
				passes, sure := e.Judge(match)
				if !sure {
					left.unsure++
				}
				if passes && !yield(&e) {
					return
				}
			}
			left.gone += int(last-from+1) - seen
		}
	}
}

// saveRecord writes the record of a detail.
func (m *Model) saveRecord(d *recorddetail.Model) tea.Cmd {
	dir, e, schemas := m.stateDir("records"), d.Entry(), format.Waiting(m.env.Schemas)
	return m.start("save a record", func(context.Context, func(string)) func(*Model) tea.Cmd {
		path, err := tail.SaveRecord(dir, &e, schemas)
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
