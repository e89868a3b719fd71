package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lagtop/theme"
)

// byHand is a file as people write them.
const byHand = `# clusters of the on-call team

read-only: false      # for now
current-context: staging   # change with lagtop context use

contexts:
  # the shop
  - name: prod-eu
    bootstrap:
      - kafka-1:9093   # rack a
      - kafka-2:9093
    color: danger

    protected: true
  # for tests
  - bootstrap: staging:9092
    name: "staging"

# who is told
alerts:
  rules:
    - name: behind
      when: {lag: 10k}
`

func file(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	return path
}

func content(t *testing.T, path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var added = Context{Name: "dr", Bootstrap: []string{"dr-1:9092", "[::1]:9092"}, Color: theme.Lagging, ReadOnly: true}

const addedText = "  - name: dr\n    bootstrap: [dr-1:9092, \"[::1]:9092\"]\n    color: warning\n    read-only: true\n"

func TestEditsTouchOnlyTheirOwnLines(t *testing.T) {
	staging := "  - bootstrap: staging:9092\n    name: \"staging\"\n"
	prod := byHand[strings.Index(byHand, "  - name: prod-eu"):strings.Index(byHand, "  # for tests")]
	for name, c := range map[string]struct {
		edit func(path string) error
		want string
	}{
		"use":            {func(p string) error { return Use(p, "prod-eu") }, strings.Replace(byHand, "current-context: staging ", "current-context: prod-eu ", 1)},
		"add":            {func(p string) error { return Add(p, Written{Context: added}) }, strings.Replace(byHand, staging, staging+addedText, 1)},
		"remove another": {func(p string) error { return Remove(p, "prod-eu") }, strings.Replace(byHand, prod, "", 1)},
		"remove the current": {func(p string) error { return Remove(p, "staging") },
			strings.Replace(strings.Replace(byHand, staging, "", 1), "current-context: staging   # change with lagtop context use\n", "", 1)},
	} {
		path := file(t, byHand)
		if err := c.edit(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := content(t, path); got != c.want {
			t.Errorf("%s:\n%s\nwant:\n%s", name, got, c.want)
		}
		if i, err := os.Stat(path); err != nil || i.Mode().Perm() != 0o640 {
			t.Errorf("%s: the mode is %v now, %v", name, i.Mode(), err)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
			t.Errorf("%s left %v behind", name, left)
		}
	}
}

func TestAddPutsContextsWhereverTheFileHasRoom(t *testing.T) {
	x := Context{Name: "a", Bootstrap: []string{"b:1"}}
	const item = "  - name: a\n    bootstrap: b:1\n"
	for before, want := range map[string]string{
		"":                     "contexts:\n" + item,
		"# mine":               "# mine\ncontexts:\n" + item,
		"read-only: true":      "read-only: true\ncontexts:\n" + item,
		"contexts:\n":          "contexts:\n" + item,
		"contexts:   # none\n": "contexts:   # none\n" + item,
		"contexts: []\n":       "contexts: \n" + item,
		"contexts:\r\n":        "contexts:\r\n" + strings.ReplaceAll(item, "\n", "\r\n"),
		"contexts:\n- name: x\n  bootstrap: y:1\nread-only: true\n": "contexts:\n- name: x\n  bootstrap: y:1\n- name: a\n  bootstrap: b:1\nread-only: true\n",
	} {
		path := file(t, before)
		if err := Add(path, Written{Context: x}); err != nil {
			t.Errorf("%q: %v", before, err)
		}
		if got := content(t, path); got != want {
			t.Errorf("%q became %q, want %q", before, got, want)
		}
	}
}

func TestAddCreatesAPrivateFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "config.yaml")
	if err := Add(path, Written{Context: added}); err != nil {
		t.Fatal(err)
	}
	if err := Use(path, "dr"); err != nil {
		t.Fatal(err)
	}
	if want := "current-context: dr\ncontexts:\n" + addedText; content(t, path) != want {
		t.Errorf("%s", content(t, path))
	}
	if i, err := os.Stat(path); err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", i.Mode(), err)
	}
	if err := Remove(path, "dr"); err != nil {
		t.Fatal(err)
	}
	if want := "contexts:\n"; content(t, path) != want {
		t.Errorf("%q", content(t, path))
	}
}

