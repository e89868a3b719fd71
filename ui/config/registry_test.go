package config

import (
	"slices"
	"strings"
	"testing"

	"lagtop/kafka/registry"
	"lagtop/kafka/tail/format"
)

func TestSchemaRegistryOfAContext(t *testing.T) {
	c, err := Parse("f", []byte("contexts:\n  - name: a\n    bootstrap: k:9092\n    schema-registry: {url: https://sr:8081, username: u, password: "+canary+", ca: sr.pem}\n"+
		"decode:\n  - {topic: 'pay*', file: pay.proto, message: Payment}\n  - {topic: '*', file: any.avsc, key: keys.proto, key-message: Key}\n  - {topic: k, key: k.avsc}\n"))
	if err != nil {
		t.Fatal(err)
	}
	r := c.Contexts[0].Registry
	if got, err := r.Password.Reveal(t.Context()); err != nil || got != canary || r.URL != "https://sr:8081" || r.Username != "u" || r.CA != "sr.pem" {
		t.Errorf("%+v %v", r, err)
	}
	want := []registry.Local{
		{Topic: "pay*", File: "pay.proto", Message: "Payment"}, {Topic: "*", File: "any.avsc"},
		{Topic: "*", Part: format.OfKey, File: "keys.proto", Message: "Key"}, {Topic: "k", Part: format.OfKey, File: "k.avsc"},
	}
	if !slices.Equal(c.Decode, want) {
		t.Errorf("%+v", c.Decode)
	}
}

func TestSchemaRegistryMistakes(t *testing.T) {
	for lines, want := range map[string]string{
		"    schema-registry: {}\n":                                       "f:4:22: schema-registry: url is missing",
		"    schema-registry: {url: sr}\n":                                `url: "sr": want http://`,
		"    schema-registry: {url: 'https://u:" + canary + "@sr'}\n":     "give username and password instead",
		"    schema-registry: {url: http://sr, username: u}\n":            "username and password go together",
		"    schema-registry: {url: http://sr, pasword: x}\n":             `did you mean "password"`,
		"    schema-registry: {url: http://sr, token: x, token-env: Y}\n": "give one of them",
		"decode:\n  - {topic: '[', file: a.avsc}\n":                       "is not a pattern",
		"decode:\n  - {topic: a, file: a.json}\n":                         "want .avsc or .proto",
		"decode:\n  - {topic: a, file: a.avsc, message: b}\n":             "only a .proto file has several",
		"decode:\n  - {topic: a}\n":                                       "give file for values, key for keys, or both",
		"decode:\n  - {topic: a, key: a.json}\n":                          `key: "a.json": want .avsc or .proto`,
		"decode:\n  - {topic: a, file: a.avsc, key-message: b}\n":         `key: ""`,
		"decode: {topic: a}\n":                                            "want a list",
	} {
		_, err := Parse("f", []byte("contexts:\n  - name: a\n    bootstrap: k:9092\n"+lines))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), canary) {
			t.Errorf("%q: %v", lines, err)
		}
	}
}
