package tail

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/tail/filter"
	"lagtop/kafka/tail/format"
	"lagtop/kafka/tail/order"
)

// timed delivers records of a partition of a topic with these seconds as timestamps and values.
func (s *script) timed(topic string, p int32, from, end int64, seconds ...int) {
	e := kafka.ReadEvent{TopicPartition: kafka.TopicPartition{Topic: topic, Partition: p}, Kind: kafka.ReadProgress, Next: from + int64(len(seconds)), End: end}
	if from == 0 && len(seconds) == 0 {
		e.Kind = kafka.ReadBegan
	}
	for i, sec := range seconds {
		e.Records = append(e.Records, kafka.Record{TopicPartition: e.TopicPartition, Offset: from + int64(i), Timestamp: noon.Add(time.Duration(sec) * time.Second), Value: fmt.Append(nil, sec)})
	}
	e.CaughtUp = e.Next >= e.End
	s.on(e)
}

// shown are the values that are kept, < before one that is late.
func shown(tl *Tail) string {
	var out []string
	for _, e := range tl.Lines(99) {
		mark := ""
		if e.Late {
			mark = "<"
		}
		out = append(out, mark+string(e.Value))
	}
	return strings.Join(out, " ")
}

func two(from kafka.SeekKind) []kafka.ReadSpec {
	return []kafka.ReadSpec{{Topic: "orders", Partitions: []int32{0}, From: kafka.Seek{Kind: from}}, {Topic: "clicks", Partitions: []int32{0}, From: kafka.Seek{Kind: from}}}
}

func TestTopicsAreMergedByTimeAndWhatIsLateIsMarked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl, s := start(t, Spec{Reads: two(kafka.SeekStart), Merge: DefaultMerge})
		defer tl.Close()
		s.timed("orders", 0, 0, 9)
		s.timed("clicks", 0, 0, 9)
		s.timed("orders", 0, 0, 9, 1, 3, 6)
		s.timed("clicks", 0, 0, 2, 2, 5)
		time.Sleep(2 * tick)
		want(t, "up to what both have reached", shown(tl), "1 2 3 5")
		s.timed("orders", 0, 3, 4, 7)
		want(t, "waits for the quiet one", shown(tl), "1 2 3 5")
		time.Sleep(DefaultMerge + 2*tick)
		want(t, "no longer than the window", shown(tl), "1 2 3 5 6 7")
		s.timed("clicks", 0, 2, 3, 4)
		time.Sleep(2 * tick)
		want(t, "too late", shown(tl), "1 2 3 5 6 7 <4")
		st := tl.State()
		want(t, "state", fmt.Sprint(st.Late, st.Received, st.Read, st.Partitions, st.Phase), fmt.Sprint(1, 7, 7, 2, CaughtUp))
		ps := tl.Partitions()
		want(t, "partitions", ps[0].Topic+" "+ps[1].Topic, "clicks orders")
	})
}

func TestWhatHasNoTimestampStaysBehindTheRecordBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl, s := start(t, Spec{Reads: two(kafka.SeekStart), Merge: DefaultMerge})
		defer tl.Close()
		s.timed("orders", 0, 0, 9)
		s.timed("clicks", 0, 0, 9)
		s.timed("orders", 0, 0, 9, 3)
		gone := kafka.Record{TopicPartition: tp(0), Offset: 1, Mark: kafka.Corrupt, Value: []byte("?")}
		s.on(kafka.ReadEvent{TopicPartition: tp(0), Kind: kafka.ReadSkipped, Records: []kafka.Record{gone}, From: 1, Next: 2, End: 9, Err: errors.New("its checksum is wrong")})
		s.timed("orders", 0, 2, 9, 5)
		s.timed("clicks", 0, 0, 9, 1, 4, 6)
		time.Sleep(2 * tick)
		want(t, "in its place", shown(tl), "1 3 ? 4 5")
	})
}

func TestOnePartitionWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl, s := start(t, Spec{Merge: time.Minute})
		defer tl.Close()
		s.timed("orders", 0, 0, 9, 5, 3, 4)
		want(t, "in the order of its offsets", shown(tl), "5 3 4")
	})
}

func TestAPartitionThatIsKnownIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl, s := start(t, Spec{Merge: DefaultMerge, Expect: []kafka.TopicPartition{tp(0), tp(1)}})
		defer tl.Close()
		s.timed("orders", 0, 0, 9)
		s.timed("orders", 0, 0, 9, 4, 5)
		time.Sleep(time.Second)
		want(t, "while it is being found", shown(tl), "")
		s.timed("orders", 1, 0, 9)
		s.timed("orders", 1, 0, 9, 3, 6)
		time.Sleep(2 * tick)
		want(t, "when it is there", shown(tl), "3 4 5")
		time.Sleep(silence + time.Second)
		want(t, "when nothing is heard", shown(tl), "3 4 5 6")
	})
}

func TestPauseHoldsUpWhatWaitsForItsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl, s := start(t, Spec{Reads: two(kafka.SeekStart), Merge: DefaultMerge, Until: order.Until{End: true}})
		defer tl.Close()
		s.timed("orders", 0, 0, 2)
		s.timed("clicks", 0, 0, 1)
		s.timed("orders", 0, 0, 2, 1, 3)
		tl.Pause()
		taken := false
		go func() { s.timed("clicks", 0, 0, 1, 2); taken = true }()
		time.Sleep(time.Minute)
		synctest.Wait()
		want(t, "paused", fmt.Sprint(shown(tl), taken, tl.State().Phase), fmt.Sprint("", false, Paused))
		tl.Resume()
		synctest.Wait()
		want(t, "resumed", fmt.Sprint(shown(tl), taken, tl.State().Phase), fmt.Sprint("1 2 3", true, Ended))
	})
}

func TestWhatWaitsIsBoundedInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl, s := start(t, Spec{Reads: two(kafka.SeekStart), Merge: time.Minute, MaxBytes: 1 << 20})
		defer tl.Close()
		s.timed("orders", 0, 0, 1<<40)
		for i := range 100 {
			e := kafka.ReadEvent{TopicPartition: tp(0), Kind: kafka.ReadProgress, Records: flood(i*100, 100, 1000), Next: int64(i+1) * 100, End: 1 << 40}
			s.on(e)
		}
		st := tl.State()
		if tl.merged.Bytes() > 1<<19 || st.Bytes > 1<<20 || st.Kept == 0 {
			t.Errorf("%d bytes wait, %d are kept", tl.merged.Bytes(), st.Bytes)
		}
	})
}

func TestEndsAtTheEndsAndKeepsWhatIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl, s := start(t, Spec{Reads: two(kafka.SeekStart), Merge: DefaultMerge, Until: order.Until{End: true}})
		s.timed("orders", 0, 0, 2)
		s.timed("clicks", 0, 0, 1)
		s.timed("clicks", 0, 0, 5, 2, 9)
		want(t, "one is done", tl.State().Phase, Following)
		s.timed("orders", 0, 0, 5, 1, 3, 8)
		<-s.ctx.Done() // the reader stops
		st := tl.State()
		want(t, "ended", fmt.Sprint(st.Phase, st.Stopped, st.Full, shown(tl)), fmt.Sprint(Ended, false, false, "1 2 3"))
		want(t, "partitions", fmt.Sprint(tl.Partitions()[0].Phase(), tl.Partitions()[1].Phase()), "ended ended")
		s.timed("orders", 0, 5, 9, 10)
		tl.Pause()
		want(t, "nothing more", shown(tl)+" "+tl.State().Phase.String(), "1 2 3 ended")
		tl.Close()
		want(t, "closed", shown(tl), "1 2 3")
	})
}

func TestEndsWhenATimeHasPassedAndNothingComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl, s := start(t, Spec{Reads: two(kafka.SeekStart), Until: order.Until{Time: time.Now().Add(time.Minute)}})
		defer tl.Close()
		s.timed("orders", 0, 0, 0)
		s.timed("clicks", 0, 0, 0)
		time.Sleep(time.Minute)
		want(t, "at the time", tl.State().Phase, CaughtUp)
		time.Sleep(3 * time.Second)
		want(t, "behind it", tl.State().Phase, Ended)
	})
}

func TestKeepsOnlyWhatPassesAndCountsTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		match, err := filter.Parse("7")
		if err != nil {
			t.Fatal(err)
		}
		spec := Spec{Reads: two(kafka.SeekStart), Until: order.Until{End: true}, Keep: match, Most: 1000}
		spec.Before = map[kafka.TopicPartition]int64{tp(0): 20}
		tl, s := start(t, spec)
		defer tl.Close()
		s.timed("orders", 0, 0, 50)
		want(t, "not all have begun", tl.State().All.OK, false)
		s.timed("clicks", 0, 0, 10)
		seconds := make([]int, 10)
		for i := range seconds {
			seconds[i] = i
		}
		s.timed("orders", 0, 0, 50, seconds...)
		st := tl.State()
		want(t, "half", fmt.Sprint(st.Passed, st.All.V, st.Read, st.Received), "10 30 10 1")
		s.timed("orders", 0, 10, 50, append(seconds, seconds...)...)
		s.timed("clicks", 0, 0, 10, seconds...)
		st = tl.State()
		want(t, "all", fmt.Sprint(st.Phase, st.Passed, st.Read, st.Received), fmt.Sprint(Ended, 30, 30, 3))
	})
}

