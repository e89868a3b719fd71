// Package properties reads the configuration files of other Kafka clients, Java's client.properties and
// librdkafka's key=value lines (kcat), into a conn.Config. It is pure: files that they name are opened by
// whoever connects, and no error repeats a value that may be secret.
package properties

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/magiconair/properties"

	"lagtop/kafka/conn"
	"lagtop/kafka/human"
	"lagtop/kafka/secret"
)

// Parse reads the text of a file; name is for errors. Keys that have nothing to do with reaching a
// cluster are left out; of those that have, an unknown one is an error. The Config may lack addresses.
func Parse(name string, text []byte) (conn.Config, error) {
	r := &reader{values: lines(text)}
	dialect := readLibrdkafka
	if !slices.ContainsFunc(librdkafkaOnly, r.has) {
		dialect = readJava
		l := properties.Loader{Encoding: properties.ISO_8859_1, DisableExpansion: true} // as java.util.Properties
		p, err := l.LoadBytes(text)
		if err != nil {
			return conn.Config{}, fmt.Errorf("%s: it is not in the form of a properties file (key=value lines)", name)
		}
		r.values = p.Map()
	}
	var c conn.Config
	if err := dialect(r, &c); err != nil {
		return conn.Config{}, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// lines reads key=value lines as librdkafka's tools do: no escapes, no continued lines.
func lines(text []byte) map[string]string {
	out := map[string]string{}
	for line := range bytes.Lines(text) {
		s := strings.TrimSpace(string(line))
		if s == "" || s[0] == '#' {
			continue
		}
		if key, value, ok := strings.Cut(s, "="); ok {
			out[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	return out
}

// reader gives out values by key.
type reader struct{ values map[string]string }

func (r *reader) has(key string) bool { _, ok := r.values[key]; return ok }

// get is the value without space around it; passwords keep theirs, see secret.
func (r *reader) get(key string) string { return strings.TrimSpace(r.values[key]) }

func (r *reader) secret(key string) secret.Value { return secret.Literal(r.values[key]) }

func (r *reader) isTrue(key string) bool { return strings.EqualFold(r.get(key), "true") }

// first is the first of the keys that has a value, with it.
func (r *reader) first(keys ...string) (key, value string) {
	for _, k := range keys {
		if v := r.get(k); v != "" {
			return k, v
		}
	}
	return keys[0], ""
}

// unknown finds keys of login and encryption that nobody here knows.
func (r *reader) unknown(known []string, ignored ...string) error {
	for _, key := range r.sorted() {
		if !strings.HasPrefix(key, "sasl.") && !strings.HasPrefix(key, "ssl.") && !strings.HasPrefix(key, "security.") {
			continue
		}
		if slices.Contains(known, key) || slices.ContainsFunc(ignored, func(p string) bool { return key == p || strings.HasPrefix(key, p) && strings.HasSuffix(p, ".") }) {
			continue
		}
		return fmt.Errorf("%s: unknown key%s", shown(key), near(key, known))
	}
	return nil
}

func (r *reader) sorted() []string {
	keys := make([]string, 0, len(r.values))
	for k := range r.values {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// shown is a key for an error: in a broken file a key may be part of something secret.
func shown(key string) string {
	plain := strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-") == ""
	if len(key) > 80 || !plain {
		prefix, _, _ := strings.Cut(key, ".")
		return prefix + ".…"
	}
	return key
}

// near names the known key that differs by little.
func near(key string, known []string) string {
	if best := human.Nearest(key, known, 3); best != "" {
		return fmt.Sprintf("; did you mean %s?", best)
	}
	return "; remove it if it is not needed"
}

// protocol reads security.protocol. Java and librdkafka take it in any case.
func (r *reader) protocol(a *conn.Auth) error {
	switch p := strings.ToUpper(r.get("security.protocol")); p {
	case "", "PLAINTEXT":
	case "SSL":
		a.TLS = &conn.TLS{}
	case "SASL_PLAINTEXT":
		a.SASL = &conn.SASL{}
	case "SASL_SSL":
		a.TLS, a.SASL = &conn.TLS{}, &conn.SASL{}
	default:
		return fmt.Errorf("security.protocol: want PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL")
	}
	return nil
}

func (r *reader) bootstrap(c *conn.Config, keys ...string) error {
	key, value := r.first(keys...)
	if value == "" {
		return nil
	}
	// Java allows a listener name in front: PLAINTEXT://host:port.
	var plain []string
	for _, a := range strings.Split(value, ",") {
		if _, rest, ok := strings.Cut(a, "://"); ok {
			a = rest
		}
		plain = append(plain, a)
	}
	addrs, err := conn.ParseBootstrap(strings.Join(plain, ","))
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	c.Bootstrap = addrs
	return nil
}
