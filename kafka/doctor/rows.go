package doctor

import "lagtop/kafka/human"

// Kind is what a row of a report is.
type Kind int

// The kinds of rows.
const (
	Title  Kind = iota // of a part
	Thing              // a line's first fact
	More               // a further fact of the same line
	Advice             // what to try
	Gap                // between parts
)

// Row is a line of a report as it is read. Text is unsanitised.
type Row struct {
	Kind    Kind
	Outcome Outcome // of a Thing
	What    string  // of a Thing, up to WhatWidth cells
	Text    string
}

// WhatWidth is the width in cells of the column of What.
const WhatWidth = 17

// Rows is the report line by line, for whoever prints or draws it.
func (r Report) Rows() []Row {
	var out []Row
	for i, p := range r.Parts {
		if i > 0 {
			out = append(out, Row{Kind: Gap})
		}
		out = append(out, Row{Kind: Title, Text: p.Title})
		for _, l := range p.Lines {
			out = append(out, l.rows()...)
		}
	}
	if r.Verdict != "" {
		out = append(out, Row{Kind: Gap}, Row{Kind: Title, Text: r.Sentence()})
	}
	return out
}

func (l Line) rows() []Row {
	first := Row{Kind: Thing, Outcome: l.Outcome, What: l.What}
	if len(l.Facts) > 0 {
		first.Text = l.Facts[0]
	}
	out := []Row{first}
	for i := 1; i < len(l.Facts); i++ {
		out = append(out, Row{Kind: More, Text: l.Facts[i]})
	}
	if l.Try != "" {
		out = append(out, Row{Kind: Advice, Text: l.Try})
	}
	return out
}

// Sentence is the verdict in words.
func (r Report) Sentence() string {
	failed, missing := 0, 0
	for _, p := range r.Parts {
		for _, l := range p.Lines {
			switch l.Outcome {
			case Failed:
				failed++
			case Missing:
				missing++
			}
		}
	}
	switch {
	case r.Verdict == Closed:
		return "no address of " + r.Name + " lets us in"
	case failed > 0:
		return r.Name + " can be watched, but " + human.Plural(failed, "thing") + " failed"
	case missing > 0:
		return r.Name + " can be watched, without " + human.Plural(missing, "thing")
	}
	return r.Name + " can be watched and operated"
}
