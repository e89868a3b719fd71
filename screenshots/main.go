// Command screenshots makes the pictures of the README from the running demo: the real program in a
// pseudo terminal, its screen read back by an emulator and drawn cell by cell.
//
//	cd screenshots && go run .
//
// It needs a font with box, block and braille glyphs: DejaVu Sans Mono (Debian: fonts-dejavu-core), or
// the file that LAGTOP_FONT names.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// shot is one picture: keys typed, then text that must be on the screen.
type shot struct {
	name       string
	cols, rows int
	steps      []step
}

// step waits for text on the screen, lets the demo go on for a while, then types keys.
type step struct {
	wait string // a regular expression
	rest time.Duration
	keys string
}

// trouble is the overview with a stopped, a stuck and a lagging group.
const trouble = `(?s)✖ nightly-report.*✖ payments.*! log-archiver`

var shots = []shot{
	{"overview", 120, 40, []step{{wait: trouble, rest: 40 * time.Second}}},
	{"reset", 120, 40, []step{{wait: trouble, keys: "o"}, {wait: "Reset offsets", keys: "\t\x1b[B\r"}, {wait: "BEFORE"}}},
}

var fonts = []string{
	os.Getenv("LAGTOP_FONT"),
	"/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
	"/usr/share/fonts/TTF/DejaVuSansMono.ttf",
}

func main() {
	log.SetFlags(0)
	only := flag.String("only", "", "make only the picture of this `name`")
	out := flag.String("out", ".", "`folder` for the pictures")
	flag.Parse()
	font, err := findFont()
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "lagtop-screenshots-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	bin := filepath.Join(dir, "lagtop")
	build := exec.Command("go", "build", "-o", bin, ".")
	build.Dir = ".."
	if b, err := build.CombinedOutput(); err != nil {
		log.Fatalf("build lagtop: %v\n%s", err, b)
	}
	for _, s := range shots {
		if *only != "" && *only != s.name {
			continue
		}
		if err := take(s, bin, dir, font, *out); err != nil {
			log.Fatalf("%s: %v", s.name, err)
		}
		fmt.Println(filepath.Join(*out, s.name+".png"))
	}
}

func findFont() (string, error) {
	for _, f := range fonts {
		if _, err := os.Stat(f); f != "" && err == nil {
			return f, nil
		}
	}
	return "", fmt.Errorf("no font with box and block glyphs: install DejaVu Sans Mono, or name a file in LAGTOP_FONT")
}

// take runs the demo, follows the steps and writes the picture.
func take(s shot, bin, dir, font, out string) error {
	t, err := start(s.cols, s.rows, dir, bin, "demo")
	if err != nil {
		return err
	}
	defer t.close()
	for _, st := range s.steps {
		if st.wait != "" {
			if err := t.waitFor(st.wait, 90*time.Second); err != nil {
				return err
			}
		}
		time.Sleep(st.rest)
		t.send(st.keys)
	}
	if err := t.settle(); err != nil {
		return err
	}
	return t.picture(font, filepath.Join(out, s.name+".png"))
}
