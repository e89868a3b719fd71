package layout

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lagtop/ui/command"
)

var places = []command.Place{command.Groups, command.Partitions, command.Topics, command.Brokers, command.Tail}

// named are the rectangles that are shown, under the letters of the drawings.
func named(s Screen) map[byte]Rect {
	out := map[byte]Rect{'H': s.Header, 'V': s.Verdict, 'F': s.Footer}
	if s.Tabs.H > 0 {
		out['#'] = s.Tabs
	}
	for i, p := range places {
		if r, ok := s.Panes[p]; ok {
			out[byte('1'+i)] = r
		}
	}
	return out
}

// draw fills each rectangle with its letter; '?' is where two overlap.
func draw(s Screen, w, h int) ([]string, error) {
	grid := make([][]byte, h)
	for y := range grid {
		grid[y] = []byte(strings.Repeat(" ", w))
	}
	for letter, r := range named(s) {
		if r.W <= 0 || r.H <= 0 || r.X < 0 || r.Y < 0 || r.X+r.W > w || r.Y+r.H > h {
			return nil, fmt.Errorf("%c is outside or empty: %+v", letter, r)
		}
		for y := r.Y; y < r.Y+r.H; y++ {
			for x := r.X; x < r.X+r.W; x++ {
				if grid[y][x] != ' ' {
					return nil, fmt.Errorf("%c and %c overlap at %d,%d", letter, grid[y][x], x, y)
				}
				grid[y][x] = letter
			}
		}
	}
	lines := make([]string, h)
	for y, l := range grid {
		if x := strings.IndexByte(string(l), ' '); x >= 0 {
			return nil, fmt.Errorf("nothing covers %d,%d", x, y)
		}
		lines[y] = string(l)
	}
	return lines, nil
}

func TestEverySizeIsCoveredWithoutOverlap(t *testing.T) {
	for w := MinWidth; w <= 250; w++ {
		for h := MinHeight; h <= 80; h++ {
			for i, focus := range places {
				for _, zoom := range []bool{false, true} {
					if (w+h+i)%5 != 0 && w > 110 && h > 30 {
						continue // the wide layout does not depend on the focus
					}
					s := Overview(w, h, focus, zoom)
					if s.TooSmall {
						t.Fatalf("%dx%d is too small", w, h)
					}
					if err := covered(s, w, h); err != nil {
						t.Fatalf("%dx%d focus %d zoom %v: %v", w, h, i+1, zoom, err)
					}
					r, ok := s.Panes[focus]
					if !ok || r.H < 3 || r.W < 20 {
						t.Fatalf("%dx%d focus %d zoom %v: its pane is %+v", w, h, i+1, zoom, r)
					}
					if (len(s.Panes) < len(places)) != (s.Hidden != "") {
						t.Fatalf("%dx%d: %d panes, hidden %q", w, h, len(s.Panes), s.Hidden)
					}
				}
			}
		}
	}
}

// covered is draw by sums: all inside, no two overlap, and as many cells as the screen has.
func covered(s Screen, w, h int) error {
	var rs []Rect
	cells := 0
	for letter, r := range named(s) {
		if r.W <= 0 || r.H <= 0 || r.X < 0 || r.Y < 0 || r.X+r.W > w || r.Y+r.H > h {
			return fmt.Errorf("%c is outside or empty: %+v", letter, r)
		}
		for _, o := range rs {
			if r.X < o.X+o.W && o.X < r.X+r.W && r.Y < o.Y+o.H && o.Y < r.Y+r.H {
				return fmt.Errorf("%+v and %+v overlap", r, o)
			}
		}
		rs = append(rs, r)
		cells += r.W * r.H
	}
	if cells != w*h {
		return fmt.Errorf("%d of %d cells are covered", cells, w*h)
	}
	return nil
}

func TestTooSmallSaysSo(t *testing.T) {
	for _, size := range [][2]int{{0, 0}, {39, 40}, {40, 9}, {-1, -1}} {
		if s := Overview(size[0], size[1], command.Groups, false); !s.TooSmall || len(s.Panes) != 0 {
			t.Errorf("%v: %+v", size, s)
		}
	}
	if Overview(MinWidth, MinHeight, command.Groups, false).TooSmall {
		t.Error("the smallest size is too small")
	}
}

func TestAFocusThatIsNoPaneCountsAsGroups(t *testing.T) {
	for _, f := range []command.Place{0, command.GroupDetail, command.Panes, command.Anywhere} {
		if _, ok := Overview(40, 10, f, true).Panes[command.Groups]; !ok {
			t.Errorf("focus %b shows no groups", f)
		}
	}
}

func TestHiddenPanesAreNamed(t *testing.T) {
	if got, want := Overview(80, 24, command.Groups, false).Hidden, "hidden: 3 topics, 4 brokers, 5 tail"; got != want {
		t.Errorf("80x24: %q, want %q", got, want)
	}
	if got := Overview(120, 40, command.Tail, true).Hidden; !strings.Contains(got, "z") {
		t.Errorf("zoomed: %q", got)
	}
}

func TestMouseFindsWhatIsDrawn(t *testing.T) {
	s := Overview(120, 40, command.Groups, false)
	lines, err := draw(s, 120, 40)
	if err != nil {
		t.Fatal(err)
	}
	for y, l := range lines {
		for x := range l {
			p, r, ok := s.At(x, y)
			if at := strings.IndexByte("12345", l[x]); at < 0 && ok || at >= 0 && (!ok || p != places[at] || !r.Holds(x, y)) {
				t.Fatalf("%d,%d shows %c, At says %b %v", x, y, l[x], p, ok)
			}
		}
	}
	s = Overview(80, 24, command.Groups, false)
	tabs := " 1 groups  2 partitions  3 topics  4 brokers  5 tail "
	for x := range tabs {
		p, ok := s.Tab(x, s.Tabs.Y)
		if want := places[strings.Count(tabs[:x], "  ")+bit(x > 0 && tabs[x-1] == ' ' && tabs[x] == ' ')]; !ok || p != want && tabs[x] != ' ' {
			t.Fatalf("tab at %d is %b, want %b", x, p, want)
		}
	}
	if _, ok := s.Tab(len(tabs), s.Tabs.Y); ok {
		t.Error("a tab beyond the last one")
	}
	if _, ok := s.Tab(3, s.Tabs.Y+1); ok {
		t.Error("a tab below the tab line")
	}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// The drawings show every fifth column and all rows.
func TestDrawings(t *testing.T) {
	for _, c := range []struct {
		w, h  int
		focus command.Place
		zoom  bool
		name  string
	}{
		{40, 10, command.Groups, false, "40x10"},
		{60, 20, command.Partitions, false, "60x20"},
		{80, 24, command.Groups, false, "80x24"},
		{80, 24, command.Tail, false, "80x24-tail"},
		{80, 24, command.Brokers, false, "80x24-brokers"},
		{90, 60, command.Groups, false, "90x60"},
		{100, 30, command.Groups, false, "100x30"},
		{120, 40, command.Groups, false, "120x40"},
		{120, 40, command.Topics, true, "120x40-zoomed"},
		{200, 60, command.Groups, false, "200x60"},
	} {
		s := Overview(c.w, c.h, c.focus, c.zoom)
		lines, err := draw(s, c.w, c.h)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var b strings.Builder
		for _, l := range lines {
			for x := 0; x < len(l); x += 5 {
				b.WriteByte(l[x])
			}
			b.WriteByte('\n')
		}
		b.WriteString(s.Hidden + "\n")
		compare(t, c.name, b.String())
	}
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if os.Getenv("LAGTOP_UPDATE") == "1" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}
