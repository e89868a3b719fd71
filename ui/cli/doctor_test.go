package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lagtop/kafka/doctor"
)

// examined runs lagtop doctor with a configuration file and checks that no secret is shown.
func examined(t *testing.T, config string, args ...string) (code int, out, errs string) {
	t.Helper()
	for _, name := range []string{envContext, envBootstrap, envProxy} {
		t.Setenv(name, "")
	}
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var o, e bytes.Buffer
	code = Run(t.Context(), append(args, "--config", path), strings.NewReader(""), &o, &e)
	if strings.Contains(o.String()+e.String(), canary) {
		t.Errorf("%q leaks: %s%s", args, o.String(), e.String())
	}
	return code, o.String(), e.String()
}

func TestDoctorGoesTheWayAndNamesRights(t *testing.T) {
	addr := loggedIn(t)
	code, out, errs := examined(t, "", "doctor", "--properties", scram(t, addr, canary))
	if code != exitOK || errs != "" {
		t.Fatalf("%d %s%s", code, out, errs)
	}
	for _, want := range []string{
		addr + " (broker 0)", "✓ connect", "✓ ApiVersions       Kafka ", "✓ SASL login        the listener offers", "SCRAM-SHA-256 as u",
		"✓ first request     cluster ", "rights of User:u", addr + " can be watched",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestDoctorTellsScriptsByExitCodeAndJSON(t *testing.T) {
	addr := loggedIn(t)
	for name, c := range map[string]struct {
		args    []string
		code    int
		verdict doctor.Verdict
		step    string
	}{
		"right":         {[]string{"--properties", scram(t, addr, canary)}, exitOK, doctor.Sound, ""},
		"one is dead":   {[]string{"--properties", scram(t, addr+",127.0.0.1:1", canary)}, exitIncomplete, doctor.Partial, "connect"},
		"wrong":         {[]string{"--properties", scram(t, addr, "x"+canary)}, exitError, doctor.Closed, "SASL login"},
		"without login": {[]string{"-b", addr}, exitError, doctor.Closed, "SASL login"},
		"TLS to plain":  {[]string{"-b", addr, "--tls"}, exitError, doctor.Closed, "TLS handshake"},
	} {
		code, out, errs := examined(t, "", append([]string{"doctor", "-o", "json"}, c.args...)...)
		var r doctor.Report
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Errorf("%s: %v: %s", name, err, out)
			continue
		}
		failed := ""
		for _, p := range r.Parts {
			for _, l := range p.Lines {
				if l.Outcome == doctor.Failed {
					failed = l.What
				}
			}
		}
		if code != c.code || r.Verdict != c.verdict || failed != c.step {
			t.Errorf("%s: exit %d, %s, failed at %q\n%s%s", name, code, r.Verdict, failed, out, errs)
		}
	}
	if code, _, errs := examined(t, "", "doctor"); code != exitUsage || !strings.Contains(errs, "name the cluster") {
		t.Errorf("%d %s", code, errs)
	}
	if code, _, errs := examined(t, "", "doctor", "-b", addr, "-o", "xml"); code != exitUsage || !strings.Contains(errs, "use text or json") {
		t.Errorf("%d %s", code, errs)
	}
}

func TestContextShowSaysHowItLogsInWithoutSecrets(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "p")
	if err := os.WriteFile(file, []byte("security.protocol=SSL\nssl.truststore.location=/ca.jks\nssl.truststore.password="+canary+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	config := `contexts:
  - {name: plain, bootstrap: a}
  - {name: scram, bootstrap: a, tls: {ca: /ca.pem, cert: /me.p12, cert-password: ` + canary + `}, sasl: {mechanism: PLAIN, username: u, password: ` + canary + `}, proxy: "http://me:` + canary + `@jump:3128"}
  - {name: skip, bootstrap: a, tls: {insecure-skip-verify: true}, sasl: {oauth: {token: ` + canary + `}}}
  - {name: file, bootstrap: a, properties: ` + file + `, map: "k:1=l:2"}
  - {name: krb, bootstrap: a, sasl: {kerberos: {principal: me@X, keytab: /k}}}
  - {name: msk, bootstrap: a, tls: true, sasl: {aws: {profile: prod, region: eu-west-1}}}
`
	for name, want := range map[string]string{
		"plain": "login      not encrypted; no SASL", "scram": "TLS, trusting /ca.pem, with the certificate /me.p12; SASL PLAIN as u\nproxy      jump:3128",
		"skip": "TLS, trusting everybody; SASL OAUTHBEARER with a token", "file": "login       TLS, trusting /ca.jks; no SASL",
		"krb": "not encrypted; SASL GSSAPI as me@X by the keytab /k", "msk": "TLS, trusting this machine's certificates; AWS MSK IAM, profile prod, region eu-west-1",
	} {
		code, out, errs := examined(t, config, "context", "show", name)
		if code != exitOK || !strings.Contains(out, want) {
			t.Errorf("%s: %d %s%s", name, code, out, errs)
		}
	}
}
