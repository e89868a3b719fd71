package app

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/doctor"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/report"
)

// Examiner goes the way to the cluster, and tells note what it looks at.
type Examiner func(ctx context.Context, note func(string)) doctor.Report

// examine looks at the way to the cluster as a task, and shows what it found.
func (m *Model) examine() tea.Cmd {
	if m.deps.Examine == nil {
		m.toast(component.ToastWarn, "doctor: nobody looks at this cluster")
		return nil
	}
	return m.start("doctor", func(ctx context.Context, note func(string)) func(*Model) tea.Cmd {
		r := m.deps.Examine(ctx, note)
		cancelled := ctx.Err() != nil
		return func(m *Model) tea.Cmd {
			if cancelled {
				m.toast(component.ToastInfo, "doctor: cancelled")
				return nil
			}
			m.openModal(newReport(m, r))
			return nil
		}
	})
}

// reportBox is a report in front of everything.
type reportBox struct{ component.Help }

func newReport(m *Model, r doctor.Report) modal {
	b := &reportBox{component.Help{Title: "doctor: " + r.Name, Lines: report.Lines(m.theme, r)}}
	b.Lines = append(b.Lines, nil, []component.Cell{{Text: "y copies this report", Tok: theme.Muted}})
	return b
}

func (b *reportBox) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	if k.String() == "y" {
		return m.copyText(b.text())
	}
	if b.Update(k.String()) {
		m.closeModal()
	}
	return nil
}

// text is the report without its last line, which is about the box.
func (b *reportBox) text() string {
	var out strings.Builder
	for _, l := range b.Lines[:len(b.Lines)-2] {
		for _, c := range l {
			out.WriteString(c.Text)
		}
		out.WriteByte('\n')
	}
	return out.String()
}

func (b *reportBox) view(m *Model, w, h int) []string { return b.View(m.theme, w, h) }
