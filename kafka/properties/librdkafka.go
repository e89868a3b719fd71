package properties

import (
	"errors"
	"fmt"
	"strings"

	"lagtop/kafka/conn"
	"lagtop/kafka/secret"
)

// librdkafkaOnly are keys that no Java client has: one of them tells the dialect.
var librdkafkaOnly = []string{
	"metadata.broker.list", "sasl.mechanisms", "sasl.username", "sasl.password", "ssl.ca.location", "ssl.ca.pem",
	"ssl.certificate.location", "ssl.certificate.pem", "ssl.key.location", "ssl.key.pem", "enable.ssl.certificate.verification",
	"sasl.oauthbearer.method", "sasl.oauthbearer.client.id", "sasl.kerberos.keytab", "sasl.kerberos.principal",
}

var (
	librdkafkaKeys = append([]string{
		"security.protocol", "sasl.mechanism", "ssl.key.password", "ssl.endpoint.identification.algorithm",
		"ssl.keystore.location", "ssl.keystore.password", "sasl.kerberos.service.name",
		"sasl.oauthbearer.client.secret", "sasl.oauthbearer.scope", "sasl.oauthbearer.extensions", "sasl.oauthbearer.token.endpoint.url",
		"ssl.engine.id", "ssl.engine.location", "ssl.providers",
	}, librdkafkaOnly...)
	librdkafkaIdle = []string{
		"sasl.kerberos.kinit.cmd", "sasl.kerberos.min.time.before.relogin", "ssl.curves.list", "ssl.sigalgs.list", "ssl.crl.location",
		"ssl.cipher.suites", "ssl.ca.certificate.stores", "sasl.oauthbearer.config", "enable.sasl.oauthbearer.unsecure.jwt", "ssl_engine_callback_data",
	}
)

func readLibrdkafka(r *reader, c *conn.Config) error {
	if err := r.unknown(librdkafkaKeys, librdkafkaIdle...); err != nil {
		return err
	}
	if err := r.bootstrap(c, "bootstrap.servers", "metadata.broker.list"); err != nil {
		return err
	}
	c.ClientID = r.get("client.id")
	if err := r.protocol(&c.Auth); err != nil {
		return err
	}
	if c.Auth.TLS != nil {
		if err := r.rdTLS(c.Auth.TLS); err != nil {
			return err
		}
	}
	if c.Auth.SASL != nil {
		return r.rdSASL(c.Auth.SASL)
	}
	return nil
}

func (r *reader) rdTLS(t *conn.TLS) error {
	if key, v := r.first("ssl.engine.id", "ssl.engine.location", "ssl.providers"); v != "" {
		return fmt.Errorf("%s: engines of OpenSSL are not supported; name key and certificate as files", key)
	}
	if v := r.get("ssl.ca.location"); v != "probe" {
		t.CA.Path = v
	}
	t.CA.PEM = secret.Literal(pemLine(r.get("ssl.ca.pem")))
	t.Cert = conn.Store{Path: r.get("ssl.certificate.location"), KeyPath: r.get("ssl.key.location"), KeyPassword: r.secret("ssl.key.password")}
	if cert, key := r.get("ssl.certificate.pem"), r.get("ssl.key.pem"); cert != "" && key != "" {
		t.Cert.PEM = secret.Literal(pemLine(cert) + "\n" + pemLine(key))
	}
	if v := r.get("ssl.keystore.location"); v != "" {
		t.Cert = conn.Store{Path: v, Password: r.secret("ssl.keystore.password")}
	}
	t.SkipVerify = strings.EqualFold(r.get("enable.ssl.certificate.verification"), "false")
	switch v := strings.ToLower(r.get("ssl.endpoint.identification.algorithm")); v {
	case "none":
		t.SkipName = true
	case "", "https":
	default:
		return errors.New("ssl.endpoint.identification.algorithm: want https or none")
	}
	return nil
}

// pemLine reads PEM on one line, with \n for its line ends.
func pemLine(text string) string { return lineEnds(strings.ReplaceAll(text, `\n`, "\n")) }

func (r *reader) rdSASL(s *conn.SASL) error {
	key, mechanism := r.first("sasl.mechanisms", "sasl.mechanism")
	s.Mechanism = conn.Mechanism(strings.ToUpper(mechanism))
	switch s.Mechanism {
	case conn.Plain, conn.ScramSHA256, conn.ScramSHA512:
		s.User, s.Password = r.get("sasl.username"), r.secret("sasl.password")
		if s.User == "" || s.Password.IsZero() {
			return errors.New("sasl.username and sasl.password are both needed")
		}
	case conn.GSSAPI, "":
		s.Mechanism = conn.GSSAPI
		s.Kerberos = &conn.Kerberos{Service: r.get("sasl.kerberos.service.name"), Principal: r.get("sasl.kerberos.principal"), Keytab: r.get("sasl.kerberos.keytab")}
	case conn.OAuthBearer:
		if !strings.EqualFold(r.get("sasl.oauthbearer.method"), "oidc") {
			return errors.New("sasl.oauthbearer.method: only oidc is supported")
		}
		for _, pair := range words(r.get("sasl.oauthbearer.extensions")) {
			if k, v, ok := strings.Cut(pair, "="); ok {
				if s.Extensions == nil {
					s.Extensions = map[string]string{}
				}
				s.Extensions[k] = v
			}
		}
		o := conn.ClientCredentials{
			Endpoint: r.get("sasl.oauthbearer.token.endpoint.url"), ClientID: r.get("sasl.oauthbearer.client.id"),
			Secret: r.secret("sasl.oauthbearer.client.secret"), Scope: r.get("sasl.oauthbearer.scope"),
		}
		if err := o.Check(); err != nil {
			return err
		}
		s.Token = o.Token()
	default:
		return fmt.Errorf("%s: want PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or GSSAPI", key)
	}
	return nil
}
