package order

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func tp(p int32) kafka.TopicPartition { return kafka.TopicPartition{Topic: "t", Partition: p} }

// at is an event of a partition whose records are so many seconds after noon, from an offset on.
func at(p int32, offset, end int64, seconds ...int) *kafka.ReadEvent {
	e := &kafka.ReadEvent{TopicPartition: tp(p), Kind: kafka.ReadProgress, Next: offset + int64(len(seconds)), End: end}
	for i, s := range seconds {
		e.Records = append(e.Records, kafka.Record{TopicPartition: tp(p), Offset: offset + int64(i), Timestamp: noon.Add(time.Duration(s) * time.Second)})
	}
	e.CaughtUp = e.Next >= end
	return e
}

// read plays an event and says which records are wanted of it, by offset.
func read(g *Progress, e *kafka.ReadEvent, now time.Time) string {
	p, _ := g.Begin(e, now)
	if p == nil {
		return "-"
	}
	records, over := p.Wanted(e.Records)
	g.End(p, e, over)
	var out []string
	for i := range records {
		out = append(out, fmt.Sprint(records[i].Offset))
	}
	return strings.Join(out, " ")
}

func TestReadingEndsWhereItIsAskedTo(t *testing.T) {
	for name, c := range map[string]struct {
		until  Until
		before map[kafka.TopicPartition]int64
		events []*kafka.ReadEvent
		want   string
		done   bool
	}{
		"never":                       {Until{}, nil, []*kafka.ReadEvent{at(0, 0, 2, 1, 2), at(1, 0, 0)}, "0 1||", false},
		"at the ends there were":      {Until{End: true}, nil, []*kafka.ReadEvent{at(0, 0, 2), at(1, 5, 5), at(0, 0, 9, 1, 2, 3)}, "||0 1|", true},
		"one has not begun":           {Until{End: true}, nil, []*kafka.ReadEvent{at(0, 0, 0)}, "|", false},
		"before an offset":            {Until{End: true}, map[kafka.TopicPartition]int64{tp(0): 1, tp(1): 9}, []*kafka.ReadEvent{at(0, 0, 7), at(1, 4, 4), at(0, 0, 7, 1, 2)}, "||0|", true},
		"begins behind its end":       {Until{End: true}, map[kafka.TopicPartition]int64{tp(0): 1, tp(1): 1}, []*kafka.ReadEvent{at(0, 5, 7), at(1, 5, 7)}, "||", true},
		"at a time":                   {Until{Time: noon.Add(2 * time.Second)}, nil, []*kafka.ReadEvent{at(0, 0, 9, 1, 2), at(1, 0, 9, 2), at(0, 2, 9, 1)}, "0||-|", true},
		"what is not asked for":       {Until{}, nil, []*kafka.ReadEvent{at(7, 0, 9, 1)}, "-|", false},
		"a failure is not an end":     {Until{End: true}, nil, []*kafka.ReadEvent{{TopicPartition: tp(0), Kind: kafka.ReadFailed}, at(1, 0, 0)}, "-||", false},
		"behind what cannot be read":  {Until{End: true}, nil, []*kafka.ReadEvent{at(0, 0, 3), at(1, 0, 0), {TopicPartition: tp(0), Kind: kafka.ReadSkipped, From: 0, Next: 3, End: 3}}, "|||", true},
		"markers are the end":         {Until{End: true}, nil, []*kafka.ReadEvent{at(0, 0, 3), at(1, 0, 0), at(0, 0, 3, 1, 2), at(0, 3, 3)}, "||0 1||", true},
		"a time nobody has come to":   {Until{Time: noon.Add(time.Hour)}, nil, []*kafka.ReadEvent{at(0, 0, 1, 1), at(1, 0, 0)}, "0||", false},
		"both, whichever comes first": {Until{End: true, Time: noon.Add(2 * time.Second)}, nil, []*kafka.ReadEvent{at(0, 0, 9), at(1, 0, 1), at(0, 0, 9, 1, 2), at(1, 0, 1, 0)}, "||0|0|", true},
	} {
		g, got := NewProgress(c.until, c.before), ""
		g.Add(tp(0), noon)
		g.Add(tp(1), noon)
		g.Add(tp(1), noon)
		for _, e := range c.events {
			got += read(g, e, noon) + "|"
		}
		if got != c.want || g.Done() != c.done {
			t.Errorf("%s: %q, done %v", name, got, g.Done())
		}
	}
}

