package component

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"lagtop/theme"
)

var armed = start.Add(Guard)

func resetDialog(parts int) *Dialog {
	rows := [][]Cell{{{"PARTITION", theme.Header}, {"BEFORE", theme.Header}, {"AFTER", theme.Header}, {"CHANGE", theme.Header}}}
	for i := range parts {
		rows = append(rows, []Cell{
			{Text: "orders/" + strconv.Itoa(i)}, {Text: strconv.Itoa(1_284_312 + i)}, {Text: "0", Tok: theme.Accent}, {Text: "-1284312", Tok: theme.Lagging},
		})
	}
	return &Dialog{
		Title:   "Reset payments to earliest",
		Danger:  true,
		Opened:  start,
		Body:    append([][]Cell{{{"payments reads 1.2M records again; what was processed is processed twice.", theme.Text}}, nil}, Align(rows, 1, 2, 3)...),
		Command: "kafka-consumer-groups.sh --bootstrap-server 10.0.0.1:9092 --group payments --topic orders --reset-offsets --to-earliest --execute",
		Choices: []Choice{{ID: "no", Label: "No"}, {ID: "apply", Label: "Reset " + strconv.Itoa(parts), Key: "a", Danger: true}},
	}
}

func press(d *Dialog, keys ...string) (Choice, bool) {
	var c Choice
	done := false
	for _, k := range keys {
		c, done = d.Update(k, armed)
	}
	return c, done
}

func TestDangerousDialogIgnoresKeysJustAfterItOpened(t *testing.T) {
	d := resetDialog(3)
	for _, k := range []string{"a", "enter", "esc", "right", "y"} {
		if c, done := d.Update(k, armed.Add(-time.Nanosecond)); done || c.ID != "" {
			t.Fatalf("%s was taken: %v", k, c)
		}
	}
	if c, done := press(d, "enter"); !done || c.ID != "no" {
		t.Fatalf("enter means %q, done %v; the ignored keys moved the focus", c.ID, done)
	}
}

// A message comes when work has ended, whatever is being typed: it must not be closed unseen, nor begin an undo.
func TestMessageTakesNoKeysThatWereMeantForSomethingElse(t *testing.T) {
	d := &Dialog{Opened: start, Choices: []Choice{{ID: "close", Label: "Close"}, {ID: "undo", Label: "Undo", Key: "u"}}}
	for _, k := range []string{"u", "enter", "esc", "q"} {
		if c, done := d.Update(k, start); done || c.ID != "" {
			t.Fatalf("%s: got %v, %v", k, c, done)
		}
	}
	if c, done := d.Update("u", armed); !done || c.ID != "undo" {
		t.Fatalf("got %v, %v", c, done)
	}
}

func TestDialogWaysOut(t *testing.T) {
	for _, c := range []struct {
		keys string
		id   string
		done bool
	}{
		{"enter", "no", true},
		{"esc", "no", true},
		{"n", "no", true},
		{"q", "no", true},
		{"a", "apply", true},
		{"right enter", "apply", true},
		{"tab enter", "apply", true},
		{"left enter", "apply", true},
		{"right right enter", "no", true},
		{"right esc", "no", true},
		{"right down pgdown enter", "apply", true},
		{"y", CopyChoice, false},
		{"right", "", false},
		{"f5", "", false},
		{"ctrl+y", "", false},
	} {
		got, done := press(resetDialog(100), strings.Fields(c.keys)...)
		if got.ID != c.id || done != c.done {
			t.Errorf("%s: %q, %v, want %q, %v", c.keys, got.ID, done, c.id, c.done)
		}
	}
}

func TestDialogWithoutChoicesIsClosedByAnyWayOut(t *testing.T) {
	for _, k := range []string{"esc", "enter", "q"} {
		d := &Dialog{Title: "Note"}
		if _, done := d.Update(k, start); !done {
			t.Errorf("%s leaves it open", k)
		}
	}
}

