package component

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/theme"
)

// keyMsg is a key press as Bubble Tea would report it.
func keyMsg(t testing.TB, name string) tea.KeyPressMsg {
	t.Helper()
	codes := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown,
		"left": tea.KeyLeft, "right": tea.KeyRight, "pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp, "backspace": tea.KeyBackspace,
	}
	k := tea.KeyPressMsg{}
	switch code, ok := codes[name]; {
	case ok:
		k.Code = code
	case name == "shift+tab":
		k.Code, k.Mod = tea.KeyTab, tea.ModShift
	case name == "space":
		k.Code, k.Text = ' ', " "
	default:
		k.Code, k.Text = []rune(name)[0], name
	}
	if k.String() != name {
		t.Fatalf("key %q is called %q", name, k.String())
	}
	return k
}

func resetForm() *Form {
	return NewForm("Reset offsets of payments",
		Field{Name: "to", Label: "scenario", Options: []Option{
			{Value: "earliest", Label: "earliest", Hint: "the log start; reads all again"},
			{Value: "latest", Label: "latest", Hint: "the end; skips what is there"},
			{Value: "offset", Label: "to an offset"},
			{Value: "undo", Label: "undo", Why: "nothing to undo"},
		}},
		Field{
			Name: "n", Label: "offset", Hint: "a number, or +N and -N", When: func(f *Form) bool { return f.Value("to") == "offset" },
			Check: func(v string) error {
				if v == "" {
					return errors.New("which offset?")
				}
				return nil
			},
		},
		Field{Name: "topic", Label: "topic", Value: "orders"},
	)
}

func feed(t *testing.T, f *Form, keys string) State {
	t.Helper()
	s := Open
	for _, k := range strings.Fields(keys) {
		s = f.Update(keyMsg(t, k))
	}
	return s
}

func TestFormValues(t *testing.T) {
	for _, c := range []struct {
		keys, to, n, topic string
		state              State
	}{
		{"", "earliest", "", "orders", Open},
		{"enter", "earliest", "", "orders", Done},
		{"esc", "earliest", "", "orders", Cancelled},
		{"down enter", "latest", "", "orders", Done},
		{"right right enter", "offset", "", "orders", Open},
		{"right right enter 7 enter", "offset", "7", "orders", Done},
		{"down down tab 4 2 tab backspace enter", "offset", "42", "order", Done},
		{"left", "undo", "", "orders", Open},
		{"left enter", "undo", "", "orders", Open},
		{"up x", "earliest", "", "ordersx", Open},
		{"down down down down 5 enter", "undo", "", "orders5", Open},
		{"tab space shift+tab space", "latest", "", "orders ", Open},
	} {
		f := resetForm()
		state := feed(t, f, c.keys)
		if f.Value("to") != c.to || f.Value("n") != c.n || f.Value("topic") != c.topic || state != c.state {
			t.Errorf("%s: to %q, n %q, topic %q, state %v; want %+v", c.keys, f.Value("to"), f.Value("n"), f.Value("topic"), state, c)
		}
	}
}

func TestFormTakesAPasteAsText(t *testing.T) {
	f := resetForm()
	feed(t, f, "tab")
	f.Update(tea.PasteMsg{Content: "-a\x1b[31m\nb"})
	exact(t, f.View(dark(t), 60, 20), 60, len(f.View(dark(t), 60, 20)))
	if v := f.Value("topic"); !strings.HasPrefix(v, "orders-a") || strings.Contains(v, "\n") {
		t.Fatalf("pasted to %q", v)
	}
}

func TestFormShowsAnErrorFromOutside(t *testing.T) {
	f := resetForm()
	f.Fail("topic", errors.New("no such topic"))
	if all := strip(strings.Join(f.View(dark(t), 60, 20), "\n")); !strings.Contains(all, "✖ no such topic") {
		t.Fatalf("the error is not shown:\n%s", all)
	}
	feed(t, f, "x")
	if all := strip(strings.Join(f.View(dark(t), 60, 20), "\n")); strings.Contains(all, "no such topic") {
		t.Fatalf("the error outlives the edit:\n%s", all)
	}
}