// none is a registry that is not there.
type none struct{}

func (none) Read(string, format.Part, []byte) format.Decoding { return format.Decoding{Later: true} }
func (none) Arrived() uint64                                  { return 0 }
func (n none) Waiting() format.Schemas                        { return n }

func TestCountsWhatItJudgedWithoutASchema(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		match, err := filter.Parse("offset:>1 value:7")
		if err != nil {
			t.Fatal(err)
		}
		tl, s := start(t, Spec{Reads: two(kafka.SeekStart), Until: order.Until{End: true}, Keep: match.With(none{})})
		defer tl.Close()
		s.timed("orders", 0, 0, 50, 0, 1, 2, 3, 4)
		if st := tl.State(); st.Unsure != 3 || st.Read != 5 { // those that the first term leaves out need no schema
			t.Errorf("%+v", st)
		}
	})
}

func TestReadsNoMoreThanAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl, s := start(t, Spec{Reads: two(kafka.SeekStart), Until: order.Until{End: true}, Most: 5})
		defer tl.Close()
		s.timed("orders", 0, 0, 50)
		s.timed("clicks", 0, 0, 50)
		s.timed("orders", 0, 0, 50, 1, 2, 3)
		s.timed("clicks", 0, 0, 50, 4, 5, 6)
		<-s.ctx.Done()
		st := tl.State()
		want(t, "full", fmt.Sprint(st.Phase, st.Full, st.Read, shown(tl)), fmt.Sprint(Ended, true, 5, "1 2 3 4 5"))
	})
}

func TestStopKeepsWhatWasFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl, s := start(t, Spec{Reads: two(kafka.SeekStart), Merge: time.Minute, Until: order.Until{End: true}})
		defer tl.Close()
		s.timed("orders", 0, 0, 50)
		s.timed("clicks", 0, 0, 50)
		s.timed("orders", 0, 0, 50, 1, 2)
		tl.Pause()
		tl.Stop()
		tl.Stop()
		<-s.ctx.Done()
		want(t, "stopped", fmt.Sprint(tl.State().Phase, tl.State().Stopped, shown(tl)), fmt.Sprint(Ended, true, "1 2"))
		tl.Resume()
		s.timed("orders", 0, 2, 50, 3)
		want(t, "nothing more", shown(tl), "1 2")
	})
}

func TestBeginsSayWhereMemoryBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl, s := start(t, Spec{MaxRecords: 3})
		defer tl.Close()
		s.timed("orders", 0, 10, 99, 1, 2)
		s.timed("orders", 1, 5, 99, 3, 4)
		s.timed("orders", 2, 7, 7)
		want(t, "begins", fmt.Sprint(tl.Begins()), fmt.Sprint(map[kafka.TopicPartition]int64{tp(0): 11, tp(1): 5, tp(2): 7}))
	})
}

func TestOneTopicOfTwoThatFailsIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl, s := start(t, Spec{Reads: two(kafka.SeekEnd)})
		defer tl.Close()
		gone := kafka.ReadEvent{TopicPartition: kafka.TopicPartition{Topic: "clicks", Partition: -1}, Kind: kafka.ReadFailed, Err: kafka.CodeUnknownTopicOrPartition}
		s.on(gone)
		s.timed("orders", 0, 0, 0)
		st := tl.State()
		want(t, "one", fmt.Sprint(st.Phase, st.Failing, st.Err), fmt.Sprint(CaughtUp, 1, gone.Err))
		gone.Topic = "orders"
		s.on(gone)
		want(t, "both", tl.State().Phase, Failed)
	})
}

func BenchmarkIngestMerged(b *testing.B) {
	tl := Start(b.Context(), newScript(), Spec{Reads: two(kafka.SeekStart), Merge: DefaultMerge})
	defer tl.Close()
	at := time.Now()
	e := kafka.ReadEvent{Kind: kafka.ReadProgress, Records: flood(0, 1000, 100), CaughtUp: true}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		e.TopicPartition = kafka.TopicPartition{Topic: []string{"orders", "clicks"}[n/1000%2]}
		for i := range e.Records {
			e.Records[i].Timestamp = at.Add(time.Duration(n+i) * time.Microsecond)
		}
		tl.take(b.Context(), e)
		n += len(e.Records)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
}
