package conn

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"lagtop/kafka/secret"
)

// secure is a kfake cluster with TLS, logins, and mTLS where asked for.
func secure(t *testing.T, a *authority, clientAuth tls.ClientAuthType) string {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	conf := &tls.Config{Certificates: []tls.Certificate{a.issue("broker").tls()}, ClientAuth: clientAuth, ClientCAs: pool, MinVersion: tls.VersionTLS12}
	opts := []kfake.Opt{kfake.NumBrokers(1), kfake.TLS(conf)}
	if clientAuth == tls.NoClientCert {
		opts = append(opts, kfake.EnableSASL(), kfake.Superuser("PLAIN", "plain", canary),
			kfake.Superuser("SCRAM-SHA-256", "scram", canary), kfake.Superuser("SCRAM-SHA-512", "scram", canary))
	}
	c, err := kfake.NewCluster(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c.ListenAddrs()[0]
}

// both asks by sarama and by franz-go.
func both(t *testing.T, cfg Config) error {
	t.Helper()
	ways := Both(t, cfg)
	if (ways[0] == nil) != (ways[1] == nil) {
		t.Errorf("sarama says %v, franz-go %v", ways[0], ways[1])
	}
	return errors.Join(ways[:]...)
}

func TestOneAuthServesBothLibraries(t *testing.T) {
	a := newAuthority(t)
	addr := secure(t, a, tls.NoClientCert)
	for name, s := range map[string]*SASL{
		"PLAIN":         {Mechanism: Plain, User: "plain", Password: secret.Literal(canary)},
		"SCRAM-SHA-256": {Mechanism: ScramSHA256, User: "scram", Password: secret.File(a.file("pw", []byte(canary)))},
		"SCRAM-SHA-512": {Mechanism: ScramSHA512, User: "scram", Password: secret.Command([]string{"echo", canary})},
	} {
		cfg, err := Config{Bootstrap: []string{addr}, Auth: Auth{TLS: &TLS{CA: Store{Path: a.caPEM()}}, SASL: s}}.Checked()
		if err == nil {
			err = both(t, cfg)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClientCertificatesAreShownToTheBroker(t *testing.T) {
	a := newAuthority(t)
	addr := secure(t, a, tls.RequireAndVerifyClientCert)
	ca := Store{Path: a.caJKS("changeit")}
	for name, s := range identities(t, a, a.issue("me")) {
		if err := both(t, Config{Bootstrap: []string{addr}, Auth: Auth{TLS: &TLS{CA: ca, Cert: s}}}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := both(t, Config{Bootstrap: []string{addr}, Auth: Auth{TLS: &TLS{CA: ca}}}); err == nil {
		t.Error("the broker took us without a certificate")
	}
}

func TestNamesInCertificatesAreCheckedUnlessSaid(t *testing.T) {
	a, stranger := newAuthority(t), newAuthority(t)
	conf := &tls.Config{Certificates: []tls.Certificate{a.issue("broker", "kafka.example.com").tls()}, MinVersion: tls.VersionTLS12}
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.TLS(conf))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	addr := c.ListenAddrs()[0]
	_, port, _ := net.SplitHostPort(addr)
	ca, other := Store{Path: a.caPEM()}, Store{Path: stranger.caPEM()}
	for name, c := range map[string]struct {
		cfg   Config
		works bool
		warns string
	}{
		"another name":            {Config{Bootstrap: []string{addr}, Auth: Auth{TLS: &TLS{CA: ca}}}, false, ""},
		"name not checked":        {Config{Bootstrap: []string{addr}, Auth: Auth{TLS: &TLS{CA: ca, SkipName: true}}}, true, "host name unverified"},
		"issuer is still checked": {Config{Bootstrap: []string{addr}, Auth: Auth{TLS: &TLS{CA: other, SkipName: true}}}, false, "host name unverified"},
		"nothing checked":         {Config{Bootstrap: []string{addr}, Auth: Auth{TLS: &TLS{CA: other, SkipVerify: true}}}, true, "not checked"},
		"mapped keeps the name": {Config{
			Bootstrap: []string{"kafka.example.com:9093"}, Map: map[string]string{"kafka.example.com:9093": addr}, Auth: Auth{TLS: &TLS{CA: ca}},
		}, true, ""},
		"mapped host": {Config{
			Bootstrap: []string{"kafka.example.com:" + port}, Map: map[string]string{"kafka.example.com": "127.0.0.1"}, Auth: Auth{TLS: &TLS{CA: ca}},
		}, true, ""},
	} {
		if err := both(t, c.cfg); (err == nil) != c.works {
			t.Errorf("%s: %v", name, err)
		}
		if w := strings.Join(c.cfg.Warnings(), "\n"); !strings.Contains(w, c.warns) || (w == "") != (c.warns == "") || (w == "") != (c.cfg.Badge() == "") {
			t.Errorf("%s: warns %q, badge %q", name, w, c.cfg.Badge())
		}
	}
}

func TestRenewedSecretsCountAtTheNextConnection(t *testing.T) {
	a := newAuthority(t)
	addr := secure(t, a, tls.NoClientCert)
	path := a.file("pw", []byte("outdated"))
	ran := a.file("ran", nil)
	script := fmt.Sprintf("echo x >> %s; cat %s", ran, path)
	for name, v := range map[string]secret.Value{"file": secret.File(path), "command": secret.Command([]string{"sh", "-c", script})} {
		a.file("pw", []byte("outdated"))
		cfg := Config{Bootstrap: []string{addr}, Auth: Auth{TLS: &TLS{CA: Store{Path: a.caPEM()}}, SASL: &SASL{Mechanism: Plain, User: "plain", Password: v}}}
		b := NewBroker(cfg, addr, nil)
		if _, err := b.Metadata(t.Context()); err == nil {
			t.Errorf("%s: the old password was taken", name)
		}
		a.file("pw", []byte(canary))
		if _, err := b.Metadata(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		b.Close()
	}
}

func TestAFailedLoginSaysWhyAndShowsNoSecret(t *testing.T) {
	a := newAuthority(t)
	addr := secure(t, a, tls.NoClientCert)
	ca := &TLS{CA: Store{Path: a.caPEM()}}
	for name, c := range map[string]struct {
		sasl         *SASL
		step         Step
		want, advice string
	}{
		"wrong PLAIN password":  {&SASL{Mechanism: Plain, User: "plain", Password: secret.Literal("x" + canary)}, StepLogin, "", "check user and password"},
		"wrong SCRAM password":  {&SASL{Mechanism: ScramSHA256, User: "scram", Password: secret.Literal("x" + canary)}, StepLogin, "", "check user and password"},
		"unknown user":          {&SASL{Mechanism: ScramSHA512, User: "nobody", Password: secret.Literal(canary)}, StepLogin, "", "check user and password"},
		"mechanism not offered": {&SASL{Mechanism: OAuthBearer, Token: secret.Literal(canary)}, StepLogin, "OAUTHBEARER is not offered", "does not offer this mechanism"},
		"command fails": {&SASL{Mechanism: Plain, User: "plain", Password: secret.Command([]string{"sh", "-c", "echo " + canary + "; exit 4"})},
			StepLogin, "command sh: exit status 4", "nothing was sent"},
		"no login":     {nil, "", "", ""},
		"no ticket":    {&SASL{Mechanism: GSSAPI, Kerberos: &Kerberos{Cache: a.dir + "/none", Config: a.file("krb5.conf", []byte("[libdefaults]\ndefault_realm = X\n"))}}, StepLogin, "read the ticket cache", "nothing was sent"},
		"no krb5.conf": {&SASL{Mechanism: GSSAPI, Kerberos: &Kerberos{Config: a.dir + "/none"}}, StepLogin, "read " + a.dir + "/none", "nothing was sent"},
	} {
		cfg := Config{Bootstrap: []string{addr}, Auth: Auth{TLS: ca, SASL: c.sasl}}
		err := both(t, cfg)
		var step *StepError
		if !errors.As(err, &step) || c.step != "" && step.Step != c.step || !strings.Contains(err.Error(), c.want) || !strings.Contains(step.Advice, c.advice) {
			t.Errorf("%s: %v\nadvice %q", name, err, Advice(err))
			continue
		}
		if all := fmt.Sprintf("%v %+v %#v %+v %#v %s", err, err, err, cfg, cfg, step.Advice); strings.Contains(all, canary) {
			t.Errorf("%s leaks: %s", name, all)
		}
	}
}

func TestIncompleteLoginsAreRefusedBeforeAnythingIsConnected(t *testing.T) {
	for want, s := range map[string]*SASL{
		"the user name is missing":  {Mechanism: Plain, Password: secret.Literal("x")},
		"the password is missing":   {Mechanism: ScramSHA256, User: "u"},
		"where tokens come from":    {Mechanism: OAuthBearer},
		"who we are to Kerberos":    {Mechanism: GSSAPI},
		"the principal is missing":  {Mechanism: GSSAPI, Kerberos: &Kerberos{Keytab: "k"}},
		`"DIGEST" is not supported`: {Mechanism: "DIGEST"},
		"the region is unknown":     {Mechanism: OAuthBearer, AWS: &AWS{}},
		"a profile or a role":       {Mechanism: OAuthBearer, AWS: &AWS{Region: "x", Profile: "p", Role: "r"}},
		"needs the ARN of its role": {Mechanism: OAuthBearer, AWS: &AWS{Region: "x", WebIdentity: "f"}},
	} {
		t.Setenv("AWS_REGION", "")
		t.Setenv("AWS_DEFAULT_REGION", "")
		if _, err := (Config{Auth: Auth{SASL: s}}).Checked(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// The form is that of AWS: base64url of a presigned URL for kafka-cluster:Connect.
func TestTokensOfMSKIAMHaveTheirDocumentedForm(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", canary)
	t.Setenv("AWS_SESSION_TOKEN", "session")
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	cfg, err := Config{
		Bootstrap: []string{"b-1.x.c2.kafka.eu-west-1.amazonaws.com:9098"}, Auth: Auth{TLS: &TLS{}, SASL: &SASL{Mechanism: OAuthBearer, AWS: &AWS{}}},
	}.Checked()
	if err != nil {
		t.Fatal(err)
	}
	token, err := cfg.Auth.SASL.Token.Reveal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(string(b))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Host != "kafka.eu-west-1.amazonaws.com" || q.Get("Action") != "kafka-cluster:Connect" || q.Get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256" ||
		q.Get("X-Amz-Security-Token") != "session" || q.Get("X-Amz-Expires") != "900" || len(q.Get("X-Amz-Signature")) != 64 ||
		!strings.HasPrefix(q.Get("X-Amz-Credential"), "AKIDEXAMPLE/") || !strings.HasSuffix(q.Get("X-Amz-Credential"), "/eu-west-1/kafka-cluster/aws4_request") {
		t.Errorf("%s", b)
	}
	if again, _ := cfg.Auth.SASL.Token.Reveal(t.Context()); again != token {
		t.Error("a token that lives on was signed again")
	}
	if strings.Contains(string(b)+fmt.Sprintf("%+v", cfg), canary) {
		t.Error("the secret key shows")
	}
}

func TestTokenEndpoint(t *testing.T) {
	var asked atomic.Int32
	life := "3600"
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		user, password, _ := r.BasicAuth()
		switch {
		case r.URL.Path == "/redirect":
			http.Redirect(w, r, "/token", http.StatusTemporaryRedirect)
		case r.URL.Path == "/html":
			_, _ = io.WriteString(w, "<html>"+password)
		case user != "me" || password != canary:
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprintf(w, `{"error":"invalid_client","error_description":"no client with the secret %s"}`, password)
		case r.FormValue("grant_type") != "client_credentials" || r.FormValue("scope") != "a b" || r.FormValue("audience") != "kafka":
			w.WriteHeader(http.StatusBadRequest)
		default:
			_, _ = fmt.Fprintf(w, `{"access_token":"token-%d","expires_in":%s}`, asked.Load(), life)
		}
	}))
	t.Cleanup(s.Close)
	ca := Store{PEM: secret.Literal(string(pemOf("CERTIFICATE", s.Certificate().Raw)))}
	good := ClientCredentials{Endpoint: s.URL + "/token", ClientID: "me", Secret: secret.Literal(canary), Scope: "a b", Params: map[string]string{"audience": "kafka"}, CA: ca}
	v := good.Token()
	for range 2 {
		if got, err := v.Reveal(t.Context()); err != nil || got != "token-1" {
			t.Errorf("%q %v", got, err)
		}
	}
	v.Forget() // refused by a broker
	if got, err := v.Reveal(t.Context()); err != nil || got != "token-2" {
		t.Errorf("%q %v", got, err)
	}
	life = "0"
	v.Forget()
	for _, want := range []string{"token-3", "token-4"} {
		if got, err := v.Reveal(t.Context()); err != nil || got != want {
			t.Errorf("%q %v, want %s: a token without a life counts once", got, err, want)
		}
	}
	for want, change := range map[string]func(*ClientCredentials){
		"401 Unauthorized: invalid_client no client with the secret ***": func(c *ClientCredentials) { c.Secret = secret.Literal("wrong-" + canary) },
		"307 Temporary Redirect":       func(c *ClientCredentials) { c.Endpoint = s.URL + "/redirect" },
		"holds no access_token":        func(c *ClientCredentials) { c.Endpoint = s.URL + "/html" },
		"certificate":                  func(c *ClientCredentials) { c.CA = Store{} },
		"connection refused":           func(c *ClientCredentials) { c.Endpoint = "https://127.0.0.1:1/" + canary },
		"no https:// address":          func(c *ClientCredentials) { c.Endpoint = "https://me:" + canary + "@x/" },
		"the client secret is missing": func(c *ClientCredentials) { c.Secret = secret.Value{} },
		"command false: exit status 1": func(c *ClientCredentials) { c.Secret = secret.Command([]string{"false"}) },
	} {
		c := good
		change(&c)
		_, err := c.Token().Reveal(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
			continue
		}
		if all := fmt.Sprintf("%v %+v %#v", err, err, c.Secret); strings.Contains(all, canary) {
			t.Errorf("%s leaks: %s", want, all)
		}
	}
}

func TestATokenOfACommandCountsAsLongAsItSays(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	claims := func(s string) string { return "h." + base64.RawURLEncoding.EncodeToString([]byte(s)) + ".s" }
	for token, want := range map[string]time.Duration{
		claims(`{"exp":1700001000}`): 800 * time.Second,
		claims(`{"exp":1600000000}`): 0,
		claims(`{"exp":"soon"}`):     0,
		claims(`{}`):                 0,
		"opaque":                     0,
		"a.!.c":                      0,
	} {
		if got := validUntil(now, token, 0).Sub(now); got != want {
			t.Errorf("%s: %v, want %v", token, got, want)
		}
	}
}
