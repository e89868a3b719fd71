package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"lagtop/kafka/conn"
	"lagtop/ui/config"
)

const canary = "cAnArY-5f1d"

// loggedIn is a kfake cluster that asks for a login.
func loggedIn(t *testing.T) string {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-256", "u", canary))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c.ListenAddrs()[0]
}

// lagOf runs lagtop lag with a configuration file that may be empty.
func lagOf(t *testing.T, config string, args ...string) (code int, all string) {
	t.Helper()
	for _, name := range []string{envContext, envBootstrap, envProxy} {
		t.Setenv(name, "")
	}
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	code = Run(t.Context(), append([]string{"lag", "--config", path}, args...), strings.NewReader(""), &out, &out)
	if strings.Contains(out.String(), canary) {
		t.Errorf("%q leaks: %s", args, out.String())
	}
	return code, out.String()
}

func scram(t *testing.T, addr, password string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "client.properties")
	text := "bootstrap.servers=" + addr + "\nsecurity.protocol=SASL_PLAINTEXT\nsasl.mechanism=SCRAM-SHA-256\n" +
		"sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username=\"u\" password=\"" + password + "\";\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFlagsWinOverAContextWithoutTLS(t *testing.T) {
	x := config.Context{Login: config.Login{NoTLS: true}}
	r := run{flags: flags{properties: "client.properties"}}
	if err := r.login(&x); err != nil || x.Login.NoTLS {
		t.Errorf("the file of the command line does not decide on TLS: %v %+v", err, x.Login)
	}
	x = config.Context{Login: config.Login{NoTLS: true}}
	r = run{flags: flags{tls: true}}
	if err := r.login(&x); err != nil {
		t.Fatal(err)
	}
	if cfg, err := x.Login.Apply(conn.Config{}); err != nil || cfg.Auth.TLS == nil {
		t.Errorf("--tls does not win: %v", err)
	}
}

func TestCommandsLogInByPropertiesAndContexts(t *testing.T) {
	addr := loggedIn(t)
	good := scram(t, addr, canary)
	context := "contexts:\n  - name: a\n    bootstrap: " + addr + "\n    sasl: {mechanism: SCRAM-SHA-256, username: u, password: " + canary + "}\n"
	for name, c := range map[string]struct {
		config string
		args   []string
	}{
		"properties alone":           {"", []string{"--properties", good}},
		"command-config":             {"", []string{"--command-config", good, "-b", addr}},
		"properties, not current":    {"current-context: b\ncontexts: [{name: b, bootstrap: \"127.0.0.1:1\"}]\n", []string{"--properties", good}},
		"context":                    {context, []string{"--context", "a"}},
		"properties of a context":    {"contexts: [{name: a, properties: " + good + "}]\n", []string{"--context", "a"}},
		"address map":                {"", []string{"--properties", scram(t, "kafka.invalid:9092", canary), "--map", "kafka.invalid:9092=" + addr}},
		"address map of the context": {strings.Replace(context, "bootstrap: "+addr, "bootstrap: kafka.invalid:9092\n    map: kafka.invalid:9092="+addr, 1), []string{"--context", "a"}},
	} {
		if code, all := lagOf(t, c.config, c.args...); code != exitOK {
			t.Errorf("%s: %d %s", name, code, all)
		}
	}
}

func TestLoginsThatCannotWorkAreRefusedWithTheirReason(t *testing.T) {
	addr := loggedIn(t)
	bad := filepath.Join(t.TempDir(), "bad.properties")
	if err := os.WriteFile(bad, []byte("bootstrap.servers=x\nsasl.pasword="+canary), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no file":      {[]string{"--properties", "/no/such/file"}, exitUsage, "read the properties: open /no/such/file"},
		"unknown key":  {[]string{"--properties", bad}, exitUsage, bad + ": sasl.pasword: unknown key"},
		"two files":    {[]string{"--properties", "a", "--command-config", "b"}, exitUsage, "leave one of them out"},
		"map":          {[]string{"-b", addr, "--map", "a"}, exitUsage, "--map: address map"},
		"proxy":        {[]string{"-b", addr, "--proxy", "ftp://me:" + canary + "@x"}, exitUsage, "--proxy: a proxy of kind"},
		"wrong":        {[]string{"--properties", scram(t, addr, "x"+canary)}, exitError, "SASL login"},
		"no login":     {[]string{"-b", addr}, exitError, "may ask for a login"},
		"TLS to plain": {[]string{"-b", addr, "--tls"}, exitError, "does not speak TLS"},
	} {
		if code, all := lagOf(t, "", c.args...); code != c.code || !strings.Contains(all, c.want) {
			t.Errorf("%s: %d %s", name, code, all)
		}
	}
}
