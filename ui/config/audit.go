package config

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Audit is where every action is recorded, and whether it may go on where that fails.
type Audit struct {
	File     string // absolute; empty: the file in the user's state folder
	Optional bool   // actions go on without a record
}

// takeAudit reads the section audit.
func (c *Config) takeAudit(n ast.Node) error { return fields(n, "audit", c.Audit.keys()) }

func (a *Audit) keys() keys {
	return keys{
		{"file", "the file that records every action: an absolute path, or one below ~/", aText, func(n ast.Node) error { return takeFile(n, &a.File) }},
		{"required", "whether an action is refused when it cannot be recorded (true unless it says false)", aBool, func(n ast.Node) error {
			required := true
			err := boolean(n, "required", &required)
			a.Optional = !required
			return err
		}},
	}
}

// takeFile is a path that does not depend on where the program is started.
func takeFile(n ast.Node, out *string) error {
	path, err := text(n, "file")
	if err != nil {
		return err
	}
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return at(n, "file: %v", err)
		}
		path = filepath.Join(home, rest)
	}
	if !filepath.IsAbs(path) {
		return at(n, "file: want an absolute path or one that begins with ~/, not %q", path)
	}
	*out = filepath.Clean(path)
	return nil
}
