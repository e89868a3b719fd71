package notify

import (
	"strings"

	"lagtop/kafka/safe"
)

// Bell rings the terminal's bell.
const Bell = "\a"

// Terminal is what the terminal understands. The zero Terminal takes OSC 9.
type Terminal struct {
	OSC777 bool // rxvt, VTE and what is built on it; they do not take OSC 9
	Tmux   bool // in tmux, which hands on what is wrapped if allow-passthrough is on
	Screen bool // in GNU screen
}

// TerminalOf reads the environment, as os.Environ has it.
func TerminalOf(environ []string) Terminal {
	var t Terminal
	for _, v := range environ {
		name, value, _ := strings.Cut(v, "=")
		switch {
		case value == "":
		case name == "VTE_VERSION", name == "TERM" && strings.HasPrefix(value, "rxvt"):
			t.OSC777 = true
		case name == "TMUX":
			t.Tmux = true
		case name == "STY":
			t.Screen = true
		}
	}
	return t
}

// most is how many cells of a notification are sent: desktops show two or three lines.
const most = 200

// Desktop is the escape sequence for a desktop notification. The texts may be anything: what is sent of
// them can neither end the sequence nor begin another.
func (t Terminal) Desktop(title, body string) string {
	title, body = plain(title), plain(body)
	seq := "\x1b]9;" + title + ": " + body + "\a"
	if t.OSC777 {
		seq = "\x1b]777;notify;" + title + ";" + body + "\a"
	}
	switch {
	case t.Tmux:
		return "\x1bPtmux;" + strings.ReplaceAll(seq, "\x1b", "\x1b\x1b") + "\x1b\\"
	case t.Screen:
		return "\x1bP" + seq + "\x1b\\"
	}
	return seq
}

// plain is s without controls, which safe makes visible, and without the separator of parameters.
func plain(s string) string {
	return safe.Cut(strings.ReplaceAll(safe.Line(s), ";", ","), most)
}
