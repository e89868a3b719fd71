package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lagtop/ui/config"
)

const kafConfig = `current-cluster: local
clusteroverride: ""
clusters:
- name: local
  version: ""
  brokers:
  - localhost:9092
  SASL: null
  TLS: null
  security-protocol: ""
- name: prod/eu
  brokers: [kafka-1:9093, "kafka-2:9093"]
  SASL: {mechanism: SCRAM-SHA-512, username: oncall, password: ` + canary + `}
  TLS: {cafile: /ca.pem, clientfile: "", clientkeyfile: "", insecure: false}
  security-protocol: SASL_SSL
- name: sso
  brokers: [kafka-1:9093]
  SASL: {mechanism: OAUTHBEARER, clientID: me, clientSecret: ` + canary + `, tokenURL: "https://sso/token", scopes: [a, b]}
  security-protocol: SASL_SSL
- name: msk
  brokers: ["b-1.demo.c2.kafka.eu-west-1.amazonaws.com:9098"]
  SASL: {mechanism: AWS_MSK_IAM}
  TLS: {insecure: true}
- name: odd
  brokers: [x:1]
  SASL: {mechanism: GSSAPI}
- name: taken
  brokers: [x:1]
schema-registry-url: ""
`

const kclConfig = `current_profile = "stage"
timeout_ms = 5000
[profiles.stage]
seed_brokers = ["kafka-1:9093", "kafka-2:9093"]
dial_timeout = "2s"
[profiles.stage.tls]
ca_cert_path = "/ca.pem"
client_cert_path = "/me.pem"
client_key_path = "/me.key"
min_version = "v1.2"
[profiles.stage.sasl]
method = "scram_sha_256"
user = "oncall"
pass = "` + canary + `"
[profiles.variable]
seed_brokers = ["kafka-1:9093"]
[profiles.variable.tls]
insecure = true
[profiles.variable.sasl]
method = "plain"
user = "oncall"
pass = "${KAFKA_PASS}"
[profiles.iam.sasl]
method = "AWS_MSK_IAM"
[profiles.local]
seed_brokers = ["other:9092"]
[profiles.half]
[profiles.half.sasl]
method = "plain"
user = "u"
pass = "` + canary + `${X}"
[profiles.named]
tls = {server_name = "x"}
[profiles.elsewhere]
seed_brokers = ["${HOST}:9092"]
`

