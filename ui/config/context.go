package config

import (
	"regexp"
	"slices"
	"time"

	"github.com/goccy/go-yaml/ast"

	"lagtop/kafka/conn"
	"lagtop/kafka/registry"
	"lagtop/theme"
)

// Context is a cluster by name: how it is reached and what may be done to it.
type Context struct {
	Name      string
	Bootstrap []string      // host:port
	Color     theme.Token   // how its name looks; theme.Text: like any other
	ReadOnly  bool          // refuse everything that changes it
	Protected bool          // every change takes typing Name
	ClientID  string        // empty: the program's own
	Interval  time.Duration // between polls; 0: not said
	Login     Login
	Registry  registry.Config
}

// MinInterval keeps a slip of the finger from flooding a cluster.
const MinInterval = 200 * time.Millisecond

// Conn is the connection that the context describes.
func (c *Context) Conn() (conn.Config, error) {
	cfg, err := c.Login.Apply(conn.Config{Bootstrap: c.Bootstrap, ClientID: c.ClientID, ReadOnly: c.ReadOnly})
	if err != nil {
		return cfg, err
	}
	return cfg.Checked()
}

// Context is the context of that name, nil when there is none.
func (c *Config) Context(name string) *Context {
	i := slices.IndexFunc(c.Contexts, func(x Context) bool { return x.Name == name })
	if i < 0 {
		return nil
	}
	return &c.Contexts[i]
}

// Names are those of the contexts in the order of the file.
func (c *Config) Names() []string {
	out := make([]string, len(c.Contexts))
	for i := range c.Contexts {
		out[i] = c.Contexts[i].Name
	}
	return out
}

// color is a look by what it means.
type color struct {
	word string
	tok  theme.Token
}

var colors = [...]color{
	{"good", theme.Good}, {"info", theme.Info}, {"warning", theme.Lagging}, {"danger", theme.Danger},
	{"accent", theme.Accent}, {"muted", theme.Muted},
}

// Colors are the words for the looks of a context.
func Colors() []string {
	var out []string
	for _, c := range colors {
		out = append(out, c.word)
	}
	return out
}

// ColorOf is the look of a word.
func ColorOf(word string) (theme.Token, bool) {
	for _, c := range colors {
		if c.word == word {
			return c.tok, true
		}
	}
	return theme.Text, false
}

// ColorWord is the word of a look, empty for theme.Text.
func ColorWord(tok theme.Token) string {
	for _, c := range colors {
		if c.tok == tok {
			return c.word
		}
	}
	return ""
}

// keys are those of an item of contexts.
func (c *Context) keys() keys {
	return append(keys{
		{"name", "what it is called: letters, digits, dot, dash and underscore", aText, func(n ast.Node) error { return takeContextName(n, &c.Name) }},
		{"bootstrap", "host:port, one or several", oneOrMore(aText), func(n ast.Node) error { return takeBootstrap(n, &c.Bootstrap) }},
		{"color", "how its name looks, by what that means", aWord(Colors()), func(n ast.Node) error { return takeColor(n, &c.Color) }},
		{"read-only", "refuse everything that changes it", aBool, func(n ast.Node) error { return boolean(n, "read-only", &c.ReadOnly) }},
		{"protected", "a change takes typing the name of the context", aBool, func(n ast.Node) error { return boolean(n, "protected", &c.Protected) }},
		{"client-id", "what brokers see in their logs and quotas", aText, func(n ast.Node) (err error) { c.ClientID, err = text(n, "client-id"); return err }},
		{"interval", "time between polls such as 5s", aText, func(n ast.Node) error { return takeInterval(n, &c.Interval) }},
		{"schema-registry", "where the schemas of values are, spoken to as to Confluent's", object(registryKeys(&registry.Config{}), "url"), c.takeRegistry},
	}, c.Login.keys()...)
}

func (c *Config) takeContexts(n ast.Node) error {
	if n.Type() == ast.NullType {
		return nil
	}
	if _, ok := n.(*ast.SequenceNode); !ok {
		return at(n, "contexts: want a list, not %s", kindOf(n))
	}
	return items(n, "contexts", func(n ast.Node) error {
		var x Context
		err := fields(n, "a context", x.keys())
		switch {
		case err != nil:
			return err
		case x.Name == "":
			return at(n, "a context without a name")
		case len(x.Bootstrap) == 0 && x.Login.Properties == "":
			return at(n, "context %q: bootstrap is missing: host:port", x.Name)
		case c.Context(x.Name) != nil:
			return at(n, "two contexts are named %q", x.Name)
		}
		c.Contexts = append(c.Contexts, x)
		return nil
	})
}

// takeCurrent checks that the context is there. n is nil where the key is not.
func (c *Config) takeCurrent(n ast.Node) (err error) {
	if n == nil || n.Type() == ast.NullType {
		return nil
	}
	if c.Current, err = text(n, "current-context"); err != nil {
		return err
	}
	if c.Context(c.Current) != nil {
		return nil
	}
	if len(c.Contexts) == 0 {
		return at(n, "current-context: there is no context %q, contexts is empty", c.Current)
	}
	return at(n, "current-context: no context is called %q%s", c.Current, meant(c.Current, c.Names()))
}

// Names are typed by people, stand in command lines and are shown bare.
var contextName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// CheckName tells whether a context can be called so.
func CheckName(name string) bool { return contextName.MatchString(name) }

func takeContextName(n ast.Node, out *string) (err error) {
	if *out, err = text(n, "name"); err != nil {
		return err
	}
	if !CheckName(*out) {
		return at(n, "name: %q: use letters, digits, dot, dash and underscore, 64 at most", *out)
	}
	return nil
}

func takeBootstrap(n ast.Node, out *[]string) error {
	return items(n, "bootstrap", func(n ast.Node) error {
		s, err := text(n, "bootstrap")
		if err != nil {
			return err
		}
		addrs, err := conn.ParseBootstrap(s)
		if err != nil {
			return at(n, "%s", err)
		}
		*out = append(*out, addrs...)
		return nil
	})
}

func takeColor(n ast.Node, out *theme.Token) error {
	s, err := text(n, "color")
	if err != nil {
		return err
	}
	tok, ok := ColorOf(s)
	if !ok {
		return at(n, "color: no color is called %q%s", s, meant(s, Colors()))
	}
	*out = tok
	return nil
}

func takeInterval(n ast.Node, out *time.Duration) error {
	d, err := duration(n, "interval")
	if err == nil && d < MinInterval {
		return at(n, "interval: %s: at least %s", d, MinInterval)
	}
	*out = d
	return err
}