func TestEditKeepsASymlink(t *testing.T) {
	real := file(t, byHand)
	link := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	if err := Use(link, "prod-eu"); err != nil {
		t.Fatal(err)
	}
	if i, err := os.Lstat(link); err != nil || i.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced by a file")
	}
	if !strings.Contains(content(t, real), "current-context: prod-eu") {
		t.Error("the file behind the link was not edited")
	}
}

func TestEditsThatAreRefusedChangeNothing(t *testing.T) {
	use := func(name string) func(string) error { return func(p string) error { return Use(p, name) } }
	remove := func(name string) func(string) error { return func(p string) error { return Remove(p, name) } }
	add := func(p string) error { return Add(p, Written{Context: Context{Name: "a", Bootstrap: []string{"b:1"}}}) }
	for _, c := range []struct {
		text string
		edit func(string) error
		want string
	}{
		{byHand + "mistake: 1\n", use("prod-eu"), `not edited, mend this first: `},
		{byHand, use("prod-ue"), `no context is called "prod-ue"; did you mean "prod-eu"?`},
		{byHand, remove("stagin"), `did you mean "staging"?`},
		{"", use("a"), `there is no context "a": there are none yet`},
		{"contexts: [{name: a, bootstrap: b:1}]", add, `there is a context "a" already`},
		{"contexts: [{name: x, bootstrap: b:1}]", add, "please change it by hand"},
		{"contexts: [{name: x, bootstrap: b:1}]", remove("x"), "please change it by hand"},
		{"{read-only: true}", add, "please change it by hand"},
		{"contexts:\n  - {name: x,\n bootstrap: b:1}\n", remove("x"), "please change it by hand"},
	} {
		path := file(t, c.text)
		err := c.edit(path)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
		if got := content(t, path); got != c.text {
			t.Errorf("%q became %q", c.text, got)
		}
	}
}

func FuzzEditsLoseNothing(f *testing.F) {
	f.Add(byHand)
	f.Add("contexts:\n-\n  name: x\n  bootstrap: >\n    y:1\n#\n\n- {name: z, bootstrap: w}\ncurrent-context: \"z\"")
	f.Add("---\ncontexts: # c\n  - name: 'x' # d\n    bootstrap: [y:1,\n      z:2]\n...\n")
	f.Fuzz(func(t *testing.T, text string) {
		before, err := Parse("f", []byte(text))
		if err != nil || before.Context("fuzzed") != nil {
			return
		}
		path := file(t, text)
		if err := Add(path, Written{Context: Context{Name: "fuzzed", Bootstrap: []string{"b:1"}}}); err != nil {
			if content(t, path) != text {
				t.Errorf("refused (%v), but %q became %q", err, text, content(t, path))
			}
			return
		}
		lines := strings.Fields(content(t, path))
		for _, w := range strings.Fields(text) {
			if w != "[]" && !slices.Contains(lines, w) {
				t.Errorf("%q is lost: %q became %q", w, text, content(t, path))
			}
		}
		if err := Remove(path, "fuzzed"); err != nil {
			t.Errorf("%q: what was added cannot be removed: %v", content(t, path), err)
		}
	})
}

func TestFileWithSecretsIsEdited(t *testing.T) {
	path := file(t, "contexts:\n  - name: a\n    bootstrap: x:1\n    sasl: {mechanism: PLAIN, username: u, password-env: PW}\n  - name: b\n    bootstrap: y:1\n    tls: {ca: ca.pem, cert: me.p12, cert-password: word}\n")
	added := Written{Context: Context{Name: "c", Bootstrap: []string{"z:1"}}, Lines: []string{"tls: true", "sasl: {mechanism: PLAIN, username: v, password-command: pass kafka}"}}
	for _, err := range []error{Use(path, "b"), Add(path, added), Remove(path, "a"), Use(path, "c")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	c, err := Load(path)
	if err != nil || c.Current != "c" || len(c.Contexts) != 2 {
		t.Fatal(c, err)
	}
	if got := c.Context("c").Login.Auth.Words(); got != "TLS, trusting this machine's certificates; SASL PLAIN as v" {
		t.Error(got)
	}
	bad := Written{Context: Context{Name: "d", Bootstrap: []string{"z:1"}}, Lines: []string{"tls: [what]"}}
	if before, _ := os.ReadFile(path); Add(path, bad) == nil {
		t.Error("a login that cannot be read was written")
	} else if after, _ := os.ReadFile(path); string(after) != string(before) {
		t.Errorf("%s", after)
	}
}
