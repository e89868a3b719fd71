package config

import (
	"strings"
	"testing"
)

func TestAuditSection(t *testing.T) {
	t.Setenv("HOME", "/home/ann")
	for text, want := range map[string]Audit{
		"":                                      {},
		"audit:\n":                              {},
		"audit: {file: /var/log/lagtop.jsonl}":  {File: "/var/log/lagtop.jsonl"},
		"audit:\n  file: ~/a/../lagtop.jsonl\n": {File: "/home/ann/lagtop.jsonl"},
		"audit: {required: false}":              {Optional: true},
		"audit: {file: /x.jsonl, required: true}":  {File: "/x.jsonl"},
		"audit: {file: /x.jsonl, required: false}": {File: "/x.jsonl", Optional: true},
	} {
		c, err := Parse("c.yaml", []byte(text))
		if err != nil || c.Audit != want {
			t.Errorf("%q: %v %+v, want %+v", text, err, c, want)
		}
	}
}

func TestAuditMistakesNameTheirPlace(t *testing.T) {
	for text, want := range map[string]string{
		"audit:\n  file: audit.jsonl":    `c.yaml:2:9: file: want an absolute path`,
		"audit:\n  required: no way":     `c.yaml:2:13: required: want true or false`,
		"audit:\n  requird: false":       `c.yaml:2:3: audit has no key "requird"; did you mean "required"?`,
		"audit:\n  file: [/a, /b]":       `c.yaml:2:9: file: want a text`,
		"audit: never":                   `c.yaml:1:8: audit: want keys with values`,
		"audit: {required: false, x: 1}": `audit has no key "x"`,
	} {
		if _, err := Parse("c.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
