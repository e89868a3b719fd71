package conn

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"lagtop/kafka"
)

// Check is what became of one address.
type Check struct {
	Addr       string             // host:port
	Advertised bool               // named by a broker's Metadata, not by the user
	Broker     kafka.Known[int32] // the node that advertises it, where one does
	Steps      []Taken            // in their order; those that do not apply are left out
	Seen       *Seen              // what the broker told; nil when it told nothing
	Err        *StepError         // what ended the check, nil when nothing did
	Notes      []string           // what was seen at the step that failed, such as a certificate
	Took       time.Duration
}

// Taken is a step that succeeded, with what was seen at it. Its texts come from brokers, certificates and
// name servers: unsanitised.
type Taken struct {
	Step  Step
	Notes []string // one fact each
	Warns []string // what is wrong, or will be soon
	Took  time.Duration
}

// Seen is what a broker tells whoever connects, and whoever is logged in.
type Seen struct {
	Version    string // release line such as "4.2", empty when unknown
	Mode       kafka.Mode
	Missing    []Feature // what it does not offer
	Mechanisms []string  // of SASL; empty when none is asked for, or when it did not tell
	ClusterID  string    // empty before the login
	Controller kafka.Known[int32]
	Brokers    []kafka.Broker // by ID
}

const (
	diagnoseTime = 8 * time.Second // for one address
	diagnoseMost = 8               // addresses at the same time: each of them is a login
)

// Diagnose tries every bootstrap address by itself, diagnoseMost at the same time: DNS, connect, TLS, ApiVersions,
// login, Metadata; then the addresses that the brokers advertise, which may be unreachable from here while
// the bootstrap address is fine. Each address takes at most 8 s, and longer only while a password is asked for.
func Diagnose(ctx context.Context, cfg Config) []Check {
	cfg.Purpose = kafka.PurposeTest
	cfg.Auth.SASL.prepare(ctx)
	out := checkAll(ctx, cfg, cfg.Bootstrap)
	ids, rest := advertised(out)
	more := checkAll(ctx, cfg, rest)
	for i := range more {
		more[i].Advertised = true
		explainAdvertised(&more[i], ids[more[i].Addr], cfg)
	}
	out = append(out, more...)
	for i := range out {
		if id, ok := ids[out[i].Addr]; ok {
			out[i].Broker = kafka.Some(id)
		}
	}
	oneCluster(out)
	return out
}

// prepare asks for the secrets of the login, so that a password manager that waits for a touch does not take
// the time of the connections. What fails is said by the connection that needs it.
func (s *SASL) prepare(ctx context.Context) {
	if s == nil {
		return
	}
	_, _ = s.Password.Reveal(ctx)
	_, _ = s.Token.Reveal(ctx)
}

func checkAll(ctx context.Context, cfg Config, addrs []string) []Check {
	out := make([]Check, len(addrs))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(diagnoseMost, len(addrs)) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(addrs)); i = next.Add(1) - 1 {
				out[i] = check(ctx, cfg, addrs[i])
			}
		})
	}
	wg.Wait()
	return out
}

func check(ctx context.Context, cfg Config, addr string) Check {
	ctx, cancel := context.WithTimeout(ctx, diagnoseTime)
	defer cancel()
	began := time.Now()
	p := &walk{cfg: cfg.withDefaults(), addr: addr, out: Check{Addr: addr}}
	p.out.Err = p.run(ctx)
	p.out.Took = time.Since(began)
	return p.out
}

// advertised are the nodes by their addresses, and the addresses that were not checked yet.
func advertised(checks []Check) (ids map[string]int32, rest []string) {
	ids = map[string]int32{}
	for i := range checks {
		if checks[i].Seen == nil {
			continue
		}
		for _, b := range checks[i].Seen.Brokers {
			ids[b.Addr] = b.ID
		}
	}
	for addr := range ids {
		if !slices.ContainsFunc(checks, func(c Check) bool { return c.Addr == addr }) {
			rest = append(rest, addr)
		}
	}
	slices.Sort(rest)
	return ids, rest
}

// explainAdvertised says what it means when the way that the brokers name is closed.
func explainAdvertised(c *Check, id int32, cfg Config) {
	if c.Err == nil || c.Err.Step != StepResolve && c.Err.Step != StepConnect {
		return
	}
	why := ", where nothing answers from here"
	switch host, _, _ := net.SplitHostPort(c.Addr); {
	case isLocal(host) && !slices.ContainsFunc(cfg.Bootstrap, isLocalAddr):
		why = ", which to each client is itself: it was set up for clients on the broker's own machine"
	case c.Err.Step == StepResolve:
		why = ", a name that is unknown here, as names of containers and pods are outside"
	}
	c.Err.Advice = "broker " + strconv.Itoa(int(id)) + " tells clients to come to " + c.Addr + why +
		". Make that address reachable, or forward a port to it and say --map " + c.Addr + "=127.0.0.1:PORT, or mend the broker's advertised.listeners"
}

func isLocalAddr(addr string) bool {
	host, _, _ := net.SplitHostPort(addr)
	return isLocal(host)
}

func isLocal(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && (ip.IsLoopback() || ip.IsUnspecified()) || strings.EqualFold(host, "localhost")
}

// oneCluster fails addresses that lead to another cluster than the first one that told its id.
func oneCluster(checks []Check) {
	id := ""
	for i := range checks {
		c := &checks[i]
		switch {
		case c.Err != nil || c.Seen == nil || c.Seen.ClusterID == "":
		case id == "":
			id = c.Seen.ClusterID
		case id != c.Seen.ClusterID:
			c.Err = &StepError{Addr: c.Addr, Step: StepRequest, Err: &otherCluster{got: c.Seen.ClusterID, want: id},
				Advice: "the address, or what it is mapped to, leads to another cluster than the first one: take one of them out"}
		}
	}
}

type otherCluster struct{ got, want string }

func (e *otherCluster) Error() string { return "another cluster answers: " + e.got + ", not " + e.want }
