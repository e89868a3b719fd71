package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// ErrNotEmbedded is the answer to what can only be done to the embedded cluster.
var ErrNotEmbedded = errors.New("brokers are stopped on the embedded cluster only")

// network is the listeners of the embedded cluster: those of a stopped broker hang up on everybody.
type network struct {
	mu    sync.Mutex
	down  map[string]bool // by address
	conns map[net.Conn]string
}

func newNetwork() *network { return &network{down: map[string]bool{}, conns: map[net.Conn]string{}} }

func (n *network) listen(proto, addr string) (net.Listener, error) {
	l, err := net.Listen(proto, addr)
	if err != nil {
		return nil, err
	}
	return &listener{Listener: l, net: n}, nil
}

// set takes an address away, or brings it back.
func (n *network) set(addr string, down bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.down[addr] = down
	for c, at := range n.conns {
		if down && at == addr {
			_ = c.Close()
			delete(n.conns, c)
		}
	}
}

type listener struct {
	net.Listener
	net *network
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		l.net.mu.Lock()
		down := l.net.down[l.Addr().String()]
		if !down {
			l.net.conns[c] = l.Addr().String()
		}
		l.net.mu.Unlock()
		if !down {
			return &accepted{c, l.net}, nil
		}
		_ = c.Close()
	}
}

type accepted struct {
	net.Conn
	net *network
}

// Close implements net.Conn.
func (a *accepted) Close() error {
	a.net.mu.Lock()
	delete(a.net.conns, a.Conn)
	a.net.mu.Unlock()
	return a.Conn.Close()
}

// outage is what the metadata say while a broker is down: kfake knows no replicas of its own.
type outage struct {
	id     int32
	addr   string
	led    map[string][]int32 // partitions that it led
	before *kmsg.MetadataResponse
	over   atomic.Bool
}

// StopBroker takes a broker of the embedded cluster away: its connections end, the others lead its partitions
// and coordinate its groups, its replicas are out of sync. One can be down at a time.
func (d *Demo) StopBroker(ctx context.Context, id int32) error {
	if d.cluster == nil {
		return ErrNotEmbedded
	}
	d.brokers.Lock()
	defer d.brokers.Unlock()
	if d.down != nil {
		return fmt.Errorf("stop broker %d: broker %d is down already", id, d.down.id)
	}
	req := kmsg.NewPtrMetadataRequest()
	res, err := req.RequestWith(ctx, d.control)
	if err != nil {
		return fmt.Errorf("stop broker %d: %w", id, err)
	}
	o := &outage{id: id, led: map[string][]int32{}, before: res}
	live := 0
	for _, b := range res.Brokers {
		if b.NodeID == id {
			o.addr = fmt.Sprintf("%s:%d", b.Host, b.Port)
		} else {
			live++
		}
	}
	if o.addr == "" || live == 0 {
		return fmt.Errorf("stop broker %d: the cluster has no such broker, or no other", id)
	}
	if err := d.elect(o); err != nil {
		return fmt.Errorf("stop broker %d: %w", id, err)
	}
	d.down = o
	d.cluster.ControlKey(int16(kmsg.Metadata), o.control(d.cluster))
	d.net.set(o.addr, true)
	d.moveCoordinators(id)
	return nil
}

// elect gives the partitions of the broker to the next replica of each, in the cluster and in o.
func (d *Demo) elect(o *outage) error {
	for i := range o.before.Topics {
		t := &o.before.Topics[i]
		for k := range t.Partitions {
			p := &t.Partitions[k]
			p.ISR = slices.DeleteFunc(slices.Clone(p.Replicas), func(r int32) bool { return r == o.id })
			if slices.Contains(p.Replicas, o.id) {
				p.OfflineReplicas = []int32{o.id}
			}
			if p.Leader != o.id || len(p.ISR) == 0 {
				continue
			}
			o.led[*t.Topic] = append(o.led[*t.Topic], p.Partition)
			p.Leader = p.ISR[0]
			p.LeaderEpoch++
			if err := d.cluster.MoveTopicPartition(*t.Topic, p.Partition, p.Leader); err != nil {
				return err
			}
		}
	}
	o.before.Brokers = slices.DeleteFunc(o.before.Brokers, func(b kmsg.MetadataResponseBroker) bool { return b.NodeID == o.id })
	if o.before.ControllerID == o.id {
		o.before.ControllerID = o.before.Brokers[0].NodeID
	}
	return nil
}

// moveCoordinators deals the groups out anew until none of ours is with the broker.
func (d *Demo) moveCoordinators(id int32) {
	for range 10_000 {
		if !slices.ContainsFunc(d.Groups(), func(g string) bool { return d.cluster.CoordinatorFor(g) == id }) {
			return
		}
		d.cluster.RehashCoordinators()
	}
}

// control answers Metadata as the cluster would.
func (o *outage) control(c *kfake.Cluster) func(kmsg.Request) (kmsg.Response, error, bool) {
	return func(r kmsg.Request) (kmsg.Response, error, bool) {
		if o.over.Load() {
			c.DropControl()
			return nil, nil, false
		}
		c.KeepControl()
		req := r.(*kmsg.MetadataRequest)
		res := req.ResponseKind().(*kmsg.MetadataResponse)
		res.Brokers, res.ClusterID, res.ControllerID = o.before.Brokers, o.before.ClusterID, o.before.ControllerID
		if req.Topics == nil {
			res.Topics = o.before.Topics
			return res, nil, true
		}
		for _, want := range req.Topics {
			i := slices.IndexFunc(o.before.Topics, func(t kmsg.MetadataResponseTopic) bool {
				return want.Topic != nil && *want.Topic == *t.Topic || want.Topic == nil && want.TopicID == t.TopicID
			})
			if i >= 0 {
				res.Topics = append(res.Topics, o.before.Topics[i])
				continue
			}
			missing := kmsg.NewMetadataResponseTopic()
			missing.Topic, missing.TopicID, missing.ErrorCode = want.Topic, want.TopicID, kerr.UnknownTopicOrPartition.Code
			res.Topics = append(res.Topics, missing)
		}
		return res, nil, true
	}
}

// StartBroker brings the stopped broker back; it leads its partitions again.
func (d *Demo) StartBroker() (id int32, err error) {
	d.brokers.Lock()
	defer d.brokers.Unlock()
	o := d.down
	if o == nil {
		return 0, errors.New("start a broker: none is down")
	}
	d.net.set(o.addr, false)
	d.down = nil
	o.over.Store(true)
	for topic, ps := range o.led {
		for _, p := range ps {
			if err := d.cluster.MoveTopicPartition(topic, p, o.id); err != nil {
				return o.id, fmt.Errorf("start broker %d: %w", o.id, err)
			}
		}
	}
	return o.id, nil
}

// Down is the broker that is stopped; it reports false when none is.
func (d *Demo) Down() (id int32, ok bool) {
	d.brokers.Lock()
	defer d.brokers.Unlock()
	if d.down == nil {
		return 0, false
	}
	return d.down.id, true
}
