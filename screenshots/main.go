// Command screenshots makes the pictures of the README from the running demo: the real program in a
// pseudo terminal, its screen read back by an emulator and drawn cell by cell.
//
//	cd screenshots && go run . [-only NAME,NAME] [-out FOLDER]
//
// It needs a font with box and block glyphs: DejaVu Sans Mono (Debian: fonts-dejavu-core), or
// the file that LAGTOP_FONT names.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

var fonts = []string{
	os.Getenv("LAGTOP_FONT"),
	"/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
	"/usr/share/fonts/TTF/DejaVuSansMono.ttf",
}

// camera is what is the same for all pictures.
type camera struct {
	bin, home string // the program, and where it keeps its state
	font, out string
	only      []string // the names of the pictures, none for all
}

func main() {
	log.SetFlags(0)
	c := camera{}
	only := flag.String("only", "", "make only the pictures of these `names`, with commas between")
	flag.StringVar(&c.out, "out", ".", "`folder` for the pictures")
	flag.StringVar(&c.bin, "bin", "", "this program instead of one that is built from the folder above")
	flag.Parse()
	if *only != "" {
		c.only = strings.Split(*only, ",")
	}
	if err := c.run(); err != nil {
		log.Fatal(err)
	}
}

func (c *camera) run() (err error) {
	if c.font, err = findFont(); err != nil {
		return err
	}
	if c.home, err = os.MkdirTemp("", "lagtop-screenshots-"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(c.home) }()
	if c.bin == "" {
		c.bin = filepath.Join(c.home, "bin", "lagtop") // lagtop is a folder of settings there
		build := exec.Command("go", "build", "-o", c.bin, ".")
		build.Dir = ".."
		if b, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build lagtop: %w\n%s", err, b)
		}
	}
	if err := known(c.only); err != nil {
		return err
	}
	for _, sc := range scenes {
		if !slices.ContainsFunc(sc.names(), c.wants) {
			continue
		}
		if err := c.shoot(sc); err != nil {
			return fmt.Errorf("lagtop demo %v: %w", sc.args, err)
		}
	}
	return nil
}

func findFont() (string, error) {
	for _, f := range fonts {
		if _, err := os.Stat(f); f != "" && err == nil {
			return f, nil
		}
	}
	return "", fmt.Errorf("no font with box and block glyphs: install DejaVu Sans Mono, or name a file in LAGTOP_FONT")
}

// shoot runs the demo, follows the steps and writes the pictures on the way.
func (c *camera) shoot(sc scene) error {
	t, err := start(wide, tall, c.home, c.bin, append([]string{"demo", "--seed", "1"}, sc.args...)...)
	if err != nil {
		return err
	}
	defer t.close()
	var m *movie
	name := ""
	for _, st := range sc.steps {
		if err := c.follow(t, &st); err != nil {
			return err
		}
		if st.film != "" && c.wants(st.film) {
			m, name = film(context.Background(), t), st.film
			defer m.cut()
		}
	}
	if m == nil {
		return nil
	}
	m.cut()
	return c.wrote(name+".gif", func(file string) error { return m.write(file, c.font) })
}

func (c *camera) wants(name string) bool {
	return name != "" && (len(c.only) == 0 || slices.Contains(c.only, name))
}

func (c *camera) follow(t *term, st *step) error {
	if st.rows > 0 || st.columns > 0 {
		if err := t.resize(st.columns, st.rows); err != nil {
			return err
		}
	}
	if st.wait != "" {
		if err := t.waitFor(st.wait, patience); err != nil {
			return err
		}
	}
	time.Sleep(st.rest)
	if c.wants(st.shot) {
		if err := t.settle(); err != nil {
			return err
		}
		s := t.grab()
		if err := c.wrote(st.shot+".png", func(file string) error { return writePNG(file, c.font, s) }); err != nil {
			return err
		}
	}
	t.send(st.keys)
	return nil
}

// wrote writes a file into the folder for pictures and says so.
func (c *camera) wrote(name string, write func(file string) error) error {
	file := filepath.Join(c.out, name)
	if err := write(file); err != nil {
		return err
	}
	fmt.Println(file)
	return nil
}
