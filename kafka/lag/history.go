package lag

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"lagtop/kafka"
)

// Short and Long are the windows that rates are judged over.
const (
	Short = time.Minute
	Long  = 10 * time.Minute
)

// Tier says how dense rows up to an age are kept.
type Tier struct {
	Age  time.Duration // rows up to this old
	Step time.Duration // are kept at least every Step; 0 keeps every poll
}

// Options sets what a History keeps.
type Options struct {
	Tiers []Tier // by Age, rising; DefaultTiers when empty
}

// DefaultTiers keeps two hours: every poll of two minutes, every ten seconds of a quarter of an
// hour, then every minute. At a poll every 2 s that is 250 rows, or 1 kB for each series.
func DefaultTiers() []Tier {
	return []Tier{
		{Age: 2 * time.Minute, Step: time.Second},
		{Age: 15 * time.Minute, Step: 10 * time.Second},
		{Age: 2 * time.Hour, Step: time.Minute},
	}
}

// History keeps how log ends, commits and lags moved. Observe is for one goroutine; everything
// else may be called from any.
type History struct {
	mu     sync.RWMutex
	cols   columns
	topics map[string]*topicSeries
	groups map[string]*groupSeries
	nodes  map[int32]*brokerSeries // by broker id
	short  int                     // first row of the short window
	long   int                     // first row of the long window
	every  time.Duration           // between the newest polls
}

type topicSeries struct {
	id    [16]byte
	seen  uint32       // row in which the topic was last listed
	parts []*endSeries // by id
}

type groupSeries struct {
	slot   int32 // lag of the group
	seen   uint32
	readAt int64
	fresh  bool // read in the newest row
	share  bool
	parts  []commitSeries // by topic, then partition
}

// NewHistory is an empty history.
func NewHistory(o Options) *History {
	if len(o.Tiers) == 0 {
		o.Tiers = DefaultTiers()
	}
	h := &History{cols: columns{tiers: o.Tiers}}
	h.forget()
	return h
}

func (h *History) forget() {
	h.cols = columns{tiers: h.cols.tiers}
	h.topics = map[string]*topicSeries{}
	h.groups = map[string]*groupSeries{}
	h.nodes = map[int32]*brokerSeries{}
}

// Observe samples what the snapshot read anew and fills its rates and ages, before it is published. A part
// whose own time did not advance since the last call leaves a gap, not a flat sample.
func (h *History) Observe(s *kafka.Snapshot) {
	h.sample(s)
	h.Ages(s) // reads alone: a screen that is drawn meanwhile does not wait for it
}

func (h *History) sample(s *kafka.Snapshot) {
	h.mu.Lock()
	defer h.mu.Unlock()
	fresh := h.open(moment(s))
	for i := range s.Topics {
		h.topic(&s.Topics[i], fresh)
	}
	for i := range s.Groups {
		h.group(&s.Groups[i], fresh)
	}
	h.brokers(s, fresh)
	if fresh {
		h.sweep()
		h.sweepBrokers()
	}
}

// moment places a snapshot on the time axis: when its poll began, because most answers come at
// once while publishing may wait for a slow broker.
func moment(s *kafka.Snapshot) time.Time {
	if s.Began.IsZero() {
		return s.At
	}
	return s.Began
}

// open adds a row. It returns false for a time that already has one. A clock that was set back
// makes every older time meaningless: the history starts anew.
func (h *History) open(at time.Time) bool {
	now := at.UnixNano()
	if n := len(h.cols.rows); n > 0 {
		newest := h.cols.rows[n-1].at
		if now == newest || at.IsZero() {
			return false
		}
		if now < newest {
			h.forget()
		}
	}
	h.cols.begin(now)
	h.short = h.cols.from(now - int64(Short))
	h.long = h.cols.from(now - int64(Long))
	h.every = h.interval()
	return true
}

func (h *History) newest() row { return h.cols.rows[len(h.cols.rows)-1] }

func (h *History) topic(t *kafka.Topic, fresh bool) {
	series := h.topics[t.Name]
	if series == nil {
		if !fresh {
			return
		}
		series = &topicSeries{id: t.ID}
		h.topics[t.Name] = series
	}
	if fresh {
		h.alignTopic(series, t)
	}
	t.In = kafka.RateSum{}
	for i := range t.Partitions {
		p := &t.Partitions[i]
		p.In = kafka.Known[float64]{}
		e := series.part(p.ID)
		if e == nil {
			t.In.Add(p.In)
			continue
		}
		if fresh {
			h.sampleEnd(e, p)
		}
		p.In = e.in
		t.In.Add(p.In)
	}
}

// alignTopic gives every listed partition its series and restarts them when the topic is another one.
func (h *History) alignTopic(series *topicSeries, t *kafka.Topic) {
	series.seen = h.cols.seq
	none := [16]byte{}
	recreated := t.ID != none && series.id != none && t.ID != series.id
	if t.ID != none {
		series.id = t.ID
	}
	if recreated {
		for _, e := range series.parts {
			h.restartEnd(e)
		}
	}
	for i := range t.Partitions {
		id := t.Partitions[i].ID
		if at, ok := series.find(id); !ok {
			series.parts = slices.Insert(series.parts, at, &endSeries{id: id, slot: h.cols.take()})
		}
	}
}

// part is a partition's series, nil when it has none.
func (t *topicSeries) part(id int32) *endSeries {
	if at, ok := t.find(id); ok {
		return t.parts[at]
	}
	return nil
}

// find is where a partition's series stands, or would stand. Partitions are nearly always those from 0 on.
func (t *topicSeries) find(id int32) (int, bool) {
	if id >= 0 && int(id) < len(t.parts) && t.parts[id].id == id {
		return int(id), true
	}
	return slices.BinarySearchFunc(t.parts, id, func(e *endSeries, id int32) int { return cmp.Compare(e.id, id) })
}

// plus adds a rate to a sum that is unknown until its first known part.
func plus(sum, part kafka.Known[float64]) kafka.Known[float64] {
	if !part.OK {
		return sum
	}
	return kafka.Some(sum.V + part.V)
}

// sweep drops the series of topics and groups that the snapshot no longer lists.
func (h *History) sweep() {
	for name, t := range h.topics {
		if t.seen == h.cols.seq {
			continue
		}
		for _, e := range t.parts {
			h.cols.release(e.slot)
		}
		delete(h.topics, name)
	}
	for name, g := range h.groups {
		if g.seen == h.cols.seq {
			continue
		}
		h.cols.release(g.slot)
		h.dropParts(g)
		delete(h.groups, name)
	}
}

// Newest is the time of the newest poll that was observed, and its number, 0 before the first.
func (h *History) Newest() (at time.Time, poll uint32) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if len(h.cols.rows) == 0 {
		return time.Time{}, 0
	}
	return time.Unix(0, h.newest().at), h.cols.seq
}

// Span is the time between the oldest and the newest poll that are kept, 0 before the second.
func (h *History) Span() time.Duration {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if len(h.cols.rows) == 0 {
		return 0
	}
	return time.Duration(h.newest().at - h.cols.rows[0].at)
}

// interval is the usual time between the newest polls: their median, which a machine that slept does not change.
func (h *History) interval() time.Duration {
	n := len(h.cols.rows)
	back := min(n-1, 5)
	if back <= 0 {
		return 0
	}
	var gaps [5]int64
	for i := range back {
		gaps[i] = h.cols.rows[n-1-i].at - h.cols.rows[n-2-i].at
	}
	slices.Sort(gaps[:back])
	return time.Duration(gaps[(back-1)/2])
}
