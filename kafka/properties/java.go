package properties

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"

	"lagtop/kafka/conn"
	"lagtop/kafka/secret"
)

// The keys of Java's clients about login and encryption (SaslConfigs, SslConfigs, SecurityConfig).
var (
	javaKeys = []string{
		"security.protocol", "sasl.mechanism", "sasl.jaas.config", "sasl.kerberos.service.name",
		"sasl.login.callback.handler.class", "sasl.client.callback.handler.class",
		"sasl.oauthbearer.token.endpoint.url", "sasl.oauthbearer.scope", "sasl.oauthbearer.header.urlencode",
		"sasl.oauthbearer.client.credentials.client.id", "sasl.oauthbearer.client.credentials.client.secret",
		"sasl.oauthbearer.jwt.retriever.class", "sasl.login.class", "ssl.engine.factory.class",
		"ssl.truststore.location", "ssl.truststore.password", "ssl.truststore.type", "ssl.truststore.certificates",
		"ssl.keystore.location", "ssl.keystore.password", "ssl.keystore.type", "ssl.keystore.key", "ssl.keystore.certificate.chain",
		"ssl.key.password", "ssl.endpoint.identification.algorithm", "ssl.enabled.protocols", "ssl.protocol", "ssl.cipher.suites",
	}
	// javaIdle change nothing here: how Java does it, pacing, and what brokers check.
	javaIdle = []string{
		"sasl.kerberos.kinit.cmd", "sasl.kerberos.min.time.before.relogin", "sasl.kerberos.ticket.renew.jitter",
		"sasl.kerberos.ticket.renew.window.factor", "sasl.login.refresh.", "sasl.login.connect.timeout.ms",
		"sasl.login.read.timeout.ms", "sasl.login.retry.", "sasl.oauthbearer.clock.skew.seconds",
		"sasl.oauthbearer.expected.", "sasl.oauthbearer.jwks.", "sasl.oauthbearer.scope.claim.name",
		"sasl.oauthbearer.sub.claim.name", "sasl.oauthbearer.jwt.validator.class", "ssl.keymanager.algorithm",
		"ssl.trustmanager.algorithm", "ssl.secure.random.implementation", "ssl.provider", "ssl.principal.mapping.rules",
		"ssl.client.auth", "ssl.allow.", "security.providers", "sasl.enabled.mechanisms", "sasl.server.",
		"sasl.mechanism.inter.broker.protocol", "security.inter.broker.protocol",
	}
)

func readJava(r *reader, c *conn.Config) error {
	if r.has("config.providers") {
		return errors.New("config.providers: values from providers (${…}) are not supported; write the values, or name them in a context: password-file, password-env, password-command")
	}
	if err := r.unknown(javaKeys, javaIdle...); err != nil {
		return err
	}
	if err := r.bootstrap(c, "bootstrap.servers"); err != nil {
		return err
	}
	c.ClientID = r.get("client.id")
	if err := r.protocol(&c.Auth); err != nil {
		return err
	}
	if c.Auth.TLS != nil {
		if err := r.javaTLS(c.Auth.TLS); err != nil {
			return err
		}
	}
	if c.Auth.SASL != nil {
		return r.javaSASL(c.Auth.SASL)
	}
	return nil
}

