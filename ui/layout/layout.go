// Package layout decides which part of the screen goes where, as a pure function of the size, the pane
// with the focus and whether it is zoomed. It draws nothing and knows nothing of what the panes show.
package layout

import (
	"strconv"
	"strings"

	"lagtop/ui/command"
)

// The sizes at which the layout changes, in cells.
const (
	MinWidth   = 40 // below it there is no layout
	MinHeight  = 10
	WideWidth  = 100 // from here on panes stand side by side
	WideHeight = 22
	pairHeight = 16 // of the middle: two panes share it from here on
	allHeight  = 44 // of the middle: all panes stand below each other from here on
)

// Rect is a part of the screen, in cells from the upper left corner. A part that is not shown has
// height 0.
type Rect struct{ X, Y, W, H int }

// Holds tells whether a cell lies inside.
func (r Rect) Holds(x, y int) bool { return x >= r.X && x < r.X+r.W && y >= r.Y && y < r.Y+r.H }

// Screen says where everything is. The rectangles that are shown cover the screen and do not overlap.
type Screen struct {
	Header  Rect
	Verdict Rect
	Body    Rect // all between the verdict and the footer, panes and tabs included
	Tabs    Rect // the numbered panes, where not all of them are shown
	Panes   map[command.Place]Rect
	Footer  Rect
	Hidden  string // what is not shown and how to get there, empty when all is
	// TooSmall tells that there is no room for anything; all rectangles are empty.
	TooSmall bool
}

// order is that of the numbers on the panes.
var order = [...]struct {
	place command.Place
	name  string
}{
	{command.Groups, "groups"}, {command.Partitions, "partitions"}, {command.Topics, "topics"},
	{command.Brokers, "brokers"}, {command.Tail, "tail"},
}

// Overview is the first screen. focus is one of the panes; anything else counts as Groups.
func Overview(w, h int, focus command.Place, zoom bool) Screen {
	if w < MinWidth || h < MinHeight {
		return Screen{TooSmall: true}
	}
	s := Screen{
		Header:  Rect{0, 0, w, 1},
		Verdict: Rect{0, 1, w, 1},
		Body:    Rect{0, 2, w, h - 3},
		Footer:  Rect{0, h - 1, w, 1},
		Panes:   make(map[command.Place]Rect, len(order)),
	}
	if focus&command.Panes == 0 || focus&(focus-1) != 0 {
		focus = command.Groups
	}
	switch {
	case zoom:
		s.Panes[focus] = s.Body
		s.Hidden = "zoomed: z shows all"
	case w >= WideWidth && h >= WideHeight:
		s.wide()
	case s.Body.H >= allHeight:
		s.tall()
	default:
		s.stack(focus)
	}
	return s
}

// wide is groups|partitions above topics|brokers above tail.
func (s *Screen) wide() {
	b := s.Body
	tail := min(max(b.H*22/100, 5), 14)
	mid := min(max(b.H*20/100, 5), 11)
	main := b.H - tail - mid
	left := b.W * 45 / 100
	y := b.Y
	s.Panes[command.Groups] = Rect{0, y, left, main}
	s.Panes[command.Partitions] = Rect{left, y, b.W - left, main}
	y += main
	s.Panes[command.Topics] = Rect{0, y, left, mid}
	s.Panes[command.Brokers] = Rect{left, y, b.W - left, mid}
	y += mid
	s.Panes[command.Tail] = Rect{0, y, b.W, tail}
}

// tall is all panes below each other, for a narrow window that is high.
func (s *Screen) tall() {
	b := s.Body
	short := min(max(b.H*14/100, 6), 10)
	half := (b.H - 3*short) / 2
	heights := [...]int{half, b.H - 3*short - half, short, short, short}
	y := b.Y
	for i, o := range order {
		s.Panes[o.place] = Rect{0, y, b.W, heights[i]}
		y += heights[i]
	}
}

// stack is a line of numbered tabs above the pane with the focus, and above what belongs to it where
// there is room: the partitions of a group, the tail of a topic.
func (s *Screen) stack(focus command.Place) {
	b := s.Body
	s.Tabs = Rect{0, b.Y, b.W, 1}
	y, h := b.Y+1, b.H-1
	pair := [2]command.Place{focus, 0}
	if h >= pairHeight {
		switch focus {
		case command.Groups, command.Partitions:
			pair = [2]command.Place{command.Groups, command.Partitions}
		case command.Topics, command.Tail:
			pair = [2]command.Place{command.Topics, command.Tail}
		}
	}
	if pair[1] == 0 {
		s.Panes[focus] = Rect{0, y, b.W, h}
	} else {
		upper := h * 45 / 100
		s.Panes[pair[0]] = Rect{0, y, b.W, upper}
		s.Panes[pair[1]] = Rect{0, y + upper, b.W, h - upper}
	}
	s.Hidden = s.hidden()
}

// hidden names the panes that are not shown by their numbers.
func (s *Screen) hidden() string {
	var out []string
	for i, o := range order {
		if _, shown := s.Panes[o.place]; !shown {
			out = append(out, strconv.Itoa(i+1)+" "+o.name)
		}
	}
	return "hidden: " + strings.Join(out, ", ")
}

// At is the pane at a cell; it reports false where there is none.
func (s *Screen) At(x, y int) (command.Place, Rect, bool) {
	for place, r := range s.Panes {
		if r.Holds(x, y) {
			return place, r, true
		}
	}
	return 0, Rect{}, false
}

// Tab is the pane whose number stands at a cell of the tab line, when each is drawn as " 1 groups ".
func (s *Screen) Tab(x, y int) (command.Place, bool) {
	if !s.Tabs.Holds(x, y) {
		return 0, false
	}
	at := s.Tabs.X
	for _, o := range order {
		at += len(" 1 ") + len(o.name) + len(" ")
		if x < at {
			return o.place, true
		}
	}
	return 0, false
}
