package config

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"lagtop/theme"
)

func TestContextsWithAllTheirKeys(t *testing.T) {
	c, err := Parse("f", []byte(`
read-only: true
current-context: prod-eu   # stands above what it names
contexts:
  - name: prod-eu
    bootstrap: [kafka-1:9093, "kafka-2"]
    color: danger
    read-only: true
    protected: true
    client-id: on-call
    interval: 10s
  - {name: staging, bootstrap: "a:1, b:2"}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Context{
		{Name: "prod-eu", Bootstrap: []string{"kafka-1:9093", "kafka-2:9092"}, Color: theme.Danger, ReadOnly: true, Protected: true, ClientID: "on-call", Interval: 10 * time.Second},
		{Name: "staging", Bootstrap: []string{"a:1", "b:2"}},
	}
	if !c.ReadOnly || c.Current != "prod-eu" || !reflect.DeepEqual(c.Contexts, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
	conn, err := c.Context("prod-eu").Conn()
	if err != nil || !conn.ReadOnly || conn.ClientID != "on-call" || !slices.Equal(conn.Bootstrap, want[0].Bootstrap) {
		t.Errorf("%+v %v", conn, err)
	}
	if c.Context("elsewhere") != nil {
		t.Error("a context that is not there was found")
	}
}

func TestMistakesInContexts(t *testing.T) {
	const ok = "contexts:\n  - name: prod-eu\n    bootstrap: a:1\n"
	for text, want := range map[string]string{
		ok + "    colour: danger":                               `f:4:5: a context has no key "colour"; did you mean "color"?`,
		ok + "    color: red":                                   `f:4:12: color: no color is called "red"`,
		ok + "    color: dangre":                                `f:4:12: color: no color is called "dangre"; did you mean "danger"?`,
		ok + "    read-only: maybe":                             `f:4:16: read-only: want true or false`,
		ok + "    interval: 5ms":                                `f:4:15: interval: 5ms: at least 200ms`,
		ok + "    interval: often":                              `f:4:15: interval: "often" is not a time`,
		ok + "  - name: prod-eu\n    bootstrap: b:1":            `f:4:5: two contexts are named "prod-eu"`,
		ok + "current-context: prod-ue":                         `f:4:18: current-context: no context is called "prod-ue"; did you mean "prod-eu"?`,
		"current-context: prod":                                 `f:1:18: current-context: there is no context "prod", contexts is empty`,
		"contexts:\n  - name: a":                                `f:2:5: context "a": bootstrap is missing: host:port`,
		"contexts:\n  - bootstrap: a:1":                         `f:2:5: a context without a name`,
		"contexts:\n  - name: a\n    bootstrap: 'kafka://a:1'":  `f:3:16: bootstrap address "kafka://a:1": give host:port without a scheme`,
		"contexts:\n  - name: \"a/b\"\n    bootstrap: a:1":      `f:2:11: name: "a/b": use letters`,
		"contexts:\n  - name: \"\\e[31m\"\n    bootstrap: a:1":  `f:2:11: name: "\x1b[31m": use letters`,
		"contexts: {name: a}":                                   `f:1:11: contexts: want a list, not keys with values`,
		"contexts:\n  - name: [a]":                              `f:2:11: name: want a text, not a list`,
		"contexts:\n  - name: a\n    name: b\n    bootstrap: x": `f:3:5: mapping key "name" already defined`,
		"current-contxt: a":                                     `f:1:1: the file has no key "current-contxt"; did you mean "current-context"?`,
	} {
		_, err := Parse("f", []byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q\n got %v\nwant %s", text, err, want)
		}
	}
}

// examples are the blocks of the documents that show the file.
func examples(t *testing.T) []string {
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d documents, %v", len(files), err)
	}
	var out []string
	for _, file := range files {
		doc, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, rest := range strings.Split(string(doc), "```yaml\n")[1:] {
			block, _, closed := strings.Cut(rest, "\n```")
			if !closed {
				t.Fatalf("a yaml block of %s is not closed", file)
			}
			out = append(out, block)
		}
	}
	return out
}

func TestExamplesInTheDocumentsMatchTheSchema(t *testing.T) {
	shown := ""
	for _, text := range examples(t) {
		if _, err := Parse("config.yaml", []byte(text)); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
		if err := validate(t, text); err != nil {
			t.Errorf("the schema does not take an example: %v\n%s", err, text)
		}
		shown += text
	}
	for _, k := range []string{"read-only", "current-context", "contexts", "name", "bootstrap", "color", "protected", "client-id", "interval"} {
		if !strings.Contains(shown, k+":") {
			t.Errorf("no example in docs shows the key %s", k)
		}
	}
}

func TestSchemaRefusesWhatTheReaderRefuses(t *testing.T) {
	for _, text := range []string{
		"contxts: []",
		"contexts: [{name: a, bootstrap: b, color: red}]",
		"contexts: [{bootstrap: a}]",
		"contexts: {name: a}",
		"read-only: maybe",
		"contexts: [{name: a, bootstrap: b, protected: 1}]",
		"alerts: {rules: [{name: a, when: {lags: 5}}]}",
		"alerts: {notify: {bell: loud}}",
	} {
		if _, err := Parse("f", []byte(text)); err == nil {
			t.Errorf("the reader takes %q", text)
		}
		if err := validate(t, text); err == nil {
			t.Errorf("the schema takes %q", text)
		}
	}
}

// validate checks a text by the parts of JSON Schema that Schema uses, after a trip through JSON as an
// editor would read it.
func validate(t *testing.T, text string) error {
	t.Helper()
	raw, err := json.Marshal(Schema())
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return matches(schema, v, "file")
}

func matches(schema map[string]any, v any, path string) error {
	if of, ok := schema["anyOf"].([]any); ok {
		return matchesOne(of, v, path)
	}
	if want, ok := schema["const"]; ok {
		if v != want {
			return fmt.Errorf("%s: %v, want %v", path, v, want)
		}
		return nil
	}
	if !slices.Contains(typesOf(schema["type"]), typeOf(v)) {
		return fmt.Errorf("%s: a %s, want %v", path, typeOf(v), schema["type"])
	}
	if words, ok := schema["enum"].([]any); ok && !slices.Contains(words, v) {
		return fmt.Errorf("%s: %v is none of %v", path, v, words)
	}
	switch v := v.(type) {
	case []any:
		for i := range v {
			if err := matches(schema["items"].(map[string]any), v[i], fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	case map[string]any:
		return matchesObject(schema, v, path)
	}
	return nil
}

func matchesOne(of []any, v any, path string) (err error) {
	for _, s := range of {
		if err = matches(s.(map[string]any), v, path); err == nil {
			return nil
		}
	}
	return err
}

func matchesObject(schema, v map[string]any, path string) error {
	props := schema["properties"].(map[string]any)
	must, _ := schema["required"].([]any)
	for _, k := range must {
		if _, ok := v[k.(string)]; !ok {
			return fmt.Errorf("%s: no %s", path, k)
		}
	}
	for k, x := range v {
		p, ok := props[k].(map[string]any)
		if !ok {
			return fmt.Errorf("%s: unknown key %s", path, k)
		}
		if p["description"] == "" {
			return fmt.Errorf("%s.%s has no description", path, k)
		}
		if err := matches(p, x, path+"."+k); err != nil {
			return err
		}
	}
	return nil
}

func typesOf(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, x := range v {
			out = append(out, x.(string))
		}
		return out
	}
	return nil
}

func typeOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return "number"
}
