package conn

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/proxy"

	"lagtop/kafka/secret"
)

// Proxy is what connections to brokers go through; it resolves their names.
type Proxy struct {
	HTTP     bool   // HTTP CONNECT; else SOCKS5
	Addr     string // host:port
	User     string // empty: no login
	Password secret.Value
}

// ParseProxy reads socks5://[user:password@]host:port or http://… . Its errors leave the text out, which
// may hold a password.
func ParseProxy(text string) (*Proxy, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("the proxy is no address like socks5://host:1080 or http://host:3128")
	}
	p := &Proxy{Addr: u.Host, User: u.User.Username()}
	if word, ok := u.User.Password(); ok {
		p.Password = secret.Literal(word)
	}
	port := "1080"
	switch u.Scheme {
	case "socks5", "socks5h":
	case "http":
		p.HTTP, port = true, "3128"
	default:
		return nil, fmt.Errorf("a proxy of kind %q is not supported: socks5 or http", u.Scheme)
	}
	if u.Port() == "" {
		p.Addr = net.JoinHostPort(u.Hostname(), port)
	}
	return p, nil
}

// ParseMap reads from=to pairs: an address that brokers name, and where it is reached from here. Without
// ports a pair holds for each port of that host.
func ParseMap(pairs []string) (map[string]string, error) {
	out := map[string]string{}
	for _, pair := range pairs {
		from, to, ok := strings.Cut(pair, "=")
		from, to = strings.TrimSpace(from), strings.TrimSpace(to)
		_, fromPort, _ := net.SplitHostPort(from)
		_, toPort, _ := net.SplitHostPort(to)
		switch {
		case !ok || from == "" || to == "":
			return nil, fmt.Errorf("address map %q: write from=to, like kafka-1:9092=127.0.0.1:19092", pair)
		case (fromPort == "") != (toPort == ""):
			return nil, fmt.Errorf("address map %q: give both sides a port, or neither", pair)
		case out[from] != "" && out[from] != to:
			return nil, fmt.Errorf("address map: %s goes to both %s and %s", from, out[from], to)
		}
		out[from] = to
	}
	return out, nil
}

// place is where addr is reached.
func (c Config) place(addr string) string {
	if to, ok := c.Map[addr]; ok {
		return to
	}
	if host, port, err := net.SplitHostPort(addr); err == nil {
		if to, ok := c.Map[host]; ok {
			return net.JoinHostPort(strings.Trim(to, "[]"), port)
		}
	}
	return addr
}

// connect opens the TCP connection to addr, by map and proxy. Its error is a *StepError.
func (c Config) connect(ctx context.Context, network, addr string) (net.Conn, error) {
	place := c.place(addr)
	name := addr
	if place != addr {
		name = addr + " (by way of " + place + ")"
	}
	if c.Proxy == nil {
		raw, err := (&net.Dialer{}).DialContext(ctx, network, place)
		if err != nil {
			return nil, connectError(name, err)
		}
		return raw, nil
	}
	raw, err := c.Proxy.dial(ctx, network, place)
	if err != nil {
		e := connectError(name, err)
		e.Err = fmt.Errorf("by the proxy %s: %w", c.Proxy.Addr, e.Err)
		e.Advice = adviceProxy
		return nil, e
	}
	return raw, nil
}

const adviceProxy = "check that the proxy runs, lets you in, and may connect to this address"

func (p *Proxy) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	password, err := p.Password.Reveal(ctx)
	if err != nil {
		return nil, err
	}
	if p.HTTP {
		return p.tunnel(ctx, network, addr, password)
	}
	var auth *proxy.Auth
	if p.User != "" {
		auth = &proxy.Auth{User: p.User, Password: password}
	}
	d, err := proxy.SOCKS5(network, p.Addr, auth, &net.Dialer{})
	if err != nil {
		return nil, err
	}
	by, ok := d.(proxy.ContextDialer)
	if !ok {
		return nil, errors.New("SOCKS5 without a context")
	}
	return by.DialContext(ctx, network, addr)
}

// tunnel is HTTP CONNECT (RFC 9110, 9.3.6).
func (p *Proxy) tunnel(ctx context.Context, network, addr, password string) (net.Conn, error) {
	raw, err := (&net.Dialer{}).DialContext(ctx, network, p.Addr)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	c, err := p.handshake(raw, addr, password)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = raw.Close()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, err
	}
	return c, nil
}

func (p *Proxy) handshake(raw net.Conn, addr, password string) (net.Conn, error) {
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: addr}, Host: addr, Header: http.Header{}}
	if p.User != "" {
		carrier := &http.Request{Header: http.Header{}}
		carrier.SetBasicAuth(p.User, password)
		req.Header.Set("Proxy-Authorization", carrier.Header.Get("Authorization"))
	}
	if err := req.Write(raw); err != nil {
		return nil, err
	}
	in := bufio.NewReader(raw)
	r, err := http.ReadResponse(in, req)
	if err != nil {
		return nil, fmt.Errorf("it does not speak HTTP CONNECT: %w", bare(err))
	}
	if r.StatusCode != http.StatusOK {
		return nil, errors.New(r.Status)
	}
	return &tunnelled{Conn: raw, in: in}, nil
}

// tunnelled hands on what came behind the proxy's answer.
type tunnelled struct {
	net.Conn
	in *bufio.Reader
}

// Read implements net.Conn.
func (t *tunnelled) Read(b []byte) (int, error) { return t.in.Read(b) }
