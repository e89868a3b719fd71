// Package config reads the configuration file, strictly: every mistake is an error that names file, line
// and column, and what was probably meant. It opens nothing but that file and starts nothing.
package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/adrg/xdg"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"lagtop/kafka/alert"
	"lagtop/kafka/limit"
	"lagtop/kafka/registry"
)

// Config is what the file says. Each section of the top level is one field; the zero Config is that of
// an empty file.
type Config struct {
	ReadOnly bool
	Current  string // the context to begin with; empty: none
	Contexts []Context
	Alerts   []alert.Rule
	Audit    Audit
	Watch    limit.Scope
	Decode   []registry.Local // in the order of the file, the first that fits a topic counts
}

// maxSize is far above any sensible file and bounds what a wrong path can cost.
const maxSize = 1 << 20

// DefaultPath is where the file is looked for: $XDG_CONFIG_HOME/lagtop/config.yaml.
func DefaultPath() string { return filepath.Join(xdg.ConfigHome, "lagtop", "config.yaml") }

// Load reads the file that the person named, or with an empty name the one at DefaultPath, which need not
// exist.
func Load(name string) (*Config, error) {
	path := name
	if path == "" {
		path = DefaultPath()
	}
	text, err := read(path)
	if name == "" && errors.Is(err, fs.ErrNotExist) {
		return &Config{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	return Parse(path, text)
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	text, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxSize {
		return nil, fmt.Errorf("%s: larger than 1 MiB", path)
	}
	return text, nil
}

// Parse reads the text of a file. name is for errors.
func Parse(name string, text []byte) (*Config, error) {
	c := &Config{}
	file, err := parser.ParseBytes(text, 0)
	if err == nil {
		err = c.take(file)
	}
	if err != nil {
		return nil, locate(name, err)
	}
	return c, nil
}

func (c *Config) take(file *ast.File) error {
	for i, doc := range file.Docs {
		if i > 0 && doc.Body != nil {
			return at(doc.Body, "a second document; the file has one")
		}
		if doc.Body == nil || doc.Body.Type() == ast.CommentType {
			continue
		}
		var current ast.Node
		if err := fields(doc.Body, "the file", c.keys(&current)); err != nil {
			return err
		}
		if err := c.takeCurrent(current); err != nil {
			return err
		}
	}
	return nil
}

// keys are those of the top level. current is the value of current-context, which is read last: the
// contexts may stand below it.
func (c *Config) keys(current *ast.Node) keys {
	return keys{
		{"read-only", "refuse everything that changes a cluster, whichever it is", aBool, func(n ast.Node) error { return boolean(n, "read-only", &c.ReadOnly) }},
		{"current-context", "the context that is watched when none is named", aText, func(n ast.Node) error { *current = n; return nil }},
		{"contexts", "clusters by name", listOf(object((&Context{}).keys(), "name")), c.takeContexts},
		{"alerts", "rules that say when you want to be told", object(c.alertKeys(&shared{}, new(ast.Node))), c.takeAlerts},
		{"audit", "the record of every action", object((&Audit{}).keys()), c.takeAudit},
		{"decode", "schemas in files, by topic; they win over a schema registry", listOf(object(localKeys(&registry.Local{}, &registry.Local{}), "topic")), c.takeDecode},
		{"watch", "which groups and topics are asked about", object(watchKeys(&limit.Scope{})), c.takeWatch},
	}
}

// locate puts file, line and column in front.
func locate(name string, err error) error {
	var m *mistake
	var y yaml.Error
	switch {
	case errors.As(err, &m):
		return fmt.Errorf("%s:%d:%d: %w", name, m.line, m.column, err)
	case errors.As(err, &y) && y.GetToken() != nil && y.GetToken().Position != nil:
		p := y.GetToken().Position
		return fmt.Errorf("%s:%d:%d: %s", name, p.Line, p.Column, y.GetMessage())
	}
	return fmt.Errorf("%s: %w", name, err)
}
