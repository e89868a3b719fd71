package kafkatest

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"lagtop/kafka"
)

// Fake is a kfake cluster in this process that counts requests and whose brokers can be made to
// fail. Brokers are numbered from 0. It differs from Apache Kafka in places: what claims a fact of
// the protocol is tested against Real.
type Fake struct {
	*kfake.Cluster
	tb    testing.TB
	gates []*gate // by broker

	mu    sync.Mutex
	count map[kmsg.Key]int
}

// NewFake starts a cluster of three brokers, unless an option says otherwise, and closes it with the test.
// A later option wins; kfake.ListenFn is taken.
func NewFake(tb testing.TB, opts ...kfake.Opt) *Fake {
	tb.Helper()
	f := &Fake{tb: tb, count: map[kmsg.Key]int{}}
	opts = append([]kfake.Opt{kfake.NumBrokers(3)}, opts...)
	cl, err := kfake.NewCluster(append(opts, kfake.ListenFn(f.listen))...)
	if err != nil {
		tb.Fatalf("kfake: %v", err)
	}
	f.Cluster = cl
	tb.Cleanup(func() {
		cl.Close()
		for _, g := range f.gates {
			g.set(down) // releases whoever waits in a hung connection
		}
	})
	// A function for each key runs before those that a test adds, which may answer a request.
	for key := range kmsg.MaxKey + 1 {
		cl.ControlKey(int16(key), f.counted)
	}
	return f
}

func (f *Fake) listen(network, addr string) (net.Listener, error) {
	ln, err := net.Listen(network, addr)
	if err != nil {
		return nil, err
	}
	g := newGate()
	f.gates = append(f.gates, g)
	return gatedListener{ln, g}, nil
}

func (f *Fake) counted(r kmsg.Request) (kmsg.Response, error, bool) {
	if !marked(r) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.count[kmsg.Key(r.Key())]++
	}
	return nil, nil, false
}

// Bootstrap is the addresses of all brokers, host:port, by number.
func (f *Fake) Bootstrap() []string { return f.ListenAddrs() }

// Requests is how many requests of these kinds the brokers have received since the start or
// ResetRequests, or of all kinds but ApiVersions when none is named.
func (f *Fake) Requests(keys ...kmsg.Key) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	if len(keys) == 0 {
		for k, c := range f.count {
			if k != kmsg.ApiVersions {
				n += c
			}
		}
	}
	for _, k := range keys {
		n += f.count[k]
	}
	return n
}

// ResetRequests starts the count again.
func (f *Fake) ResetRequests() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.count)
}

// Down cuts the broker's connections and drops new ones at once. It stays in the metadata.
func (f *Fake) Down(broker int32) { f.gates[broker].set(down) }

// Hang lets the broker accept connections and never answer, like a stopped process. What is sent
// meanwhile waits for Up.
func (f *Fake) Hang(broker int32) { f.gates[broker].set(hung) }

// Up ends Down and Hang.
func (f *Fake) Up(broker int32) { f.gates[broker].set(open) }

// Leaderless takes the leader away from partitions until heal is called: Metadata answers as Kafka
// does when every replica is offline, and no broker serves them. The others go on.
func (f *Fake) Leaderless(tps ...kafka.TopicPartition) (heal func()) {
	f.tb.Helper()
	versions := kversion.Stable()
	versions.SetMaxKeyVersion(int16(kmsg.Metadata), 10) // the last with the field that marks ours
	inner := Client(f.tb, f.Bootstrap(), kgo.MaxVersions(versions))
	gone := map[kafka.TopicPartition]bool{}
	var faults []kfake.Fault
	for _, tp := range tps {
		gone[tp] = true
		faults = append(faults, kfake.Fault{
			Keys:  []kmsg.Key{kmsg.Produce, kmsg.Fetch, kmsg.ListOffsets},
			Topic: tp.Topic, Partitions: []int32{tp.Partition}, Err: kerr.NotLeaderForPartition, Count: -1,
		})
	}
	h := f.Fault(faults...)
	var healed atomic.Bool
	f.ControlKey(int16(kmsg.Metadata), func(r kmsg.Request) (kmsg.Response, error, bool) {
		req := r.(*kmsg.MetadataRequest)
		if healed.Load() || marked(req) {
			return nil, nil, false
		}
		f.KeepControl()
		resp, err := f.trueMetadata(inner, req)
		if err != nil {
			return nil, err, true
		}
		hideLeaders(resp, gone)
		return resp, nil, true
	})
	return func() { healed.Store(true); h.Remove() }
}

// marked tells our own requests: nobody else asks for this removed field.
func marked(r kmsg.Request) bool {
	m, ok := r.(*kmsg.MetadataRequest)
	return ok && m.IncludeClusterAuthorizedOperations
}

// trueMetadata asks the broker that got the request, on a connection of ours, what it would have
// answered. It runs inside a control function, which it lets sleep meanwhile.
func (f *Fake) trueMetadata(inner *kgo.Client, req *kmsg.MetadataRequest) (*kmsg.MetadataResponse, error) {
	ask := *req
	ask.IncludeClusterAuthorizedOperations = true
	seed := inner.SeedBrokers()[f.CurrentNode()]
	var resp *kmsg.MetadataResponse
	var err error
	f.SleepControl(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		resp, err = ask.RequestWith(ctx, seed)
	})
	if err != nil {
		return nil, fmt.Errorf("kfake metadata: %w", err)
	}
	resp.Version = req.Version
	return resp, nil
}

func hideLeaders(m *kmsg.MetadataResponse, gone map[kafka.TopicPartition]bool) {
	for i := range m.Topics {
		t := &m.Topics[i]
		for j := range t.Partitions {
			p := &t.Partitions[j]
			if t.Topic == nil || !gone[kafka.TopicPartition{Topic: *t.Topic, Partition: p.Partition}] {
				continue
			}
			p.ErrorCode = kerr.LeaderNotAvailable.Code
			p.Leader, p.ISR, p.OfflineReplicas = -1, nil, p.Replicas
		}
	}
}
