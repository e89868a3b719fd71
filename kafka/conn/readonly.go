package conn

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"slices"
	"sync"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// changesNothing tells whether requests of this API key only read, or belong to a connection itself.
// Everything that is not listed counts as mutating: a request that is new here is refused until somebody
// decides what it is.
func changesNothing(key kmsg.Key) bool {
	switch key {
	case kmsg.ApiVersions, kmsg.SASLHandshake, kmsg.SASLAuthenticate,
		kmsg.Metadata, kmsg.DescribeCluster, kmsg.DescribeTopicPartitions, kmsg.DescribeQuorum,
		kmsg.Fetch, kmsg.ListOffsets, kmsg.OffsetForLeaderEpoch,
		kmsg.FindCoordinator, kmsg.ListGroups, kmsg.DescribeGroups, kmsg.OffsetFetch,
		kmsg.ConsumerGroupDescribe, kmsg.ShareGroupDescribe, kmsg.StreamsGroupDescribe, kmsg.DescribeShareGroupOffsets,
		kmsg.DescribeConfigs, kmsg.ListConfigResources, kmsg.DescribeLogDirs, kmsg.DescribeACLs, kmsg.DescribeClientQuotas,
		kmsg.DescribeProducers, kmsg.DescribeTransactions, kmsg.ListTransactions, kmsg.ListPartitionReassignments:
		return true
	}
	return false
}

// readOnly is a connection that writes reading requests alone, whichever client sends them. It follows
// the frames of the protocol, however they are cut into writes: 4 bytes of length, then the API key. Of a
// request that it refuses no byte is written, and none after it.
type readOnly struct {
	net.Conn

	mu      sync.Mutex
	head    []byte // the beginning of a frame, held back until the key is known
	left    int    // bytes of the present frame that are yet to come
	refused error
}

// frameHead is the length of a frame and the API key.
const frameHead = 4 + 2

// guard makes a connection read-only where the configuration is.
func (c Config) guard(conn net.Conn) net.Conn {
	if !c.ReadOnly {
		return conn
	}
	return &readOnly{Conn: conn}
}

// guardDial is guard for a client that has a dial function.
func (c Config) guardDial(dial func(ctx context.Context, network, addr string) (net.Conn, error)) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		under, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return c.guard(under), nil
	}
}

// Write implements net.Conn. Its error wraps ErrReadOnly.
func (r *readOnly) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refused != nil {
		return 0, r.refused
	}
	held := len(r.head)
	buf := p
	if held > 0 {
		buf = slices.Concat(r.head, p)
	}
	whole, err := r.follow(buf)
	if err != nil {
		r.refused = err
		return 0, err
	}
	if whole > 0 {
		if n, err := r.Conn.Write(buf[:whole]); err != nil {
			return max(n-held, 0), err
		}
	}
	r.head = append([]byte(nil), buf[whole:]...)
	return len(p), nil
}

// follow walks the frames in buf and returns how many of its bytes may be written.
func (r *readOnly) follow(buf []byte) (int, error) {
	at := 0
	for {
		n := min(r.left, len(buf)-at)
		r.left -= n
		at += n
		if len(buf)-at < frameHead {
			return at, nil
		}
		size := binary.BigEndian.Uint32(buf[at:])
		key := kmsg.Key(binary.BigEndian.Uint16(buf[at+4:]))
		if size < 2 || size > maxFrame || !changesNothing(key) {
			return 0, fmt.Errorf("%s: %w", kmsg.NameForKey(int16(key)), ErrReadOnly)
		}
		r.left = 4 + int(size)
	}
}
