// Package limit says which groups and topics a person wants to see, by patterns of their names. It is pure;
// what is not asked for because of it, package poll decides.
package limit

import (
	"path"
	"slices"
	"strings"
)

// Scope limits what is watched. A name is in when it matches one of the patterns, or there are none, and
// matches none of the excluding ones. The zero Scope is everything.
type Scope struct {
	Groups, ExcludeGroups []string
	Topics, ExcludeTopics []string
}

// LimitsGroups tells whether some groups may be out.
func (s *Scope) LimitsGroups() bool { return len(s.Groups)+len(s.ExcludeGroups) > 0 }

// LimitsTopics tells whether some topics may be out.
func (s *Scope) LimitsTopics() bool { return len(s.Topics)+len(s.ExcludeTopics) > 0 }

// Group tells whether a group is in.
func (s *Scope) Group(name string) bool { return in(name, s.Groups, s.ExcludeGroups) }

// Topic tells whether a topic is in.
func (s *Scope) Topic(name string) bool { return in(name, s.Topics, s.ExcludeTopics) }

func in(name string, include, exclude []string) bool {
	fits := func(pattern string) bool { return Match(pattern, name) }
	return (len(include) == 0 || slices.ContainsFunc(include, fits)) && !slices.ContainsFunc(exclude, fits)
}

// Check tells whether p is a pattern: *, ?, [a-z]. Unlike in paths, a slash is a letter as any other, because
// group ids may contain one.
func Check(p string) error {
	_, err := path.Match(slashless(p), "")
	return err
}

// Match tells whether the whole name matches. A broken pattern matches nothing, the empty one only the name "".
func Match(pattern, name string) bool {
	if pattern == "*" {
		return true
	}
	ok, err := path.Match(slashless(pattern), slashless(name))
	return ok && err == nil
}

func slashless(s string) string { return strings.ReplaceAll(s, "/", "\x00") }