func TestATimeThatPassedEndsWhatIsCaughtUp(t *testing.T) {
	g := NewProgress(Until{Time: noon}, nil)
	g.Add(tp(0), noon)
	read(g, at(0, 0, 0), noon)
	if g.Due(noon.Add(time.Second)); g.Done() {
		t.Error("a record may be on its way")
	}
	if g.Due(noon.Add(3 * time.Second)); !g.Done() || !g.Ended(tp(0)) {
		t.Error("it goes on")
	}
}

func TestOffsetsAreCountedUpToTheEnd(t *testing.T) {
	g := NewProgress(Until{End: true}, map[kafka.TopicPartition]int64{tp(0): 60})
	g.Add(tp(0), noon)
	g.Add(tp(1), noon)
	read(g, at(0, 10, 100), noon)
	if _, all := g.Offsets(); all.OK {
		t.Error("the length of the other is not known")
	}
	read(g, at(1, 0, 50), noon)
	read(g, at(1, 0, 90, make([]int, 20)...), noon)
	if passed, all := g.Offsets(); passed != 20 || all != kafka.Some[int64](100) {
		t.Errorf("%d of %v", passed, all)
	}
	read(g, at(1, 20, 90, make([]int, 60)...), noon)
	if passed, _ := g.Offsets(); passed != 50 {
		t.Errorf("%d: what lies behind the end counts", passed)
	}
}

// drain says what comes out, < before one that is late.
func drain(m *Merger[int], r Reached, now time.Time) string {
	out := ""
	for {
		v, late, ok := m.Next(r, now)
		if !ok {
			return out
		}
		if late {
			out += "<"
		}
		out += fmt.Sprint(v, " ")
	}
}

func TestRecordsWaitForOlderOnesOfOtherPartitions(t *testing.T) {
	g, m := NewProgress(Until{}, nil), &Merger[int]{Window: time.Second, Most: 1 << 20}
	g.Add(tp(0), noon)
	g.Add(tp(1), noon)
	give := func(e *kafka.ReadEvent, now time.Time) {
		read(g, e, now)
		for i := range e.Records {
			m.Add(int(e.Records[i].Timestamp.Sub(noon)/time.Second), e.Records[i].Timestamp, 1, now)
		}
	}
	give(at(0, 0, 9, 1, 3, 5), noon)
	if got := drain(m, g.Reached(noon.Add(time.Hour), 0), noon.Add(time.Hour)); got != "" {
		t.Errorf("%q, and a partition has not begun", got)
	}
	give(at(1, 0, 9, 2, 4), noon)
	if got := drain(m, g.Reached(noon, 0), noon); got != "1 2 3 4 " {
		t.Errorf("up to what both have reached: %q", got)
	}
	give(at(1, 2, 3, 4), noon) // it is caught up
	if got := drain(m, g.Reached(noon, 0), noon); got != "4 " {
		t.Errorf("within the window: %q", got)
	}
	if got := drain(m, g.Reached(noon.Add(time.Second), 0), noon.Add(time.Second)); got != "5 " {
		t.Errorf("behind the window: %q", got)
	}
	give(at(1, 3, 4, 2), noon.Add(time.Second))
	give(at(1, 4, 5, 7), noon.Add(time.Second))
	if got := drain(m, g.Reached(noon.Add(time.Second), 0), noon.Add(time.Second)); got != "<2 " {
		t.Errorf("what came too late: %q", got)
	}
}

