package conn_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/poll"
	"lagtop/kafka/properties"
)

const realCanary = "cAnArY-77aa"

// issuer is a small OIDC provider: a token endpoint for one client, and its keys (RFC 7517).
type issuer struct {
	*httptest.Server
	key    *rsa.PrivateKey
	life   time.Duration
	issued atomic.Int32
}

func newIssuer(t *testing.T, life time.Duration) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key, life: life}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /jwks", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]string{
			"kty": "RSA", "kid": "k", "alg": "RS256", "use": "sig", "n": encode(key.N.Bytes()), "e": encode(big.NewInt(int64(key.E)).Bytes()),
		}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		if id, word, _ := r.BasicAuth(); id != "lagtop" || word != realCanary {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		i.issued.Add(1)
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": i.token("kafka"), "expires_in": int(life.Seconds())})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (i *issuer) token(audience string) string {
	now := time.Now()
	claims, _ := json.Marshal(map[string]any{"iss": "test", "aud": audience, "sub": "alice", "scope": "x", "iat": now.Unix(), "exp": now.Add(i.life).Unix()})
	text := encode([]byte(`{"alg":"RS256","kid":"k","typ":"JWT"}`)) + "." + encode(claims)
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, sum[:])
	if err != nil {
		return ""
	}
	return text + "." + encode(sig)
}

// lowPorts are free, and below the ephemeral range.
func lowPorts(t *testing.T, n int) []int {
	t.Helper()
	var out []int
	for p := 27100; p < 27900 && len(out) < n; p++ {
		l, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", p))
		if err != nil {
			continue
		}
		_ = l.Close()
		out = append(out, p)
	}
	if len(out) < n {
		t.Fatal("no free ports")
	}
	return out
}

// secured is a broker of Apache Kafka with a listener for logins by TLS and one for client certificates.
func secured(t *testing.T, files conn.StoreFiles, i *issuer) (secure, mutual string) {
	t.Helper()
	ports := lowPorts(t, 2)
	secure, mutual = fmt.Sprintf("127.0.0.1:%d", ports[0]), fmt.Sprintf("127.0.0.1:%d", ports[1])
	t.Setenv("JAVA_TOOL_OPTIONS", "-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls="+i.URL+"/jwks")
	const l, classes = "listener.name.secure.", "org.apache.kafka.common.security."
	c := kafkatest.RealOwn(t, kafkatest.Own{Nodes: 1, Props: map[string]string{
		"listeners":                      "{default},SECURE://" + secure + ",MUTUAL://" + mutual,
		"advertised.listeners":           "{default},SECURE://" + secure + ",MUTUAL://" + mutual,
		"listener.security.protocol.map": "{default},SECURE:SASL_SSL,MUTUAL:SSL",
		"ssl.keystore.type":              "PKCS12", "ssl.keystore.location": files.ServerP12, "ssl.keystore.password": "changeit",
		"ssl.truststore.type": "JKS", "ssl.truststore.location": files.CAJKS, "ssl.truststore.password": "changeit",
		"listener.name.mutual.ssl.client.auth":               "required",
		l + "sasl.enabled.mechanisms":                        "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
		l + "plain.sasl.jaas.config":                         classes + `plain.PlainLoginModule required user_alice="` + realCanary + `";`,
		l + "scram-sha-256.sasl.jaas.config":                 classes + "scram.ScramLoginModule required;",
		l + "scram-sha-512.sasl.jaas.config":                 classes + "scram.ScramLoginModule required;",
		l + "oauthbearer.sasl.jaas.config":                   classes + "oauthbearer.OAuthBearerLoginModule required;",
		l + "oauthbearer.sasl.server.callback.handler.class": classes + "oauthbearer.OAuthBearerValidatorCallbackHandler",
		l + "oauthbearer.connections.max.reauth.ms":          "3600000",
		"sasl.oauthbearer.jwks.endpoint.url":                 i.URL + "/jwks",
		"sasl.oauthbearer.expected.audience":                 "kafka",
	}})
	adm := kadm.NewClient(kafkatest.Client(t, c.Bootstrap()))
	for _, m := range []kadm.ScramMechanism{kadm.ScramSha256, kadm.ScramSha512} { // Kafka takes a user once a request
		r, err := adm.AlterUserSCRAMs(t.Context(), nil, []kadm.UpsertSCRAM{{User: "scram", Mechanism: m, Iterations: 4096, Password: realCanary}})
		if err != nil || r.Error() != nil {
			t.Fatal(err, r.Error())
		}
	}
	return secure, mutual
}

