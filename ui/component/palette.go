package component

import (
	"cmp"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/sahilm/fuzzy"

	"lagtop/theme"
)

// Item is one entry of a palette.
type Item struct {
	ID     string // for the caller
	Title  string // what is searched first
	Detail string // one line; searched where no title matches
	Key    string // shown at the right end
	Why    string // why it cannot be taken now, empty when it can
	Danger bool   // changes the cluster
}

// State is how far a form or a palette is.
type State int

// The states.
const (
	Open State = iota
	Done
	Cancelled
)

// Palette is a list that is narrowed by typing.
type Palette struct {
	Title string

	items  []Item
	found  []hit
	input  textinput.Model
	cursor int
	scroll scroller
}

// hit is an item that matches and which bytes of its title do.
type hit struct {
	item int
	at   []int
}

// NewPalette shows the items in their order until something is typed.
func NewPalette(title string, items []Item) *Palette {
	p := &Palette{Title: title, items: items, input: newInput("")}
	p.search()
	return p
}

// Update takes a key or a paste. Done comes with the item that was chosen.
func (p *Palette) Update(msg tea.Msg) (Item, State) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "esc":
			return Item{}, Cancelled
		case "enter":
			if it, ok := p.current(); ok && it.Why == "" {
				return it, Done
			}
			return Item{}, Open
		case "up", "ctrl+p", "shift+tab":
			p.move(-1)
			return Item{}, Open
		case "down", "ctrl+n", "tab":
			p.move(1)
			return Item{}, Open
		case "pgup":
			p.move(-max(p.scroll.rows-2, 1))
			return Item{}, Open
		case "pgdown":
			p.move(max(p.scroll.rows-2, 1))
			return Item{}, Open
		}
	}
	was := p.input.Value()
	p.input, _ = p.input.Update(msg)
	if p.input.Value() != was {
		p.search()
	}
	return Item{}, Open
}

func (p *Palette) current() (Item, bool) {
	if p.cursor >= len(p.found) {
		return Item{}, false
	}
	return p.items[p.found[p.cursor].item], true
}

func (p *Palette) move(by int) {
	p.cursor = min(max(p.cursor+by, 0), max(len(p.found)-1, 0))
}

// search finds titles by fuzzy match, best first, then details that hold the text.
func (p *Palette) search() {
	p.found, p.cursor, p.scroll.offset = p.found[:0], 0, 0
	text := strings.TrimSpace(p.input.Value())
	if text == "" {
		for i := range p.items {
			p.found = append(p.found, hit{item: i})
		}
		return
	}
	seen := make(map[int]bool)
	for _, m := range fuzzy.FindFrom(text, titles(p.items)) {
		seen[m.Index] = true
		p.found = append(p.found, hit{m.Index, m.MatchedIndexes})
	}
	for i, it := range p.items {
		if !seen[i] && strings.Contains(strings.ToLower(it.Detail), strings.ToLower(text)) {
			p.found = append(p.found, hit{item: i})
		}
	}
}

type titles []Item

func (t titles) String(i int) string { return t[i].Title }
func (t titles) Len() int            { return len(t) }

// leastPalette is how wide a palette is that needs less.
const leastPalette = 76

// needs is how wide the entries are when nothing of them is cut.
func (p *Palette) needs() int {
	title, rest := 0, 0
	for i := range p.items {
		it := &p.items[i]
		title = max(title, Width(it.Title))
		rest = max(rest, Width(cmp.Or(it.Why, it.Detail))+min(Width(it.Key), 10))
	}
	return title + 3 + rest
}

// View draws the palette in a box that fits into w by h cells, for Overlay.
func (p *Palette) View(th *theme.Theme, w, h int) []string {
	bw := min(w, max(leastPalette, p.needs()+4))
	in := bw - 4
	rows := min(max(len(p.items), 1), max(h-4, 1), 16)
	lines := make([]string, 0, len(p.found))
	wide := 0
	for _, it := range p.items {
		wide = max(wide, Width(it.Title))
	}
	wide = min(wide, in/2)
	for i, f := range p.found {
		lines = append(lines, p.line(th, f, i == p.cursor, wide, in))
	}
	if len(lines) == 0 {
		lines = []string{th.Render(theme.Muted, FitTail("nothing matches", in, false, th.Glyphs.Ellipsis))}
	}
	p.scroll.rows, p.scroll.total = rows, len(lines)
	p.scroll.show(p.cursor)
	body := []string{inputLine(th, &p.input, ":", true, in), th.Render(theme.Border, strings.Repeat(th.Glyphs.Horizontal, in))}
	body = append(body, p.scroll.view(th, lines, in, rows)...)
	look := frameLook{theme.BorderFocus, theme.BorderFocus, theme.TitleFocus, theme.Muted}
	return drawFrame(th, look, p.Title, strconv.Itoa(len(p.found)), bw, rows+4, padded(body, in))
}

// line is one entry: title, what it does or why not, key.
func (p *Palette) line(th *theme.Theme, f hit, here bool, wide, w int) string {
	it := &p.items[f.item]
	key := FitTail(it.Key, min(Width(it.Key), 10), true, th.Glyphs.Ellipsis)
	room := w - wide - 3 - Width(key)
	detail, look := it.Detail, theme.Muted
	if it.Why != "" {
		detail, look = it.Why, theme.Stale
	}
	if here {
		text := FitTail(it.Title, wide, false, th.Glyphs.Ellipsis) + "  " + FitTail(detail, room, false, th.Glyphs.Ellipsis) + " " + key
		return th.Render(theme.Selected, FitTail(text, w, false, th.Glyphs.Ellipsis))
	}
	title := theme.Text
	switch {
	case it.Why != "":
		title = theme.Stale
	case it.Danger:
		title = theme.Danger
	}
	cells := marked(it.Title, f.at, title)
	cells = append(cells, Cell{Text: blanks(wide - Width(it.Title))})
	return Line(th, cells, wide) + "  " + th.Render(look, FitTail(detail, room, false, th.Glyphs.Ellipsis)) + " " + th.Render(theme.Key, key)
}

// marked are the runs of a text that match and those that do not; at holds byte indexes.
func marked(text string, at []int, tok theme.Token) []Cell {
	var out []Cell
	next := 0
	for i, r := range text {
		look := tok
		if next < len(at) && at[next] == i {
			look = theme.Match
			next++
		}
		if n := len(out); n > 0 && out[n-1].Tok == look {
			out[n-1].Text += string(r)
			continue
		}
		out = append(out, Cell{string(r), look})
	}
	return out
}