func TestFormErrorIsInSightOnASmallScreen(t *testing.T) {
	f := resetForm()
	feed(t, f, "down down enter")
	all := strip(strings.Join(f.View(dark(t), 40, 9), "\n"))
	if !strings.Contains(all, "✖ which offset?") || !strings.Contains(all, "enter continue") {
		t.Fatalf("not in sight:\n%s", all)
	}
}

func TestFormGolden(t *testing.T) {
	for name, th := range both(t) {
		var b strings.Builder
		for _, size := range [][2]int{{40, 10}, {80, 24}} {
			for _, keys := range []string{"", "down down tab", "down down enter", "left enter"} {
				f := resetForm()
				f.Danger = true
				feed(t, f, keys)
				lines := f.View(th, size[0], size[1])
				if len(lines) > size[1] {
					t.Fatalf("%d lines in %v", len(lines), size)
				}
				exact(t, lines, cellsOf(lines[0]), len(lines))
				fmt.Fprintf(&b, "after %q in %v\n%s\n", keys, size, screen(t, lines, size[0]))
			}
		}
		golden(t, "form-"+name, b.String())
	}
}

func entries() []Item {
	return []Item{
		{ID: "open", Title: "open", Detail: "open the detail of what is selected", Key: "enter"},
		{ID: "rebalance", Title: "rebalance", Detail: "ask the group for a rebalance", Key: "r", Danger: true},
		{ID: "offsets", Title: "offsets", Detail: "reset committed offsets", Key: "o", Danger: true, Why: "select a group first"},
		{ID: "add", Title: "add consumer", Detail: "demo: start one more", Key: "+"},
		{ID: "ü", Title: "für Élise", Detail: "a title with wide thoughts: 日本語", Key: ""},
	}
}

func TestPaletteFinds(t *testing.T) {
	for _, c := range []struct {
		keys, id string
		state    State
	}{
		{"enter", "open", Done},
		{"down enter", "rebalance", Done},
		{"r e b enter", "rebalance", Done},
		{"a c enter", "add", Done},
		{"o f f enter", "", Open}, // disabled
		{"s e t backspace backspace backspace enter", "open", Done},
		{"s t a r t enter", "add", Done}, // in the detail
		{"z z z enter", "", Open},
		{"é enter", "ü", Done},
		{"up enter", "open", Done},
		{"down down down down down down enter", "ü", Done},
		{"esc", "", Cancelled},
	} {
		p := NewPalette("Commands", entries())
		var it Item
		s := Open
		for _, k := range strings.Fields(c.keys) {
			it, s = p.Update(keyMsg(t, k))
		}
		if it.ID != c.id || s != c.state {
			t.Errorf("%s: %q, %v, want %q, %v", c.keys, it.ID, s, c.id, c.state)
		}
		exact(t, p.View(dark(t), 60, 20), 60, len(p.View(dark(t), 60, 20)))
	}
}

func TestMarkedRunsKeepTheText(t *testing.T) {
	got := marked("für Élise", []int{1, 2}, theme.Text)
	var b strings.Builder
	for _, c := range got {
		b.WriteString(c.Text)
	}
	if b.String() != "für Élise" {
		t.Fatalf("%q", b.String())
	}
}

func TestPaletteGolden(t *testing.T) {
	for name, th := range both(t) {
		var b strings.Builder
		for _, size := range [][2]int{{40, 10}, {80, 24}} {
			for _, keys := range []string{"", "down", "a n", "z z z"} {
				p := NewPalette("Commands", entries())
				for _, k := range strings.Fields(keys) {
					p.Update(keyMsg(t, k))
				}
				lines := p.View(th, size[0], size[1])
				if len(lines) > size[1] {
					t.Fatalf("%d lines in %v", len(lines), size)
				}
				fmt.Fprintf(&b, "after %q in %v\n%s\n", keys, size, screen(t, lines, size[0]))
			}
		}
		golden(t, "palette-"+name, b.String())
	}
}

