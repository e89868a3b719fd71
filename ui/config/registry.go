package config

import (
	"github.com/goccy/go-yaml/ast"

	"lagtop/kafka/registry"
	"lagtop/kafka/tail/format"
)

func registryKeys(r *registry.Config) keys {
	ks := keys{
		{"url", "its address: https://host:8081", aText, func(n ast.Node) (err error) {
			if r.URL, err = text(n, "url"); err == nil && registry.Check(r.URL) != nil {
				err = at(n, "url: %s", registry.Check(r.URL))
			}
			return err
		}},
		{"username", "who you are to it", aText, func(n ast.Node) (err error) { r.Username, err = text(n, "username"); return err }},
		{"ca", "file with the certificates to believe, PEM", aText, func(n ast.Node) error { return takePath(n, "ca", &r.CA) }},
	}
	ks = append(ks, secretKeys("password", "of that user", &r.Password)...)
	return append(ks, secretKeys("token", "to bear in place of user and password", &r.Token)...)
}

func (c *Context) takeRegistry(n ast.Node) error {
	var r registry.Config
	if err := fields(n, "schema-registry", registryKeys(&r)); err != nil {
		return err
	}
	switch {
	case r.URL == "":
		return at(n, "schema-registry: url is missing: https://host:8081")
	case r.Username != "" && r.Password.IsZero(), r.Username == "" && !r.Password.IsZero():
		return at(n, "schema-registry: username and password go together")
	case r.Username != "" && !r.Token.IsZero():
		return at(n, "schema-registry: username and token: give one of them")
	}
	c.Registry = r
	return nil
}

// localKeys are those of an item: a schema of values, one of keys, or both, of the same topics.
func localKeys(value, key *registry.Local) keys {
	return keys{
		{"topic", "pattern of the topics (use *, ? and [a-z])", aText, func(n ast.Node) (err error) { value.Topic, err = text(n, "topic"); return err }},
		{"file", "of values: .avsc or .proto; what it imports lies beside it", aText, func(n ast.Node) error { return takePath(n, "file", &value.File) }},
		{"message", "of a .proto file with several: full or short", aText, func(n ast.Node) (err error) { value.Message, err = text(n, "message"); return err }},
		{"key", "the same for keys: .avsc or .proto", aText, func(n ast.Node) error { return takePath(n, "key", &key.File) }},
		{"key-message", "of a .proto file for keys", aText, func(n ast.Node) (err error) { key.Message, err = text(n, "key-message"); return err }},
	}
}

// takeDecode reads the section decode. The files are opened by what decodes.
func (c *Config) takeDecode(n ast.Node) error {
	if n.Type() == ast.NullType {
		return nil
	}
	if _, ok := n.(*ast.SequenceNode); !ok {
		return at(n, "decode: want a list, not %s", kindOf(n))
	}
	return items(n, "decode", func(n ast.Node) error {
		var value registry.Local
		key := registry.Local{Part: format.OfKey}
		if err := fields(n, "an item of decode", localKeys(&value, &key)); err != nil {
			return err
		}
		key.Topic = value.Topic
		if value.File == "" && key.File == "" {
			return at(n, "decode: give file for values, key for keys, or both")
		}
		for _, l := range []registry.Local{value, key} {
			if l.File == "" && l.Message == "" {
				continue
			}
			if err := l.Check(); err != nil {
				return at(n, "decode: %s", err)
			}
			c.Decode = append(c.Decode, l)
		}
		return nil
	})
}
