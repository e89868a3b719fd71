package component

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"lagtop/theme"
)

// allGlyphs are the values of all fields of a glyph set.
func allGlyphs(g theme.Glyphs) []string {
	var out []string
	v := reflect.ValueOf(g)
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			out = append(out, f.String())
		case reflect.Slice:
			for j := range f.Len() {
				out = append(out, f.Index(j).String())
			}
		}
	}
	return out
}

func TestFrameGolden(t *testing.T) {
	for name, th := range both(t) {
		var b strings.Builder
		for _, w := range []int{2, 7, 16, 30, 60} {
			lines := Frame(th, "2 payments", "classic · Stable · 3 members", w == 60, w, 4, []string{Fit("body", w-2, false)})
			exact(t, lines, w, 4)
			fmt.Fprintf(&b, "%d cells\n%s", w, screen(t, lines, w))
		}
		golden(t, "frame-"+name, b.String())
	}
}

func TestFrameShowsFocusInTheLookOfItsUpperLineOnly(t *testing.T) {
	on := Frame(dark(t), "1 Groups", "23", true, 40, 3, nil)
	off := Frame(dark(t), "1 Groups", "23", false, 40, 3, nil)
	if strip(on[0]) != strip(off[0]) || on[0] == off[0] {
		t.Fatalf("focused %q, not focused %q", on[0], off[0])
	}
	if !slices.Equal(on[1:], off[1:]) {
		t.Errorf("below it: focused %q, not focused %q", on[1:], off[1:])
	}
}

func TestFrameRepairsBodyOfWrongWidth(t *testing.T) {
	th := dark(t)
	body := []string{strings.Repeat("x", 99), th.Render(theme.Danger, "short"), "\x1b[2Jclear", "good " + th.Render(theme.Good, "line 1234")}
	lines := Frame(th, "", "", false, 16, 7, body)
	exact(t, lines, 16, 7)
	if !strings.Contains(lines[3], `\x1b[2J`) {
		t.Fatalf("an escape sequence is not made visible: %q", lines[3])
	}
}

func TestOverlayKeepsColoursAroundTheBox(t *testing.T) {
	th := dark(t)
	red := th.Style(theme.Danger)
	base := []string{red.Render("0123456789")}
	got := Overlay(base, []string{"[box]"}, 10, 1)[0]
	want := red.Render("01") + "[box]" + red.Render("789")
	if got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func TestOverlayHalvesNoWideCharacter(t *testing.T) {
	got := Overlay([]string{"日本語テキスト"}, []string{"[b]"}, 14, 1)
	exact(t, got, 14, 1)
	if got[0] != "日本 [b]キスト" {
		t.Fatalf("got %q", got[0])
	}
}

func TestOverlayGolden(t *testing.T) {
	for name, th := range both(t) {
		base := Frame(th, "1 Groups", "2", true, 60, 12, groupsTable().View(th, many(30), 58, 10, true))
		box := Frame(th, "Note", "", false, 21, 5, []string{"", Fit(" 日本語 is wide", 19, false)})
		lines := Overlay(base, box, 60, 12)
		exact(t, lines, 60, 12)
		golden(t, "overlay-"+name, screen(t, lines, 60))
	}
}
