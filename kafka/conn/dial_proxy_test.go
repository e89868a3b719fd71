package conn

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"lagtop/kafka/secret"
)

// viaConnect is an HTTP proxy that lets one user in.
func viaConnect(t *testing.T) string {
	return serve(t, func(c net.Conn) {
		go func() {
			in := bufio.NewReader(c)
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			want := "Basic " + base64.StdEncoding.EncodeToString([]byte("me:"+canary))
			if r.Method != http.MethodConnect || r.Header.Get("Proxy-Authorization") != want {
				_, _ = io.WriteString(c, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
				return
			}
			out, err := net.Dial("tcp", r.Host)
			if err != nil {
				_, _ = io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
				return
			}
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
			go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
			_, _ = io.Copy(c, out)
			_ = c.Close()
		}()
	})
}

// viaSOCKS is a SOCKS5 proxy (RFC 1928) that lets one user in (RFC 1929).
func viaSOCKS(t *testing.T) string {
	return serve(t, func(c net.Conn) {
		go func() {
			b := make([]byte, 600)
			read := func(n int) []byte { _, _ = io.ReadFull(c, b[:n]); return b[:n] }
			read(int(read(2)[1]))
			_, _ = c.Write([]byte{5, 2})
			user := string(read(int(read(2)[1])))
			password := string(read(int(read(1)[0])))
			if user != "me" || password != canary {
				_, _ = c.Write([]byte{1, 1})
				return
			}
			_, _ = c.Write([]byte{1, 0})
			host := ""
			switch read(4)[3] {
			case 1:
				host = net.IP(append([]byte(nil), read(4)...)).String()
			case 3:
				host = string(read(int(read(1)[0])))
			}
			p := read(2)
			out, err := net.Dial("tcp", net.JoinHostPort(host, fmt.Sprint(int(p[0])<<8|int(p[1]))))
			if err != nil {
				_, _ = c.Write([]byte{5, 5, 0, 1, 0, 0, 0, 0, 0, 0})
				return
			}
			_, _ = c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
			go func() { _, _ = io.Copy(out, c); _ = out.Close() }()
			_, _ = io.Copy(c, out)
			_ = c.Close()
		}()
	})
}

func TestBrokersAreReachedThroughProxies(t *testing.T) {
	a := newAuthority(t)
	addr := secure(t, a, tls.NoClientCert)
	auth := Auth{TLS: &TLS{CA: Store{Path: a.caPEM()}}, SASL: &SASL{Mechanism: Plain, User: "plain", Password: secret.Literal(canary)}}
	for name, proxy := range map[string]string{"http": "http://me:%s@" + viaConnect(t), "socks5": "socks5://me:%s@" + viaSOCKS(t)} {
		for password, works := range map[string]bool{canary: true, "x" + canary: false} {
			p, err := ParseProxy(fmt.Sprintf(proxy, password))
			if err != nil {
				t.Fatal(err)
			}
			cfg := Config{Bootstrap: []string{addr}, Auth: auth, Proxy: p, DialTimeout: patience}
			err = both(t, cfg)
			if (err == nil) != works {
				t.Errorf("%s: %v", name, err)
			}
			if !works && !strings.Contains(err.Error(), "by the proxy "+p.Addr) {
				t.Errorf("%s: the proxy is not named: %v", name, err)
			}
			if strings.Contains(fmt.Sprintf("%v %+v %+v", err, p, cfg), canary) {
				t.Errorf("%s leaks: %v", name, err)
			}
		}
	}
}

func TestAddressMapsAndProxiesThatMakeNoSense(t *testing.T) {
	for _, bad := range []string{"", "a", "a=", "=b", "a:1=b", "a=b:1"} {
		if m, err := ParseMap([]string{bad}); err == nil {
			t.Errorf("%q became %v", bad, m)
		}
	}
	if _, err := ParseMap([]string{"a:1=b:1", "a:1=c:1"}); err == nil {
		t.Error("one address goes to two places")
	}
	for _, bad := range []string{"", "host:1080", "ftp://x:1", "socks5://:1", "http://a b:" + canary} {
		if _, err := ParseProxy(bad); err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if p, err := ParseProxy("socks5h://host"); err != nil || p.Addr != "host:1080" || p.HTTP {
		t.Errorf("%+v %v", p, err)
	}
}