func TestPaletteKeepsTheCursorInSight(t *testing.T) {
	var items []Item
	for i := range 60 {
		items = append(items, Item{ID: fmt.Sprint(i), Title: fmt.Sprintf("command-%02d", i)})
	}
	p := NewPalette("Commands", items)
	for i := range 60 {
		all := strip(strings.Join(p.View(dark(t), 60, 12), "\n"))
		if want := fmt.Sprintf("command-%02d", i); !strings.Contains(all, want) {
			t.Fatalf("%s is not in sight:\n%s", want, all)
		}
		p.Update(keyMsg(t, "down"))
	}
}

func TestHelpGolden(t *testing.T) {
	for name, th := range both(t) {
		h := &Help{Title: "Keys of the groups", Lines: [][]Cell{{{"enter", theme.Key}, {"  open the detail of what is selected", theme.Text}}}}
		for i := range 30 {
			h.Lines = append(h.Lines, []Cell{{fmt.Sprintf("line %d", i), theme.Text}})
		}
		var b strings.Builder
		for _, k := range []string{"", "down", "pgdown", "end", "home"} {
			h.Update(k)
			lines := h.View(th, 40, 10)
			exact(t, lines, 40, 10)
			fmt.Fprintf(&b, "after %q\n%s\n", k, screen(t, lines, 40))
		}
		golden(t, "help-"+name, b.String())
	}
	for _, k := range []string{"esc", "q", "?", "enter"} {
		if !(&Help{}).Update(k) {
			t.Errorf("%s does not close the help", k)
		}
	}
}

func TestToastsGoAwayByThemselves(t *testing.T) {
	var ts Toasts
	if _, ok := ts.Newest(start); ok {
		t.Fatal("a message from nowhere")
	}
	ts.Add(ToastDanger, "failed", start)
	ts.Add(ToastInfo, "copied", start)
	if m, _ := ts.Newest(start); m.Text != "copied" {
		t.Fatalf("newest is %q", m.Text)
	}
	later := start.Add(5 * time.Second)
	if m, _ := ts.Newest(later); m.Text != "failed" {
		t.Fatalf("after the short one comes %q", m.Text)
	}
	if !ts.Expire(later) || ts.Expire(later) {
		t.Fatal("expiry is not told once")
	}
	ts.Add(ToastDanger, "failed", later) // again
	if m, ok := ts.Newest(start.Add(14 * time.Second)); !ok || m.Text != "failed" || len(ts.list) != 1 {
		t.Fatalf("the same message again: %v, %d kept", m, len(ts.list))
	}
	for i := range 100 {
		ts.Add(ToastWarn, fmt.Sprint(i), later)
	}
	if len(ts.list) != mostToasts {
		t.Fatalf("%d messages kept", len(ts.list))
	}
	ts.Clear()
	if _, ok := ts.Newest(later); ok {
		t.Fatal("cleared, but there")
	}
}

func TestAlignMakesColumns(t *testing.T) {
	got := Align([][]Cell{{{Text: "a"}, {Text: "1"}}, {{Text: "a longer sentence in between"}}, {{Text: "bcd"}, {Text: "234"}}}, 1)
	var lines []string
	for _, r := range got {
		var b strings.Builder
		for _, c := range r {
			b.WriteString(c.Text)
		}
		lines = append(lines, b.String())
	}
	want := []string{"a      1", "a longer sentence in between", "bcd  234"}
	if !slices.Equal(lines, want) {
		t.Fatalf("%q", lines)
	}
}

func TestAPaletteIsAsWideAsItsWordsWhereThereIsRoom(t *testing.T) {
	long := strings.Repeat("what it does ", 6) + "to the end"
	p := NewPalette("Commands", []Item{{ID: "a", Title: "short", Detail: "little", Key: "a"}, {ID: "b", Title: "longer", Detail: long, Key: "ctrl+b"}})
	if all := strip(strings.Join(p.View(dark(t), 120, 12), "\n")); !strings.Contains(all, long) || strings.Contains(all, "…") {
		t.Errorf("cut although there is room:\n%s", all)
	}
	exact(t, p.View(dark(t), 80, 12), 80, len(p.View(dark(t), 80, 12)))
	if all := strip(strings.Join(p.View(dark(t), 80, 12), "\n")); !strings.Contains(all, "…") {
		t.Errorf("not cut:\n%s", all)
	}
}