func (r *reader) javaTLS(t *conn.TLS) error {
	if r.get("ssl.engine.factory.class") != "" {
		return errors.New("ssl.engine.factory.class: own classes cannot run here; name certificates and keys by ssl.truststore.* and ssl.keystore.*")
	}
	for _, key := range []string{"ssl.truststore.type", "ssl.keystore.type"} {
		switch strings.ToUpper(r.get(key)) {
		case "", "JKS", "PKCS12", "PEM":
		default:
			return fmt.Errorf("%s: not supported; convert the store: keytool -importkeystore -deststoretype PKCS12", key)
		}
	}
	t.CA = conn.Store{Path: r.get("ssl.truststore.location"), PEM: r.secret("ssl.truststore.certificates"), Password: r.secret("ssl.truststore.password")}
	t.Cert = conn.Store{Path: r.get("ssl.keystore.location"), Password: r.secret("ssl.keystore.password"), KeyPassword: r.secret("ssl.key.password")}
	key, chain := r.values["ssl.keystore.key"], r.values["ssl.keystore.certificate.chain"]
	switch {
	case (key == "") != (chain == ""):
		return errors.New("ssl.keystore.key and ssl.keystore.certificate.chain: give both, or neither")
	case key != "" && t.Cert.Path != "":
		return errors.New("ssl.keystore.key and ssl.keystore.location: give one of them")
	case key != "":
		t.Cert.PEM = secret.Literal(lineEnds(chain) + "\n" + lineEnds(key))
	}
	if t.CA.Path != "" && !t.CA.PEM.IsZero() {
		return errors.New("ssl.truststore.certificates and ssl.truststore.location: give one of them")
	}
	t.CA.PEM = secret.Literal(lineEnds(r.values["ssl.truststore.certificates"]))
	if err := r.endpointCheck(t); err != nil {
		return err
	}
	return r.javaVersions(t)
}

// lineEnds gives PEM on one line its line ends back: Java takes spaces for them, too.
func lineEnds(text string) string {
	const begin, end, dashes = "-----BEGIN ", "-----END ", "-----"
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(text, begin)
		if !ok {
			return out.String()
		}
		out.WriteString(strings.TrimSpace(before) + "\n")
		kind, rest, _ := strings.Cut(rest, dashes)
		body, rest, ok := strings.Cut(rest, end)
		if !ok {
			return out.String()
		}
		_, text, _ = strings.Cut(rest, dashes)
		head, base64 := "", body
		if h, b, ok := cutHeaders(body); ok {
			head, base64 = h, b
		}
		out.WriteString(begin + kind + dashes + "\n" + head + strings.Join(strings.Fields(base64), "\n") + "\n" + end + kind + dashes + "\n")
	}
}

// cutHeaders parts the headers of an old encrypted key from its text; they end at an empty line.
func cutHeaders(body string) (head, text string, ok bool) {
	if !strings.Contains(body, "Proc-Type:") {
		return "", body, false
	}
	head, text, ok = strings.Cut(strings.ReplaceAll(body, "\r", ""), "\n\n")
	return strings.TrimSpace(head) + "\n\n", text, ok
}

// endpointCheck: the empty algorithm means that the name is not checked.
func (r *reader) endpointCheck(t *conn.TLS) error {
	const key = "ssl.endpoint.identification.algorithm"
	switch v := r.get(key); {
	case r.has(key) && v == "":
		t.SkipName = true
	case v != "" && !strings.EqualFold(v, "https"):
		return fmt.Errorf("%s: want https, or nothing for no check of host names", key)
	}
	return nil
}

var versions = map[string]uint16{"TLSV1": tls.VersionTLS10, "TLSV1.1": tls.VersionTLS11, "TLSV1.2": tls.VersionTLS12, "TLSV1.3": tls.VersionTLS13}

func (r *reader) javaVersions(t *conn.TLS) error {
	for _, v := range words(r.get("ssl.enabled.protocols")) {
		n, ok := versions[strings.ToUpper(v)]
		if !ok {
			return errors.New("ssl.enabled.protocols: want a list of TLSv1.3, TLSv1.2, TLSv1.1 and TLSv1")
		}
		if t.MinVersion == 0 {
			t.MinVersion = n
		}
		t.MinVersion, t.MaxVersion = min(t.MinVersion, n), max(t.MaxVersion, n)
	}
	suites := words(r.get("ssl.cipher.suites"))
	for _, name := range suites {
		for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
			if s.Name == name {
				t.Ciphers = append(t.Ciphers, s.ID)
			}
		}
	}
	if len(suites) > 0 && len(t.Ciphers) == 0 {
		return errors.New("ssl.cipher.suites: none of them is supported; leave the key out")
	}
	return nil
}

func words(list string) []string {
	var out []string
	for _, w := range strings.Split(list, ",") {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}
