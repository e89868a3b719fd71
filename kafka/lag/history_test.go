package lag

import (
	"math"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
)

const two = 2 * time.Second

func near(k kafka.Known[float64], want float64) bool {
	return k.OK && math.Abs(k.V-want) <= math.Abs(want)/100
}

func TestRatesNeedTwoSamples(t *testing.T) {
	w := newWorld()
	if p := w.at(two, 1000, 500); p.In.OK || p.Out.OK {
		t.Errorf("rates of one sample: %v %v", p.In, p.Out)
	}
	p := w.at(two, 1200, 600)
	if !near(p.In, 100) || !near(p.Out, 50) {
		t.Errorf("in %v out %v, want 100 and 50", p.In, p.Out)
	}
	g, topic := w.snap.Groups[0], w.snap.Topics[0]
	if !near(g.In.Known, 100) || !near(g.Out.Known, 50) || !near(topic.In.Known, 100) || !near(topic.Partitions[0].In, 100) {
		t.Errorf("group %v %v, topic %v, partition %v", g.In, g.Out, topic.In, topic.Partitions[0].In)
	}
	if d := w.h.Drain(OfGroup("g"), Short); !near(d, -50) {
		t.Errorf("drain %v, want -50", d)
	}
}

func TestSumsOfRatesCountWhatTheyMiss(t *testing.T) {
	w := newWorld()
	w.topics["orders"].ends = append(w.topics["orders"].ends, some(0), some(0))
	w.group[kafka.TopicPartition{Topic: "orders", Partition: 1}] = kafka.Known[int64]{}
	w.topics["orders"].ends[2] = kafka.Known[int64]{}
	w.steady(3, two, 100, 50)
	g, topic := w.snap.Groups[0], w.snap.Topics[0]
	if !near(g.In.Known, 100) || !near(g.Out.Known, 50) || g.In.Missing != 1 || g.Out.Missing != 1 {
		t.Errorf("one of two partitions without a commit: in %+v, out %+v", g.In, g.Out)
	}
	if !near(topic.In.Known, 100) || topic.In.Missing != 1 {
		t.Errorf("one of three ends unknown: %+v", topic.In)
	}
	if in, out := w.h.Flow("g", nil, Short); in.Missing != 1 || out.Missing != 1 {
		t.Errorf("flow: %+v, %+v", in, out)
	}
}

func TestRatesAreOfTheLastMinute(t *testing.T) {
	w := newWorld()
	w.steady(60, two, 1000, 1000)
	p := w.steady(31, two, 10, 20)
	if !near(p.In, 10) {
		t.Errorf("in %v, want 10", p.In)
	}
	if r := w.h.Rate(OfPartition(w.tp), Long); !r.OK || r.V < 500 {
		t.Errorf("over ten minutes %v, want the fast first two in it", r)
	}
}

func TestAPartThatWasNotReadIsAGapAndNoFlatSample(t *testing.T) {
	w := newWorld()
	w.steady(10, two, 100, 100)
	w.old = true
	p := w.poll(two)
	for range 5 {
		p = w.poll(two)
	}
	if !near(p.In, 100) || !near(p.Out, 100) {
		t.Errorf("in %v out %v after a gap, want 100", p.In, p.Out)
	}
	for range 30 {
		p = w.poll(two)
	}
	if p.In.OK || p.Out.OK {
		t.Errorf("in %v out %v though nothing was read for a minute", p.In, p.Out)
	}
}

func TestAPartThatFailedIsNoSample(t *testing.T) {
	w := newWorld()
	w.steady(10, two, 100, 100)
	w.failed = "NOT_LEADER_OR_FOLLOWER"
	var p *kafka.GroupPartition
	for range 5 {
		p = w.poll(two)
	}
	if !near(p.In, 100) || !near(p.Out, 100) {
		t.Errorf("in %v out %v, want 100", p.In, p.Out)
	}
}

func TestAnUnknownEndIsNoSample(t *testing.T) {
	w := newWorld()
	w.steady(5, two, 100, 100)
	w.topics["orders"].ends[0] = unknown
	if p := w.poll(two); !near(p.In, 100) {
		t.Errorf("in %v, want 100", p.In)
	}
}

func TestARecreatedTopicStartsAnew(t *testing.T) {
	w := newWorld()
	w.topics["orders"].id = [16]byte{1}
	w.steady(10, two, 100, 100)
	w.topics["orders"].id = [16]byte{2}
	if p := w.at(two, 5000, 5000); p.In.OK || p.Out.OK {
		t.Errorf("in %v out %v across two topics", p.In, p.Out)
	}
	if p := w.steady(1, two, 10, 10); !near(p.In, 10) {
		t.Errorf("in %v, want 10", p.In)
	}
}

