package cell

import (
	"strings"

	"lagtop/ui/component"
)

// Wrap breaks text at blanks into lines of at most w cells; a word that is longer stands alone and is cut
// by the line that it is drawn on.
func Wrap(text string, w int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case component.Width(line)+1+component.Width(word) <= w:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}
