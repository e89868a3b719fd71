package component

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestTableAsksOnlyForRowsOnScreen(t *testing.T) {
	th, tb, src := dark(t), groupsTable(), many(10_000)
	tb.View(th, src, 80, 11, true)
	tb.Last(src)
	src.asked = nil
	exact(t, tb.View(th, src, 80, 11, true), 80, 11)
	want := []int{9990, 9991, 9992, 9993, 9994, 9995, 9996, 9997, 9998, 9999}
	if !slices.Equal(src.asked, want) {
		t.Fatalf("asked for rows %v, want %v", src.asked, want)
	}
}

func TestTableKeepsCursorOnItsKey(t *testing.T) {
	tb, src := groupsTable(), many(50)
	tb.View(dark(t), src, 80, 11, true)
	tb.Move(7, src)
	src.keys = append([]string{"new-a", "new-b"}, src.keys...)
	tb.Sync(src)
	if tb.Key() != "group-7" || tb.Index() != 9 {
		t.Fatalf("cursor on %s at %d, want group-7 at 9", tb.Key(), tb.Index())
	}
	src.keys = append(src.keys[:9], src.keys[10:]...)
	tb.Sync(src)
	if tb.Key() != "group-8" || tb.Index() != 9 {
		t.Fatalf("cursor on %s at %d, want the nearest row group-8 at 9", tb.Key(), tb.Index())
	}
	src.keys = src.keys[:3]
	tb.Sync(src)
	if tb.Key() != "group-0" || tb.Index() != 2 {
		t.Fatalf("cursor on %s at %d, want the last row group-0 at 2", tb.Key(), tb.Index())
	}
}

func TestTableFindsItsRowAgainAfterAnEmptyWhile(t *testing.T) {
	tb, src := groupsTable(), many(20)
	tb.View(dark(t), src, 80, 11, true)
	tb.Move(5, src)
	all := src.keys
	src.keys = nil
	tb.Sync(src)
	if tb.Key() != "" || tb.Index() != 0 {
		t.Fatalf("without rows the cursor is on %q at %d", tb.Key(), tb.Index())
	}
	tb.Move(1, src)
	src.keys = all
	tb.Sync(src)
	if tb.Key() != "group-5" {
		t.Fatalf("cursor on %q, want group-5", tb.Key())
	}
}

func TestTableKeepsRowsInPlaceAwayFromTheTop(t *testing.T) {
	tb, src := groupsTable(), many(100)
	tb.View(dark(t), src, 80, 11, true)
	tb.Move(50, src)
	from, _ := tb.Visible()
	src.keys = append([]string{"a", "b", "c"}, src.keys...)
	tb.Sync(src)
	if now, _ := tb.Visible(); now != from+3 {
		t.Fatalf("first row on screen is %d, want %d", now, from+3)
	}
}

func TestTableMovement(t *testing.T) {
	src := many(100)
	steps := []struct {
		name string
		do   func(*Table)
		key  string
		from int
	}{
		{"up at the top stays", func(tb *Table) { tb.Move(-1, src) }, "group-0", 0},
		{"page down", func(tb *Table) { tb.Page(1, src) }, "group-9", 0},
		{"page down again", func(tb *Table) { tb.Page(1, src) }, "group-18", 9},
		{"click", func(tb *Table) { tb.ClickRow(1, src) }, "group-9", 9},
		{"click on the header does nothing", func(tb *Table) { tb.ClickRow(0, src) }, "group-9", 9},
		{"click below does nothing", func(tb *Table) { tb.ClickRow(11, src) }, "group-9", 9},
		{"wheel takes the cursor along", func(tb *Table) { tb.Wheel(3, src) }, "group-12", 12},
		{"wheel up leaves it", func(tb *Table) { tb.Wheel(-3, src) }, "group-12", 9},
		{"last", func(tb *Table) { tb.Last(src) }, "group-99", 90},
		{"down at the end stays", func(tb *Table) { tb.Move(1, src) }, "group-99", 90},
		{"page up", func(tb *Table) { tb.Page(-1, src) }, "group-90", 90},
		{"first", func(tb *Table) { tb.First(src) }, "group-0", 0},
		{"select", func(tb *Table) { tb.Select("group-42", src) }, "group-42", 33},
		{"select what is not there", func(tb *Table) { tb.Select("nobody", src) }, "group-42", 33},
	}
	tb := groupsTable()
	tb.View(dark(t), src, 80, 11, true)
	for _, s := range steps {
		s.do(tb)
		tb.View(dark(t), src, 80, 11, true)
		if from, _ := tb.Visible(); tb.Key() != s.key || from != s.from {
			t.Fatalf("%s: on %s with row %d first, want %s with %d", s.name, tb.Key(), from, s.key, s.from)
		}
	}
}

