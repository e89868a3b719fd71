// Package conn is the only place that talks the Kafka protocol: configuration, connections, requests
// and the translation of their errors. It decides nothing: what to ask and when belongs to its callers.
package conn

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka"
)

// Config says how to reach a cluster. One value serves both client libraries.
type Config struct {
	Bootstrap []string // host:port
	ClientID  string
	// DialTimeout bounds one TCP (and TLS) connect, ReadTimeout the silence before and within one answer. A
	// reconnect to a broker that accepts and hangs costs three ReadTimeouts in sarama, so callers abort at a
	// deadline of their own.
	DialTimeout time.Duration
	ReadTimeout time.Duration
	Auth        Auth
	Proxy       *Proxy            // nil: straight
	Map         map[string]string // where an address that brokers name is reached: host:port or host
	ReadOnly    bool              // every mutating request is refused with ErrReadOnly
	Log         *Log              // is told of every request; nil: nobody is
	Purpose     kafka.Purpose
}

// Checked is c with what follows from other parts filled in, or an error for what it lacks. Connect with
// nothing else.
func (c Config) Checked() (Config, error) {
	if s := c.Auth.SASL; s != nil && s.AWS != nil {
		login, a := *s, *s.AWS
		if a.Region == "" {
			a.Region = regionOf(c.Bootstrap)
		}
		if err := a.check(); err != nil {
			return c, err
		}
		login.AWS, login.Token = &a, a.token()
		c.Auth.SASL = &login
	}
	return c, c.Auth.check()
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
// when to ask again, and each failure must be seen. TLS is the dialer's; the login is added for each
// connection.
func (c Config) sarama() *sarama.Config {
	c = c.withDefaults()
	s := sarama.NewConfig()
	s.Version = sarama.MaxVersion // negotiated down per connection by ApiVersions
	s.ClientID = c.ClientID
	s.Net.DialTimeout = c.DialTimeout
	s.Net.ReadTimeout = c.ReadTimeout
	s.Net.WriteTimeout = c.ReadTimeout
	s.Metadata.RefreshFrequency = 0
	s.Metadata.Retry.Max = 0
	s.Metadata.Timeout = c.DialTimeout + c.ReadTimeout
	s.Metadata.AllowAutoTopicCreation = false
	return s
}

// kgoDial dials for franz-go: watched, and guarded where the configuration is read-only.
func (c Config) kgoDial() func(ctx context.Context, network, addr string) (net.Conn, error) {
	c = c.withDefaults()
	return c.tapDial(c.guardDial(c.dialInTime))
}

// kgo are the options for franz-go, used beside sarama to read records and for the requests that sarama lacks.
func (c Config) kgo() []kgo.Opt {
	c = c.withDefaults()
	opts := []kgo.Opt{
		kgo.SeedBrokers(c.Bootstrap...),
		kgo.ClientID(c.ClientID),
		kgo.RequestRetries(0),
		kgo.RetryTimeout(c.ReadTimeout),
		kgo.RequestTimeoutOverhead(c.ReadTimeout),
		kgo.Dialer(c.kgoDial()),
		kgo.DisableClientMetrics(), // KIP-714: brokers asked for nothing of us, and a read-only connection would end with it
	}
	if c.Auth.SASL != nil {
		opts = append(opts, c.Auth.SASL.kgo())
	}
	return opts
}
