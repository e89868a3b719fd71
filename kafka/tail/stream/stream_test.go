package stream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"lagtop/kafka"
	"lagtop/kafka/tail/filter"
	"lagtop/kafka/tail/order"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// script is a source that tells what it was given, and then waits for the end.
type script []kafka.ReadEvent

func (s script) Follow(ctx context.Context, spec kafka.ReadSpec, on func(kafka.ReadEvent)) {
	for _, e := range s {
		if e.Topic == spec.Topic && ctx.Err() == nil {
			on(e)
		}
	}
	<-ctx.Done()
}

func began(p int32, next, end int64) kafka.ReadEvent {
	return kafka.ReadEvent{TopicPartition: kafka.TopicPartition{Topic: "t", Partition: p}, Kind: kafka.ReadBegan, From: next, Next: next, End: end, CaughtUp: next >= end}
}

// got is a progress with records of these values from an offset on, one minute apart from a minute on.
func got(p int32, offset, end int64, minute int, values ...string) kafka.ReadEvent {
	e := kafka.ReadEvent{TopicPartition: kafka.TopicPartition{Topic: "t", Partition: p}, Kind: kafka.ReadProgress, End: end}
	for i, v := range values {
		e.Records = append(e.Records, kafka.Record{
			TopicPartition: e.TopicPartition, Offset: offset + int64(i), Value: []byte(v), Timestamp: noon.Add(time.Duration(minute+i) * time.Minute),
		})
	}
	e.Next = offset + int64(len(values))
	e.CaughtUp = e.Next >= end
	return e
}

// page is a sink that keeps what is printed.
type page struct {
	mu     sync.Mutex
	text   strings.Builder
	events int
	broken error
	full   chan struct{} // closed when this text was printed
	until  string
	wrote  chan struct{} // has an element for each Write; may be nil
}

func (p *page) Append(dst []byte, r *kafka.Record, n Note) []byte {
	mark := ""
	if n.Gap {
		mark += "|"
	}
	if n.Context {
		mark += "."
	}
	if n.Late {
		mark += "<"
	}
	return fmt.Appendf(dst, "%s%s ", mark, r.Value)
}

func (p *page) Write(b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text.Write(b)
	if p.wrote != nil {
		p.wrote <- struct{}{}
	}
	if p.full != nil && p.text.String() == p.until {
		close(p.full)
		p.full = nil
	}
	return p.broken
}

func (p *page) Flush() error             { return nil }
func (p *page) Event(e *kafka.ReadEvent) { p.events++ }

func reads(partitions ...int32) []kafka.ReadSpec {
	return []kafka.ReadSpec{{Topic: "t", Partitions: partitions}}
}

func parse(t *testing.T, text string) filter.Filter {
	t.Helper()
	f, err := filter.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestRunEnds(t *testing.T) {
	letters := got(0, 0, 9, 0, "a", "b", "c", "d", "e", "f", "g", "h", "i")
	for name, c := range map[string]struct {
		o    Options
		src  script
		want string
	}{
		"at the end there was":     {Options{Reads: reads(0), Until: order.Until{End: true}}, script{began(0, 0, 2), letters}, "a b "},
		"where nothing is":         {Options{Reads: reads(0), Until: order.Until{End: true}}, script{began(0, 5, 5)}, ""},
		"of both partitions":       {Options{Reads: reads(0, 1), Until: order.Until{End: true}}, script{began(0, 0, 1), began(1, 0, 1), letters, got(1, 0, 1, 0, "x")}, "a x "},
		"behind markers":           {Options{Reads: reads(0), Until: order.Until{End: true}}, script{began(0, 0, 3), got(0, 0, 3, 0, "a", "b"), got(0, 3, 3, 0)}, "a b "},
		"at a time":                {Options{Reads: reads(0), Until: order.Until{Time: noon.Add(3 * time.Minute)}}, script{began(0, 0, 9), letters}, "a b c "},
		"at a time that passed":    {Options{Reads: reads(0), Until: order.Until{Time: noon.AddDate(-1, 0, 0)}}, script{began(0, 9, 9)}, ""},
		"after so many":            {Options{Reads: reads(0), Max: 3}, script{began(0, 0, 9), letters}, "a b c "},
		"after so many that match": {Options{Reads: reads(0), Max: 2, Filter: parse(t, "-a -b")}, script{began(0, 0, 9), letters}, "c d "},
		"with neighbours":          {Options{Reads: reads(0), Until: order.Until{End: true}, Context: 1, Filter: parse(t, "/[bdh]/")}, script{began(0, 0, 9), letters}, ".a b .c d .e |.g h .i "},
		"with two neighbours":      {Options{Reads: reads(0), Until: order.Until{End: true}, Context: 2, Filter: parse(t, "/[ei]/")}, script{began(0, 0, 9), letters}, ".c .d e .f .g .h i "},
		"by time": {Options{Reads: reads(0, 1), Until: order.Until{End: true}, Merge: time.Minute},
			script{began(0, 0, 3), began(1, 0, 3), got(0, 0, 3, 0, "a0", "a1", "a2"), got(1, 0, 3, -1, "b-", "b0", "b1")}, "b- a0 b0 a1 b1 a2 "},
	} {
		p := &page{}
		totals, err := Run(t.Context(), c.src, c.o, p)
		if err != nil || p.text.String() != c.want {
			t.Errorf("%s: %q %v", name, p.text.String(), err)
		}
		if n := int64(strings.Count(c.want, " ")); totals.Printed != n {
			t.Errorf("%s: %d printed, not %d", name, totals.Printed, n)
		}
	}
}

// wide is a source that has one partition more than were named, where all are asked for.
type wide struct{ script }

func (w wide) Follow(ctx context.Context, spec kafka.ReadSpec, on func(kafka.ReadEvent)) {
	if spec.Partitions == nil {
		w.script = append(w.script, began(1, 0, 1), got(1, 0, 1, 0, "added"))
	}
	w.script.Follow(ctx, spec, on)
}

func TestPartitionsThatAreAddedAreFollowedWhereAllAre(t *testing.T) {
	for _, added := range []bool{true, false} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		full := make(chan struct{})
		p := &page{full: full, until: "a "}
		if added {
			p.until = "a added "
		}
		go func() {
			defer cancel()
			select {
			case <-full:
			case <-ctx.Done():
			}
		}()
		src := wide{script{began(0, 0, 1), got(0, 0, 1, 0, "a")}}
		if _, _ = Run(ctx, src, Options{Reads: reads(0), Added: added}, p); p.text.String() != p.until {
			t.Errorf("%v: %q", added, p.text.String())
		}
	}
}

