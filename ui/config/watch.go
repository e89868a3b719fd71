package config

import (
	"github.com/goccy/go-yaml/ast"

	"lagtop/kafka/limit"
)

// takeWatch reads the section watch.
func (c *Config) takeWatch(n ast.Node) error { return fields(n, "watch", watchKeys(&c.Watch)) }

func watchKeys(s *limit.Scope) keys {
	one := func(name, help string, out *[]string) key {
		return key{name, help, oneOrMore(aText), func(n ast.Node) error { return takePatterns(n, name, out) }}
	}
	return keys{
		one("groups", "patterns of the groups to ask about; without any: all", &s.Groups),
		one("exclude-groups", "patterns of groups to leave out", &s.ExcludeGroups),
		one("topics", "patterns of the topics to ask about; without any: all, or those of the groups", &s.Topics),
		one("exclude-topics", "patterns of topics to leave out", &s.ExcludeTopics),
	}
}

func takePatterns(n ast.Node, what string, out *[]string) error {
	return items(n, what, func(n ast.Node) error {
		p, err := text(n, what)
		if err != nil {
			return err
		}
		if p == "" || limit.Check(p) != nil {
			return at(n, "%s: %q is not a pattern (use *, ? and [a-z])", what, p)
		}
		*out = append(*out, p)
		return nil
	})
}
