package config

import (
	"reflect"
	"strings"
	"testing"

	"lagtop/kafka/limit"
)

func TestWatchLimitsGroupsAndTopics(t *testing.T) {
	c, err := Parse("f", []byte("watch:\n  groups: [pay*, \"team/?\"]\n  exclude-groups: console-*\n  topics:\n    - orders\n  exclude-topics: []\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := limit.Scope{Groups: []string{"pay*", "team/?"}, ExcludeGroups: []string{"console-*"}, Topics: []string{"orders"}}
	if !reflect.DeepEqual(c.Watch, want) {
		t.Errorf("%+v, want %+v", c.Watch, want)
	}
}

func TestMistakesInWatchAreNamed(t *testing.T) {
	for text, want := range map[string]string{
		"watch:\n  group: x\n":               `f:2:3: watch has no key "group"; did you mean "groups"?`,
		"watch:\n  groups: [a, \"[\"]\n":     `f:2:15: groups: "[" is not a pattern`,
		"watch:\n  exclude-topics: {a: b}\n": "f:2:19: exclude-topics: want a list, not keys with values",
		"watch:\n  topics: [\"\"]\n":         `f:2:12: topics: "" is not a pattern`,
		"watch: all\n":                       "f:1:8: watch: want keys with values, not a single value",
	} {
		if _, err := Parse("f", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
