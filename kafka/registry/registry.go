package registry

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"lagtop/kafka/limit"
	"lagtop/kafka/tail/format"
)

const (
	maxSchemas = 512 // in the cache
	maxAsking  = 4   // schemas being read at once
	maxSecond  = 20  // schemas asked for in a second: values with random bytes for ids must not flood a registry
	again      = time.Minute
	firstPause = time.Second // when the registry is down; doubled up to again
)

// Client knows schemas and decodes by them. It is safe for concurrent use.
type Client struct {
	from   *fetcher // nil: no registry
	local  []local
	wait   time.Duration
	now    func() time.Time
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu      sync.Mutex
	schemas map[uint32]*schema
	reads   uint64
	asking  int
	second  time.Time // of asked
	asked   int
	until   time.Time // the registry is left in peace
	why     error
	pause   time.Duration
	slow    bool // an answer was waited for in vain
	arrived uint64
}

// schema is one that was asked for.
type schema struct {
	done chan struct{} // closed when is or err is there
	is   decoder
	note string // which it is
	err  error
	at   time.Time // of the answer
	used uint64
}

// Open reads the local files; the registry is asked when a value needs it. wait bounds how long the first value
// of a schema waits for it, in the Schemas of Waiting. Read itself never waits. Close it.
func Open(cfg Config, files []Local, wait time.Duration) (*Client, error) {
	c := &Client{wait: wait, now: time.Now, schemas: map[uint32]*schema{}}
	for _, f := range files {
		l, err := f.open()
		if err != nil {
			return nil, err
		}
		c.local = append(c.local, l)
	}
	if cfg.URL != "" {
		var err error
		if c.from, err = newFetcher(cfg); err != nil {
			return nil, err
		}
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c, nil
}

// Close ends what is being read and waits for it.
func (c *Client) Close() {
	c.mu.Lock() // nothing begins to be read from here on
	c.cancel()
	c.mu.Unlock()
	c.work.Wait()
	if c.from != nil {
		c.from.http.Transport.(*bounded).CloseIdleConnections()
	}
}

// Read implements format.Schemas, as the methods below do. It answers at once.
func (c *Client) Read(topic string, part format.Part, data []byte) format.Decoding {
	return c.read(topic, part, data, 0)
}

// Arrived counts the schemas of the registry.
func (c *Client) Arrived() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.arrived
}

// Waiting is the Client with a Read that waits.
func (c *Client) Waiting() format.Schemas { return patient{c} }

type patient struct{ *Client }

// Read implements format.Schemas.
func (p patient) Read(topic string, part format.Part, data []byte) format.Decoding {
	return p.read(topic, part, data, p.wait)
}

func (c *Client) read(topic string, part format.Part, data []byte, wait time.Duration) format.Decoding {
	if len(data) == 0 {
		return format.Decoding{}
	}
	for i := range c.local {
		if l := &c.local[i]; l.part == part && limit.Match(l.topic, topic) {
			return l.read(data)
		}
	}
	id, payload, ok := format.SchemaID(data)
	if !ok || c.from == nil {
		return format.Decoding{}
	}
	d := c.decode(id, payload, wait)
	if part == format.OfKey && len(data) == plainNumber && d.Text == nil {
		d.Note = ""
	}
	return d
}

// plainNumber is the length of a key that is likelier a number than written with a schema: nothing is said of it
// where it cannot be decoded.
const plainNumber = 8

func (c *Client) decode(id uint32, payload []byte, wait time.Duration) format.Decoding {
	s, err := c.schema(id, wait)
	switch {
	case err != nil:
		return format.Decoding{Note: "schema registry: " + err.Error(), Later: true}
	case s == nil:
		return format.Decoding{Note: fmt.Sprintf("schema %d: being read", id), Later: true}
	case s.err != nil:
		return format.Decoding{Note: fmt.Sprintf("schema %d: %v", id, s.err), Later: true}
	}
	out, err := decoded(s.is, payload)
	if err != nil {
		return format.Decoding{Note: fmt.Sprintf("%s, schema %d: does not fit: %v", s.is.what(), id, err)}
	}
	return format.Decoding{Text: out, Note: s.note}
}

// schema is complete or nil where it is still being read. An error says why the registry is not asked.
func (c *Client) schema(id uint32, wait time.Duration) (*schema, error) {
	c.mu.Lock()
	now := c.now()
	s := c.schemas[id]
	if s != nil && s.closed() && s.err != nil && now.Sub(s.at) >= again {
		delete(c.schemas, id)
		s = nil
	}
	if s == nil {
		if now.Before(c.until) {
			defer c.mu.Unlock()
			return nil, c.why
		}
		s = c.ask(id, now)
	}
	if s != nil {
		c.reads++
		s.used = c.reads
	}
	if c.slow {
		wait = 0
	}
	c.mu.Unlock()
	if s == nil || !c.await(s, wait) {
		return nil, nil
	}
	if s.err != nil && down(s.err) {
		return nil, plain(s.err)
	}
	return s, nil
}

func (s *schema) closed() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// await waits for a schema, but only as long as the registry answers at all.
func (c *Client) await(s *schema, wait time.Duration) bool {
	if s.closed() || wait <= 0 {
		return s.closed()
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-s.done:
		return true
	case <-t.C:
		c.mu.Lock()
		c.slow = true
		c.mu.Unlock()
		return false
	}
}

// ask begins to read a schema, or is nil when enough are being read. The mutex is held.
func (c *Client) ask(id uint32, now time.Time) *schema {
	if now.Sub(c.second) >= time.Second {
		c.second, c.asked = now, 0
	}
	if c.asking >= maxAsking || c.asked >= maxSecond || c.ctx.Err() != nil {
		return nil
	}
	c.evict()
	c.asking++
	c.asked++
	s := &schema{done: make(chan struct{})}
	c.schemas[id] = s
	c.work.Add(1)
	go func() {
		defer c.work.Done()
		is, err := c.from.fetch(c.ctx, id)
		c.answer(id, s, is, err)
	}()
	return s
}

// evict makes room for one more by forgetting the one that was used least recently. The mutex is held.
func (c *Client) evict() {
	if len(c.schemas) < maxSchemas {
		return
	}
	oldest, found := uint32(0), false
	for id, s := range c.schemas {
		if s.closed() && (!found || s.used < c.schemas[oldest].used) {
			oldest, found = id, true
		}
	}
	delete(c.schemas, oldest)
}

func (c *Client) answer(id uint32, s *schema, is decoder, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer close(s.done)
	c.asking--
	s.is, s.err, s.at = is, err, c.now()
	if err == nil {
		s.note = fmt.Sprintf("%s, schema %d", is.what(), id)
		c.arrived++
	}
	if err == nil || !down(err) {
		c.slow, c.pause, c.why = false, 0, nil
		return
	}
	delete(c.schemas, id) // it is asked for again when the registry is
	if refused(err) {
		c.from.cfg.Password.Forget()
		c.from.cfg.Token.Forget()
	}
	if errors.Is(err, context.Canceled) || s.at.Before(c.until) { // those asked for together fail together
		return
	}
	c.pause = min(max(2*c.pause, firstPause), again)
	c.why, c.until = plain(err), s.at.Add(c.pause)
}