// snapshot polls once with a client.properties.
func snapshot(t *testing.T, addr, text string) (conn.Config, error) {
	t.Helper()
	cfg, err := properties.Parse("client.properties", []byte("bootstrap.servers="+addr+"\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	if cfg, err = cfg.Checked(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	s, err := poll.New(cfg, poll.Options{Deadline: time.Minute}).Once(ctx)
	if err == nil && len(s.Brokers) != 1 {
		err = fmt.Errorf("%d brokers", len(s.Brokers))
	}
	if err == nil {
		for _, f := range s.Faults {
			err = errors.Join(err, fmt.Errorf("%+v", f))
		}
	}
	return cfg, err
}

func jaas(module, options string) string {
	return "sasl.jaas.config=org.apache.kafka.common.security." + module + " required " + options + ";\n"
}

func TestRealKafkaLetsUsInByEveryLogin(t *testing.T) {
	files, i := conn.NewStoreFiles(t), newIssuer(t, 6*time.Second)
	secure, mutual := secured(t, files, i)
	tls := "ssl.truststore.location=" + files.CAJKS + "\nssl.truststore.password=changeit\n"
	sasl := tls + "security.protocol=SASL_SSL\n"
	user := func(name, word string) string { return fmt.Sprintf(`username="%s" password="%s"`, name, word) }
	oauth := func(id, word string) string {
		return sasl + "sasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.token.endpoint.url=" + i.URL + "/token\n" +
			jaas("oauthbearer.OAuthBearerLoginModule", fmt.Sprintf(`clientId="%s" clientSecret="%s"`, id, word))
	}
	oneLine := func(pem string) string { return strings.ReplaceAll(pem, "\n", " ") }
	for name, c := range map[string]struct{ addr, text, fails string }{
		"PLAIN":         {secure, sasl + "sasl.mechanism=PLAIN\n" + jaas("plain.PlainLoginModule", user("alice", realCanary)), ""},
		"SCRAM-SHA-256": {secure, sasl + "sasl.mechanism=SCRAM-SHA-256\n" + jaas("scram.ScramLoginModule", user("scram", realCanary)), ""},
		"SCRAM-SHA-512": {secure, sasl + "sasl.mechanism=SCRAM-SHA-512\n" + jaas("scram.ScramLoginModule", user("scram", realCanary)), ""},
		"OAUTHBEARER":   {secure, oauth("lagtop", realCanary), ""},
		"kcat":          {secure, "security.protocol=sasl_ssl\nssl.ca.location=" + files.CAPEM + "\nsasl.mechanisms=PLAIN\nsasl.username=alice\nsasl.password=" + realCanary, ""},
		"mTLS, JKS":     {mutual, tls + "security.protocol=SSL\nssl.keystore.location=" + files.ClientJKS + "\nssl.keystore.password=changeit\n", ""},
		"mTLS, PEM": {mutual, tls + "security.protocol=SSL\nssl.keystore.type=PEM\nssl.key.password=changeit\nssl.keystore.certificate.chain=" +
			oneLine(files.ClientCert) + "\nssl.keystore.key=" + oneLine(files.ClientKey) + "\n", ""},

		"wrong password":       {secure, sasl + "sasl.mechanism=PLAIN\n" + jaas("plain.PlainLoginModule", user("alice", "x"+realCanary)), "SASL login: Authentication failed: Invalid username or password"},
		"wrong SCRAM password": {secure, sasl + "sasl.mechanism=SCRAM-SHA-512\n" + jaas("scram.ScramLoginModule", user("scram", "x"+realCanary)), "SASL login: Authentication failed"},
		"wrong client secret":  {secure, oauth("lagtop", "x"+realCanary), "401 Unauthorized"},
		"no login":             {secure, tls + "security.protocol=SSL\n", "first request"},
		"plaintext":            {secure, "", "ApiVersions"},
		"no certificate":       {mutual, tls + "security.protocol=SSL\n", "TLS handshake: tls:"},
		"unknown issuer":       {secure, "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n" + jaas("plain.PlainLoginModule", user("alice", realCanary)), "certificate"},
	} {
		cfg, err := snapshot(t, c.addr, c.text)
		if (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			t.Logf("%s: %v\n\t%s", name, err, conn.Advice(err))
		}
		way := conn.Diagnose(t.Context(), cfg)[0]
		if (way.Err == nil) != (c.fails == "") {
			t.Errorf("%s: the diagnosis: %v", name, way.Err)
		}
		t.Logf("%s: %v, %+v", name, way.Err, way.Steps)
		if all := fmt.Sprintf("%v %+v %#v %+v %s %+v %v", err, err, err, cfg, conn.Advice(err), way, way.Err); strings.Contains(all, realCanary) {
			t.Errorf("%s leaks: %s", name, all)
		}
	}
	renewed(t, secure, oauth("lagtop", realCanary), i)
}

// renewed polls over the same connections until several tokens have ended: none of the polls may fail
// (KIP-368).
func renewed(t *testing.T, addr, text string, i *issuer) {
	t.Helper()
	cfg, err := properties.Parse("p", []byte("bootstrap.servers="+addr+"\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	b := conn.NewBroker(cfg, addr, nil)
	defer b.Close()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(3 * time.Minute)
	for first := i.issued.Load(); i.issued.Load() < first+4; {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d tokens in three minutes", i.issued.Load()-first)
		}
		if _, err := b.Metadata(t.Context()); err != nil {
			t.Fatalf("after %d tokens: %v", i.issued.Load()-first, err)
		}
	}
}