func TestASilentOrFailingPartitionHoldsUpNoOther(t *testing.T) {
	g := NewProgress(Until{}, nil)
	g.Add(tp(0), noon)
	g.Add(tp(1), noon)
	read(g, at(0, 0, 9, 5), noon)
	now := noon.Add(4 * time.Second)
	if r := g.Reached(now, 0); r.busy != stamp(time.Time{}) {
		t.Errorf("%+v: the other may come", r)
	}
	read(g, at(0, 1, 9, 6), now)
	six := stamp(noon.Add(6 * time.Second))
	if r := g.Reached(now, 3*time.Second); r.busy != six {
		t.Errorf("%+v", r)
	}
	g.Awake(now)
	if r := g.Reached(now, 3*time.Second); r.busy == six {
		t.Error("its reader was held up")
	}
	g.Begin(&kafka.ReadEvent{TopicPartition: tp(1), Kind: kafka.ReadFailed}, now)
	if r := g.Reached(now, 0); r.busy != six || !g.Failing() {
		t.Errorf("%+v", r)
	}
}

func TestTimestampsNobodyWouldWriteHoldUpNothing(t *testing.T) {
	m := &Merger[int]{Window: time.Second, Most: 1 << 20}
	m.Add(1, time.UnixMilli(1<<63-1), 1, noon)
	m.Add(2, time.Time{}, 1, noon)
	m.Add(3, noon, 1, noon)
	m.Add(4, time.Time{}, 1, noon)
	if got := drain(m, Reached{busy: never, all: never}, noon); got != "2 4 3 1 " {
		t.Errorf("%q", got)
	}
	m.Add(5, time.Time{}, 1, noon)
	if got := drain(m, Reached{busy: never, all: never}, noon); got != "5 " {
		t.Errorf("%q: without a time nothing is late", got)
	}
}

func TestWhatWaitsIsBoundedAndKeepsItsOrder(t *testing.T) {
	m := &Merger[int]{Window: time.Hour, Most: 10}
	held := Reached{busy: stamp(time.Time{}), all: stamp(time.Time{})}
	var got []int
	for i := range 1000 {
		n := i ^ 7 // out of order, by less than what may wait
		m.Add(n, noon.Add(time.Duration(n)*time.Millisecond), 1, noon)
		for {
			v, late, ok := m.Next(held, noon)
			if !ok {
				break
			}
			if late {
				t.Fatalf("%d is late", v)
			}
			got = append(got, v)
		}
		if m.Len() > 10 || m.Bytes() != m.Len() {
			t.Fatalf("%d wait, %d bytes", m.Len(), m.Bytes())
		}
	}
	for v, _, ok := m.Pop(); ok; v, _, ok = m.Pop() {
		got = append(got, v)
	}
	if len(got) != 1000 || !slices.IsSorted(got) || m.Bytes() != 0 {
		t.Errorf("%d came out, sorted %v", len(got), slices.IsSorted(got))
	}
}

func FuzzMerger(f *testing.F) {
	f.Add([]byte{3, 1, 2, 0, 9})
	f.Fuzz(func(t *testing.T, stamps []byte) {
		m := &Merger[int]{Most: 1 << 20}
		for i, s := range stamps {
			m.Add(i, noon.Add(time.Duration(s)*time.Second), 1, noon)
		}
		last := -1
		for range stamps {
			v, late, ok := m.Pop()
			if !ok || late || last >= 0 && (stamps[v] < stamps[last] || stamps[v] == stamps[last] && v < last) {
				t.Fatalf("%d behind %d of %v", v, last, stamps)
			}
			last = v
		}
		if _, _, ok := m.Pop(); ok {
			t.Error("there is more than was put in")
		}
	})
}

func BenchmarkMerge(b *testing.B) {
	m := &Merger[kafka.Record]{Window: time.Second, Most: 64 << 20}
	r := kafka.Record{Value: make([]byte, 100)}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		m.Add(r, noon.Add(time.Duration(i^511)*time.Millisecond), 300, noon)
		if i++; m.Len() > 12_000 { // 250 ms of 50,000 records/s
			m.Pop()
		}
	}
}
