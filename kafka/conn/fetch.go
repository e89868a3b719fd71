package conn

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"lagtop/kafka"
)

const (
	retryFirst = 200 * time.Millisecond // after a failure; twice as long after each further one
	retryMost  = 2 * time.Second
	refresh    = 30 * time.Second // looks for partitions that were added

	mostTimeout = 15 * time.Minute // of one answer; franz-go takes no longer one
)

// Reader reads records without a group: it joins none and commits nothing. Each call of Follow has
// connections of its own, so reading delays no other request.
type Reader struct{ cfg Config }

// NewReader does not connect yet.
func NewReader(cfg Config) *Reader {
	cfg.Purpose = kafka.PurposeTail
	cfg.ReadTimeout = min(cfg.ReadTimeout, mostTimeout)
	return &Reader{cfg: cfg.withDefaults()}
}

// Follow reads until ctx ends, and tells on what happens; no failure ends it, since leaders move and
// topics come back. It returns when all its connections are closed, at once even when a broker hangs.
//
// Partitions are read in parallel, one Fetch a broker at a time, so on is called from several
// goroutines, but for one partition only from one at a time. An on that blocks in an event with records
// holds up that broker's partitions and nothing is lost; it must not block in other events. At most
// spec.Bytes of a broker are in memory and what one batch of it decompresses to, more only when one
// batch is larger.
func (r *Reader) Follow(ctx context.Context, spec kafka.ReadSpec, on func(kafka.ReadEvent)) {
	f := &follower{
		cfg: r.cfg, spec: spec, on: on,
		meta:    leaderSource{cfg: r.cfg, seeds: r.cfg.Bootstrap},
		back:    make(chan *readCursor),
		known:   map[int32]bool{},
		workers: map[int32]*fetcher{},
	}
	defer f.meta.close()
	for _, p := range spec.Partitions {
		f.add(p, spec.From)
	}
	f.run(ctx)
}

// readCursor is the place in one partition. Whoever holds it owns it: a fetcher, or the follower while
// nobody reads it.
type readCursor struct {
	partition int32
	seek      kafka.Seek
	next      int64
	placed    bool // next is in the log, as far as we know
	lost      bool // next was in the log once
	anew      bool // next is of a topic that is gone
	epoch     int32
	topic     [16]byte
	gone      [16]byte // the topic before that, which was deleted
	maxBytes  int32
	strikes   int   // failures in a row
	corrupt   int64 // where a batch could not be read once; -1: nowhere

	cut    cutOff
	silent int                // answers in a row that held nothing of what the log has
	asked  time.Time          // for it alone
	barred kafka.Known[int64] // where nothing comes any more, which was told

	told kafka.ReadEvent // the last ReadProgress, without records
}

// follower hands the partitions of one topic to fetchers, one for each leader.
type follower struct {
	cfg     Config
	spec    kafka.ReadSpec
	on      func(kafka.ReadEvent)
	meta    leaderSource
	back    chan *readCursor // from fetchers that cannot go on with it
	known   map[int32]bool
	idle    []*readCursor
	workers map[int32]*fetcher // by broker id
	wg      sync.WaitGroup
	strikes int
}

func (f *follower) run(ctx context.Context) {
	defer f.wg.Wait()
	pace := time.NewTimer(0)
	defer pace.Stop()
	soon := true
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-f.back:
			f.idle = append(f.idle, c)
			if !soon {
				soon = true
				pace.Reset(retryFirst)
			}
		case <-pace.C:
			pace.Reset(f.dispatch(ctx))
			soon = len(f.idle) > 0
		}
	}
}

func (f *follower) add(partition int32, from kafka.Seek) {
	if s, ok := f.spec.Each[partition]; ok {
		from = s
	}
	f.known[partition] = true
	f.idle = append(f.idle, &readCursor{partition: partition, seek: from, maxBytes: partitionBytes(f.spec), corrupt: -1})
}