func TestTableDropsColumnsByPriority(t *testing.T) {
	order := []string{"MEM", "ETA", "TREND", "STATE"} // as they go
	gone := 0
	for w := 60; w >= 20; w-- {
		tb := groupsTable()
		head := strip(tb.View(dark(t), many(2), w, 3, true)[0])
		now := 0
		for i, c := range order {
			if !strings.Contains(head, c) {
				if now != i {
					t.Fatalf("width %d: %s is gone before %s: %q", w, c, order[now], head)
				}
				now++
			}
		}
		if now < gone {
			t.Fatalf("width %d: a column came back: %q", w, head)
		}
		gone = now
		if !strings.Contains(head, "GROUP") || !strings.Contains(head, "LAG") {
			t.Fatalf("width %d: a column that never goes is gone: %q", w, head)
		}
	}
	if gone != len(order) {
		t.Fatalf("only %d columns went", gone)
	}
}

func TestTableDrawsCursorRowAsOneRun(t *testing.T) {
	tb, src := groupsTable(), many(3)
	tb.SortCol = -1
	lines := tb.View(dark(t), src, 80, 4, true)
	if n := strings.Count(lines[1], "\x1b["); n != 2 {
		t.Fatalf("%d sequences in the cursor's row, want one run: %q", n, lines[1])
	}
	if !strings.Contains(lines[1], "✖ group-0") {
		t.Fatalf("the verdict is not legible: %q", lines[1])
	}
	if idle := tb.View(dark(t), src, 80, 4, false)[1]; idle == lines[1] {
		t.Fatal("the cursor looks the same with and without the focus")
	}
}

func TestTableEverySizeIsExact(t *testing.T) {
	for name, th := range both(t) {
		for _, n := range []int{0, 1, 5, 1000} {
			src := many(n)
			for w := 1; w <= 130; w += 3 {
				for _, h := range []int{1, 2, 7, 30} {
					tb := groupsTable()
					tb.Sync(src)
					tb.Move(n/2, src)
					t.Run("", func(t *testing.T) { exact(t, tb.View(th, src, w, h, true), w, h) })
				}
			}
		}
		_ = name
	}
	if got := groupsTable().View(dark(t), many(3), 0, 3, true); len(got) != 3 {
		t.Fatalf("width 0: %d lines", len(got))
	}
}

func TestTableGolden(t *testing.T) {
	for name, th := range both(t) {
		var b strings.Builder
		for _, w := range []int{30, 52, 100} {
			for _, n := range []int{0, 3, 200} {
				tb, src := groupsTable(), many(n)
				tb.Sync(src)
				tb.View(th, src, w, 7, true)
				tb.Move(n/2, src)
				fmt.Fprintf(&b, "%d rows in %d cells\n%s", n, w, screen(t, tb.View(th, src, w, 7, true), w))
			}
		}
		golden(t, "table-"+name, b.String())
	}
}

var sink []string

func BenchmarkTable(b *testing.B) {
	for _, n := range []int{30, 10_000} {
		b.Run(fmt.Sprintf("MoveAndView/%d", n), func(b *testing.B) {
			th, tb, src := dark(b), groupsTable(), many(n)
			src.asked = make([]int, 0, 64)
			tb.View(th, src, 100, 31, true)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				src.asked = src.asked[:0]
				if tb.Move(1, src); i%n == n-1 {
					tb.First(src)
				}
				sink = tb.View(th, src, 100, 31, true)
			}
		})
	}
	b.Run("Sync/10000", func(b *testing.B) {
		tb, src := groupsTable(), many(10_000)
		tb.View(dark(b), src, 100, 31, true)
		tb.Last(src)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			tb.cursor = i % 2 // the row went far
			tb.Sync(src)
		}
	})
}

func TestNamesThatBeginAlikeStayApart(t *testing.T) {
	for _, c := range []struct {
		cut   Cut
		text  string
		cells int
		want  string
	}{
		{CutEnd, "acme-team-payments", 12, "acme-team-p…"},
		{CutMiddle, "acme-team-payments", 12, "acm…payments"},
		{CutMiddle, "payments", 12, "payments"},
		{CutRest, "payments-1 10.0.7.11", 16, "payments-1 10.0…"},
		{CutRest, "payments-1 10.0.7.11", 11, "payments-1"},
		{CutRest, "acme-payments-1 10.0.7.11", 10, "acm…ents-1"},
		{CutRest, "  ▾ acme-payments-1 10.0.7.11", 14, "  ▾ acm…ents-1"},
		{CutRest, "    acme-payments/12 no commit", 14, "    acm…nts/12"},
		{CutRest, "v x", 2, "v…"}, {CutRest, "", 0, ""}, {CutRest, "    ", 2, " …"},
	} {
		if got, n := c.cut.cut(c.text, c.cells, "…"); got != c.want || n != Width(got) {
			t.Errorf("%d of %q in %d cells: %q, %d", c.cut, c.text, c.cells, got, n)
		}
	}
}
