package conn

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

const (
	logWindow  = time.Minute
	logEntries = 8192 // some 900 kB when all are used
)

// keyConnect stands for the API key of a connection that failed.
const keyConnect int16 = -1

// Log keeps what was sent in the last minute, as far as it fits, and sums since the start. Whoever makes the
// clients owns it and gives it to them in Config; a nil Log keeps nothing. It is safe for concurrent use.
type Log struct {
	base time.Time

	mu      sync.Mutex
	entries []logEntry // a ring once it is full
	next    uint64     // number of the next entry
	ever    [kafka.Purposes]kafka.RequestSum
}

// moment is a time by two clocks. The one stands still while the machine sleeps: by it something lasts for as long
// as somebody waited for it. The other is that on the wall, which may be set.
type moment struct {
	awake time.Duration // since the log's base
	wall  int64         // unix nanoseconds
}

// since is how long ago an earlier moment is by the clock on which that is longer: after a night it is a night, and
// a clock that was set back makes nothing new.
func (m moment) since(earlier moment) time.Duration {
	return max(m.awake-earlier.awake, time.Duration(m.wall-earlier.wall))
}

// logEntry is one request.
type logEntry struct {
	addr     string
	err      string
	began    moment
	ended    moment
	out, in  int32
	key      int16
	version  int16
	purpose  kafka.Purpose
	finished bool
}

// NewLog is empty. It grows with use.
func NewLog() *Log { return &Log{base: time.Now()} }

// moment places a time that comes from time.Now.
func (l *Log) moment(t time.Time) moment { return moment{t.Sub(l.base), t.UnixNano()} }

// begin adds a request that is being sent and returns its number.
func (l *Log) begin(e logEntry) uint64 {
	if l == nil {
		return 0
	}
	e.began = l.moment(time.Now())
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ever[e.purpose].Count++
	l.ever[e.purpose].Out += int64(e.out)
	return l.add(e)
}

// add must be called with mu held.
func (l *Log) add(e logEntry) uint64 {
	n := l.next
	l.next++
	if len(l.entries) < logEntries {
		l.entries = append(l.entries, e)
	} else {
		l.entries[n%logEntries] = e
	}
	return n
}

// end notes the answer of so many bytes, or why there is none.
func (l *Log) end(number uint64, in int32, reason string) {
	if l == nil {
		return
	}
	now := l.moment(time.Now())
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.entry(number)
	if e == nil || e.finished {
		return
	}
	e.finished, e.ended, e.in, e.err = true, now, in, reason
	l.ever[e.purpose].In += int64(in)
	if reason != "" {
		l.ever[e.purpose].Errors++
	}
}

// spoil says more of a request that has ended: why it really failed, or that its answer cannot be read.
// Without a reason it did not fail: we gave it up.
func (l *Log) spoil(number uint64, reason string) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.entry(number)
	if e == nil || !e.finished {
		return
	}
	switch {
	case e.err == "" && reason != "":
		l.ever[e.purpose].Errors++
	case e.err != "" && reason == "":
		l.ever[e.purpose].Errors--
	}
	e.err = reason
}

// entry is nil for one that others took the place of.
func (l *Log) entry(number uint64) *logEntry {
	if number >= l.next || l.next-number > uint64(len(l.entries)) {
		return nil
	}
	return &l.entries[number%logEntries]
}

// unconnected notes a connection that failed.
func (l *Log) unconnected(addr string, p kafka.Purpose, began time.Time, err error) {
	if l == nil || short(err) == "" {
		return
	}
	e := logEntry{addr: addr, err: short(err), began: l.moment(began), ended: l.moment(time.Now()), key: keyConnect, purpose: p, finished: true}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ever[p].Errors++
	l.add(e)
}

// Report adds up the minute before now.
func (l *Log) Report(now time.Time) kafka.RequestReport {
	if l == nil {
		return kafka.RequestReport{}
	}
	return l.report(l.moment(now))
}

func (l *Log) report(now moment) kafka.RequestReport {
	recent, ever, cut := l.recent(now)
	r := kafka.RequestReport{Window: min(logWindow, now.since(l.moment(l.base))), Since: l.base.Round(0), Ever: ever}
	if cut && len(recent) > 0 {
		r.Cut, r.Window = true, now.since(recent[0].began)
	}
	rows := map[rowKey]*rowSum{}
	for i := range recent {
		e := &recent[i]
		k := rowKey{e.addr, e.key}
		s := rows[k]
		if s == nil {
			s = &rowSum{}
			rows[k] = s
		}
		s.take(e, now)
		count(&r.Total, e)
		count(&r.By[e.purpose], e)
	}
	for k, s := range rows {
		r.Rows = append(r.Rows, s.row(k))
	}
	slices.SortFunc(r.Rows, func(a, b kafka.RequestRow) int {
		return cmp.Or(strings.Compare(a.Addr, b.Addr), strings.Compare(a.API, b.API))
	})
	return r
}

// recent is a copy of the entries of the minute before now, oldest first. cut tells that older ones of that
// time were dropped.
func (l *Log) recent(now moment) (out []logEntry, ever [kafka.Purposes]kafka.RequestSum, cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := l.next - uint64(len(l.entries))
	for n := l.next; n > first; n-- {
		e := &l.entries[(n-1)%logEntries]
		if age := now.since(e.began); age <= logWindow || !e.finished {
			out = append(out, *e)
		} else if age > 2*logWindow { // those still waiting are hardly older
			break
		}
	}
	slices.Reverse(out)
	cut = first > 0 && len(out) == len(l.entries)
	return out, l.ever, cut
}

type rowKey struct {
	addr string
	key  int16
}

// rowSum collects one row of a report.
type rowSum struct {
	kafka.RequestRow
	took []time.Duration
}

func (s *rowSum) take(e *logEntry, now moment) {
	count(&s.RequestSum, e)
	s.Version = e.version
	s.By[e.purpose]++
	if !e.finished {
		s.Waiting++
		s.Oldest = max(s.Oldest, now.awake-e.began.awake)
		return
	}
	s.took = append(s.took, e.ended.awake-e.began.awake)
	if e.err != "" {
		s.Failure = kafka.Some(kafka.RequestFailure{At: time.Unix(0, e.ended.wall), Reason: e.err})
	}
}

// count adds one entry. A connection that failed is an error and no request.
func count(s *kafka.RequestSum, e *logEntry) {
	if e.err != "" {
		s.Errors++
	}
	if e.key == keyConnect {
		return
	}
	s.Count++
	s.Out += int64(e.out)
	s.In += int64(e.in)
}

func (s *rowSum) row(k rowKey) kafka.RequestRow {
	s.Addr, s.API = k.addr, kafka.RequestConnect
	if k.key != keyConnect {
		s.API = kmsg.NameForKey(k.key)
	}
	if n := len(s.took); n > 0 {
		slices.Sort(s.took)
		s.P50, s.Max = kafka.Some(s.took[(n-1)/2]), kafka.Some(s.took[n-1])
	}
	return s.RequestRow
}
