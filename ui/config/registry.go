package config

import (
	"github.com/goccy/go-yaml/ast"

	"lagtop/kafka/registry"
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

func localKeys(l *registry.Local) keys {
	return keys{
		{"topic", "pattern of the topics (use *, ? and [a-z])", aText, func(n ast.Node) (err error) { l.Topic, err = text(n, "topic"); return err }},
		{"file", ".avsc or .proto; what it imports lies beside it", aText, func(n ast.Node) error { return takePath(n, "file", &l.File) }},
		{"message", "of a .proto file with several: full or short", aText, func(n ast.Node) (err error) { l.Message, err = text(n, "message"); return err }},
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
		var l registry.Local
		if err := fields(n, "an item of decode", localKeys(&l)); err != nil {
			return err
		}
		if err := l.Check(); err != nil {
			return at(n, "decode: %s", err)
		}
		c.Decode = append(c.Decode, l)
		return nil
	})
}
