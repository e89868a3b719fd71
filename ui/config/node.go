package config

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"lagtop/kafka/human"
)

// mistake is an error in the file with its place, both from 1.
type mistake struct {
	line, column int
	text         string
}

func (m *mistake) Error() string { return m.text }

func at(n ast.Node, format string, args ...any) error {
	m := &mistake{line: 1, column: 1, text: fmt.Sprintf(format, args...)}
	for {
		switch v := n.(type) { // their own tokens are the colon and the first key's colon
		case *ast.MappingValueNode:
			n = v.Key
			continue
		case *ast.MappingNode:
			if len(v.Values) > 0 && !v.IsFlowStyle {
				n = v.Values[0]
				continue
			}
		}
		break
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		m.line, m.column = t.Position.Line, t.Position.Column
	}
	return m
}

// field takes the value of one key.
type field func(ast.Node) error

// fields gives each value of a mapping to the field of its key.
func fields(n ast.Node, what string, known keys) error {
	var pairs []*ast.MappingValueNode
	switch v := n.(type) {
	case *ast.MappingNode:
		pairs = v.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{v}
	case *ast.NullNode: // a key above nothing but comments
	default:
		return at(n, "%s: want keys with values, not %s", what, kindOf(n))
	}
	for _, p := range pairs {
		key := p.Key.String()
		if s, ok := p.Key.(*ast.StringNode); ok {
			key = s.Value
		}
		k := known.named(key)
		if k == nil {
			return at(p.Key, "%s has no key %q%s", what, key, meant(key, known.names()))
		}
		if err := k.take(p.Value); err != nil {
			return err
		}
	}
	return nil
}

// items gives each item of a sequence to take. A single scalar counts as a sequence of one.
func items(n ast.Node, what string, take field) error {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		if _, isText := textOf(n); isText {
			return take(n)
		}
		return at(n, "%s: want a list, not %s", what, kindOf(n))
	}
	for _, v := range seq.Values {
		if err := take(v); err != nil {
			return err
		}
	}
	return nil
}

// text is a scalar as it is written.
func text(n ast.Node, what string) (string, error) {
	s, ok := textOf(n)
	if !ok {
		return "", at(n, "%s: want a text, not %s", what, kindOf(n))
	}
	return s, nil
}

func textOf(n ast.Node) (string, bool) {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return v.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func boolean(n ast.Node, what string, out *bool) error {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		return at(n, "%s: want true or false", what)
	}
	*out = b.Value
	return nil
}

func kindOf(n ast.Node) string {
	switch n.(type) {
	case *ast.NullNode:
		return "nothing"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys with values"
	case *ast.SequenceNode:
		return "a list"
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		return "an anchor (they are not supported)"
	case *ast.TagNode:
		return "a tag (they are not supported)"
	}
	return "a single value"
}

// meant names the nearest of the known words, or all of them where none is near.
func meant(word string, known []string) string {
	if best := human.Nearest(word, known, max(len(word), 4)/2); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return "; known: " + strings.Join(known, ", ")
}
