package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"
)

func TestResizeLeavesNoGarbage(t *testing.T) {
	t.Parallel()
	f := smallCluster(t)
	tm := start(t, 120, 40, "-b", f.Bootstrap()[0])
	tm.wait("overview", `billing.*\b12\b`)
	for _, size := range [][2]int{{120, 40}, {80, 24}, {40, 10}, {39, 9}, {200, 60}, {60, 20}, {120, 40}} {
		w, h := size[0], size[1]
		tm.resize(w, h)
		var fault error
		s, ok := tm.within(patience, func(s string) bool { fault = intact(s, w, h); return fault == nil })
		if !ok {
			t.Fatalf("%dx%d: %v:\n%s", w, h, fault, s)
		}
		if w < 40 {
			continue // no key does anything there but q
		}
		tm.openAndCloseHelp()
		if _, ok := tm.within(patience, func(s string) bool { fault = intact(s, w, h); return fault == nil }); !ok {
			t.Errorf("%dx%d after a dialog: %v:\n%s", w, h, fault, tm.text())
		}
	}
	tm.quit()
}

// intact is what is wrong with the frame of the overview, nil when every line is whole.
func intact(screen string, w, h int) error {
	lines := strings.Split(screen, "\n")
	if len(lines) != h {
		return fmt.Errorf("%d lines, want %d", len(lines), h)
	}
	if w < 40 || h < 10 {
		for i, l := range lines {
			if want := []string{"lagtop needs 40x10 cells", "make the window larger, or q", ""}[min(i, 2)]; strings.TrimSpace(l) != want {
				return fmt.Errorf("line %d is %q, want %q", i, l, want)
			}
		}
		return nil
	}
	if !strings.HasPrefix(lines[0], " lagtop ") || !strings.Contains(lines[h-1], "? help") {
		return fmt.Errorf("no header or no footer")
	}
	first := 2
	if w < 100 {
		first = 3 // the tabs
	}
	for i, l := range lines[first : h-1] {
		l = strings.TrimRight(l, " ")
		if n := runewidth.StringWidth(l); n != w {
			return fmt.Errorf("line %d has %d cells, want %d: %q", first+i, n, w, l)
		}
		r := []rune(l)
		if ends := string(r[0]) + string(r[len(r)-1]); ends != "╭╮" && ends != "││" && ends != "╰╯" {
			return fmt.Errorf("line %d is not framed: %q", first+i, l)
		}
		if strings.Count(l, "╭") != strings.Count(l, "╮") || strings.Count(l, "╰") != strings.Count(l, "╯") || strings.Count(l, "│")%2 != 0 {
			return fmt.Errorf("line %d has a broken frame: %q", first+i, l)
		}
	}
	return nil
}
