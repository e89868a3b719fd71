package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/charmbracelet/x/term"
)

// needTerminal refuses to draw where nothing can be drawn: a pipe, or a terminal that says it is dumb
// (Bubble Tea would send it escape sequences all the same).
func (r *run) needTerminal() error {
	if !isTerminal(r.in) || !isTerminal(r.out) {
		return usageError{errors.New("the screen needs a terminal; for scripts: lagtop lag -b host:port -o json")}
	}
	if t := os.Getenv("TERM"); t == "" || t == "dumb" {
		return usageError{fmt.Errorf("TERM=%q cannot draw a screen; for scripts: lagtop lag -b host:port -o json", t)}
	}
	return nil
}

// isTerminal tells whether a stream is a terminal.
func isTerminal(f any) bool {
	file, ok := f.(*os.File)
	return ok && term.IsTerminal(file.Fd())
}
