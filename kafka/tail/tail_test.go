package tail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"lagtop/kafka"
)

// script is a source that a test drives. Its calls come back when the Tail took the event.
type script struct {
	on  func(kafka.ReadEvent)
	ctx context.Context
	up  chan struct{}
}

func newScript() *script { return &script{up: make(chan struct{}, 9)} }

func (s *script) Follow(ctx context.Context, spec kafka.ReadSpec, on func(kafka.ReadEvent)) {
	if spec.Topic == "orders" {
		s.on, s.ctx = on, ctx
	}
	s.up <- struct{}{}
	<-ctx.Done()
}

func start(t *testing.T, spec Spec) (*Tail, *script) {
	t.Helper()
	s := newScript()
	if spec.Reads == nil {
		spec.Reads = []kafka.ReadSpec{{Topic: "orders"}}
	}
	tl := Start(t.Context(), s, spec)
	for range spec.Reads {
		<-s.up
	}
	return tl, s
}

func (s *script) began(p int32, next, end int64) {
	s.on(kafka.ReadEvent{TopicPartition: tp(p), Kind: kafka.ReadBegan, From: next, Next: next, End: end, CaughtUp: next >= end})
}

func (s *script) records(p int32, from int64, values ...string) {
	e := kafka.ReadEvent{TopicPartition: tp(p), Kind: kafka.ReadProgress, Next: from + int64(len(values)), CaughtUp: true}
	e.End = e.Next
	for i, v := range values {
		e.Records = append(e.Records, kafka.Record{TopicPartition: tp(p), Offset: from + int64(i), Value: []byte(v)})
	}
	s.on(e)
}

func tp(p int32) kafka.TopicPartition { return kafka.TopicPartition{Topic: "orders", Partition: p} }

func values(es []Entry) (out []string) {
	for _, e := range es {
		out = append(out, string(e.Value))
	}
	return out
}

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestKeepsRecordsInTheOrderOfArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl, s := start(t, Spec{})
		defer tl.Close()
		s.records(1, 10, "a", "b")
		s.records(0, 5, "c")
		s.records(1, 12, "d", "e")
		want(t, "newest 3", values(tl.Lines(3)), []string{"c", "d", "e"})
		want(t, "all", values(tl.Lines(99)), []string{"a", "b", "c", "d", "e"})
		want(t, "back to 4", values(tl.Window(4, 2)), []string{"c", "d"})
		want(t, "before the first", values(tl.Window(0, 2)), []string{"a", "b"})
		want(t, "after the last", values(tl.Window(99, 2)), []string{"d", "e"})
		e, ok := tl.Entry(3)
		want(t, "entry 3", fmt.Sprint(string(e.Value), e.Offset, ok), fmt.Sprint("c", 5, true))
		if _, ok := tl.Entry(6); ok {
			t.Error("an entry that has not come")
		}
	})
}

func TestBufferOfTheSourceMayBeReused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl, s := start(t, Spec{})
		defer tl.Close()
		buf := []byte("first")
		r := kafka.Record{TopicPartition: tp(0), Key: buf, Value: buf, Headers: []kafka.Header{{Key: "h", Value: buf}}}
		s.on(kafka.ReadEvent{TopicPartition: tp(0), Kind: kafka.ReadProgress, Records: []kafka.Record{r}})
		copy(buf, "XXXXX")
		e := tl.Lines(1)[0]
		want(t, "kept", fmt.Sprintf("%s %s %s", e.Key, e.Value, e.Headers[0].Value), "first first first")
	})
}

func TestMemoryStaysWithinTheBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const bound = 1 << 20
		tl, s := start(t, Spec{MaxBytes: bound, MaxValue: 10 << 10, MaxRecords: 5000})
		defer tl.Close()
		huge := kafka.Record{TopicPartition: tp(0), Value: bytes.Repeat([]byte("x"), 10<<20), Key: bytes.Repeat([]byte("k"), 1<<20)}
		for range 1000 {
			huge.Headers = append(huge.Headers, kafka.Header{Key: string(bytes.Repeat([]byte("h"), 100)), Value: []byte("v")})
		}
		s.on(kafka.ReadEvent{TopicPartition: tp(0), Kind: kafka.ReadProgress, Records: []kafka.Record{huge}})
		e := tl.Lines(1)[0]
		want(t, "kept of the value", len(e.Value), 10<<10)
		want(t, "true sizes", fmt.Sprint(e.KeySize, e.ValueSize, e.HeaderN, e.HeaderSize, e.Cut()), fmt.Sprint(1<<20, 10<<20, 1000, 101_000, true))
		if n := e.headerBytes(); n > 10<<10 {
			t.Errorf("%d bytes of headers kept", n)
		}
		for i := range 20 {
			s.on(kafka.ReadEvent{TopicPartition: tp(0), Kind: kafka.ReadProgress, Records: flood(i*1000, 1000, 300)})
			if st := tl.State(); st.Bytes > bound || st.Kept > 5000 {
				t.Fatalf("%d bytes in %d records", st.Bytes, st.Kept)
			}
		}
		st := tl.State()
		want(t, "received", st.Received, 20_001)
		want(t, "dropped", st.Dropped, 20_001-uint64(st.Kept))
		want(t, "newest", st.Last-st.First+1, st.Kept)
		sum := 0
		for _, e := range tl.Lines(st.Kept) {
			sum += e.cost()
		}
		want(t, "bytes counted", st.Bytes, sum)
	})
}

