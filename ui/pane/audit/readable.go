package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// field is one member of a JSON object, in the order of the text.
type field struct {
	name  string
	value json.RawMessage
}

// readable words a record of any kind as lines: one for each field that says something.
func readable(indent string, raw json.RawMessage) []string {
	var out []string
	for _, f := range members(raw) {
		switch v := bytes.TrimSpace(f.value); {
		case empty(v):
		case v[0] == '[':
			out = append(out, listed(indent, f.name, v)...)
		case v[0] == '{' && short(v) == "":
			out = append(out, indent+f.name+":")
			out = append(out, readable(indent+"  ", v)...)
		default:
			out = append(out, indent+f.name+": "+short(v))
		}
	}
	return out
}

func listed(indent, name string, raw json.RawMessage) []string {
	var items []json.RawMessage
	_ = json.Unmarshal(raw, &items) // it was valid when it was written
	out := []string{fmt.Sprintf("%s%s: %d", indent, name, len(items))}
	for _, it := range items {
		if s := short(it); s != "" {
			out = append(out, indent+"  "+s)
			continue
		}
		lines := readable(indent+"    ", it)
		if len(lines) > 0 {
			lines[0] = indent + "  - " + strings.TrimLeft(lines[0], " ")
		}
		out = append(out, lines...)
	}
	return out
}

// members are the fields of an object, none for anything else.
func members(raw json.RawMessage) []field {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	var out []field
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return out
		}
		f := field{name: fmt.Sprint(name)}
		if d.Decode(&f.value) != nil {
			return out
		}
		out = append(out, f)
	}
	return out
}

func empty(v json.RawMessage) bool {
	switch string(v) {
	case "", "null", `""`, "[]", "{}", "0", "false":
		return true
	}
	return false
}

// short is a value on one line: a scalar, a partition, a member, or an object of few scalars; else empty.
func short(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] == '[' {
		return ""
	}
	if raw[0] == '"' {
		var s string
		_ = json.Unmarshal(raw, &s)
		return s
	}
	if raw[0] != '{' {
		return string(raw)
	}
	var parts []string
	fs := members(raw)
	for i := 0; i < len(fs); i++ {
		f := fs[i]
		v := short(f.value)
		switch {
		case empty(f.value):
			continue
		case v == "" || len(fs) > 6:
			return ""
		case f.name == "Topic" && i+1 < len(fs) && fs[i+1].name == "Partition":
			parts = append(parts, v+"/"+string(fs[i+1].value))
			i++
		default:
			parts = append(parts, f.name+" "+v)
		}
	}
	return strings.Join(parts, ", ")
}
