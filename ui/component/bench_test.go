package component

import (
	"testing"

	"charm.land/lipgloss/v2"
	ltable "charm.land/lipgloss/v2/table"

	"lagtop/theme"
)

// BenchmarkTableBesideLipgloss compares a screenful of 2,000 rows with lipgloss's own table.
func BenchmarkTableBesideLipgloss(b *testing.B) {
	src := many(2_000)
	b.Run("virtual", func(b *testing.B) {
		th, tb := dark(b), groupsTable()
		tb.View(th, src, 100, 31, true)
		b.ReportAllocs()
		for b.Loop() {
			src.asked = src.asked[:0]
			tb.Move(1, src)
			sink = tb.View(th, src, 100, 31, true)
		}
	})
	b.Run("lipgloss", func(b *testing.B) {
		cells := make([]Cell, 7)
		rows := make([][]string, src.Len())
		for i := range rows {
			src.Row(i, cells)
			for _, c := range cells {
				rows[i] = append(rows[i], c.Text)
			}
		}
		st := lipgloss.NewStyle().Bold(true)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			t := ltable.New().Rows(rows...).Width(100).Height(31).YOffset(i % 1900)
			sink = []string{t.StyleFunc(func(int, int) lipgloss.Style { return st }).String()}
		}
	})
}

func BenchmarkFrameAndOverlay(b *testing.B) {
	th, tb, src := dark(b), groupsTable(), many(100)
	body := tb.View(th, src, 118, 38, true)
	b.Run("Frame/120x40", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sink = Frame(th, "1 Groups", "100, worst first", true, 120, 40, body)
		}
	})
	base := Frame(th, "1 Groups", "", true, 120, 40, body)
	box := resetDialog(100).View(th, 120, 30)
	b.Run("Overlay/120x40", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sink = Overlay(base, box, 120, 40)
		}
	})
	b.Run("Line/theme", func(b *testing.B) {
		cells := []Cell{{"✖ payments", theme.Danger}, {" STALLED", theme.Danger}, {"  orders/7 flat for 6 min on payments-3", theme.Text}}
		b.ReportAllocs()
		for b.Loop() {
			_ = Line(th, cells, 120)
		}
	})
}
