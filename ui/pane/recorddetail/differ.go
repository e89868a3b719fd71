package recorddetail

import (
	"fmt"

	"lagtop/theme"
)

// diffLines bounds the lines of each value that are compared.
const diffLines = 400

// change is a line that one of two values has alone.
type change struct {
	sign string // "-" in the other, "+" in this one
	text string
}

// differ is the lines that two values do not share, in order, by their longest common subsequence.
func differ(other, this []string) []change {
	n, m := len(other), len(this)
	common := make([][]int, n+1) // of what begins at both places
	for i := range common {
		common[i] = make([]int, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if other[i] == this[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out []change
	i, j := 0, 0
	for i < n || j < m {
		switch {
		case i < n && j < m && other[i] == this[j]:
			i, j = i+1, j+1
		case i < n && (j == m || common[i+1][j] >= common[i][j+1]):
			out = append(out, change{"-", other[i]})
			i++
		default:
			out = append(out, change{"+", this[j]})
			j++
		}
	}
	return out
}

// beside writes how the value differs from that of another record.
func (b *writer) beside(other string, from, to []string) {
	b.head("Bookmark", "- only in "+other+"  + only in this record")
	cut := max(len(from), len(to)) > diffLines
	changes := differ(from[:min(len(from), diffLines)], to[:min(len(to), diffLines)])
	if len(changes) == 0 {
		b.text("the values are the same", theme.Muted)
	}
	for _, c := range changes {
		tok := theme.Good
		if c.sign == "-" {
			tok = theme.Danger
		}
		b.text(c.sign+" "+c.text, tok)
	}
	if cut {
		b.text(fmt.Sprintf("the first %d lines of each were compared", diffLines), theme.Lagging)
	}
}
