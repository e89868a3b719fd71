package component

import "time"

// ToastKind is how much a message matters.
type ToastKind int

// The kinds of messages.
const (
	ToastInfo ToastKind = iota
	ToastGood
	ToastWarn
	ToastDanger
)

// lives is how long a message of a kind is shown.
var lives = [...]time.Duration{4 * time.Second, 4 * time.Second, 6 * time.Second, 10 * time.Second}

// mostToasts bounds what waits to be read.
const mostToasts = 20

// Toast is one short message.
type Toast struct {
	Kind  ToastKind
	Text  string // plain
	Until time.Time
}

// Toasts are short messages that go away by themselves. The zero value is ready.
type Toasts struct{ list []Toast }

// Add shows a message. The same text again only lives longer.
func (t *Toasts) Add(kind ToastKind, text string, now time.Time) {
	kind = min(max(kind, ToastInfo), ToastDanger)
	for i := range t.list {
		if t.list[i].Text == text {
			t.list = append(t.list[:i], t.list[i+1:]...)
			break
		}
	}
	t.list = append(t.list, Toast{kind, text, now.Add(lives[kind])})
	if n := len(t.list); n > mostToasts {
		t.list = append([]Toast(nil), t.list[n-mostToasts:]...)
	}
}

// Expire forgets what has been shown long enough and tells whether anything was.
func (t *Toasts) Expire(now time.Time) bool {
	kept := t.list[:0]
	for _, m := range t.list {
		if now.Before(m.Until) {
			kept = append(kept, m)
		}
	}
	changed := len(kept) != len(t.list)
	t.list = kept
	return changed
}

// Newest is the message to show now; it reports false when there is none.
func (t *Toasts) Newest(now time.Time) (Toast, bool) {
	for i := len(t.list) - 1; i >= 0; i-- {
		if now.Before(t.list[i].Until) {
			return t.list[i], true
		}
	}
	return Toast{}, false
}

// Clear forgets all messages.
func (t *Toasts) Clear() { t.list = nil }
