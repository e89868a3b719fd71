package config

import (
	"maps"
	"slices"
)

// key is one key of a mapping: what editors are told about it and how its value is read.
type key struct {
	name string
	help string // one sentence
	is   shape
	take field
}

// keys are those that a mapping may have, in the order in which people expect them. The reader and the
// schema share them.
type keys []key

func (ks keys) named(name string) *key {
	for i := range ks {
		if ks[i].name == name {
			return &ks[i]
		}
	}
	return nil
}

// names are sorted.
func (ks keys) names() []string {
	out := make([]string, len(ks))
	for i := range ks {
		out[i] = ks[i].name
	}
	slices.Sort(out)
	return out
}

// shape is what the JSON Schema says of a value.
type shape func() map[string]any

func aBool() map[string]any { return map[string]any{"type": "boolean"} }

// aText is any scalar: a number is a text to the reader.
func aText() map[string]any { return map[string]any{"type": []string{"string", "number", "boolean"}} }

func aWord(of []string) shape {
	return func() map[string]any { return map[string]any{"type": "string", "enum": of} }
}

// listOf may be left empty, as a key above nothing but comments.
func listOf(is shape) shape {
	return func() map[string]any { return map[string]any{"type": []string{"array", "null"}, "items": is()} }
}

// oneOrMore is a value, or a list of such values.
func oneOrMore(is shape) shape {
	return func() map[string]any {
		return map[string]any{"anyOf": []any{is(), map[string]any{"type": "array", "items": is()}}}
	}
}

// object is a mapping with these keys and no others. must are those that it cannot do without.
func object(ks keys, must ...string) shape {
	return func() map[string]any {
		props := map[string]any{}
		for _, k := range ks {
			one := maps.Clone(k.is())
			one["description"] = k.help
			props[k.name] = one
		}
		out := map[string]any{"type": []string{"object", "null"}, "properties": props, "additionalProperties": false}
		if len(must) > 0 {
			out["type"], out["required"] = "object", must
		}
		return out
	}
}

// Schema is the JSON Schema of the file, for editors. It is made of the keys that the reader knows.
func Schema() map[string]any {
	out := object((&Config{}).keys(nil))()
	out["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	out["title"] = "lagtop configuration"
	return out
}
