package human

import "strings"

// Nearest is the known word that was probably meant: the one within the fewest edits, empty when all take
// more than most. Case does not count.
func Nearest(word string, known []string, most int) string {
	best := ""
	for _, k := range known {
		if d := edits(strings.ToLower(word), strings.ToLower(k)); d <= most {
			best, most = k, d-1
		}
	}
	return best
}

// edits is the Levenshtein distance in bytes. Long words are far from every known one.
func edits(a, b string) int {
	if len(a) > 80 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
