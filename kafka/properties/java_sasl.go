package properties

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"lagtop/kafka/conn"
	"lagtop/kafka/secret"
)

// javaSASL reads mechanism and JAAS line. Java's own default mechanism is GSSAPI.
func (r *reader) javaSASL(s *conn.SASL) error {
	if r.get("sasl.login.class") != "" {
		return errors.New("sasl.login.class: own classes cannot run here; leave it out, or log in by another mechanism")
	}
	mechanism := strings.ToUpper(r.get("sasl.mechanism"))
	if mechanism == "" {
		mechanism = "GSSAPI"
	}
	m, err := r.jaas(mechanism)
	if err != nil {
		return err
	}
	switch mechanism {
	case "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512":
		return r.password(s, conn.Mechanism(mechanism), m)
	case "GSSAPI":
		return r.kerberos(s, m)
	case "AWS_MSK_IAM":
		return iam(s, m)
	case "OAUTHBEARER":
		return r.bearer(s, m)
	}
	return errors.New("sasl.mechanism: want PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER, AWS_MSK_IAM or GSSAPI")
}

func (r *reader) jaas(mechanism string) (module, error) {
	line := r.values["sasl.jaas.config"]
	if strings.TrimSpace(line) == "" {
		if mechanism == "OAUTHBEARER" && r.get("sasl.oauthbearer.token.endpoint.url") != "" {
			return module{class: "OAuthBearerLoginModule"}, nil // what newer clients take from keys of their own
		}
		return module{}, errors.New("sasl.jaas.config is missing: write the login line of your JAAS file (KafkaClient { … };) into it")
	}
	m, err := parseJAAS(line)
	if err != nil {
		return m, fmt.Errorf("sasl.jaas.config: %w", err)
	}
	return m, nil
}

func wrongModule(m module, want string) error {
	return fmt.Errorf("sasl.jaas.config: the login module %s does not fit sasl.mechanism, which takes %s", shown(m.class), want)
}

func (r *reader) password(s *conn.SASL, mechanism conn.Mechanism, m module) error {
	if !m.is("PlainLoginModule") && !m.is("ScramLoginModule") {
		want := "ScramLoginModule"
		if mechanism == conn.Plain {
			want = "PlainLoginModule"
		}
		return wrongModule(m, want)
	}
	if class := r.get("sasl.client.callback.handler.class"); class != "" {
		return errors.New("sasl.client.callback.handler.class: own classes cannot run here; give username and password in sasl.jaas.config")
	}
	if strings.EqualFold(m.options["tokenauth"], "true") {
		return errors.New("sasl.jaas.config: delegation tokens (tokenauth) are not supported; log in as a user")
	}
	s.Mechanism, s.User, s.Password = mechanism, m.options["username"], secret.Literal(m.options["password"])
	if s.User == "" || s.Password.IsZero() {
		return errors.New("sasl.jaas.config: username and password are both needed")
	}
	return nil
}

func (r *reader) kerberos(s *conn.SASL, m module) error {
	if !m.is("Krb5LoginModule") {
		return wrongModule(m, "Krb5LoginModule")
	}
	k := &conn.Kerberos{Principal: m.options["principal"]}
	_, k.Service = r.first("sasl.kerberos.service.name")
	if k.Service == "" {
		k.Service = m.options["serviceName"]
	}
	switch {
	case strings.EqualFold(m.options["useKeyTab"], "true"):
		k.Keytab = strings.TrimPrefix(m.options["keyTab"], "file:")
		if k.Keytab == "" || k.Principal == "" {
			return errors.New("sasl.jaas.config: useKeyTab needs keyTab and principal")
		}
	case strings.EqualFold(m.options["useTicketCache"], "true"):
		k.Cache = strings.TrimPrefix(m.options["ticketCache"], "file:")
	default:
		return errors.New("sasl.jaas.config: say useKeyTab=true with keyTab and principal, or useTicketCache=true")
	}
	if k.Service == "" {
		return errors.New("sasl.kerberos.service.name is missing: the first part of the brokers' principal, mostly kafka")
	}
	s.Mechanism, s.Kerberos = conn.GSSAPI, k
	return nil
}

// iam reads the options of aws-msk-iam-auth. The login goes by OAUTHBEARER, which the same listeners take.
func iam(s *conn.SASL, m module) error {
	if !m.is("IAMLoginModule") && !m.is("OAuthBearerLoginModule") {
		return wrongModule(m, "IAMLoginModule")
	}
	if m.has("awsRoleAccessKeyId") || m.has("awsRoleSecretAccessKey") {
		return errors.New("sasl.jaas.config: keys for the role (awsRoleAccessKeyId) are not supported; write a profile with them and name it by awsProfileName")
	}
	s.Mechanism = conn.OAuthBearer
	s.AWS = &conn.AWS{
		Profile: m.options["awsProfileName"], Role: m.options["awsRoleArn"], Session: m.options["awsRoleSessionName"], ExternalID: m.options["awsRoleExternalId"],
	}
	return nil
}

