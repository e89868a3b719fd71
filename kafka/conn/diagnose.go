package conn

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"lagtop/kafka"
)

// Check is what became of one address.
type Check struct {
	Addr       string // host:port
	Advertised bool   // named by a broker's Metadata, not by the user
	Err        *StepError
	Took       time.Duration
}

// diagnoseTime bounds Diagnose together with the DNS, connect and answer timeouts within it.
const diagnoseTime = 4 * time.Second

// Diagnose tries every bootstrap address by itself, all at the same time: DNS, connect, TLS,
// ApiVersions, Metadata; then the addresses that the brokers advertise, which may be unreachable from
// here while the bootstrap address is fine. It takes at most 8 s.
func Diagnose(ctx context.Context, cfg Config) []Check {
	seen := &advertised{}
	out := checkAll(ctx, cfg, cfg.Bootstrap, seen)
	rest := seen.except(cfg.Bootstrap)
	more := checkAll(ctx, cfg, rest, &advertised{})
	for i := range more {
		more[i].Advertised = true
		if e := more[i].Err; e != nil && (e.Step == StepResolve || e.Step == StepConnect) {
			e.Advice = adviceAdvertised
		}
	}
	return append(out, more...)
}

func checkAll(ctx context.Context, cfg Config, addrs []string, seen *advertised) []Check {
	ctx, cancel := context.WithTimeout(ctx, diagnoseTime)
	defer cancel()
	out := make([]Check, len(addrs))
	var wg sync.WaitGroup
	for i, addr := range addrs {
		wg.Go(func() { out[i] = check(ctx, cfg, addr, seen) })
	}
	wg.Wait()
	return out
}

func check(ctx context.Context, cfg Config, addr string, seen *advertised) Check {
	began := time.Now()
	cfg.Purpose = kafka.PurposeTest
	b := NewBroker(cfg, addr, nil)
	defer b.Close()
	m, err := b.Metadata(ctx)
	c := Check{Addr: addr, Took: time.Since(began)}
	if err == nil {
		for i := range m.Brokers {
			seen.add(m.Brokers[i].Addr)
		}
		return c
	}
	if !errors.As(err, &c.Err) {
		c.Err = &StepError{Addr: addr, Step: StepRequest, Err: errors.Unwrap(err), Advice: Advice(err)}
	}
	return c
}

// advertised collects addresses from several goroutines.
type advertised struct {
	mu    sync.Mutex
	addrs []string
}

func (a *advertised) add(addr string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !slices.Contains(a.addrs, addr) {
		a.addrs = append(a.addrs, addr)
	}
}

func (a *advertised) except(known []string) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []string
	for _, addr := range a.addrs {
		if !slices.Contains(known, addr) {
			out = append(out, addr)
		}
	}
	slices.Sort(out)
	return out
}
