package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"lagtop/kafka/limit"
)

// patterns is a flag that takes patterns of names, several separated by commas or in several flags.
type patterns []string

// Set implements pflag.Value.
func (p *patterns) Set(text string) error {
	for _, one := range strings.Split(text, ",") {
		if one == "" || limit.Check(one) != nil {
			return fmt.Errorf("%q is not a pattern (use *, ? and [a-z])", one)
		}
		*p = append(*p, one)
	}
	return nil
}

// String implements pflag.Value.
func (p *patterns) String() string { return strings.Join(*p, ",") }

// Type implements pflag.Value.
func (p *patterns) Type() string { return "patterns" }

func (r *run) scopeFlags(f *pflag.FlagSet) {
	s := &r.flags.scope
	f.Var((*patterns)(&s.Groups), "group", "ask only about groups whose names match these `patterns` (*, ?, [a-z]; several with commas)")
	f.Var((*patterns)(&s.ExcludeGroups), "exclude-group", "leave out groups whose names match these `patterns`")
	f.Var((*patterns)(&s.Topics), "topic", "ask only about topics whose names match these `patterns`")
	f.Var((*patterns)(&s.ExcludeTopics), "exclude-topic", "leave out topics whose names match these `patterns`")
}

// scope is what the configuration file limits, with the flags in place of what they name.
func (r *run) scope() limit.Scope {
	var s limit.Scope
	if r.loaded != nil {
		s = r.loaded.Watch
	}
	for _, x := range []struct{ of, flag *[]string }{
		{&s.Groups, &r.flags.scope.Groups}, {&s.ExcludeGroups, &r.flags.scope.ExcludeGroups},
		{&s.Topics, &r.flags.scope.Topics}, {&s.ExcludeTopics, &r.flags.scope.ExcludeTopics},
	} {
		if len(*x.flag) > 0 {
			*x.of = *x.flag
		}
	}
	return s
}
