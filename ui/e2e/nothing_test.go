package e2e

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"lagtop/kafka/kafkatest"
)

// words is the screen as one line without frames, so that a sentence is found where it was wrapped.
func words(screen string) string {
	bare := regexp.MustCompile(`[│╭╮╰╯─]`).ReplaceAllString(screen, " ")
	return strings.Join(strings.Fields(bare), " ")
}

// waitWords waits for sentences.
func (tm *term) waitWords(sentences ...string) {
	tm.t.Helper()
	for _, want := range sentences {
		tm.waitFor(want, func(s string) bool { return strings.Contains(words(s), want) })
	}
}

func TestAStartAgainstNothingSaysWhatFailed(t *testing.T) {
	tlsServer := httptest.NewUnstartedServer(http.NotFoundHandler())
	tlsServer.Config.ErrorLog = log.New(io.Discard, "", 0)
	tlsServer.StartTLS()
	t.Cleanup(tlsServer.Close)
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	for _, c := range []struct {
		name, addr   string
		step, advice string
	}{
		{"refused", refusedAddr(t), "connect: connection refused", "check the port"},
		{"unresolvable", "no-such-broker.invalid:9092", "resolve the name", "check the host name's spelling"},
		{"TLS", tlsServer.Listener.Addr().String(), "ApiVersions", "TLS"},
		{"silent", silent(t), "ApiVersions", "the port is open but nothing answers"},
		{"HTTP", web.Listener.Addr().String(), "ApiVersions", "not a Kafka broker"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tm := start(t, 120, 40, "-b", c.addr)
			tm.wait("failed connection", "No answer yet", "Trying again, q quits")
			tm.waitWords(c.addr+": ", c.step, c.advice, "Trying again, q quits")
			tm.quit()
		})
	}
}

// silent accepts connections and never answers.
func silent(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var conns []net.Conn
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			conns = append(conns, c)
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		wg.Wait()
		for _, c := range conns {
			_ = c.Close()
		}
	})
	return ln.Addr().String()
}

func TestItKeepsTryingUntilTheClusterIsThere(t *testing.T) {
	t.Parallel()
	port, release := refusingPort(t)
	tm := start(t, 120, 40, "-b", fmt.Sprintf("127.0.0.1:%d", port))
	tm.wait("refused connection", "connection refused")
	release()
	f := smallCluster(t, kfake.NumBrokers(1), kfake.Ports(port))
	tm.wait("overview", `billing.*\b12\b`)
	tm.waitFor("end of the failure", func(s string) bool { return !strings.Contains(s, "No answer yet") })
	f.Down(0)
	tm.wait("line that says what failed", `the cluster does not answer: .*`+regexp.QuoteMeta(f.Bootstrap()[0])+`|broker 0 \(.*\): `)
	tm.wait("numbers of before", `billing.*\b12\b`)
	f.Up(0)
	tm.waitFor("healed cluster", func(s string) bool {
		return !strings.Contains(s, "does not answer") && !strings.Contains(s, "broker 0 (") && strings.Contains(s, "billing")
	})
	tm.quit()
}

func TestKeysAreAnsweredWhileEveryBrokerHangs(t *testing.T) {
	t.Parallel()
	f := smallCluster(t)
	tm := start(t, 120, 40, "-b", strings.Join(f.Bootstrap(), ","))
	tm.wait("overview", `billing.*\b12\b`)
	for b := range int32(3) {
		f.Hang(b)
	}
	tm.wait("line that says what failed beside the last numbers",
		`does not answer: 127\.0\.0\.1:\d+: |broker \d \(127\.0\.0\.1:\d+\): `, "billing")
	tm.openAndCloseHelp()
	tm.send("z")
	tm.waitFor("zoomed pane", func(s string) bool { return !strings.Contains(s, "2 billing") && !strings.Contains(s, "4 Brokers") })
	tm.send("z")
	tm.wait("all panes", "4 Brokers")
	for b := range int32(3) {
		f.Up(b)
	}
	tm.waitFor("healed cluster", func(s string) bool {
		return !strings.Contains(s, "does not answer") && !strings.Contains(s, "broker 1 (")
	})
	kafkatest.Commit(t, f.Bootstrap(), "billing", at(10, 0))
	tm.wait("fresh numbers", `billing.*\b2\b`)
	for b := range int32(3) {
		f.Hang(b)
	}
	tm.quit()
}

func TestStartScreenLeadsToTheDemo(t *testing.T) {
	t.Parallel()
	tm := start(t, 100, 30)
	tm.wait("start screen", `d +the demo`)
	tm.send("d")
	tm.wait("demo", "nightly")
	tm.quit()
}

func TestStartScreenTestsTheAddress(t *testing.T) {
	t.Parallel()
	addr := refusedAddr(t)
	tm := start(t, 100, 30)
	tm.wait("start screen", `c +connect`)
	tm.send("c")
	tm.wait("form", "brokers")
	tm.send(addr)
	tm.wait("typed address", regexp.QuoteMeta(addr))
	tm.send(enter)
	tm.wait("failed step", "change the addresses")
	tm.waitWords("connect connection refused", "no address of "+addr+" lets us in", "nothing listens there")
	f := smallCluster(t)
	tm.send(clear + f.Bootstrap()[0] + enter)
	tm.wait("overview", `billing.*\b12\b`)
	tm.quit()
}
