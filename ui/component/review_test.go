package component

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// review is a dialog about so many rows, opened long ago.
func review(rows int, confirm string) *Review {
	r := &Review{
		Dialog: Dialog{Title: "Reset", Danger: true, Confirm: confirm, Command: "stock command", Body: [][]Cell{{{Text: "what it means"}}},
			Choices: []Choice{{ID: "no", Label: "No"}, {ID: "yes", Label: "Yes", Danger: true}}},
		Tools: []Tool{{ID: "edit", Key: "e", Label: "edit"}, {ID: "save", Key: "s", Label: "save"}},
	}
	all := [][]Cell{{{Text: "PARTITION"}, {Text: "AFTER"}}}
	for i := range rows {
		all = append(all, []Cell{{Text: fmt.Sprintf("orders/%d", i)}, {Text: fmt.Sprint(100 * i)}})
	}
	all = Align(all, 1)
	r.Head, r.Rows = all[0], all[1:]
	return r
}

func (r *Review) presses(keys ...string) (c Choice, done bool) {
	for _, k := range keys {
		c, done = r.Update(k, start.Add(time.Hour))
	}
	return c, done
}

func reviewText(t *testing.T, r *Review, w, h int) string {
	t.Helper()
	lines := r.View(dark(t), w, h)
	exact(t, lines, Width(strip(lines[0])), len(lines))
	if len(lines) > h || Width(strip(lines[0])) > w {
		t.Errorf("%d lines of %d cells in %dx%d", len(lines), Width(strip(lines[0])), w, h)
	}
	return screen(t, lines, w)
}

func TestReviewEnterIsNoUntilSomebodyGoesElsewhere(t *testing.T) {
	r := review(3, "")
	if c, done := r.presses("enter"); !done || c.ID != "no" {
		t.Errorf("enter takes %+v %v", c, done)
	}
	if c, done := r.presses("down", "enter"); done || c.ID != "edit" {
		t.Errorf("enter on a row is %+v %v", c, done)
	}
	if c, done := r.presses("tab", "enter"); !done || c.ID != "no" {
		t.Errorf("back from the rows enter takes %+v %v", c, done)
	}
	if c, done := r.presses("down", "tab", "tab", "enter"); !done || c.ID != "yes" {
		t.Errorf("tab leads to %+v %v", c, done)
	}
}

func TestReviewIgnoresKeysOfBefore(t *testing.T) {
	r := review(3, "")
	r.Opened = start
	for _, k := range []string{"right", "enter", "e", "down", "y", "esc"} {
		if c, done := r.Update(k, start.Add(Guard/2)); done || c.ID != "" {
			t.Errorf("%s was taken: %+v", k, c)
		}
	}
	if r.focus != 0 || r.Row() != 0 {
		t.Error("the focus moved")
	}
}

func TestReviewToolsTakeCtrlWhereATextIsTyped(t *testing.T) {
	r := review(3, "see")
	if c, _ := r.presses("s", "e", "e"); c.ID != "" || r.typed != "see" {
		t.Errorf("typed %q, %+v", r.typed, c)
	}
	if c, done := r.presses("enter"); !done || c.ID != "yes" {
		t.Errorf("with the text typed enter takes %+v", c)
	}
	if c, done := r.presses("ctrl+s"); done || c.ID != "save" {
		t.Errorf("ctrl+s is %+v", c)
	}
	if c, _ := r.presses("ctrl+y"); c.ID != CopyChoice {
		t.Errorf("ctrl+y is %+v", c)
	}
	r.Renew(Dialog{Confirm: "see", Danger: true, Choices: r.Choices})
	if c, done := r.presses("right", "enter"); done || c.ID == "yes" {
		t.Errorf("after a change the text need not be typed again: %+v", c)
	}
}

func TestReviewOfManyRowsKeepsHeaderAndChosenRowInSight(t *testing.T) {
	r := review(200, "")
	s := reviewText(t, r, 80, 24)
	if !strings.Contains(s, "what it means") || !strings.Contains(s, "orders/0 ") || !strings.Contains(s, "[ No ]") {
		t.Fatalf("at first:\n%s", s)
	}
	r.presses("down")
	for range 120 {
		r.presses("down")
		s = reviewText(t, r, 80, 24)
		if !strings.Contains(s, "PARTITION") || !strings.Contains(s, fmt.Sprintf("orders/%d ", r.Row())) {
			t.Fatalf("row %d:\n%s", r.Row(), s)
		}
	}
	if r.Row() != 120 {
		t.Errorf("on row %d", r.Row())
	}
	r.presses("end")
	if s = reviewText(t, r, 80, 24); !strings.Contains(s, "orders/199 ") {
		t.Fatalf("at the end:\n%s", s)
	}
	for range 5 {
		r.presses("down")
	}
	if s = reviewText(t, r, 80, 24); !strings.Contains(s, "stock command") {
		t.Fatalf("below the rows:\n%s", s)
	}
	r.presses("home", "up", "up", "up", "up")
	if s = reviewText(t, r, 80, 24); !strings.Contains(s, "what it means") {
		t.Fatalf("above the rows:\n%s", s)
	}
}

func TestTabCompletesATextFromWhatThereIs(t *testing.T) {
	all := []string{"payments", "payroll", "pür"}
	f := NewForm("t", Field{Name: "a", Label: "a", Hint: "a name", Complete: func(v string) []string {
		var out []string
		for _, s := range all {
			if strings.HasPrefix(s, v) {
				out = append(out, s)
			}
		}
		return out
	}}, Field{Name: "b", Label: "b"})
	f.Update(keyMsg(t, "tab"))
	if got := f.Value("a"); got != "p" {
		t.Errorf("after one tab %q", got)
	}
	if s := screen(t, f.View(dark(t), 72, 20), 72); !strings.Contains(s, "payments  payroll  pür") {
		t.Errorf("candidates are not shown:\n%s", s)
	}
	f.Update(keyMsg(t, "a"))
	f.Update(keyMsg(t, "y"))
	f.Update(keyMsg(t, "m"))
	f.Update(keyMsg(t, "tab"))
	if got := f.Value("a"); got != "payments" || f.focus != 0 {
		t.Errorf("completed to %q, focus %d", got, f.focus)
	}
	f.Update(keyMsg(t, "tab"))
	if f.focus != 1 {
		t.Error("tab does not go on when there is nothing to complete")
	}
}
