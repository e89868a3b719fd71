package demo

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// accessLine is a line of a web server in the combined log format; its key is the client's address.
func accessLine(g *gen, at time.Time) message {
	ip := visitor(g)
	method, path := request(g)
	status := httpStatus(g, method)
	size := 0
	if status == 200 || status == 201 {
		size = 200 + g.IntN(48_000)
	} else if status >= 400 {
		size = 153
	}
	referer := "-"
	if g.often(0.4) {
		referer = "https://shop.example" + g.pick("/", "/sale", "/search?q=boots", "/account")
	}
	line := fmt.Sprintf("%s - - [%s] \"%s %s HTTP/1.1\" %d %d \"%s\" \"%s\"",
		ip, at.UTC().Format("02/Jan/2006:15:04:05 -0700"), method, path, status, size, referer, userAgent(g))
	return message{key: ip, value: []byte(line), headers: []kgo.RecordHeader{
		header("host", fmt.Sprintf("web-%d", 1+g.IntN(4))),
		header("content-type", "text/plain"),
		header("request-id", g.hex(16)),
	}}
}

// visitor is an address of the blocks kept for documentation (RFC 5737).
func visitor(g *gen) string {
	return fmt.Sprintf("%s.%d", g.pick("192.0.2", "198.51.100", "203.0.113"), 1+g.IntN(250))
}

func request(g *gen) (method, path string) {
	switch n := g.IntN(100); {
	case n < 45:
		return "GET", fmt.Sprintf("/products/%d", 1000+g.IntN(900))
	case n < 60:
		return "GET", "/search?q=" + g.pick("boots", "rain+jacket", "wool+socks", "tent", "head+torch")
	case n < 75:
		return "GET", "/static/" + g.pick("app.css", "app.js", "logo.svg", "fonts/inter.woff2")
	case n < 85:
		return "GET", g.pick("/", "/sale", "/cart", "/account/orders")
	case n < 93:
		return "POST", g.pick("/api/cart", "/api/checkout", "/api/login")
	case n < 98:
		return "GET", "/healthz"
	}
	return "GET", g.pick("/wp-login.php", "/.env", "/admin/config.php")
}

func httpStatus(g *gen, method string) int {
	switch n := g.IntN(1000); {
	case n < 870 && method == "POST":
		return 201
	case n < 870:
		return 200
	case n < 930:
		return 304
	case n < 950:
		return 302
	case n < 985:
		return 404
	case n < 990:
		return 429
	case n < 996:
		return 500
	}
	return 503
}

func userAgent(g *gen) string {
	return g.pick(
		"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
		"curl/8.14.1",
		"kube-probe/1.33",
	)
}