func TestPartitionsThatAreListedLateGetASeriesOfTheirOwn(t *testing.T) {
	h, now := NewHistory(Options{}), time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)
	var s *kafka.Snapshot
	for poll, ids := range [][]int32{{7}, {2, 7}, {0, 2, 7}, {0, 1, 2, 7}, {0, 1, 2, 7}} {
		now = now.Add(10 * time.Second)
		s = &kafka.Snapshot{Began: now, At: now, Topics: []kafka.Topic{{Name: "orders"}}}
		for _, id := range ids {
			end := int64(poll) * 100 * int64(id+1) // 10/s times its number, from 1 on
			s.Topics[0].Partitions = append(s.Topics[0].Partitions, kafka.Partition{ID: id, End: some(end), At: now})
		}
		h.Observe(s)
	}
	for _, p := range s.Topics[0].Partitions {
		if want := 10 * float64(p.ID+1); !near(p.In, want) || !near(h.Rate(OfPartition(kafka.TopicPartition{Topic: "orders", Partition: p.ID}), Short), want) {
			t.Errorf("partition %d comes in at %v/s, want %v", p.ID, p.In, want)
		}
	}
}

func TestAnEndThatWentBackStartsAnew(t *testing.T) {
	w := newWorld()
	w.steady(10, two, 100, 100)
	if p := w.at(two, 50, 50); p.In.OK || p.Out.OK {
		t.Errorf("in %v out %v across a truncation", p.In, p.Out)
	}
	if p := w.steady(2, two, 10, 10); !near(p.In, 10) {
		t.Errorf("in %v, want 10", p.In)
	}
}

func TestACommitThatWentBackGivesNoNegativeRate(t *testing.T) {
	w := newWorld()
	w.steady(10, two, 100, 100)
	p := w.at(two, 2200, 100)
	if p.Out.OK {
		t.Errorf("out %v right after the reset, want unknown", p.Out)
	}
	if p = w.steady(3, two, 100, 400); !near(p.Out, 400) {
		t.Errorf("out %v, want 400", p.Out)
	}
	if r := w.h.Rate(OfGroupPartition("g", w.tp), Long); !near(r, 400) {
		t.Errorf("out over ten minutes %v, want 400", r)
	}
}

func TestAVanishedKeyIsDroppedAndItsSlotUsedAgain(t *testing.T) {
	w := newWorld()
	other := kafka.TopicPartition{Topic: "payments"}
	w.topics["payments"] = &log{ends: []kafka.Known[int64]{some(7)}}
	w.group[other] = some(7)
	w.steady(5, two, 100, 100)
	slots := len(w.h.cols.base)
	delete(w.topics, "payments")
	delete(w.group, other)
	w.steady(1, two, 100, 100)
	if w.h.Rate(OfTopic("payments"), Short).OK || len(w.h.cols.free) != 2 {
		t.Errorf("the vanished topic has a rate, or %d free slots, want 2", len(w.h.cols.free))
	}
	third := kafka.TopicPartition{Topic: "third"}
	w.topics["third"] = &log{ends: []kafka.Known[int64]{some(1_000_000)}}
	w.group[third] = some(1_000_000)
	w.steady(1, two, 100, 100)
	if r := w.h.Rate(OfTopic("third"), Short); r.OK || len(w.h.cols.base) != slots {
		t.Errorf("rate %v out of another topic's samples, %d slots, want %d", r, len(w.h.cols.base), slots)
	}
}

func TestOldRowsAreThinned(t *testing.T) {
	w := newWorld()
	w.steady(3*60*30, two, 100, 100)
	rows := w.h.cols.rows
	if n := len(rows); n > 260 {
		t.Errorf("%d rows after three hours", n)
	}
	if age := time.Duration(rows[len(rows)-1].at - rows[0].at); age < 118*time.Minute || age > 2*time.Hour {
		t.Errorf("the oldest row is %v old", age)
	}
	if r := w.h.Rate(OfPartition(w.tp), time.Hour); !near(r, 100) {
		t.Errorf("rate over an hour %v, want 100", r)
	}
	for i := 1; i < len(rows); i++ {
		age, step := time.Duration(rows[len(rows)-1].at-rows[i].at), time.Duration(rows[i].at-rows[i-1].at)
		if step > time.Minute || age < 2*time.Minute && step != two {
			t.Errorf("a row %v old is %v after the one before", age, step)
		}
	}
}

func TestValuesFarApartDoNotWrap(t *testing.T) {
	w := newWorld()
	w.at(two, 10, 0)
	w.at(two, 20, 0)
	p := w.at(two, 3<<40, 0)
	if p.In.OK && p.In.V < 0 {
		t.Errorf("in %v", p.In)
	}
	if p = w.at(two, 3<<40+200, math.MaxInt64); !near(p.In, 100) {
		t.Errorf("in %v, want 100", p.In)
	}
	if p = w.at(two, 3<<40+400, 0); p.Out.OK && p.Out.V < 0 {
		t.Errorf("out %v", p.Out)
	}
}

func TestAFastPartitionKeepsItsHistoryWhenItsBaseMoves(t *testing.T) {
	w := newWorld()
	const fast = 100_000_000
	p := w.steady(60, two, fast, fast)
	if !near(p.In, fast) || !near(p.Out, fast) {
		t.Errorf("in %v out %v, want %d", p.In, p.Out, fast)
	}
	slot := w.h.topics["orders"].parts[0].slot
	if n := len(w.h.points(nil, 0, slot)); n < 8 || n > 30 {
		t.Errorf("%d samples are kept, want those within two thousand million records", n)
	}
}

