package config

import (
	"strings"

	"github.com/goccy/go-yaml/ast"

	"lagtop/kafka/conn"
	"lagtop/kafka/secret"
)

// saslSection is the section sasl before its parts are put together.
type saslSection struct {
	mechanism  string
	user       string
	password   secret.Value
	oauth      *oauthSection
	kerberos   *conn.Kerberos
	aws        *conn.AWS
	extensions map[string]string
}

type oauthSection struct {
	client   conn.ClientCredentials
	token    secret.Value
	audience string
}

func saslKeys(s *saslSection) keys {
	ks := keys{
		{"mechanism", "how to log in", aWord(mechanisms), func(n ast.Node) error { return takeMechanism(n, &s.mechanism) }},
		{"username", "user of PLAIN and SCRAM", aText, textInto("username", &s.user)},
	}
	ks = append(ks, secretKeys("password", "of the user, or of the Kerberos principal", &s.password)...)
	return append(ks,
		key{"oauth", "where tokens come from (OAUTHBEARER)", object(oauthKeys(&oauthSection{})), func(n ast.Node) error {
			s.oauth = &oauthSection{}
			return fields(n, "oauth", oauthKeys(s.oauth))
		}},
		key{"extensions", "SASL extensions of OAUTHBEARER", aMap, func(n ast.Node) error { return takeTexts(n, "extensions", &s.extensions) }},
		key{"kerberos", "who you are to Kerberos (GSSAPI)", object(kerberosKeys(&conn.Kerberos{})), func(n ast.Node) error {
			s.kerberos = &conn.Kerberos{}
			return fields(n, "kerberos", kerberosKeys(s.kerberos))
		}},
		key{"aws", "where AWS credentials come from (AWS_MSK_IAM)", object(awsKeys(&conn.AWS{})), func(n ast.Node) error {
			s.aws = &conn.AWS{}
			return fields(n, "aws", awsKeys(s.aws))
		}},
	)
}

// mechanismIAM is what MSK calls its own login; it goes by OAUTHBEARER.
const mechanismIAM = "AWS_MSK_IAM"

var mechanisms = []string{
	string(conn.Plain), string(conn.ScramSHA256), string(conn.ScramSHA512), string(conn.OAuthBearer), mechanismIAM, string(conn.GSSAPI),
}

func takeMechanism(n ast.Node, out *string) error {
	s, err := text(n, "mechanism")
	if err != nil {
		return err
	}
	for _, m := range mechanisms {
		if strings.EqualFold(m, s) {
			*out = m
			return nil
		}
	}
	return at(n, "mechanism: none is called %q%s", s, meant(s, mechanisms))
}

func (l *Login) takeSASL(n ast.Node) error {
	var s saslSection
	if err := fields(n, "sasl", saslKeys(&s)); err != nil {
		return err
	}
	login, err := s.login()
	if err == nil && login.AWS == nil {
		_, err = conn.Config{Auth: conn.Auth{SASL: login}}.Checked()
	}
	if err != nil {
		return at(n, "sasl: %s", err)
	}
	l.Auth.SASL = login
	return nil
}

func (s *saslSection) login() (*conn.SASL, error) {
	out := &conn.SASL{Mechanism: conn.Mechanism(s.mechanism), User: s.user, Password: s.password, Kerberos: s.kerberos, Extensions: s.extensions}
	switch {
	case s.aws != nil && (s.mechanism == "" || s.mechanism == mechanismIAM), s.mechanism == mechanismIAM:
		out.Mechanism = conn.OAuthBearer
		if out.AWS = s.aws; out.AWS == nil {
			out.AWS = &conn.AWS{}
		}
	case s.oauth != nil && (s.mechanism == "" || out.Mechanism == conn.OAuthBearer):
		out.Mechanism = conn.OAuthBearer
		return out, s.oauth.into(out)
	case s.kerberos != nil && s.mechanism == "", out.Mechanism == conn.GSSAPI:
		out.Mechanism = conn.GSSAPI
		if out.Kerberos == nil {
			out.Kerberos = &conn.Kerberos{}
		}
		out.Kerberos.Password = s.password
	case s.mechanism == "":
		return nil, errNoMechanism
	}
	return out, nil
}

