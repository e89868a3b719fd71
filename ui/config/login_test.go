package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lagtop/kafka/conn"
)

const canary = "cAnArY-5f1d"

func login(t *testing.T, lines string) conn.Config {
	t.Helper()
	c, err := Parse("f", []byte("contexts:\n  - name: a\n    bootstrap: b-1.x.kafka.eu-west-1.amazonaws.com:9098\n"+lines))
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := c.Contexts[0].Conn()
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestLoginsOfContexts(t *testing.T) {
	home, err := os.UserHomeDir()
	if err != nil {
		t.Skip("no home")
	}
	t.Setenv("LAGTOP_TEST_SECRET", canary)
	file := filepath.Join(t.TempDir(), "pw")
	if err := os.WriteFile(file, []byte(canary+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, lines := range map[string]string{
		"text":            "    sasl: {mechanism: plain, username: u, password: " + canary + "}\n",
		"file":            "    sasl: {mechanism: PLAIN, username: u, password-file: " + file + "}\n",
		"environment":     "    sasl: {mechanism: PLAIN, username: u, password-env: LAGTOP_TEST_SECRET}\n",
		"command":         "    sasl: {mechanism: PLAIN, username: u, password-command: cat  " + file + "}\n",
		"command as list": "    sasl:\n      mechanism: PLAIN\n      username: u\n      password-command: [cat, " + file + "]\n",
	} {
		s := login(t, lines).Auth.SASL
		if got, err := s.Password.Reveal(t.Context()); err != nil || got != canary || s.User != "u" || s.Mechanism != conn.Plain {
			t.Errorf("%s: %q %v %+v", name, got, err, s)
		}
	}
	x := login(t, "    tls: {ca: ~/ca.pem, cert: c.p12, cert-password: "+canary+", skip-name: true}\n    map: [a:1=b:2, c=d]\n    proxy: socks5://me:"+canary+"@p:1\n").Auth.TLS
	if x.CA.Path != filepath.Join(home, "ca.pem") || x.Cert.Path != "c.p12" || !x.SkipName || x.Cert.Password.IsZero() {
		t.Errorf("%+v", x)
	}
	for _, on := range []string{"    tls: true\n", "    tls:\n", "    tls: {}\n"} {
		if login(t, on).Auth.TLS == nil {
			t.Errorf("%q is plaintext", on)
		}
	}
	if s := login(t, "    sasl: {aws: {profile: prod}}\n").Auth.SASL; s.Mechanism != conn.OAuthBearer || s.AWS.Region != "eu-west-1" || s.Token.IsZero() {
		t.Errorf("%+v", s)
	}
	if s := login(t, "    sasl: {kerberos: {principal: me@X, keytab: /k}}\n").Auth.SASL; s.Mechanism != conn.GSSAPI || s.Kerberos.Keytab != "/k" {
		t.Errorf("%+v", s)
	}
	oauth := "    sasl:\n      oauth:\n        token-endpoint: https://x/t\n        client-id: me\n        client-secret: " + canary + "\n        audience: kafka\n      extensions: {logicalCluster: lkc-1}\n"
	if s := login(t, oauth).Auth.SASL; s.Mechanism != conn.OAuthBearer || s.Token.IsZero() || s.Extensions["logicalCluster"] != "lkc-1" {
		t.Errorf("%+v", s)
	}
	if s := login(t, "    sasl: {oauth: {token-command: echo "+canary+"}}\n").Auth.SASL; s.Token.IsZero() {
		t.Errorf("%+v", s)
	}
}

func TestPropertiesOfAContextAreReadAndItsOwnWordsWin(t *testing.T) {
	file := filepath.Join(t.TempDir(), "client.properties")
	text := "bootstrap.servers=other:9092\nclient.id=theirs\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n" +
		"sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\"" + canary + "\";\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := login(t, "    properties: "+file+"\n    tls: {ca: mine.pem}\n")
	if c.Auth.SASL.User != "u" || c.Auth.TLS.CA.Path != "mine.pem" || c.ClientID != "theirs" || strings.Contains(c.Bootstrap[0], "other") {
		t.Errorf("%+v", c)
	}
	if c := login(t, "    properties: "+file+"\n    tls: false\n"); c.Auth.TLS != nil || c.Auth.SASL.User != "u" {
		t.Errorf("tls: false does not win: %+v", c.Auth)
	}
	if c := login(t, "    properties: "+file+"\n"); c.Auth.TLS == nil {
		t.Error("what the file says of TLS is lost where the context says nothing")
	}
	f, err := Parse("f", []byte("contexts:\n  - name: a\n    properties: "+file+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := f.Contexts[0].Conn(); err != nil || c.Bootstrap[0] != "other:9092" {
		t.Errorf("%+v %v", c, err)
	}
	if err := os.WriteFile(file, []byte("sasl.mechanizm=x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Contexts[0].Conn(); err == nil || !strings.Contains(err.Error(), file+": sasl.mechanizm: unknown key") {
		t.Errorf("got %v", err)
	}
}

func TestMistakesOfLoginsNamePlaceAndShowNoSecret(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"key":          {"    sasl: {mechanizm: PLAIN}\n", `f:4:12: sasl has no key "mechanizm"; did you mean "mechanism"?`},
		"tls key":      {"    tls: {caa: x}\n", `f:4:11: tls has no key "caa"; did you mean "ca"?`},
		"mechanism":    {"    sasl: {mechanism: SCRAM-SHA-265}\n", `f:4:23: mechanism: none is called "SCRAM-SHA-265"; did you mean "SCRAM-SHA-256"?`},
		"none":         {"    sasl: {username: u, password: " + canary + "}\n", "sasl: mechanism is missing: PLAIN, "},
		"no user":      {"    sasl: {mechanism: PLAIN, password: " + canary + "}\n", "sasl: SASL PLAIN: the user name is missing"},
		"no password":  {"    sasl: {mechanism: PLAIN, username: u}\n", "the password is missing"},
		"two":          {"    sasl: {password: " + canary + ", password-env: X}\n", "password and password-env: give one of them"},
		"empty":        {"    sasl: {password: \"\"}\n", "password: it is empty"},
		"no command":   {"    sasl: {password-command: []}\n", "password-command: it is empty"},
		"a list":       {"    sasl: {password: [" + canary + "]}\n", "password: want a text, not a list"},
		"key alone":    {"    tls: {key: k.pem}\n", "cert is missing"},
		"map":          {"    map: [a:1]\n", `f:4:11: address map "a:1": write from=to`},
		"proxy":        {"    proxy: ftp://me:" + canary + "@x\n", `f:4:12: proxy: a proxy of kind "ftp" is not supported`},
		"proxy form":   {"    proxy: \"me:" + canary + "@x\"\n", "the proxy is no address"},
		"endpoint":     {"    sasl: {oauth: {token-endpoint: \"https://me:" + canary + "@x/\", client-id: a, client-secret: b}}\n", "no https:// address"},
		"no client id": {"    sasl: {oauth: {token-endpoint: https://x/, client-secret: " + canary + "}}\n", "the client id is missing"},
		"not a map":    {"    sasl: " + canary + "\n", "sasl: want keys with values"},
		"tls text":     {"    tls: maybe\n", "tls: want keys with values"},
		"kerberos":     {"    sasl: {kerberos: {keytab: /k}}\n", "the principal is missing"},
	} {
		_, err := Parse("f", []byte("contexts:\n  - name: a\n    bootstrap: x\n"+c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "f:4:") {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
			continue
		}
		if all := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(all, canary) {
			t.Errorf("%s leaks: %s", name, all)
		}
	}
}

func TestNoContextShowsItsSecrets(t *testing.T) {
	c, err := Parse("f", []byte("contexts:\n  - name: a\n    bootstrap: x\n    proxy: http://me:"+canary+"@p:1\n    tls: {cert: c, key-password: "+canary+
		"}\n    sasl: {mechanism: PLAIN, username: u, password: "+canary+"}\n"))
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := c.Contexts[0].Conn()
	if err != nil {
		t.Fatal(err)
	}
	x := c.Contexts[0]
	all := fmt.Sprintf("%v %+v %#v %+v %+v %#v %+v %+v", c, c, c, x.Login.Auth.TLS, x.Login.Auth.SASL, x.Login.Auth.SASL, cfg, cfg.Proxy)
	if strings.Contains(all, canary) {
		t.Errorf("leaks: %s", all)
	}
}