func TestTypedConfirmationGatesTheDangerousChoice(t *testing.T) {
	d := resetDialog(3)
	d.Confirm = "pay 1"
	if c, done := press(d, "right", "enter"); done || c.ID != "" {
		t.Fatalf("taken without the text: %v", c)
	}
	if _, done := press(d, "a", "y", "backspace", "backspace"); done {
		t.Fatal("letters that are typed are taken as keys")
	}
	if c, done := press(d, "p", "a", "y", "space", "1", "enter"); !done || c.ID != "apply" {
		t.Fatalf("enter after the text: %q, %v", c.ID, done)
	}
	if c, done := press(d, "2", "enter"); done {
		t.Fatalf("enter after a wrong text closes it without a word: %q", c.ID)
	}
	if c, done := press(d, "backspace", "enter"); !done || c.ID != "apply" {
		t.Fatalf("enter after the text was mended: %q, %v", c.ID, done)
	}
	if c, done := press(d, "ctrl+u", "enter"); !done || c.ID != "no" {
		t.Fatalf("enter without a text: %q, %v", c.ID, done)
	}
	if c, done := press(d, "ctrl+y"); done || c.ID != CopyChoice {
		t.Fatalf("ctrl+y: %q, %v", c.ID, done)
	}
}

func TestDialogFitsEverySizeWithItsChoicesInSight(t *testing.T) {
	for name, th := range both(t) {
		for w := 40; w <= 130; w += 15 {
			for h := 10; h <= 40; h += 6 {
				for _, confirm := range []string{"", "payments"} {
					d := resetDialog(100)
					d.Confirm = confirm
					lines := d.View(th, w, h)
					if len(lines) > h {
						t.Fatalf("%s %dx%d: %d lines", name, w, h, len(lines))
					}
					exact(t, lines, cellsOf(lines[0]), len(lines))
					all := strip(strings.Join(lines, "\n"))
					if cellsOf(lines[0]) > w || !strings.Contains(all, "[ No ]") || !strings.Contains(all, "Reset 100") || !strings.Contains(all, " more") {
						t.Fatalf("%s %dx%d:\n%s", name, w, h, all)
					}
				}
			}
		}
	}
}

func TestDialogScrollsToEveryLine(t *testing.T) {
	d := resetDialog(100)
	seen := map[string]bool{}
	for range 120 {
		for _, l := range d.View(dark(t), 60, 14) {
			for _, f := range strings.Fields(strip(l)) {
				seen[f] = true
			}
		}
		press(d, "down")
	}
	for i := range 100 {
		if !seen["orders/"+strconv.Itoa(i)] {
			t.Fatalf("orders/%d was never in sight", i)
		}
	}
	if !seen["--execute"] {
		t.Fatal("the command's end was never in sight")
	}
}

func TestDialogGolden(t *testing.T) {
	for name, th := range both(t) {
		var b strings.Builder
		show := func(what string, d *Dialog, w, h int) {
			lines := d.View(th, w, h)
			fmt.Fprintf(&b, "%s in %dx%d\n%s\n", what, w, h, screen(t, lines, cellsOf(lines[0])))
		}
		show("long plan", resetDialog(100), 40, 10)
		long := resetDialog(100)
		long.View(th, 80, 24)
		press(long, "pgdown", "right")
		show("long plan, second page, other choice", long, 80, 24)
		typed := resetDialog(2)
		typed.Confirm = "payments"
		press(typed, "p", "a", "y")
		show("typed confirmation", typed, 120, 40)
		press(typed, "right", "enter")
		show("typed confirmation refused", typed, 120, 40)
		show("message", &Dialog{Title: "Copied", Body: [][]Cell{{{Text: "The command is in the clipboard."}}}}, 80, 24)
		golden(t, "dialog-"+name, b.String())
	}
}

func TestWrapLosesNothing(t *testing.T) {
	text := "kafka-consumer-groups.sh --group payments --topic " + strings.Repeat("x", 50) + " --日本語 done"
	for w := 4; w < 90; w++ {
		var b strings.Builder
		for _, l := range wrap([]Cell{{Text: text}}, w) {
			if n := lineWidth(l); n > w {
				t.Fatalf("width %d: line of %d cells", w, n)
			}
			for _, c := range l {
				b.WriteString(c.Text)
			}
		}
		if got, want := strings.ReplaceAll(b.String(), " ", ""), strings.ReplaceAll(text, " ", ""); got != want {
			t.Fatalf("width %d: %q", w, got)
		}
	}
}

// strip removes the colour sequences of a drawn line.
func strip(line string) string {
	b := make([]byte, 0, len(line))
	for line != "" {
		if n := sgr(line); n > 0 {
			line = line[n:]
			continue
		}
		b = append(b, line[0])
		line = line[1:]
	}
	return string(b)
}