func oauthKeys(o *oauthSection) keys {
	c := &o.client
	ks := keys{
		{"token-endpoint", "URL that gives tokens to clients (OIDC, client credentials)", aText, textInto("token-endpoint", &c.Endpoint)},
		{"client-id", "who asks there", aText, textInto("client-id", &c.ClientID)},
		{"scope", "what is asked for, several parted by spaces", aText, textInto("scope", &c.Scope)},
		{"audience", "for whom the token is, where the endpoint wants it", aText, textInto("audience", &o.audience)},
		{"ca", "file with the certificates to believe at the endpoint", aText, func(n ast.Node) error { return takePath(n, "ca", &c.CA.Path) }},
		{"encode-header", "form-encode id and secret, as strict servers want", aBool, func(n ast.Node) error { return boolean(n, "encode-header", &c.Encode) }},
	}
	ks = append(ks, secretKeys("client-secret", "of the client", &c.Secret)...)
	return append(ks, secretKeys("token", "that is the token itself, instead of an endpoint", &o.token)...)
}

func (o *oauthSection) into(out *conn.SASL) error {
	if !o.token.IsZero() {
		out.Token = conn.TokenFrom(o.token)
		return nil
	}
	if o.audience != "" {
		o.client.Params = map[string]string{"audience": o.audience}
	}
	out.Token = o.client.Token()
	return o.client.Check()
}

func kerberosKeys(k *conn.Kerberos) keys {
	return keys{
		{"principal", "name@REALM; not needed for a ticket cache", aText, textInto("principal", &k.Principal)},
		{"service", "first part of the brokers' principal, else kafka", aText, textInto("service", &k.Service)},
		{"keytab", "file with the keys of the principal", aText, func(n ast.Node) error { return takePath(n, "keytab", &k.Keytab) }},
		{"ccache", "file with tickets, else $KRB5CCNAME", aText, func(n ast.Node) error { return takePath(n, "ccache", &k.Cache) }},
		{"config", "krb5.conf, else $KRB5_CONFIG or /etc/krb5.conf", aText, func(n ast.Node) error { return takePath(n, "config", &k.Config) }},
	}
}

func awsKeys(a *conn.AWS) keys {
	return keys{
		{"region", "else that of the bootstrap address, or $AWS_REGION", aText, textInto("region", &a.Region)},
		{"profile", "of ~/.aws/config", aText, textInto("profile", &a.Profile)},
		{"role", "ARN of a role to assume", aText, textInto("role", &a.Role)},
		{"session", "name of the assumed session", aText, textInto("session", &a.Session)},
		{"external-id", "of the role", aText, textInto("external-id", &a.ExternalID)},
		{"web-identity-file", "file with the token by which the role is assumed", aText, func(n ast.Node) error { return takePath(n, "web-identity-file", &a.WebIdentity) }},
	}
}

func textInto(what string, out *string) field {
	return func(n ast.Node) (err error) {
		*out, err = text(n, what)
		return err
	}
}

func aMap() map[string]any {
	return map[string]any{"type": "object", "additionalProperties": aText()}
}

// takeTexts reads a mapping whose keys are free.
func takeTexts(n ast.Node, what string, out *map[string]string) error {
	var pairs []*ast.MappingValueNode
	switch v := n.(type) {
	case *ast.MappingNode:
		pairs = v.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{v}
	default:
		return at(n, "%s: want keys with values, not %s", what, kindOf(n))
	}
	*out = map[string]string{}
	for _, p := range pairs {
		k, ok := p.Key.(ast.Node)
		name, isText := textOf(k)
		if !ok || !isText {
			return at(p.Key, "%s: want a text as a key", what)
		}
		v, err := text(p.Value, what)
		if err != nil {
			return err
		}
		(*out)[name] = v
	}
	return nil
}
