package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"lagtop/kafka/conn"
	"lagtop/kafka/properties"
	"lagtop/kafka/secret"
)

// Login is how a cluster is reached and who we are to it, as the file or the command line says.
type Login struct {
	Auth       conn.Auth
	NoTLS      bool   // tls: false, whatever the file of Properties says; Auth.TLS wins
	Properties string // file of a Java client or of librdkafka; what is said here wins over it
	Proxy      *conn.Proxy
	Map        []string // from=to, see conn.ParseMap
}

// Apply is cfg with this login. It reads the properties file, whose addresses and client id count where
// cfg has none.
func (l *Login) Apply(cfg conn.Config) (conn.Config, error) {
	if l.Properties != "" {
		text, err := read(l.Properties)
		if err != nil {
			return cfg, fmt.Errorf("read the properties: %w", err)
		}
		p, err := properties.Parse(l.Properties, text)
		if err != nil {
			return cfg, err
		}
		if len(cfg.Bootstrap) == 0 {
			cfg.Bootstrap = p.Bootstrap
		}
		if cfg.ClientID == "" {
			cfg.ClientID = p.ClientID
		}
		cfg.Auth = p.Auth
	}
	if l.Auth.TLS != nil || l.NoTLS {
		cfg.Auth.TLS = l.Auth.TLS
	}
	if l.Auth.SASL != nil {
		cfg.Auth.SASL = l.Auth.SASL
	}
	if l.Proxy != nil {
		cfg.Proxy = l.Proxy
	}
	if len(l.Map) > 0 {
		m, err := conn.ParseMap(l.Map)
		if err != nil {
			return cfg, err
		}
		cfg.Map = m
	}
	return cfg, nil
}

// keys are those of an item of contexts about the login.
func (l *Login) keys() keys {
	return keys{
		{"properties", "a client.properties of Java (--command-config), or a file of kcat", aText, func(n ast.Node) error { return takePath(n, "properties", &l.Properties) }},
		{"tls", "encrypt; with no keys in it, by the certificates that this machine trusts; false: do not, whatever properties says", orTrue(object(tlsKeys(&conn.TLS{}))), l.takeTLS},
		{"sasl", "who you are", object(saslKeys(&saslSection{})), l.takeSASL},
		{"proxy", "socks5://host:1080 or http://host:3128", aText, l.takeProxy},
		{"map", "from=to: where an address that brokers name is reached from here", oneOrMore(aText), l.takeMap},
	}
}

// orTrue is a mapping, or true for one that is empty, or false for none.
func orTrue(is shape) shape {
	return func() map[string]any {
		return map[string]any{"anyOf": []any{is(), aBool()}}
	}
}

func (l *Login) takeTLS(n ast.Node) error {
	t := &conn.TLS{}
	if b, ok := n.(*ast.BoolNode); ok {
		if l.NoTLS = !b.Value; b.Value {
			l.Auth.TLS = t
		}
		return nil
	}
	if err := fields(n, "tls", tlsKeys(t)); err != nil {
		return err
	}
	if t.Cert.IsZero() && (t.Cert.KeyPath != "" || !t.Cert.KeyPassword.IsZero()) {
		return at(n, "tls: a key without a certificate: cert is missing")
	}
	l.Auth.TLS = t
	return nil
}

func tlsKeys(t *conn.TLS) keys {
	ks := keys{
		{"ca", "file with the certificates to believe: PEM, JKS or PKCS12", aText, func(n ast.Node) error { return takePath(n, "ca", &t.CA.Path) }},
		{"cert", "file with your certificate: PEM, JKS or PKCS12", aText, func(n ast.Node) error { return takePath(n, "cert", &t.Cert.Path) }},
		{"key", "file with its private key, when it is not in cert", aText, func(n ast.Node) error { return takePath(n, "key", &t.Cert.KeyPath) }},
		{"insecure-skip-verify", "believe every certificate; the screen says so", aBool, func(n ast.Node) error { return boolean(n, "insecure-skip-verify", &t.SkipVerify) }},
		{"skip-name", "check certificates, but not the names in them; the screen says so", aBool, func(n ast.Node) error { return boolean(n, "skip-name", &t.SkipName) }},
	}
	ks = append(ks, secretKeys("ca-password", "of the file ca", &t.CA.Password)...)
	ks = append(ks, secretKeys("cert-password", "of the file cert", &t.Cert.Password)...)
	return append(ks, secretKeys("key-password", "of the private key", &t.Cert.KeyPassword)...)
}

// secretKeys are the four ways to give a secret; one of them counts.
func secretKeys(name, of string, out *secret.Value) keys {
	given := ""
	one := func(key string, make func(n ast.Node) (secret.Value, error)) field {
		return func(n ast.Node) error {
			if given != "" {
				return at(n, "%s and %s: give one of them", given, key)
			}
			given = key
			v, err := make(n)
			if err == nil && v.IsZero() {
				return at(n, "%s: it is empty", key)
			}
			*out = v
			return err
		}
	}
	fromText := func(key string, make func(string) secret.Value) field {
		return one(key, func(n ast.Node) (secret.Value, error) {
			s, err := text(n, key)
			if err != nil || s == "" {
				return secret.Value{}, err
			}
			return make(s), nil
		})
	}
	return keys{
		{name, "secret " + of + "; better in a file or a command", aText, fromText(name, secret.Literal)},
		{name + "-file", "file with the secret " + of, aText, fromText(name+"-file", func(s string) secret.Value { return secret.File(home(s)) })},
		{name + "-env", "environment variable with the secret " + of, aText, fromText(name+"-env", secret.Env)},
		{name + "-command", "command that prints the secret " + of + "; no shell: words parted by spaces, or a list", oneOrMore(aText), one(name+"-command", func(n ast.Node) (secret.Value, error) {
			return takeSecretCommand(n, name+"-command")
		})},
	}
}

func takeSecretCommand(n ast.Node, key string) (secret.Value, error) {
	var args []string
	err := items(n, key, func(n ast.Node) error {
		s, err := text(n, key)
		args = append(args, s)
		return err
	})
	if _, list := n.(*ast.SequenceNode); !list && err == nil {
		args = strings.Fields(args[0])
	}
	if err != nil || len(args) == 0 {
		return secret.Value{}, err
	}
	args[0] = home(args[0])
	return secret.Command(args), nil
}

func (l *Login) takeProxy(n ast.Node) error {
	s, err := text(n, "proxy")
	if err != nil {
		return err
	}
	if l.Proxy, err = conn.ParseProxy(s); err != nil {
		return at(n, "proxy: %s", err)
	}
	return nil
}

func (l *Login) takeMap(n ast.Node) error {
	return items(n, "map", func(n ast.Node) error {
		s, err := text(n, "map")
		if err == nil {
			l.Map = append(l.Map, s)
			if _, bad := conn.ParseMap(l.Map); bad != nil {
				err = at(n, "%s", bad)
			}
		}
		return err
	})
}

func takePath(n ast.Node, what string, out *string) error {
	s, err := text(n, what)
	if err == nil && s == "" {
		err = at(n, "%s: it is empty", what)
	}
	*out = home(s)
	return err
}

// home reads ~/ as a shell does.
func home(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if dir, err := os.UserHomeDir(); err == nil {
			return filepath.Join(dir, rest)
		}
	}
	return path
}

var errNoMechanism = errors.New("mechanism is missing: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER, AWS_MSK_IAM or GSSAPI")