// Login callback handlers by the end of their class name.
const (
	handlerOIDC    = ".oauthbearer.OAuthBearerLoginCallbackHandler"
	handlerSecured = ".oauthbearer.secured.OAuthBearerLoginCallbackHandler" // before 3.4... and still accepted
	handlerStrimzi = "io.strimzi.kafka.oauth.client.JaasClientOauthLoginCallbackHandler"
	handlerIAM     = ".auth.iam.IAMOAuthBearerLoginCallbackHandler"
)

func (r *reader) bearer(s *conn.SASL, m module) error {
	if !m.is("OAuthBearerLoginModule") {
		return wrongModule(m, "OAuthBearerLoginModule")
	}
	s.Mechanism = conn.OAuthBearer
	s.Extensions = map[string]string{}
	for k, v := range m.options {
		if name, ok := strings.CutPrefix(k, "extension_"); ok {
			s.Extensions[name] = v
		}
	}
	handler := r.get("sasl.login.callback.handler.class")
	switch {
	case handler == handlerStrimzi:
		return strimzi(s, m)
	case strings.HasSuffix(handler, handlerIAM):
		return iam(s, m)
	case handler == "" && r.get("sasl.oauthbearer.token.endpoint.url") == "":
		return errors.New("sasl.oauthbearer.token.endpoint.url is missing; Java's unsecured tokens for development are not supported")
	case handler != "" && !strings.HasSuffix(handler, handlerOIDC) && !strings.HasSuffix(handler, handlerSecured):
		return errors.New("sasl.login.callback.handler.class: own classes cannot run here; give a token endpoint, or a context with oauth: {token-command: …}")
	}
	return r.oidc(s, m)
}

func (r *reader) oidc(s *conn.SASL, m module) error {
	endpoint := r.get("sasl.oauthbearer.token.endpoint.url")
	if class := r.get("sasl.oauthbearer.jwt.retriever.class"); class != "" && !strings.HasSuffix(class, "DefaultJwtRetriever") &&
		!strings.HasSuffix(class, "ClientCredentialsJwtRetriever") && !strings.HasSuffix(class, "FileJwtRetriever") {
		return errors.New("sasl.oauthbearer.jwt.retriever.class: not supported; use client credentials, a token file, or a context with oauth: {token-command: …}")
	}
	if path, ok := strings.CutPrefix(endpoint, "file:"); ok {
		if u, err := url.Parse(endpoint); err == nil {
			path = u.Path
		}
		s.Token = conn.TokenFrom(secret.File(path))
		return nil
	}
	o := conn.ClientCredentials{
		Endpoint: endpoint, Encode: r.isTrue("sasl.oauthbearer.header.urlencode"),
		ClientID: m.options["clientId"], Secret: secret.Literal(m.options["clientSecret"]), Scope: m.options["scope"],
	}
	if v := r.get("sasl.oauthbearer.client.credentials.client.id"); v != "" {
		o.ClientID = v
	}
	if v := r.secret("sasl.oauthbearer.client.credentials.client.secret"); !v.IsZero() {
		o.Secret = v
	}
	if v := r.get("sasl.oauthbearer.scope"); v != "" {
		o.Scope = v
	}
	o.CA = conn.Store{Path: m.options["ssl.truststore.location"], Password: secret.Literal(m.options["ssl.truststore.password"]), PEM: secret.Literal(lineEnds(m.options["ssl.truststore.certificates"]))}
	return credentials(s, o)
}

func credentials(s *conn.SASL, o conn.ClientCredentials) error {
	if err := o.Check(); err != nil {
		return fmt.Errorf("sasl.jaas.config: %w", err)
	}
	s.Token = o.Token()
	return nil
}

// strimzi reads the options of strimzi-kafka-oauth.
func strimzi(s *conn.SASL, m module) error {
	for _, k := range []string{"oauth.refresh.token", "oauth.password.grant.username", "oauth.client.assertion", "oauth.client.assertion.location"} {
		if m.has(k) {
			return fmt.Errorf("sasl.jaas.config: %s is not supported; use a client secret, an access token, or a context with oauth: {token-command: …}", k)
		}
	}
	switch {
	case m.has("oauth.access.token"):
		s.Token = secret.Literal(m.options["oauth.access.token"])
		return nil
	case m.has("oauth.access.token.location"):
		s.Token = conn.TokenFrom(secret.File(m.options["oauth.access.token.location"]))
		return nil
	}
	o := conn.ClientCredentials{
		Endpoint: m.options["oauth.token.endpoint.uri"], ClientID: m.options["oauth.client.id"],
		Secret: secret.Literal(m.options["oauth.client.secret"]), Scope: m.options["oauth.scope"],
		CA: conn.Store{
			Path: m.options["oauth.ssl.truststore.location"], Password: secret.Literal(m.options["oauth.ssl.truststore.password"]),
			PEM: secret.Literal(lineEnds(m.options["oauth.ssl.truststore.certificates"])),
		},
	}
	if a := m.options["oauth.audience"]; a != "" {
		o.Params = map[string]string{"audience": a}
	}
	return credentials(s, o)
}