// dispatch gives each idle partition to its leader's fetcher, and says when to come again.
func (f *follower) dispatch(ctx context.Context) time.Duration {
	leaders, err := f.meta.leaders(ctx, f.spec.Topic)
	if ctx.Err() != nil {
		return refresh
	}
	if err != nil {
		f.failAll(err)
		return f.backoff()
	}
	f.discover(leaders)
	f.assign(ctx, leaders)
	if len(f.idle) > 0 {
		return f.backoff()
	}
	f.strikes = 0
	return refresh
}

func (f *follower) backoff() time.Duration {
	d := min(retryFirst<<min(f.strikes, 8), retryMost)
	f.strikes++
	return d
}

func (f *follower) discover(leaders map[int32]leader) {
	if f.spec.Partitions != nil {
		return
	}
	from := f.spec.From
	if len(f.known) > 0 {
		from = kafka.Seek{Kind: kafka.SeekStart}
	}
	for p := range leaders {
		if !f.known[p] {
			f.add(p, from)
		}
	}
}

// assign hands over what has a leader, all of a leader's partitions at once: a fetcher that was given
// one would first wait for its records.
func (f *follower) assign(ctx context.Context, leaders map[int32]leader) {
	idle := f.idle
	f.idle = nil
	led := map[leader][]*readCursor{} // by leader, without epoch and topic
	for _, c := range idle {
		l, ok := leaders[c.partition]
		var missing error
		switch {
		case !ok:
			missing = kafka.CodeUnknownTopicOrPartition
		case l.topic == c.gone && c.gone != [16]byte{}: // of a broker that does not know yet
			missing = kafka.CodeUnknownTopicOrPartition
		case l.addr == "":
			missing = kafka.CodeLeaderNotAvailable
		}
		if missing != nil {
			f.fail(c, translate("Metadata", f.name(c), missing))
			f.idle = append(f.idle, c)
			continue
		}
		if none := [16]byte{}; c.topic != l.topic && c.topic != none && l.topic != none { // old brokers tell no ids
			c.gone, c.anew, c.placed = c.topic, c.anew || c.placed || c.lost, false
		}
		c.epoch, c.topic = l.epoch, l.topic
		l.epoch, l.topic = 0, [16]byte{}
		led[l] = append(led[l], c)
	}
	for l, cs := range led {
		if w := f.workers[l.id]; w != nil && w.b.Addr() == l.addr && w.add(cs) {
			continue
		}
		w := newFetcher(f, NewBroker(f.cfg, l.addr, nil))
		w.add(cs)
		f.workers[l.id] = w
		f.wg.Go(func() { w.run(ctx) })
	}
}

func (f *follower) name(c *readCursor) string { return topicPartition(f.spec.Topic, c.partition) }

func (f *follower) failAll(err error) {
	for _, c := range f.idle {
		f.fail(c, err)
	}
	if len(f.known) == 0 {
		f.on(kafka.ReadEvent{TopicPartition: kafka.TopicPartition{Topic: f.spec.Topic, Partition: -1}, Kind: kafka.ReadFailed, Err: err})
	}
}

// fail tells of a failure, unless it is one that a new look at the metadata usually heals.
func (f *follower) fail(c *readCursor, err error) {
	c.strikes++
	if c.strikes == 1 && passing(err) {
		return
	}
	f.on(kafka.ReadEvent{
		TopicPartition: kafka.TopicPartition{Topic: f.spec.Topic, Partition: c.partition},
		Kind:           kafka.ReadFailed, Err: err,
	})
}

// passing are the answers of a broker that has just lost the lead, or dropped an idle connection.
func passing(err error) bool {
	for _, code := range []kafka.Code{kafka.CodeNotLeader, kafka.CodeFencedLeaderEpoch, kafka.CodeLeaderNotAvailable, codeUnknownLeaderEpoch, codeUnknownTopicID} {
		if errors.Is(err, code) {
			return true
		}
	}
	return errors.Is(err, io.EOF)
}

const (
	codeUnknownLeaderEpoch = kafka.Code(75)
	codeUnknownTopicID     = kafka.Code(100)
)