func TestARecordThatIsLateIsMarked(t *testing.T) {
	o := Options{Reads: reads(0, 1), Merge: time.Millisecond}
	p := &page{full: make(chan struct{}), wrote: make(chan struct{}, 9), until: "new <old "}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	full := p.full
	src := follow(func(on func(kafka.ReadEvent)) {
		on(began(0, 0, 1))
		on(began(1, 0, 0))
		on(got(0, 0, 1, 9, "new"))
		select { // it was printed, because nobody else had anything
		case <-p.wrote:
		case <-ctx.Done():
		}
		on(got(1, 0, 1, 0, "old"))
		select {
		case <-full:
		case <-ctx.Done():
		}
		cancel()
	})
	time.AfterFunc(100*time.Second, cancel)
	if _, err := Run(ctx, src, o, p); err != nil || p.text.String() != "new <old " {
		t.Errorf("%q %v", p.text.String(), err)
	}
}

// follow is a source made of one function.
type follow func(on func(kafka.ReadEvent))

func (f follow) Follow(ctx context.Context, _ kafka.ReadSpec, on func(kafka.ReadEvent)) {
	f(on)
	<-ctx.Done()
}

func TestEndsWhenTheReaderLeaves(t *testing.T) {
	gone := errors.New("gone")
	for _, o := range []Options{{Reads: reads(0)}, {Reads: reads(0), Max: 9}} {
		if _, err := Run(t.Context(), script{began(0, 0, 9), got(0, 0, 9, 0, "a", "b")}, o, &page{broken: gone}); !errors.Is(err, gone) {
			t.Errorf("%v", err)
		}
	}
}

func TestEndsWhenItMayNotRead(t *testing.T) {
	e := began(0, 0, 0)
	e.Kind, e.Err = kafka.ReadFailed, kafka.CodeTopicAuthorization
	p := &page{}
	if _, err := Run(t.Context(), script{e}, Options{Reads: reads(0)}, p); !errors.Is(err, kafka.CodeTopicAuthorization) || p.events != 1 {
		t.Errorf("%v, %d events", err, p.events)
	}
}

// What goes on failing is not waited for, and is not the end that was asked for.
func TestIsIncompleteWhereAPartitionCannotBeReadToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := began(0, 0, 0)
		silent.Kind, silent.Err = kafka.ReadFailed, errors.New("cannot be read from offset 1 on")
		p := &page{}
		totals, err := Run(t.Context(), script{began(0, 0, 5), got(0, 0, 5, 0, "a"), silent, silent}, Options{Reads: reads(0), Until: order.Until{End: true}}, p)
		if !errors.Is(err, ErrIncomplete) || totals.Printed != 1 {
			t.Errorf("%+v %v", totals, err)
		}
	})
}

func TestCountsWhatIsGone(t *testing.T) {
	e := began(0, 5, 5)
	e.Kind, e.From = kafka.ReadSkipped, 2
	p := &page{}
	totals, err := Run(t.Context(), script{e}, Options{Reads: reads(0), Until: order.Until{End: true}}, p)
	if err != nil || totals.Skipped != 3 || p.events != 1 {
		t.Errorf("%+v %v", totals, err)
	}
}

func TestMergeIsBounded(t *testing.T) {
	s := newRunning(Options{Reads: reads(0, 1), Merge: time.Hour}, &page{}, func() {})
	big := strings.Repeat("x", 1<<20)
	for i := range 100 {
		s.take(got(0, int64(i), 1<<40, i, big))
	}
	if s.merged.Bytes() > mergeBytes || s.totals.Printed == 0 || s.err != nil {
		t.Errorf("%d bytes wait, %d printed", s.merged.Bytes(), s.totals.Printed)
	}
}
