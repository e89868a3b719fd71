package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Written is a context whose login is given as it is to be written, line by line: keys with their values.
// Login of the Context itself counts for nothing.
type Written struct {
	Context
	Lines []string
}

// Text is how it stands in the file.
func (w Written) Text() string { return strings.Join(w.item("  "), "\n") + "\n" }

func (w Written) item(indent string) []string {
	out := item(w.Context, indent)
	for _, l := range w.Lines {
		out = append(out, indent+"  "+l)
	}
	return out
}

// read is the context as this program understands what is written.
func (w Written) read() (Context, error) {
	c, err := Parse(w.Name, []byte("contexts:\n"+w.Text()))
	if err != nil {
		return Context{}, err
	}
	return c.Contexts[0], nil
}

// Check says what would keep it from being read.
func (w Written) Check() error {
	_, err := w.read()
	return err
}

// Add appends contexts, all of them or none. A file that does not exist is created.
func Add(path string, ws ...Written) error {
	return edit(path, func(d *draft) error {
		for _, w := range ws {
			if d.now.Context(w.Name) != nil {
				return fmt.Errorf("there is a context %q already", w.Name)
			}
			x, err := w.read()
			if err != nil {
				return err
			}
			d.now.Contexts = append(d.now.Contexts, x)
			if err := d.append(w); err != nil {
				return err
			}
		}
		return nil
	})
}

// Scalar is a text as a value of the file.
func Scalar(s string) string { return scalar(s) }

// same tells whether two readings of a file say the same. Secrets cannot be compared: of a login counts what
// may be told of it.
func same(a, b *Config) bool {
	logins := func(c *Config) (*Config, []string) {
		out, words := *c, []string(nil)
		out.Contexts = slices.Clone(c.Contexts)
		for i := range out.Contexts {
			words = append(words, out.Contexts[i].Login.words())
			out.Contexts[i].Login = Login{}
		}
		return &out, words
	}
	x, xs := logins(a)
	y, ys := logins(b)
	return reflect.DeepEqual(x, y) && slices.Equal(xs, ys)
}

func (l *Login) words() string {
	out := []string{l.Auth.Words(), l.Properties, strings.Join(l.Map, " ")}
	if l.Proxy != nil {
		out = append(out, l.Proxy.Addr, l.Proxy.User)
	}
	return strings.Join(out, "\n")
}
