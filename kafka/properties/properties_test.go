package properties

import (
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lagtop/kafka/conn"
	"lagtop/kafka/secret"
)

// reveal is the text of a secret, for comparing.
func reveal(t *testing.T, v secret.Value) string {
	t.Helper()
	s, err := v.Reveal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// summary is what a Config holds, in one line a part. It shows secrets: a test compares them.
func summary(t *testing.T, c conn.Config) string {
	t.Helper()
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	add("at %s", strings.Join(c.Bootstrap, ","))
	if c.ClientID != "" {
		add("client %s", c.ClientID)
	}
	if x := c.Auth.TLS; x != nil {
		add("tls ca=%s/%s/%d cert=%s+%s/%s/%s/%d", x.CA.Path, reveal(t, x.CA.Password), strings.Count(reveal(t, x.CA.PEM), "BEGIN"),
			x.Cert.Path, x.Cert.KeyPath, reveal(t, x.Cert.Password), reveal(t, x.Cert.KeyPassword), strings.Count(reveal(t, x.Cert.PEM), "BEGIN"))
		if x.MinVersion != 0 {
			add("versions %s-%s", tls.VersionName(x.MinVersion), tls.VersionName(x.MaxVersion))
		}
		if len(x.Ciphers) > 0 {
			add("%d ciphers", len(x.Ciphers))
		}
	}
	if s := c.Auth.SASL; s != nil {
		add("sasl %s %s/%s token=%v", s.Mechanism, s.User, reveal(t, s.Password), !s.Token.IsZero())
		if len(s.Extensions) > 0 {
			add("extensions %v", s.Extensions)
		}
		if s.AWS != nil {
			add("aws %+v", *s.AWS)
		}
		if s.Kerberos != nil {
			add("kerberos %+v", *s.Kerberos)
		}
	}
	for _, w := range c.Warnings() {
		add("! %s", w)
	}
	return strings.Join(out, "\n") + "\n"
}

// Each sample is as the provider's console or documentation gives it, with its secrets changed; beside it
// stands what it must be read as.
func TestSamplesOfProvidersAreReadAsTheyAre(t *testing.T) {
	files, err := filepath.Glob("testdata/*.properties")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Parse(f, text)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if len(c.Bootstrap) > 0 {
			if _, err := c.Checked(); err != nil {
				t.Errorf("%s: %v", f, err)
			}
		}
		want := strings.TrimSuffix(f, "properties") + "want"
		got := summary(t, c)
		if os.Getenv("LAGTOP_UPDATE") != "" {
			if err := os.WriteFile(want, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if b, _ := os.ReadFile(want); string(b) != got {
			t.Errorf("%s\ngot:\n%s\nwant:\n%s", f, got, b)
		}
	}
}

func TestMistakesNameTheKeyAndTheWayOut(t *testing.T) {
	const plain = "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n"
	jaas := func(rest string) string {
		return plain + "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule " + rest + "\n"
	}
	oauth := "security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER\nsasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required %s;\n"
	for name, c := range map[string]struct{ text, want string }{
		"typo":              {"sasl.mechanizm=PLAIN", "f: sasl.mechanizm: unknown key; did you mean sasl.mechanism?"},
		"far off":           {"ssl.quantum.flux=1", "ssl.quantum.flux: unknown key; remove it"},
		"protocol":          {"security.protocol=TLS", "security.protocol: want PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"},
		"mechanism":         {"security.protocol=SASL_SSL\nsasl.mechanism=DIGEST-MD5\nsasl.jaas.config=a.B required;", "sasl.mechanism: want PLAIN"},
		"no jaas":           {plain, "sasl.jaas.config is missing"},
		"no semicolon":      {jaas(`required username="u" password="cAnArY"`), "sasl.jaas.config: it does not end with a semicolon (after the option password)"},
		"no flag":           {jaas(`username="u" password="cAnArY";`), "after the class comes the word required"},
		"open quote":        {jaas(`required username="u" password="cAnArY;`), "a quote is not closed after the option username"},
		"quote in between":  {jaas(`required username="u" password="cAn"ArY";`), "want option=value after the option password; a value with special characters stands in quotes"},
		"space in password": {jaas(`required username=u password=cAn ArY;`), "want option=value after the option password"},
		"no password":       {jaas(`required username="u";`), "username and password are both needed"},
		"second module":     {jaas(`required username="u" password="cAnArY"; a.B required;`), "one login module"},
		"delegation token":  {jaas(`required username="u" password="cAnArY" tokenauth="true";`), "tokenauth"},
		"wrong module":      {plain + "sasl.jaas.config=com.example.Ldap required x=y;", "the login module com.example.Ldap does not fit sasl.mechanism, which takes PlainLoginModule"},
		"own callback":      {strings.Replace(fmt.Sprintf(oauth, "a=b"), "sasl.mechanism", "sasl.login.callback.handler.class=com.example.Mine\nsasl.mechanism", 1), "sasl.login.callback.handler.class: own classes cannot run here"},
		"no endpoint":       {fmt.Sprintf(oauth, "clientId=a"), "sasl.oauthbearer.token.endpoint.url is missing"},
		"endpoint":          {"sasl.oauthbearer.token.endpoint.url=nowhere\n" + fmt.Sprintf(oauth, "clientId=a clientSecret=cAnArY"), "no https:// address"},
		"no secret":         {"sasl.oauthbearer.token.endpoint.url=https://x/t\n" + fmt.Sprintf(oauth, "clientId=a"), "the client secret is missing"},
		"store type":        {"security.protocol=SSL\nssl.truststore.type=BCFKS", "ssl.truststore.type: not supported; convert the store: keytool"},
		"engine":            {"security.protocol=SSL\nssl.engine.factory.class=a.B", "ssl.engine.factory.class: own classes cannot run here"},
		"half a key":        {"security.protocol=SSL\nssl.keystore.key=cAnArY", "give both, or neither"},
		"versions":          {"security.protocol=SSL\nssl.enabled.protocols=SSLv3", "ssl.enabled.protocols: want a list"},
		"ciphers":           {"security.protocol=SSL\nssl.cipher.suites=TLS_X", "ssl.cipher.suites: none of them"},
		"name check":        {"security.protocol=SSL\nssl.endpoint.identification.algorithm=ldaps", "want https, or nothing"},
		"providers":         {"config.providers=file\nsasl.jaas.config=${file:/x:y}", "config.providers: values from providers (${…}) are not supported"},
		"bootstrap":         {"bootstrap.servers=a:nine", "bootstrap.servers: bootstrap address"},
		"no service":        {"security.protocol=SASL_PLAINTEXT\nsasl.jaas.config=com.sun.security.auth.module.Krb5LoginModule required useTicketCache=true;", "sasl.kerberos.service.name is missing"},
		"keytab":            {"security.protocol=SASL_PLAINTEXT\nsasl.jaas.config=com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true;", "useKeyTab needs keyTab and principal"},
		"kcat mechanism":    {"security.protocol=sasl_ssl\nsasl.username=u\nsasl.password=cAnArY\nsasl.mechanism=x", "sasl.mechanism: want PLAIN"},
		"kcat typo":         {"sasl.username=u\nsasl.pasword=cAnArY", "sasl.pasword: unknown key; did you mean sasl.password?"},
	} {
		_, err := Parse("f", []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
			continue
		}
		if all := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(all, "cAn") || strings.Contains(all, "ArY") {
			t.Errorf("%s leaks: %s", name, all)
		}
	}
}

func TestJAASReadsQuotesEscapesAndComments(t *testing.T) {
	for line, want := range map[string]map[string]string{
		`a.B required;`:                                                  {},
		`a.B required x=y;`:                                              {"x": "y"},
		`a.B REQUIRED x = "y z" u='v"w' ;`:                               {"x": "y z", "u": `v"w`},
		`a.B required x="a\"b\\c\101\t" y="\é";`:                         {"x": "a\"b\\cA\t", "y": "é"},
		`a.B required /* c; */ x="/* no */" // end` + "\n;":              {"x": "/* no */"},
		"a.B\n  required\n\tx=\"1\"\n\ty=2;  ":                           {"x": "1", "y": "2"},
		`a.B required oauth.token.endpoint.uri="https://a/b?c=d" x=1.5;`: {"oauth.token.endpoint.uri": "https://a/b?c=d", "x": "1.5"},
		`a.B required keyTab=/etc/x.keytab x="";`:                        {"keyTab": "/etc/x.keytab", "x": ""},
	} {
		m, err := parseJAAS(line)
		if err != nil || m.class != "a.B" || fmt.Sprint(m.options) != fmt.Sprint(want) {
			t.Errorf("%s\ngot  %q %v\nwant %q", line, m.options, err, want)
		}
	}
}

func TestPEMOnOneLineGetsItsLinesBack(t *testing.T) {
	for in, want := range map[string]string{
		"": "",
		"-----BEGIN CERTIFICATE----- AAAA BBBB -----END CERTIFICATE-----":                                                          "\n-----BEGIN CERTIFICATE-----\nAAAA\nBBBB\n-----END CERTIFICATE-----\n",
		"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----": "\n-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
		"-----BEGIN CERTIFICATE-----": "",
	} {
		if got := strings.TrimLeft(lineEnds(in), "\n"); got != strings.TrimLeft(want, "\n") {
			t.Errorf("%q\ngot  %q\nwant %q", in, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.properties")
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Parse("f", text)
		if err == nil {
			_ = fmt.Sprintf("%+v", c)
			c.Warnings()
		}
	})
}

func FuzzJAAS(f *testing.F) {
	for _, s := range []string{`a.B required x="y";`, `a.B required x='\101\';`, "a required\n/*", `a required x="` + "\n"} {
		f.Add(s, "pass")
	}
	f.Fuzz(func(t *testing.T, line, password string) {
		if m, err := parseJAAS(line); err == nil && m.class == "" {
			t.Error("a module without a class")
		}
		quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`).Replace(password)
		m, err := parseJAAS(`a.B required username="u" password="` + quoted + `";`)
		if err != nil || strings.ToValidUTF8(m.options["password"], "") != strings.ToValidUTF8(password, "") {
			t.Errorf("%q came back as %q, %v", password, m.options["password"], err)
		}
	})
}
