package conn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka"
	"lagtop/kafka/wait"
)

// errAdminClosed is the answer of an Admin after Close.
var errAdminClosed = errors.New("the admin client is closed")

// Admin carries out the requests that acting on a group needs. It has connections of its own, so that
// neither polling nor tailing can delay an action, opened at the first request to a broker. All methods
// end when their context does; mutating ones are never sent twice and are refused with ErrReadOnly by a
// read-only Config.
type Admin struct {
	cfg  Config
	ctx  context.Context // ends with Close
	stop context.CancelCauseFunc

	mu           sync.Mutex
	brokers      map[string]*Broker  // by host:port; nil after Close
	coordinators map[string]node     // by group
	names        map[[16]byte]string // of topics by id; replaced, never changed
	met          []string            // host:port of the brokers in the newest metadata; replaced, never changed
	raw          *kgo.Client
}

// node is a broker as FindCoordinator names it.
type node struct {
	id   int32
	addr string
}

// OpenAdmin checks the configuration; it connects to nothing yet. Its requests are noted as PurposeAct unless
// cfg has a purpose of its own.
func OpenAdmin(cfg Config) (*Admin, error) {
	if len(cfg.Bootstrap) == 0 {
		return nil, errors.New("open admin client: no bootstrap address")
	}
	if err := cfg.sarama().Validate(); err != nil {
		return nil, translate("open admin client", "", err)
	}
	if cfg.Purpose == kafka.PurposePoll {
		cfg.Purpose = kafka.PurposeAct
	}
	ctx, stop := context.WithCancelCause(context.Background())
	return &Admin{
		cfg: cfg.withDefaults(), ctx: ctx, stop: stop,
		brokers: map[string]*Broker{}, coordinators: map[string]node{},
	}, nil
}

// Close aborts what is under way and waits until the connections are closed.
func (a *Admin) Close() {
	a.stop(errAdminClosed)
	a.mu.Lock()
	brokers, raw := a.brokers, a.raw
	a.brokers, a.raw = nil, nil
	a.mu.Unlock()
	for _, b := range brokers {
		b.Close()
	}
	if raw != nil {
		raw.Close()
	}
}

// begin is the context of one method: it ends with the caller's, or with Close.
func (a *Admin) begin(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(a.ctx, func() { cancel(errAdminClosed) })
	return ctx, func() { stop(); cancel(nil) }
}

// mutating refuses when the configuration is read-only.
func (a *Admin) mutating(op, object string) error {
	if a.cfg.ReadOnly {
		return fmt.Errorf("%s %s: %w", op, object, ErrReadOnly)
	}
	return nil
}

// broker is the connection to addr.
func (a *Admin) broker(addr string) (*Broker, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.brokers == nil {
		return nil, errAdminClosed
	}
	b := a.brokers[addr]
	if b == nil {
		b = NewBroker(a.cfg, addr, nil)
		a.brokers[addr] = b
	}
	return b, nil
}

// seeds are the bootstrap addresses and, for when those are down, the brokers that were met.
func (a *Admin) seeds() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := slices.Clone(a.cfg.Bootstrap)
	for _, addr := range a.met {
		if !slices.Contains(out, addr) {
			out = append(out, addr)
		}
	}
	return out
}

func (a *Admin) meet(brokers []*sarama.Broker) {
	met := make([]string, len(brokers))
	for i, b := range brokers {
		met[i] = b.Addr()
	}
	a.mu.Lock()
	a.met = met
	a.mu.Unlock()
}

// anywhere sends to the first of the seeds that answers.
func anywhere[T any](ctx context.Context, a *Admin, op string, f func(*sarama.Broker) (T, error)) (T, error) {
	var none T
	var errs []error
	for _, addr := range a.seeds() {
		b, err := a.broker(addr)
		if err != nil {
			return none, err
		}
		r, err := call(ctx, b, op, f)
		if err == nil || ctx.Err() != nil {
			return r, err
		}
		errs = append(errs, err)
	}
	return none, errors.Join(errs...)
}

// coordinator finds the broker that coordinates the group, remembered until something fails there.
func (a *Admin) coordinator(ctx context.Context, group string) (node, error) {
	a.mu.Lock()
	n, ok := a.coordinators[group]
	a.mu.Unlock()
	if ok {
		return n, nil
	}
	req := &sarama.FindCoordinatorRequest{Version: 3, CoordinatorKey: group, CoordinatorType: sarama.CoordinatorGroup}
	r, err := anywhere(ctx, a, "FindCoordinator", func(s *sarama.Broker) (*sarama.FindCoordinatorResponse, error) {
		return s.FindCoordinator(req)
	})
	if err == nil {
		err = code("FindCoordinator", "group "+group, r.Err)
	}
	if err == nil && r.Coordinator == nil {
		err = code("FindCoordinator", "group "+group, kafka.CodeCoordinatorNotAvailable)
	}
	if err != nil {
		return node{}, err
	}
	n = node{id: r.Coordinator.ID(), addr: r.Coordinator.Addr()}
	a.mu.Lock()
	a.coordinators[group] = n
	a.mu.Unlock()
	return n, nil
}

func (a *Admin) forget(group string) {
	a.mu.Lock()
	delete(a.coordinators, group)
	a.mu.Unlock()
}

// forgetRefusing forgets the coordinator that refused a part of a request because it is not that any more, or not yet.
func forgetRefusing[K comparable](a *Admin, group string, refused map[K]error) {
	for _, err := range refused {
		if unsettled(err) {
			a.forget(group)
			return
		}
	}
}

// once runs send with the group's coordinator and never repeats it: for mutating requests.
func (a *Admin) once(ctx context.Context, group string, send func(*Broker) error) error {
	n, err := a.coordinator(ctx, group)
	if err != nil {
		return err
	}
	b, err := a.broker(n.addr)
	if err != nil {
		return err
	}
	if err = send(b); err != nil && unsettled(err) {
		a.forget(group)
	}
	return err
}

// Coordinators move and load for a moment; a read asks this often before it gives up.
const (
	readTries = 4
	readPause = 250 * time.Millisecond
)

// reading is once, repeated while the coordinator is moving, loading or lost. send gets its node id.
func (a *Admin) reading(ctx context.Context, group string, send func(b *Broker, id int32) error) error {
	for try := 1; ; try++ {
		n, err := a.coordinator(ctx, group)
		if err == nil {
			var b *Broker
			if b, err = a.broker(n.addr); err == nil {
				err = send(b, n.id)
			}
		}
		if err == nil || try == readTries || !unsettled(err) || wait.For(ctx, readPause) != nil {
			return err
		}
		a.forget(group)
	}
}

// unsettled tells a coordinator that is moving, loading or lost from one that refuses.
func unsettled(err error) bool {
	var c kafka.Code
	if !errors.As(err, &c) {
		return !errors.Is(err, errAdminClosed)
	}
	return c == kafka.CodeNotCoordinator || c == kafka.CodeCoordinatorNotAvailable || c == kafka.CodeCoordinatorLoading
}