func flood(from, n, size int) []kafka.Record {
	out := make([]kafka.Record, n)
	for i := range out {
		out[i] = kafka.Record{TopicPartition: tp(0), Offset: int64(from + i), Value: bytes.Repeat([]byte("v"), size)}
	}
	return out
}

func TestPauseHoldsRecordsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl, s := start(t, Spec{})
		defer tl.Close()
		s.records(0, 0, "a")
		tl.Pause()
		tl.Pause()
		delivered := make(chan struct{})
		go func() { s.records(0, 1, "b", "c"); close(delivered) }()
		synctest.Wait()
		select {
		case <-delivered:
			t.Fatal("the source was not held up")
		default:
		}
		want(t, "paused", values(tl.Lines(9)), []string{"a"})
		want(t, "phase", tl.State().Phase, Paused)
		s.on(kafka.ReadEvent{TopicPartition: tp(1), Kind: kafka.ReadFailed, Err: errors.New("down")}) // does not block
		tl.Resume()
		<-delivered
		want(t, "resumed", values(tl.Lines(9)), []string{"a", "b", "c"})
	})
}

func TestCloseEndsAPausedTail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl, s := start(t, Spec{})
		tl.Pause()
		go s.records(0, 0, "late")
		synctest.Wait()
		tl.Close()
		synctest.Wait()
		tl.Resume()
		want(t, "records after the end", len(tl.Lines(9)), 0)
		s.records(0, 0, "later")
		want(t, "records after the end", len(tl.Lines(9)), 0)
	})
}

func TestUpdatesAreBatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl, s := start(t, Spec{Wake: 100 * time.Millisecond})
		defer tl.Close()
		wakes := 0
		stop := make(chan struct{})
		go func() {
			for {
				select {
				case <-tl.Updates():
					wakes++
				case <-stop:
					return
				}
			}
		}()
		for i := range 1000 { // one second
			s.records(0, int64(i), "x")
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		close(stop)
		if wakes < 9 || wakes > 12 {
			t.Errorf("%d wakes in a second of records", wakes)
		}
	})
}

func TestNobodyReadsUpdates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl, s := start(t, Spec{})
		for i := range 50 {
			s.records(0, int64(i), "x")
			time.Sleep(150 * time.Millisecond)
		}
		want(t, "records", tl.State().Received, 50)
		tl.Close()
	})
}

func TestStateFollowsThePartitions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl, s := start(t, Spec{})
		defer tl.Close()
		want(t, "at first", tl.State().Phase, Starting)
		s.on(kafka.ReadEvent{TopicPartition: kafka.TopicPartition{Topic: "orders", Partition: -1}, Kind: kafka.ReadFailed, Err: errors.New("no broker")})
		want(t, "no broker", tl.State().Phase, Failed)
		want(t, "no broker", tl.State().Err, "no broker")
		s.began(0, 10, 10)
		s.began(1, 10, 30)
		st := tl.State()
		want(t, "one behind", fmt.Sprint(st.Phase, st.Behind, st.Partitions, st.Err), fmt.Sprint(Following, 20, 2, nil))
		s.on(kafka.ReadEvent{TopicPartition: tp(1), Kind: kafka.ReadSkipped, From: 10, Next: 30, End: 30, CaughtUp: true})
		st = tl.State()
		want(t, "retention", fmt.Sprint(st.Phase, st.Skipped), fmt.Sprint(CaughtUp, 20))
		s.on(kafka.ReadEvent{TopicPartition: tp(1), Kind: kafka.ReadFailed, Err: errors.New("no leader")})
		st = tl.State()
		want(t, "one fails", fmt.Sprint(st.Phase, st.Failing, st.Err), fmt.Sprint(Following, 1, errors.New("no leader")))
		ps := tl.Partitions()
		want(t, "partitions", fmt.Sprint(ps[0].Phase(), ps[1].Phase(), ps[1].Start.V, ps[1].Skips), fmt.Sprint(CaughtUp, Failed, 10, 1))
		s.on(kafka.ReadEvent{TopicPartition: tp(1), Kind: kafka.ReadProgress, Next: 30, End: 30, CaughtUp: true})
		want(t, "healed", tl.State().Phase, CaughtUp)
	})
}

func TestRateIsOfTheLastSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl, s := start(t, Spec{})
		defer tl.Close()
		s.records(0, 0, "x")
		if tl.State().Rate.OK {
			t.Error("a rate in the first second")
		}
		for i := range 60 {
			time.Sleep(100 * time.Millisecond)
			s.records(0, int64(i), "x", "y")
		}
		if r := tl.State().Rate; !r.OK || r.V < 18 || r.V > 22 {
			t.Errorf("rate %v, want about 20", r)
		}
		time.Sleep(10 * time.Second)
		want(t, "rate of silence", tl.State().Rate, kafka.Some(0.0))
	})
}

func BenchmarkIngest(b *testing.B) {
	tl := Start(b.Context(), newScript(), Spec{})
	defer tl.Close()
	e := kafka.ReadEvent{TopicPartition: tp(0), Kind: kafka.ReadProgress, Records: flood(0, 1000, 100)}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		tl.take(b.Context(), e)
		n += len(e.Records)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
}
