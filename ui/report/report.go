// Package report draws the reports of kafka/doctor as lines of cells, for whichever box shows them. It asks
// nobody anything.
package report

import (
	"strings"

	"lagtop/kafka/doctor"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
)

// Lines is a report as the screen shows it.
func Lines(th *theme.Theme, r doctor.Report) [][]component.Cell {
	var out [][]component.Cell
	for _, row := range r.Rows() {
		out = append(out, line(th, row))
	}
	return out
}

// indent is the width of a sign and the column of what a row is about.
const indent = doctor.WhatWidth + 3

func line(th *theme.Theme, row doctor.Row) []component.Cell {
	text := safe.Line(row.Text)
	margin := strings.Repeat(" ", indent)
	switch row.Kind {
	case doctor.Title:
		return []component.Cell{{Text: text, Tok: theme.Title}}
	case doctor.Thing:
		sign, tok := look(th, row.Outcome)
		body := theme.Text
		if row.Outcome != doctor.OK {
			body = tok
		}
		return []component.Cell{{Text: sign + " ", Tok: tok}, {Text: component.Fit(row.What, doctor.WhatWidth, false) + " ", Tok: theme.Muted}, {Text: text, Tok: body}}
	case doctor.More:
		return []component.Cell{{Text: margin + text, Tok: theme.Muted}}
	case doctor.Advice:
		return []component.Cell{{Text: margin + th.Glyphs.Arrow + " " + text, Tok: theme.Accent}}
	}
	return nil
}

func look(th *theme.Theme, o doctor.Outcome) (string, theme.Token) {
	switch o {
	case doctor.OK:
		return th.Glyphs.OK, theme.Good
	case doctor.Failed:
		return th.Glyphs.Bad, theme.Danger
	case doctor.Warning:
		return th.Glyphs.Warn, theme.Lagging
	}
	return th.Glyphs.Unknown, theme.Muted
}