// imported runs lagtop context import in a home of its own.
func imported(t *testing.T, args ...string) (code int, out, errs, path string) {
	t.Helper()
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("KCAT_CONFIG", "")
	for _, name := range []string{"XDG_CONFIG_HOME", "KCL_CONFIG_PATH", "KCL_CONFIG_DIR", "KCL_CONFIG_FILE"} {
		t.Setenv(name, "")
	}
	for name, text := range map[string]string{
		".kaf/config":             kafConfig,
		".config/kcl/config.toml": kclConfig,
		".config/kcat.conf":       "bootstrap.servers=kcat-1:9093\nsecurity.protocol=sasl_ssl\nsasl.mechanisms=PLAIN\nsasl.username=u\nsasl.password=" + canary + "\n",
	} {
		p := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path = writeConfig(t, "contexts:\n  - name: taken\n    bootstrap: y:1\n")
	code, out, errs = invoke(append([]string{"context", "import", "--config", path}, args...)...)
	if strings.Contains(out+errs, canary) {
		t.Errorf("%q leaks: %s%s", args, out, errs)
	}
	return code, out, errs, path
}

func TestImportShowsWhatItWouldWriteAndWritesNothing(t *testing.T) {
	code, out, errs, path := imported(t)
	want := `contexts:
  - name: local
    bootstrap: localhost:9092
  - name: prod-eu
    bootstrap: [kafka-1:9093, kafka-2:9093]
    tls: {ca: "/ca.pem"}
    sasl: {mechanism: SCRAM-SHA-512, username: oncall, password-env: LAGTOP_PROD_EU_PASSWORD}
  - name: sso
    bootstrap: kafka-1:9093
    tls: true
    sasl: {oauth: {token-endpoint: "https://sso/token", client-id: me, client-secret-env: LAGTOP_SSO_CLIENT_SECRET, scope: "a b"}}
  - name: msk
    bootstrap: b-1.demo.c2.kafka.eu-west-1.amazonaws.com:9098
    tls: {insecure-skip-verify: true}
    sasl: {aws: {}}
  - name: kcat
    properties: "` + filepath.Join(os.Getenv("HOME"), ".config/kcat.conf") + `"
  - name: iam
    bootstrap: localhost:9092
    sasl: {aws: {}}
  - name: stage
    bootstrap: [kafka-1:9093, kafka-2:9093]
    tls: {ca: "/ca.pem", cert: "/me.pem", key: "/me.key"}
    sasl: {mechanism: SCRAM-SHA-256, username: oncall, password-env: LAGTOP_STAGE_PASSWORD}
  - name: variable
    bootstrap: kafka-1:9093
    tls: {insecure-skip-verify: true}
    sasl: {mechanism: PLAIN, username: oncall, password-env: KAFKA_PASS}
`
	if code != exitOK || out != want {
		t.Errorf("%d\n%s\nwant\n%s", code, out, want)
	}
	for _, w := range []string{
		"not taken over: odd of ", "SASL mechanism that lagtop does not know", "not taken over: taken of ", "there is a context of that name",
		"prod-eu: the password stays in ", "set LAGTOP_PROD_EU_PASSWORD", "--execute",
		"stage: the password stays in ", "stage: min_version,", "local of ", "the name is that of a cluster of ",
		"half of ", "in part", "named of ", "server_name", "elsewhere of ", "seed_brokers comes from the environment",
	} {
		if !strings.Contains(errs, w) {
			t.Errorf("no %q in %s", w, errs)
		}
	}
	if text, _ := os.ReadFile(path); strings.Contains(string(text), "local") {
		t.Errorf("written: %s", text)
	}
}

func TestImportedContextsWork(t *testing.T) {
	code, _, errs, path := imported(t, "--from", "kaf", "--execute", "--copy-secrets")
	if code != exitOK {
		t.Fatal(errs)
	}
	c, err := config.Load(path)
	if err != nil || len(c.Contexts) != 5 {
		t.Fatal(c, err)
	}
	cfg, err := c.Context("prod-eu").Conn()
	if err != nil {
		t.Fatal(err)
	}
	if word, err := cfg.Auth.SASL.Password.Reveal(t.Context()); err != nil || word != canary {
		t.Errorf("%q %v", word, err)
	}
	secret := filepath.Join(filepath.Dir(path), "secrets", "prod-eu.password")
	if i, err := os.Stat(secret); err != nil || i.Mode().Perm() != 0o600 {
		t.Error(i, err)
	}
	if text, _ := os.ReadFile(path); strings.Contains(string(text), canary) {
		t.Error("the configuration holds the password")
	}
	for name, words := range map[string]string{
		"local": "not encrypted; no SASL", "prod-eu": "TLS, trusting /ca.pem; SASL SCRAM-SHA-512 as oncall",
		"sso": "TLS, trusting this machine's certificates; SASL OAUTHBEARER with a token", "msk": "TLS, trusting everybody; AWS MSK IAM, region eu-west-1",
	} {
		cfg, err := c.Context(name).Conn()
		if err != nil || cfg.Auth.Words() != words {
			t.Errorf("%s: %q %v", name, cfg.Auth.Words(), err)
		}
	}
	if code, _, errs := invoke("context", "import", "--config", path, "--from", "kaf", "--execute", "--copy-secrets"); code != exitError || !strings.Contains(errs, "nothing to take over") {
		t.Errorf("a second time: %d %s", code, errs)
	}
}

func TestImportedContextsOfKclWork(t *testing.T) {
	code, _, errs, path := imported(t, "--from", "kcl", "--execute", "--copy-secrets")
	if code != exitOK {
		t.Fatal(errs)
	}
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("KAFKA_PASS", "of the environment")
	for name, want := range map[string][2]string{
		"stage":    {canary, "TLS, trusting /ca.pem, with the certificate /me.pem and the key /me.key; SASL SCRAM-SHA-256 as oncall"},
		"variable": {"of the environment", "TLS, trusting everybody; SASL PLAIN as oncall"},
		"local":    {"", "not encrypted; no SASL"},
	} {
		cfg, err := c.Context(name).Conn()
		if err != nil || cfg.Auth.Words() != want[1] {
			t.Errorf("%s: %q %v", name, cfg.Auth.Words(), err)
		}
		if cfg.Auth.SASL == nil {
			continue
		}
		if word, err := cfg.Auth.SASL.Password.Reveal(t.Context()); err != nil || word != want[0] {
			t.Errorf("%s: %q %v", name, word, err)
		}
	}
}

func TestImportReadsAFileAndRefusesWhatItIsNot(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"properties":    {[]string{"--from", file("my prod.properties", "bootstrap.servers=a:1\n")}, exitOK, "name: my-prod"},
		"no brokers":    {[]string{"--from", file("a.properties", "security.protocol=SSL\n")}, exitError, "give them with -b"},
		"brokers by -b": {[]string{"--from", file("b.properties", "security.protocol=SSL\n"), "-b", "k:1"}, exitOK, "bootstrap: k:1"},
		"unknown key":   {[]string{"--from", file("c.properties", "sasl.pasword="+canary+"\n")}, exitUsage, "unknown key"},
		"broken YAML":   {[]string{"--from", file("d.yaml", "clusters: ["+canary+"\n")}, exitError, "give them with -b"},
		"flat kcl":      {[]string{"--from", file("e.toml", "seed_brokers = [\"k:1\"]\n[tls]\n[sasl]\nmethod = \"plain\"\nuser = \"u\"\npass = \"a$${b\"\n")}, exitOK, "name: kcl\n    bootstrap: k:1\n    tls: true\n    sasl: {mechanism: PLAIN"},
		"kcl's token":   {[]string{"--from", file("f.toml", "[sasl]\nmethod = \"scram-sha-256\"\nis_token = true\n")}, exitError, "is_token are not supported"},
		"broken TOML":   {[]string{"--from", file("g.toml", "[sasl]\npass = "+canary+"\n")}, exitUsage, "line 2: it is not in the form"},
		"no file":       {[]string{"--from", "/no/such"}, exitUsage, "no such file"},
	} {
		code, out, errs, _ := imported(t, c.args...)
		if code != c.code || !strings.Contains(out+errs, c.want) {
			t.Errorf("%s: %d %s%s", name, code, out, errs)
		}
	}
}