func TestAClockThatWasSetBackStartsAnew(t *testing.T) {
	w := newWorld()
	w.steady(10, two, 100, 100)
	if p := w.at(-time.Hour, 2200, 2200); p.In.OK {
		t.Errorf("in %v across a clock change", p.In)
	}
	if p := w.steady(2, two, 100, 100); !near(p.In, 100) {
		t.Errorf("in %v, want 100", p.In)
	}
}

func TestTheSameSnapshotTwiceIsOneSample(t *testing.T) {
	w := newWorld()
	w.steady(3, two, 100, 100)
	rows := len(w.h.cols.rows)
	w.h.Observe(w.snap)
	if len(w.h.cols.rows) != rows || !near(w.snap.Groups[0].Out.Known, 100) {
		t.Errorf("%d rows, want %d; out %v", len(w.h.cols.rows), rows, w.snap.Groups[0].Out)
	}
}

func TestAShareGroupReadsWhatCameInAndDidNotStay(t *testing.T) {
	w := newWorld()
	w.typ = kafka.Share
	for i := range int64(10) {
		w.topics["orders"].ends[0], w.group[w.tp] = some(1000*i), some(200*i)
		w.poll(two)
	}
	p := w.snap.Groups[0].Partitions[0]
	if !near(p.In, 500) || !near(p.Out, 400) {
		t.Errorf("in %v out %v, want 500 and 400", p.In, p.Out)
	}
	w.typ = kafka.Classic
	if p := w.poll(two); p.Out.OK {
		t.Errorf("out %v of a group that is another one now", p.Out)
	}
}

func TestReadersMayRunWhileSamplesCome(t *testing.T) {
	w := newWorld()
	w.steady(2, two, 100, 50)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 500 {
			w.h.Trend(OfGroup("g"), Long, 20)
			w.h.Trend(OfTopic("orders"), Long, 20)
			w.h.Rate(OfGroup("g"), Short)
			w.h.Drain(OfGroup("g"), Short)
			w.h.Age(w.tp, 10, 20, time.Unix(0, 0))
		}
	}()
	w.steady(200, two, 100, 50)
	<-done
}

func TestNothingIsKnownOfWhatWasNeverSeen(t *testing.T) {
	for _, h := range []*History{NewHistory(Options{}), newWorld().h} {
		for _, k := range []Key{OfGroup("x"), OfTopic("x"), OfPartition(kafka.TopicPartition{Topic: "x"}), OfGroupPartition("x", kafka.TopicPartition{})} {
			if h.Rate(k, Short).OK || h.Drain(k, Short).OK {
				t.Errorf("%+v has a rate", k)
			}
			if got := h.Trend(k, Long, 3); len(got) != 3 || got[0].OK || got[2].OK {
				t.Errorf("%+v has the trend %v", k, got)
			}
		}
	}
}

func draw(steps []kafka.Known[float64]) string {
	var b strings.Builder
	for _, s := range steps {
		switch {
		case !s.OK:
			b.WriteByte('-')
		default:
			b.WriteString(string(rune('0' + int(math.Round(s.V/100)))))
		}
	}
	return b.String()
}

func TestTrend(t *testing.T) {
	w := newWorld()
	w.steady(30, two, 100, 100) // a minute without lag
	w.steady(30, two, 200, 195) // lag rises to 300
	w.steady(30, two, 400, 400) // and stays
	for name, want := range map[string]struct {
		key   Key
		steps string
	}{
		"group":     {OfGroup("g"), "000123333"},
		"partition": {OfGroupPartition("g", w.tp), "000123333"},
		"topic":     {OfTopic("orders"), "111222444"},
		"topic/0":   {OfPartition(w.tp), "111222444"},
	} {
		if got := draw(w.h.Trend(want.key, 3*time.Minute, 9)); got != want.steps {
			t.Errorf("%s: %s, want %s", name, got, want.steps)
		}
	}
	if got := draw(w.h.Trend(OfTopic("orders"), 6*time.Minute, 18)); got != "---------111222444" {
		t.Errorf("before the first sample: %s", got)
	}
	if got := draw(w.h.Trend(OfGroup("g"), 40*time.Second, 40)); strings.Contains(got, "-") {
		t.Errorf("steps between two polls: %s", got)
	}
}

func TestTrendShowsGapsInLagAndBridgesThemInRates(t *testing.T) {
	w := newWorld()
	w.steady(30, two, 100, 50)
	w.old = true
	for range 30 {
		w.poll(two)
	}
	w.old = false
	w.at(two, 12_200, 12_200)
	w.steady(29, two, 100, 100)
	if got := draw(w.h.Trend(OfGroup("g"), 3*time.Minute, 6)); got[2] != '-' || got[3] != '-' || got[5] != '0' {
		t.Errorf("lag %s, want a gap in the middle", got)
	}
	if got := draw(w.h.Trend(OfTopic("orders"), 3*time.Minute, 6)); got != "111111" {
		t.Errorf("rate %s, want 111111", got)
	}
}
