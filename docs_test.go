package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

// Links between the documents, to pictures and to headings lead somewhere.
func TestLinksOfTheDocumentsLead(t *testing.T) {
	docs, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range append(docs, "README.md", "CONTRIBUTING.md") {
		links := link.FindAllStringSubmatch(read(t, from), -1)
		if from == "README.md" && len(links) < len(docs) {
			t.Errorf("%d links in the README, %d documents", len(links), len(docs))
		}
		for _, l := range links {
			if strings.Contains(l[1], "://") {
				continue
			}
			file, anchor, _ := strings.Cut(l[1], "#")
			to := from
			if file != "" {
				to = filepath.Join(filepath.Dir(from), file)
			}
			if _, err := os.Stat(to); err != nil || anchor != "" && !slices.Contains(anchors(read(t, to)), anchor) {
				t.Errorf("%s: the link %s leads nowhere", from, l[1])
			}
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// anchors are those that GitHub gives to plain headings.
func anchors(doc string) []string {
	var out []string
	for _, h := range heading.FindAllStringSubmatch(doc, -1) {
		out = append(out, strings.ReplaceAll(strings.ToLower(h[1]), " ", "-"))
	}
	return out
}
