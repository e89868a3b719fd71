package notify

import (
	"strings"
	"testing"
	"unicode"
)

func TestDesktopNotificationsByTerminal(t *testing.T) {
	for env, want := range map[string]string{
		"TERM=xterm-kitty":                                 "\x1b]9;lag: pay\a",
		"TERM=rxvt-unicode-256color":                       "\x1b]777;notify;lag;pay\a",
		"TERM=xterm-256color VTE_VERSION=7600":             "\x1b]777;notify;lag;pay\a",
		"TERM=xterm-256color VTE_VERSION=":                 "\x1b]9;lag: pay\a",
		"TERM=tmux-256color TMUX=/tmp/tmux-0/default,1,0":  "\x1bPtmux;\x1b\x1b]9;lag: pay\a\x1b\\",
		"TERM=screen STY=1234.pts-0.host":                  "\x1bP\x1b]9;lag: pay\a\x1b\\",
		"TERM=tmux-256color TMUX=/tmp/x,1,0 VTE_VERSION=1": "\x1bPtmux;\x1b\x1b]777;notify;lag;pay\a\x1b\\",
	} {
		if got := TerminalOf(strings.Fields(env)).Desktop("lag", "pay"); got != want {
			t.Errorf("%s: %q, want %q", env, got, want)
		}
	}
}

func TestHostileTextsStayInsideTheNotification(t *testing.T) {
	for _, text := range []string{
		"pay\a\x1b]52;c;ZXZpbA==\a", "\x1b\\\x1b[2J", "a\u009cb\u009d", "\x9c\x9d52;c;x\x9c", "4;1;100", "x;y\nz\x00", "\u202etxt", strings.Repeat("long ", 1000),
	} {
		for _, term := range []Terminal{{}, {OSC777: true}} {
			seq := term.Desktop(text, text)
			payload, found := strings.CutPrefix(seq, "\x1b]")
			payload, closed := strings.CutSuffix(payload, "\a")
			if !found || !closed || len(seq) > 2*4*most+40 {
				t.Fatalf("%q: the sequence is %q", text, seq)
			}
			if i := strings.IndexFunc(payload, unicode.IsControl); i >= 0 || strings.Contains(payload, "\u202e") {
				t.Errorf("%q: a control in %q", text, payload)
			}
			if n, want := strings.Count(payload, ";"), map[bool]int{false: 1, true: 3}[term.OSC777]; n != want {
				t.Errorf("%q: %d separators in %q, want %d", text, n, payload, want)
			}
		}
	}
}