func TestImportCreatesTheFile(t *testing.T) {
	dir := t.TempDir()
	from, path := filepath.Join(dir, "client.properties"), filepath.Join(dir, "new", "config.yaml")
	if err := os.WriteFile(from, []byte("bootstrap.servers=a:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := invoke("context", "import", "--from", from, "--config", path, "--execute"); code != exitOK {
		t.Fatal(out, errs)
	}
	if c, err := config.Load(path); err != nil || c.Context("client") == nil {
		t.Error(c, err)
	}
}

func TestAddedContextKeepsTheLoginOfTheFlags(t *testing.T) {
	path := writeConfig(t, "")
	props := filepath.Join(t.TempDir(), "p")
	if err := os.WriteFile(props, []byte("bootstrap.servers=a:1\nsecurity.protocol=SSL\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"one", "-b", "x:1", "--tls", "--map", "k:1=l:2"}, {"two", "--properties", props},
	} {
		if code, out, errs := invoke(append([]string{"context", "add", "--config", path}, args...)...); code != exitOK {
			t.Fatal(out, errs)
		}
	}
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	one, e1 := c.Context("one").Conn()
	two, e2 := c.Context("two").Conn()
	if e1 != nil || e2 != nil || one.Auth.TLS == nil || one.Map["k:1"] != "l:2" || two.Auth.TLS == nil || two.Bootstrap[0] != "a:1" {
		t.Errorf("%+v %v\n%+v %v", one, e1, two, e2)
	}
}
