package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"lagtop/kafka/kafkatest/wire"
)

// firstUser is how long a keeper waits for the one who ordered it.
const firstUser = 60 * time.Second

// server counts connections and hands their requests to the one goroutine that owns the brokers.
type server struct {
	asks  chan ask
	users chan int // +1 and -1
	ready chan struct{}
	hello wire.Reply // written before ready is closed
}

type ask struct {
	req  wire.Request
	done chan wire.Reply
}

// serve starts the brokers and runs until nobody has been connected for the grace period. All work on
// processes happens in the calling goroutine, which is locked to its thread.
func serve(ctx context.Context, o wire.Order, n *nodes) error {
	ln, err := net.Listen("unix", o.Socket)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	listening := os.NewFile(3, "listening") // the pipe of the one who started us
	if _, err := listening.Write([]byte{'\n'}); err != nil {
		return fmt.Errorf("tell that we listen: %w", err)
	}
	_ = listening.Close()
	ctx, cancel := context.WithCancel(ctx)
	s := &server{asks: make(chan ask), users: make(chan int), ready: make(chan struct{})}
	var wg sync.WaitGroup
	wg.Add(1)
	go func() { defer wg.Done(); s.accept(ctx, ln) }()
	defer wg.Wait()
	defer func() { cancel(); _ = ln.Close() }()

	s.hello = wire.Reply{Cluster: &wire.Cluster{Dir: o.Dir}}
	if err := n.start(ctx); err != nil {
		s.hello = wire.Reply{Err: err.Error()}
	} else {
		s.hello.Cluster.Brokers = n.brokers()
	}
	close(s.ready)
	return s.loop(ctx, n, time.Duration(o.GraceSec)*time.Second)
}

// loop carries out requests and ends the grace period after the last user left.
func (s *server) loop(ctx context.Context, n *nodes, grace time.Duration) error {
	users := 0
	idle := time.NewTimer(firstUser)
	defer idle.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case d := <-s.users:
			users += d
			if idle.Stop(); users == 0 {
				idle.Reset(grace)
			}
			if users == 0 && s.hello.Err != "" {
				return fmt.Errorf("%s", s.hello.Err)
			}
		case a := <-s.asks:
			a.done <- reply(n.do(ctx, a.req))
		case <-idle.C:
			return nil
		}
	}
}

func reply(err error) wire.Reply {
	if err != nil {
		return wire.Reply{Err: err.Error()}
	}
	return wire.Reply{}
}

func (s *server) accept(ctx context.Context, ln net.Listener) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		wg.Add(1)
		go func() { defer wg.Done(); s.talk(ctx, c) }()
	}
}

// talk serves one user; the end of its connection is the end of its use.
func (s *server) talk(ctx context.Context, c net.Conn) {
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	defer func() { _ = c.Close() }()
	select {
	case <-s.ready:
	case <-ctx.Done():
		return
	}
	if !send(ctx, s.users, 1) {
		return
	}
	defer send(ctx, s.users, -1)
	out, in := json.NewEncoder(c), json.NewDecoder(c)
	if out.Encode(s.hello) != nil {
		return
	}
	for {
		a := ask{done: make(chan wire.Reply, 1)}
		if in.Decode(&a.req) != nil || !send(ctx, s.asks, a) {
			return
		}
		select {
		case r := <-a.done:
			if out.Encode(r) != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

func send[T any](ctx context.Context, ch chan<- T, v T) bool {
	select {
	case ch <- v:
		return true
	case <-ctx.Done():
		return false
	}
}
