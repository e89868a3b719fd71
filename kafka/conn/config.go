// Package conn is the only place that talks the Kafka protocol: configuration, connections, requests
// and the translation of their errors. It decides nothing: what to ask and when belongs to its callers.
package conn

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Config says how to reach a cluster. One value serves both client libraries.
type Config struct {
	Bootstrap []string // host:port
	ClientID  string
	// DialTimeout bounds one TCP (and TLS) connect, ReadTimeout one answer. A reconnect to a broker
	// that accepts and hangs costs three ReadTimeouts in sarama, so callers abort at a deadline of
	// their own.
	DialTimeout time.Duration
	ReadTimeout time.Duration
	TLS         *tls.Config // nil is plaintext
	ReadOnly    bool        // every mutating request is refused with ErrReadOnly
}

// DefaultPort is added to a bootstrap address without one.
const DefaultPort = "9092"

// ParseBootstrap splits a comma separated list of host[:port] into addresses with ports.
func ParseBootstrap(list string) ([]string, error) {
	var out []string
	for _, a := range strings.Split(list, ",") {
		a = strings.TrimSpace(a)
		if a == "" {
			continue
		}
		if strings.Contains(a, "://") {
			return nil, fmt.Errorf("bootstrap address %q: give host:port without a scheme", a)
		}
		host, port, err := net.SplitHostPort(a)
		if err != nil {
			host, port = strings.Trim(a, "[]"), DefaultPort
		}
		if host == "" {
			return nil, fmt.Errorf("bootstrap address %q: the host is missing", a)
		}
		if _, err := net.LookupPort("tcp", port); err != nil {
			return nil, fmt.Errorf("bootstrap address %q: %q is not a port", a, port)
		}
		out = append(out, net.JoinHostPort(host, port))
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no bootstrap address: give host:port, several separated by commas")
	}
	return out, nil
}

func (c Config) withDefaults() Config {
	if c.ClientID == "" {
		c.ClientID = "lagtop"
	}
	if c.DialTimeout == 0 {
		c.DialTimeout = 2 * time.Second
	}
	if c.ReadTimeout == 0 {
		c.ReadTimeout = 3 * time.Second
	}
	return c
}

// sarama is the configuration for sarama's clients and brokers. Retries are off: the callers decide
// when to ask again, and each failure must be seen.
func (c Config) sarama() *sarama.Config {
	c = c.withDefaults()
	s := sarama.NewConfig()
	s.Version = sarama.MaxVersion // negotiated down per connection by ApiVersions
	s.ClientID = c.ClientID
	s.Net.DialTimeout = c.DialTimeout
	s.Net.ReadTimeout = c.ReadTimeout
	s.Net.WriteTimeout = c.ReadTimeout
	s.Net.TLS.Enable = c.TLS != nil
	s.Net.TLS.Config = c.TLS
	s.Metadata.RefreshFrequency = 0
	s.Metadata.Retry.Max = 0
	s.Metadata.Timeout = c.DialTimeout + c.ReadTimeout
	s.Metadata.AllowAutoTopicCreation = false
	return s
}

// kgo are the options for franz-go, used beside sarama for the requests that sarama lacks.
func (c Config) kgo() []kgo.Opt {
	c = c.withDefaults()
	d := &net.Dialer{Timeout: c.DialTimeout}
	opts := []kgo.Opt{
		kgo.SeedBrokers(c.Bootstrap...),
		kgo.ClientID(c.ClientID),
		kgo.RequestRetries(0),
		kgo.RetryTimeout(c.ReadTimeout),
		kgo.RequestTimeoutOverhead(c.ReadTimeout),
	}
	dial := func(ctx context.Context, network, host string) (net.Conn, error) {
		return d.DialContext(ctx, network, host)
	}
	if c.TLS != nil {
		td := &tls.Dialer{NetDialer: d, Config: c.TLS}
		dial = func(ctx context.Context, network, host string) (net.Conn, error) {
			return td.DialContext(ctx, network, host)
		}
	}
	return append(opts, kgo.Dialer(dial))
}
