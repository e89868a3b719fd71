package component

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"

	"lagtop/theme"
)

var start = time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)

func themeOf(t testing.TB, o theme.Options) *theme.Theme {
	t.Helper()
	th, err := theme.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return th
}

// both are the dark theme with each glyph set.
func both(t testing.TB) map[string]*theme.Theme {
	return map[string]*theme.Theme{
		"unicode": themeOf(t, theme.Options{Profile: colorprofile.TrueColor}),
		"ascii":   themeOf(t, theme.Options{Profile: colorprofile.TrueColor, ASCII: true}),
	}
}

func dark(t testing.TB) *theme.Theme { return both(t)["unicode"] }

// exact fails unless there are h lines of w cells, drawn with colour sequences only, each ending without
// a colour.
func exact(t testing.TB, lines []string, w, h int) {
	t.Helper()
	if len(lines) != h {
		t.Fatalf("%d lines, want %d:\n%s", len(lines), h, strings.Join(lines, "\n"))
	}
	for y, l := range lines {
		plain := strip(l)
		if got := ansi.StringWidth(plain); got != w {
			t.Fatalf("line %d takes %d cells, want %d: %q", y, got, w, l)
		}
		if got := ansi.StringWidthWc(plain); got != w {
			t.Fatalf("line %d takes %d cells on terminals without clusters, want %d: %q", y, got, w, l)
		}
		if i := strings.IndexFunc(plain, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }); i >= 0 {
			t.Fatalf("line %d holds a control at %d: %q", y, i, plain)
		}
		if i := strings.LastIndex(l, "\x1b["); i >= 0 && !strings.HasPrefix(l[i:], reset) {
			t.Fatalf("line %d does not end its colours: %q", y, l)
		}
	}
}

// screen is what a terminal shows after the lines were written to it.
func screen(t testing.TB, lines []string, w int) string {
	t.Helper()
	e := vt.NewEmulator(w, len(lines))
	defer func() { _ = e.Close() }()
	if _, err := e.Write([]byte(strings.Join(lines, "\r\n"))); err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(e.String(), "\n")
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " \r")
	}
	return strings.Join(rows, "\n") + "\n"
}

// golden compares with testdata; LAGTOP_UPDATE=1 writes it anew.
func golden(t *testing.T, name, got string) {
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
		t.Errorf("%s differs, got:\n%s\nwant:\n%s", file, got, want)
	}
}

// rows is a source of groups; keys are what they are called.
type rows struct {
	keys  []string
	asked []int
}

func many(n int) *rows {
	r := &rows{keys: make([]string, n)}
	for i := range r.keys {
		r.keys[i] = "group-" + strconv.Itoa(i)
	}
	return r
}

func (r *rows) Len() int         { return len(r.keys) }
func (r *rows) Key(i int) string { return r.keys[i] }

func (r *rows) Row(i int, c []Cell) {
	r.asked = append(r.asked, i)
	c[0] = Cell{"✖", theme.Danger}
	c[1] = Cell{r.keys[i], theme.Text}
	c[2] = Cell{"Stable", theme.Good}
	c[3] = Cell{"3", theme.Text}
	c[4] = Cell{strconv.Itoa(i * 1000), theme.Lagging}
	c[5] = Cell{"▁▂▃▄▅▆▇█", theme.Spark}
	c[6] = Cell{"never", theme.Muted}
}

func groupsTable() *Table {
	return &Table{SortCol: 4, SortDesc: true, Empty: "no groups", Columns: []Column{
		{Title: "", Width: 1},
		{Title: "GROUP", Width: 12, Grow: 1},
		{Title: "STATE", Width: 8, Drop: 1},
		{Title: "MEM", Width: 3, Right: true, Drop: 4},
		{Title: "LAG", Width: 7, Right: true},
		{Title: "TREND", Width: 8, Drop: 2},
		{Title: "ETA", Width: 5, Right: true, Drop: 3},
	}}
}
