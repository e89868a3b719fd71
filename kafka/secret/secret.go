// Package secret holds passwords and tokens so that no log, error, screen or panic shows them: a Value
// prints as *** in every format, and is read only by Reveal. It knows files, environment variables and
// commands as sources; what a secret is for is its owner's business.
package secret

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// masked is what every way of printing shows.
const masked = "***"

const (
	maxSize     = 1 << 20          // bytes; a certificate chain is the longest
	commandTime = 20 * time.Second // for a password manager that asks for a touch
)

// Value is a secret or the place where it lies. The zero Value is none. The text is held by closures, so
// that formatting by reflection, which reaches unexported fields, finds nothing.
type Value struct {
	reveal func(context.Context) (string, error)
	forget func()
}

// Literal is a secret whose text is known already. An empty text is the zero Value.
func Literal(text string) Value {
	if text == "" {
		return Value{}
	}
	return Value{reveal: func(context.Context) (string, error) { return text, nil }}
}

// File is read at each Reveal, so that a new secret counts without a restart. The line ends at its end
// are not part of it.
func File(path string) Value {
	return Value{reveal: func(context.Context) (string, error) {
		f, err := os.Open(path)
		if err != nil {
			return "", fmt.Errorf("read a secret: %w", err)
		}
		defer f.Close() //nolint:errcheck // nothing was written
		text, err := io.ReadAll(io.LimitReader(f, maxSize+1))
		if err != nil {
			return "", fmt.Errorf("read a secret: %w", err)
		}
		return whole("file "+path, text)
	}}
}

// Env is the environment variable of that name.
func Env(name string) Value {
	return Value{reveal: func(context.Context) (string, error) {
		return whole("environment variable "+name, []byte(os.Getenv(name)))
	}}
}

// Command is what a program prints, without the line ends at its end. No shell is involved: args are the
// program and its arguments. It runs once and is remembered until Forget; it has at most 20 s.
func Command(args []string) Value {
	return Fetch(commandTime, func(ctx context.Context) (string, time.Time, error) {
		text, err := output(ctx, args)
		return text, time.Time{}, err
	})
}

// IsZero tells that there is no secret.
func (v Value) IsZero() bool { return v.reveal == nil }

// Reveal is the text, empty for the zero Value. Its errors name the source and never the text.
func (v Value) Reveal(ctx context.Context) (string, error) {
	if v.reveal == nil {
		return "", nil
	}
	return v.reveal(ctx)
}

// Forget makes the next Reveal ask the command again: what it said was refused.
func (v Value) Forget() {
	if v.forget != nil {
		v.forget()
	}
}

// String implements fmt.Stringer.
func (v Value) String() string {
	if v.IsZero() {
		return ""
	}
	return masked
}

// GoString implements fmt.GoStringer.
func (v Value) GoString() string { return v.String() }

// Format implements fmt.Formatter for every verb.
func (v Value) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, v.String()) }

// MarshalText implements encoding.TextMarshaler, which JSON and YAML use too.
func (v Value) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Fetch is what fetch says, asked once for all who wait and remembered until it says it ends (the zero
// time: for good) or until Forget. The limit bounds fetch; it goes on when whoever asked gave up, since a
// password manager that asks for a touch takes longer than a poll waits.
func Fetch(limit time.Duration, fetch func(context.Context) (text string, until time.Time, err error)) Value {
	f := &fetched{limit: limit, fetch: fetch}
	return Value{reveal: f.reveal, forget: f.forget}
}

type fetched struct {
	limit time.Duration
	fetch func(context.Context) (string, time.Time, error)

	mu   sync.Mutex
	last *answer // nil before the first and after Forget
}

// answer is complete once done is closed.
type answer struct {
	done  chan struct{}
	text  string
	until time.Time
	err   error
}

func (f *fetched) reveal(ctx context.Context) (string, error) {
	a := f.current(time.Now())
	select {
	case <-a.done:
		return a.text, a.err
	case <-ctx.Done():
		return "", fmt.Errorf("waiting for a secret: %w", ctx.Err())
	}
}

// current is the answer that counts now, perhaps one that is still to come.
func (f *fetched) current(now time.Time) *answer {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a := f.last; a != nil {
		select {
		case <-a.done:
			if a.err == nil && (a.until.IsZero() || now.Before(a.until)) {
				return a
			}
		default:
			return a
		}
	}
	a := &answer{done: make(chan struct{})}
	f.last = a
	go func() {
		defer close(a.done)
		ctx, cancel := context.WithTimeout(context.Background(), f.limit)
		defer cancel()
		a.text, a.until, a.err = f.fetch(ctx)
	}()
	return a
}

func (f *fetched) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a := f.last; a != nil {
		select {
		case <-a.done:
			f.last = nil
		default: // asked again already
		}
	}
}

// output runs a program. Errors leave out what it printed, on standard error too: it may hold the secret.
func output(ctx context.Context, args []string) (string, error) {
	if len(args) == 0 {
		return "", errors.New("the command for a secret is empty")
	}
	name := "command " + args[0]
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.WaitDelay = time.Second // for a grandchild that keeps the pipe open
	out := &limited{}
	cmd.Stdout = out
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("%s: no answer in time: %w", name, ctx.Err())
	case err != nil:
		return "", fmt.Errorf("%s: %w; run it by hand to see why", name, plain(err))
	}
	return whole(name, out.b)
}

// plain keeps the kind of failure: an ExitError carries output.
func plain(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return errors.New(exit.String())
	}
	return err
}

// limited takes what fits and one byte more, for the check of whole.
type limited struct{ b []byte }

func (l *limited) Write(p []byte) (int, error) {
	l.b = append(l.b, p[:min(len(p), maxSize+1-len(l.b))]...)
	return len(p), nil
}

func whole(source string, text []byte) (string, error) {
	if len(text) > maxSize {
		return "", fmt.Errorf("%s: the secret is larger than 1 MiB", source)
	}
	s := strings.TrimRight(string(text), "\r\n")
	if s == "" {
		return "", fmt.Errorf("%s: the secret is empty", source)
	}
	return s, nil
}
