package conn

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/IBM/sarama"
)

// abortGrace is how long a call may take to end once its socket is closed.
const abortGrace = 100 * time.Millisecond

// attempt runs f, which uses s, while ctx lasts; at its end the socket must be closed. f is stuck when it does not
// return even then: sarama keeps still for as long as a broker says (KIP-219), and its Kerberos client waits for
// each KDC in turn. Then s belongs to f, and is closed when f returns.
func attempt[T any](ctx context.Context, s *sarama.Broker, f func(*sarama.Broker) (T, error)) (answer T, stuck bool, err error) {
	type result struct {
		answer T
		err    error
	}
	done := make(chan result, 1)
	go func() {
		r, err := f(s)
		done <- result{r, err}
	}()
	select {
	case r := <-done:
		return r.answer, false, r.err
	case <-ctx.Done():
	}
	late := time.NewTimer(abortGrace)
	defer late.Stop()
	select {
	case r := <-done:
		return r.answer, false, r.err
	case <-late.C:
	}
	go func() {
		<-done
		_ = s.Close()
	}()
	return answer, true, context.Cause(ctx)
}

// connected waits for connect, TLS, ApiVersions and login.
func connected(s *sarama.Broker) (bool, error) { return s.Connected() }

// stuckError is why a connection did not come about although the socket was closed.
func (b *Broker) stuckError(ctx context.Context, d *dialer, err error) error {
	if s := b.cfg.Auth.SASL; s != nil && s.Mechanism == GSSAPI && d.answered() {
		return &StepError{
			Addr: b.addr, Step: StepLogin, Err: fmt.Errorf("no answer from a KDC: %w", inTime(err)), Advice: kerberosAdvice(errors.New("Networking_Error")),
		}
	}
	return b.openError(ctx, d, err)
}
