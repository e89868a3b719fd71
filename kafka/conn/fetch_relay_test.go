package conn_test

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka/conn"
)

// relay stands between a reader and its brokers, and sees what goes over the wire.
type relay struct {
	to map[string]string // where each broker is reached through it

	work sync.WaitGroup
	mu   sync.Mutex
	open []io.Closer
	seen wire
}

// wire is what went over it so far.
type wire struct {
	bytes    int              // of Fetch requests and their answers
	fetches  int              // requests
	named    int              // partitions in them
	sessions map[string]int32 // the newest of each broker
}

func newRelay(t testing.TB, brokers []string) *relay {
	t.Helper()
	r := &relay{to: map[string]string{}, seen: wire{sessions: map[string]int32{}}}
	for _, b := range brokers {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		r.to[b] = ln.Addr().String()
		r.mu.Lock()
		r.open = append(r.open, ln)
		r.mu.Unlock()
		r.work.Go(func() { r.accept(ln, b) })
	}
	t.Cleanup(func() {
		r.mu.Lock()
		for _, c := range r.open {
			_ = c.Close()
		}
		r.mu.Unlock()
		r.work.Wait()
	})
	return r
}

// reader reads through the relay.
func (r *relay) reader(bootstrap []string) *conn.Reader {
	return conn.NewReader(conn.Config{Bootstrap: bootstrap, Map: r.to})
}

func (r *relay) accept(ln net.Listener, broker string) {
	for {
		in, err := ln.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", broker)
		if err != nil {
			_ = in.Close()
			continue
		}
		r.mu.Lock()
		r.open = append(r.open, in, out)
		r.mu.Unlock()
		asked := make(chan int16, 100) // versions of Fetch, -1 for other requests; answers come in the same order
		r.work.Go(func() { pump(out, in, func(b []byte) { asked <- r.request(b) }) })
		r.work.Go(func() { pump(in, out, func(b []byte) { r.answer(broker, <-asked, b) }) })
	}
}

// pump passes frames on until one side ends.
func pump(to io.WriteCloser, from io.ReadCloser, see func(frame []byte)) {
	defer func() { _, _ = to.Close(), from.Close() }()
	for {
		var size [4]byte
		if _, err := io.ReadFull(from, size[:]); err != nil {
			return
		}
		b := make([]byte, binary.BigEndian.Uint32(size[:]))
		if _, err := io.ReadFull(from, b); err != nil {
			return
		}
		see(b)
		if _, err := to.Write(append(size[:], b...)); err != nil {
			return
		}
	}
}

// flexibleFetch is the version of Fetch from which headers and answers have tagged fields.
const flexibleFetch = 12

func (r *relay) request(b []byte) int16 {
	if kmsg.Key(binary.BigEndian.Uint16(b)) != kmsg.Fetch {
		return -1
	}
	version := int16(binary.BigEndian.Uint16(b[2:]))
	at := 10 + int(binary.BigEndian.Uint16(b[8:])) // behind the client id
	if version >= flexibleFetch {
		at++
	}
	q := kmsg.FetchRequest{Version: version}
	_ = q.ReadFrom(b[at:])
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen.bytes += len(b)
	r.seen.fetches++
	for i := range q.Topics {
		r.seen.named += len(q.Topics[i].Partitions)
	}
	return version
}

func (r *relay) answer(broker string, version int16, b []byte) {
	if version < 0 {
		return
	}
	at := 4
	if version >= flexibleFetch {
		at++
	}
	p := kmsg.FetchResponse{Version: version}
	_ = p.ReadFrom(b[at:])
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen.bytes += len(b)
	if p.SessionID != 0 {
		r.seen.sessions[broker] = p.SessionID
	}
}

// now is what went over the wire up to now.
func (r *relay) now() wire {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.seen
	w.sessions = map[string]int32{}
	for b, id := range r.seen.sessions {
		w.sessions[b] = id
	}
	return w
}
