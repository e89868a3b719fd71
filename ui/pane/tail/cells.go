package tail

import (
	"lagtop/kafka/safe"
	"lagtop/ui/component"
)

// skip is safe text without its first cells. A character of two cells that is halved leaves a blank.
func skip(text string, cells int) string {
	if cells <= 0 {
		return text
	}
	head := safe.CutTail(text, cells, "")
	rest := text[len(head):]
	if rest != "" && safe.Width(head) < cells {
		return " " + rest[len(safe.CutTail(rest, 2, "")):]
	}
	return rest
}

// skip is the cells without what is scrolled out at the left.
func (l *look) skip(cells []component.Cell) []component.Cell {
	left := l.shift
	for i, c := range cells {
		if n := safe.Width(c.Text); n <= left {
			left -= n
			continue
		}
		if left == 0 {
			return cells[i:]
		}
		c.Text = skip(c.Text, left)
		return append([]component.Cell{c}, cells[i+1:]...)
	}
	return nil
}

// wrapped is the cells in lines of at most so many, at least one line.
func wrapped(cells []component.Cell, width int) [][]component.Cell {
	lines, room := [][]component.Cell{nil}, width
	for _, c := range cells {
		for c.Text != "" {
			head := safe.CutTail(c.Text, room, "")
			if head == "" && room == width { // a character wider than the line
				break
			}
			if head != "" {
				n := len(lines) - 1
				lines[n] = append(lines[n], component.Cell{Text: head, Tok: c.Tok})
				room -= safe.Width(head)
				c.Text = c.Text[len(head):]
			}
			if c.Text != "" {
				lines, room = append(lines, nil), width
			}
		}
	}
	return lines
}
