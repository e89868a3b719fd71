package conn

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/IBM/sarama"
	"github.com/jcmturner/gokrb5/v8/credentials"
	"github.com/jcmturner/gokrb5/v8/keytab"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/kerberos"

	"lagtop/kafka/secret"
)

// Kerberos is the login of SASL GSSAPI, by one of keytab, password and ticket cache, in that order.
type Kerberos struct {
	Service   string // of the brokers' principal; empty: kafka
	Principal string // name or name@REALM; not needed for a ticket cache
	Keytab    string // file
	Password  secret.Value
	Cache     string // file; empty: $KRB5CCNAME or /tmp/krb5cc_<uid>
	Config    string // krb5.conf; empty: $KRB5_CONFIG or /etc/krb5.conf
}

func (k *Kerberos) check() error {
	if k.Principal == "" && (k.Keytab != "" || !k.Password.IsZero()) {
		return errors.New("kerberos: the principal is missing")
	}
	return nil
}

// sarama fills in what sarama logs in with. It always wants a name and a realm.
func (k *Kerberos) sarama(ctx context.Context, g *sarama.GSSAPIConfig) error {
	*g = sarama.GSSAPIConfig{
		ServiceName: cmp.Or(k.Service, "kafka"), KeyTabPath: k.Keytab,
		DisablePAFXFAST: true, // Active Directory refuses what gokrb5 sends for it
	}
	g.Username, g.Realm, _ = strings.Cut(k.Principal, "@")
	named := cmp.Or(k.Config, os.Getenv("KRB5_CONFIG"), "/etc/krb5.conf")
	conf, path, err := loadKrb5Conf(named)
	if err != nil {
		return fmt.Errorf("kerberos: read %s: %w", named, err)
	}
	g.KerberosConfigPath = path
	g.Realm = cmp.Or(g.Realm, conf.LibDefaults.DefaultRealm)
	switch {
	case k.Keytab != "":
		g.AuthType = sarama.KRB5_KEYTAB_AUTH
		if _, err := keytab.Load(k.Keytab); err != nil {
			return fmt.Errorf("kerberos: read the keytab %s: %w", k.Keytab, err)
		}
	case !k.Password.IsZero():
		g.AuthType = sarama.KRB5_USER_AUTH
		if g.Password, err = k.Password.Reveal(ctx); err != nil {
			return err
		}
	default:
		return k.fromCache(g)
	}
	if g.Realm == "" {
		return fmt.Errorf("kerberos: no realm: write the principal as name@REALM, or default_realm into %s", named)
	}
	return nil
}

func (k *Kerberos) fromCache(g *sarama.GSSAPIConfig) error {
	g.AuthType = sarama.KRB5_CCACHE_AUTH
	path := cmp.Or(k.Cache, os.Getenv("KRB5CCNAME"), fmt.Sprintf("/tmp/krb5cc_%d", os.Getuid()))
	kind, rest, named := strings.Cut(path, ":")
	switch {
	case named && kind == "FILE":
		path = rest
	case named && !strings.Contains(kind, "/"):
		return fmt.Errorf("kerberos: a ticket cache of type %s cannot be read: kinit -c FILE:/some/path and name that file", kind)
	}
	g.CCachePath = path
	cache, err := credentials.LoadCCache(path)
	if err != nil {
		return fmt.Errorf("kerberos: read the ticket cache %s (kinit -c FILE:%s makes it): %w", path, path, err)
	}
	g.Username = cache.GetClientPrincipalName().PrincipalNameString()
	g.Realm = cache.GetClientRealm()
	return nil
}

func (k *Kerberos) kgo() sasl.Mechanism { return kerberosMechanism{k} }

// kerberosMechanism ends the Kerberos client of a login with the login: it renews its tickets in a goroutine,
// which franz-go leaves to the garbage collector.
type kerberosMechanism struct{ *Kerberos }

// Name implements sasl.Mechanism.
func (kerberosMechanism) Name() string { return "GSSAPI" }

// Authenticate implements sasl.Mechanism.
func (k kerberosMechanism) Authenticate(ctx context.Context, host string) (sasl.Session, []byte, error) {
	own, service, err := k.client(ctx)
	if err != nil {
		return nil, nil, err
	}
	login := kerberos.Kerberos(func(context.Context) (kerberos.Auth, error) {
		return kerberos.Auth{Client: &own.Client, Service: service}, nil
	})
	session, first, err := login.Authenticate(ctx, host)
	if err != nil {
		own.Destroy()
		return nil, nil, err
	}
	return &kerberosSession{session, own}, first, nil
}

// client is one that has not logged in yet.
func (k kerberosMechanism) client(ctx context.Context) (own *sarama.KerberosGoKrb5Client, service string, err error) {
	var g sarama.GSSAPIConfig
	if err := k.sarama(ctx, &g); err != nil {
		return nil, "", &loginError{err}
	}
	c, err := sarama.NewKerberosClient(&g)
	if err != nil {
		return nil, "", &loginError{err}
	}
	own, ok := c.(*sarama.KerberosGoKrb5Client)
	if !ok {
		return nil, "", fmt.Errorf("kerberos: unexpected client %T", c)
	}
	return own, g.ServiceName, nil
}

type kerberosSession struct {
	sasl.Session
	own *sarama.KerberosGoKrb5Client
}

// Challenge implements sasl.Session.
func (s *kerberosSession) Challenge(answer []byte) (done bool, next []byte, err error) {
	done, next, err = s.Session.Challenge(answer)
	if done || err != nil {
		s.own.Destroy()
	}
	return done, next, err
}

// isKerberos tells errors of the Kerberos library, which have no common type.
func isKerberos(err error) bool {
	for _, mark := range []string{"KRB", "krb5", "Kerberos", "kerberos", "KDC", "ticket"} {
		if strings.Contains(err.Error(), mark) {
			return true
		}
	}
	return false
}

// kerberosAdvice is what to do about an error of Kerberos, by the names of RFC 4120 and the words of the library.
func kerberosAdvice(err error) string {
	const refused = "the KDC refused the password or the key: try it with kinit; a keytab may be older than the last change of the password"
	const ended = "the tickets have ended, or are not of this realm: kinit again, klist shows them"
	text := err.Error()
	for _, c := range [][2]string{
		{"KDC_ERR_PREAUTH_FAILED", refused},
		{"Decrypting_Error", refused},
		{"KDC_ERR_C_PRINCIPAL_UNKNOWN", "the KDC does not know this principal: check its name and its realm"},
		{"KDC_ERR_S_PRINCIPAL_UNKNOWN", "the KDC knows no such service: check the service name, and reach the broker by the name that stands in its principal"},
		{"KDC_ERR_KEY_EXPIRED", "the password has expired: kpasswd changes it"},
		{"KDC_ERR_CLIENT_REVOKED", "the principal is locked, or has expired: ask the KDC's administrator"},
		{"KRB_AP_ERR_SKEW", "the clock of this machine and that of the KDC are too far apart"},
		{"KRB_AP_ERR_TKT_EXPIRED", ended},
		{"no user credentials available", ended},
		{"key not found in keytab", "the keytab has no key of this principal: klist -k -e FILE shows what it has"},
		{"no KDCs defined", "krb5.conf names no KDC of this realm: check the realm, or write kdc = HOST below [realms]"},
		{"Networking_Error", "no KDC answered: check the kdc lines of krb5.conf and that their port, mostly 88, is open from here"},
	} {
		if strings.Contains(text, c[0]) {
			return c[1]
		}
	}
	return adviceKerberos
}
