package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// avroType is a schema as the Avro specification 1.12 has it.
type avroType struct {
	kind     string // a primitive, record, enum, fixed, array, map or union
	name     string // full, of records, enums and fixed
	fields   []avroField
	symbols  []string
	of       []*avroType // branches of a union; one for array and map
	size     int         // of fixed, bytes
	logical  string
	decimals int // of the logical type decimal
}

type avroField struct {
	name string
	is   *avroType
}

// avroNames are the named types that are known so far, by full name.
type avroNames map[string]*avroType

// parseAvro reads a schema. The types that it names are added to names.
func parseAvro(source string, names avroNames) (*avroType, error) {
	var node any
	if err := json.Unmarshal([]byte(source), &node); err != nil {
		word := strings.TrimSpace(source)
		if !isPrimitive(word) && names[word] == nil { // registries accept a bare word
			return nil, fmt.Errorf("the Avro schema is no JSON: %w", err)
		}
		node = word
	}
	return names.parse(node, "", 0)
}

func isPrimitive(kind string) bool {
	switch kind {
	case "null", "boolean", "int", "long", "float", "double", "bytes", "string":
		return true
	}
	return false
}

func (names avroNames) parse(node any, space string, depth int) (*avroType, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	switch v := node.(type) {
	case string:
		return names.byName(v, space)
	case []any:
		t := &avroType{kind: "union"}
		for _, one := range v {
			b, err := names.parse(one, space, depth+1)
			if err != nil {
				return nil, err
			}
			t.of = append(t.of, b)
		}
		return t, nil
	case map[string]any:
		return names.object(v, space, depth)
	}
	return nil, errors.New("the Avro schema has a type that is neither name, list nor object")
}

func (names avroNames) byName(name, space string) (*avroType, error) {
	if isPrimitive(name) {
		return &avroType{kind: name}, nil
	}
	if t := names[fullName(name, space)]; t != nil {
		return t, nil
	}
	if t := names[name]; t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("the Avro schema does not say what %q is", name)
}

func fullName(name, space string) string {
	if space == "" || strings.Contains(name, ".") {
		return name
	}
	return space + "." + name
}

func (names avroNames) object(v map[string]any, space string, depth int) (*avroType, error) {
	kind, plain := v["type"].(string)
	if !plain {
		return names.parse(v["type"], space, depth+1)
	}
	switch kind {
	case "record", "error", "enum", "fixed":
		return names.named(kind, v, space, depth)
	case "array", "map":
		inner := v["items"]
		if kind == "map" {
			inner = v["values"]
		}
		of, err := names.parse(inner, space, depth+1)
		return &avroType{kind: kind, of: []*avroType{of}}, err
	}
	t, err := names.byName(kind, space)
	if err == nil && isPrimitive(kind) {
		t.takeLogical(v)
	}
	return t, err
}

func (names avroNames) named(kind string, v map[string]any, space string, depth int) (*avroType, error) {
	name, _ := v["name"].(string)
	if s, ok := v["namespace"].(string); ok {
		space = s
	}
	t := &avroType{kind: kind, name: fullName(name, space)}
	if i := strings.LastIndexByte(t.name, '.'); i >= 0 {
		space = t.name[:i]
	}
	names[t.name] = t // before its fields, which may name it
	switch kind {
	case "enum":
		symbols, _ := v["symbols"].([]any)
		for _, s := range symbols {
			word, _ := s.(string)
			t.symbols = append(t.symbols, word)
		}
		return t, nil
	case "fixed":
		size, ok := v["size"].(float64)
		if !ok || size < 0 || size > maxPayload {
			return nil, fmt.Errorf("the Avro schema has fixed %s without a size that can be", t.name)
		}
		t.size = int(size)
		t.takeLogical(v)
		return t, nil
	}
	t.kind = "record"
	list, _ := v["fields"].([]any)
	for _, f := range list {
		one, _ := f.(map[string]any)
		is, err := names.parse(one["type"], space, depth+1)
		if err != nil {
			return nil, err
		}
		field, _ := one["name"].(string)
		t.fields = append(t.fields, avroField{field, is})
	}
	return t, nil
}

func (t *avroType) takeLogical(v map[string]any) {
	t.logical, _ = v["logicalType"].(string)
	if scale, ok := v["scale"].(float64); ok && scale >= 0 && scale <= 1000 {
		t.decimals = int(scale)
	}
}
