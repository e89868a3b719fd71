package app

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/tail"
	"lagtop/ui/command"
	"lagtop/ui/pane/panetest"
)

// clear empties the text field in focus.
func (r *rig) clear() {
	for range 40 {
		r.keys("backspace")
	}
}

func TestTailFormChoosesPartitionsAndWhatIsCommitted(t *testing.T) {
	r := tailed(t, "one")
	r.keys("f", "tab", "tab")
	r.clear()
	r.typed("2-1")
	r.keys("enter")
	if r.front() == nil {
		t.Fatal("a range that ends before it begins is taken")
	}
	r.clear()
	r.typed("0,2-3")
	r.keys("tab", "tab", "down", "down", "enter")
	s := r.tail.spec.Reads[0]
	if fmt.Sprint(s.Partitions) != "[0 2 3]" || !s.Committed || !s.Aborted || !s.Markers || r.tail.spec.Merge != tail.DefaultMerge {
		t.Errorf("%+v", r.tail.spec)
	}
	r.see("Tail orders/0,2-3 from end, read_committed")
	r.keys("f", "tab", "tab")
	r.typed("99")
	r.keys("enter")
	r.see("has no partition")
}

func TestTailFormTakesSeveralTopicsAndPatterns(t *testing.T) {
	r := tailed(t, "one")
	r.deps.Tailer = silence{}
	r.keys("f", "tab")
	r.see("partitions")
	r.clear()
	r.typed("nope")
	r.keys("enter")
	r.see("there is no topic nope")
	r.clear()
	r.typed("x*")
	r.keys("enter")
	r.see("no topic is like x*")
	r.clear()
	r.typed("order*, clicks")
	r.seeNot("partitions  ")
	r.keys("enter")
	if got := fmt.Sprint(r.tail.spec.Topics()); got != "[clicks orders]" || r.tail.spec.Reads[0].Partitions != nil {
		t.Errorf("%s %+v", got, r.tail.spec.Reads)
	}
	if n := len(r.tail.spec.Expect); n != len(r.partitionsOf("orders"))+len(r.partitionsOf("clicks")) {
		t.Errorf("%d partitions are waited for", n)
	}
	r.see("Tail clicks +1 from end")
}

func TestMarkedTopicsAreFollowedTogether(t *testing.T) {
	r := tailed(t, "one")
	r.deps.Tailer = silence{}
	r.keys("3", "space", "down", "space")
	r.see("2 marked, ", "◆ ")
	r.keys("5", "f")
	marked := r.panes[command.Topics].(TopicMarker).MarkedTopics()
	r.see("Tail "+marked[0]+" +1 from", strings.Join(marked, ", "))
	r.keys("esc", "3", "t")
	if got := r.tail.spec.Topics(); fmt.Sprint(got) != fmt.Sprint(marked) || len(got) != 2 || !r.tail.pinned || r.focus != command.Tail {
		t.Errorf("%v, marked %v", got, marked)
	}
	if n := len(r.tail.spec.Expect); n != len(r.partitionsOf(marked[0]))+len(r.partitionsOf(marked[1])) {
		t.Errorf("%d partitions are waited for", n)
	}
	r.see("Tail " + marked[0] + " +1")
	r.seeNot("2 marked")
	r.keys("f")
	r.see(strings.Join(marked, ", "))
	r.keys("esc", "3", "space", "space", "t")
	if got := r.tail.spec.Topics(); len(got) != 1 {
		t.Errorf("without marks: %v", got)
	}
}

func TestMoreMarkedTopicsThanCanBeFollowedAreRefused(t *testing.T) {
	c := panetest.NewCluster()
	for i := range mostTopics + 1 {
		c.Topic(fmt.Sprintf("t%02d", i), 10)
	}
	r := newRig(t, c.Build(), nil)
	r.keys("3")
	for range mostTopics + 1 {
		r.keys("space", "down")
	}
	r.keys("t")
	r.see("17 topics are marked, 16 can be followed at once")
	if r.tail.live != nil {
		t.Error("some are followed")
	}
	r.keys("space", "t")
	if n := len(r.tail.spec.Reads); n != mostTopics {
		t.Errorf("%d are followed", n)
	}
}

func TestTopicPatternsFindNoInternalTopic(t *testing.T) {
	snap := panetest.Typical()
	var internal []kafka.Topic
	for i := range 20 {
		internal = append(internal, kafka.Topic{Name: fmt.Sprintf("__t%02d", i), Internal: true})
	}
	snap.Topics = append(internal, snap.Topics...) // by name
	r := newRig(t, snap, nil)
	all, err := r.parseTopics("*")
	if err != nil || strings.Contains(fmt.Sprint(all), "__") || len(all) < 3 {
		t.Errorf("%v %v", all, err)
	}
	if one, err := r.parseTopics("__t01 __t01,__t0[12]"); err != nil || fmt.Sprint(one) != "[__t01 __t02]" {
		t.Errorf("%v %v", one, err)
	}
	for text, want := range map[string]string{"__*": "20 topics, 16 can be followed", ",,": "name a topic", "[": "no pattern"} {
		if got, err := r.parseTopics(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v %v", text, got, err)
		}
	}
	if got := r.topicsLike("clicks, or"); fmt.Sprint(got) != "[clicks, orders]" {
		t.Errorf("%q", got)
	}
}

func TestTailFormTakesThePlacesOfTheCommandLine(t *testing.T) {
	for text, want := range map[string]kafka.Seek{
		"10m": {Kind: kafka.SeekTime, Time: panetest.Now().Add(-10 * time.Minute)}, "-100": {Kind: kafka.SeekLast, Offset: 100}, "42": {Kind: kafka.SeekOffset, Offset: 42},
	} {
		r := tailed(t, "one")
		r.keys("f", "down", "down", "tab")
		r.typed("soon")
		r.keys("enter")
		r.see("give end, start, an offset")
		r.clear()
		r.typed(text)
		r.keys("enter")
		if got := r.tail.spec.Reads[0].From; got.Kind != want.Kind || got.Offset != want.Offset || got.Time.Sub(want.Time).Abs() > 5*time.Minute {
			t.Errorf("%s: %+v", text, got)
		}
		r.see("from " + text)
	}
}

func TestTailEndsWhereTheFormSays(t *testing.T) {
	r := tailed(t, "one", "two")
	r.keys("f", "down", "tab", "tab", "tab", "down", "tab", "tab")
	r.clear()
	r.typed("2m")
	r.keys("enter")
	r.see("up to 1m0s")
	r.clear()
	r.typed("0")
	r.keys("enter")
	if s := r.tail.spec; !s.Until.End || s.Merge != 0 || s.Reads[0].From.Kind != kafka.SeekStart || fmt.Sprint(s.Reads[0].Partitions) != "[0]" {
		t.Fatalf("%+v", s)
	}
	r.await(func() bool { return r.tail.live.State().Phase == tail.Ended })
	r.see("from start until now", "ended", "one", "two")
	r.keys("f", "tab", "tab")
	r.clear()
	r.keys("enter")
	if got := len(r.tail.spec.Reads[0].Partitions); got != len(r.partitionsOf("orders")) {
		t.Errorf("%d partitions of all are named, or the end never comes", got)
	}
}

// await waits for the news of what is shown.
func (r *rig) await(done func() bool) {
	r.t.Helper()
	limit := time.After(time.Minute)
	for !done() {
		select {
		case <-r.tail.shown().Updates():
		case <-limit:
			r.t.Fatal("nothing comes of it")
		}
	}
	r.tailPane().Refresh(&r.env)
}

// past is a log whose reader, when it begins behind the end, waits for more.
type past struct{ library }

func (p *past) Follow(ctx context.Context, spec kafka.ReadSpec, on func(kafka.ReadEvent)) {
	if spec.From.Kind == kafka.SeekEnd {
		spec.From.Offset = p.end - 2
	}
	p.library.Follow(ctx, spec, on)
}

// scanned is a rig that follows a log of 50 records from its last two on. Those named have a schema.
func scanned(t *testing.T, schema ...int) *rig {
	t.Helper()
	r := newRig(t, panetest.Typical(), nil)
	log := &past{library{shelf{end: 50}}}
	for i := range 50 {
		log.records = append(log.records, kafka.Record{Offset: int64(i), Timestamp: panetest.Now(), Value: fmt.Appendf(nil, "record %02d", i)})
	}
	for _, i := range schema {
		log.records[i].Value = []byte(encoded)
	}
	r.deps.Tailer = log
	r.focus = command.Tail
	r.startTail(r.tailSpec(kafka.ReadSpec{Topic: "orders", Partitions: []int32{0}}), "orders")
	r.await(func() bool { return r.tail.live.State().Received == 2 })
	return r
}

func TestSearchBeyondMemoryAsksHowFarBackToRead(t *testing.T) {
	r := scanned(t)
	r.keys("*")
	r.typed("7")
	r.keys("enter", "n")
	r.see("no older match, m searches the log")
	r.keys("n")
	r.see("Search orders further back", "7", "1000000")
	r.keys("esc")
	if r.tail.scan != nil || r.front() != nil {
		t.Fatal("it reads without being told to")
	}
	r.keys("up", "n")
	if r.front() != nil {
		t.Error("a question that was not asked twice")
	}
}

func TestScanFindsInThePastUpToWhereMemoryBegins(t *testing.T) {
	r := scanned(t)
	r.keys("m")
	r.clear()
	r.typed("end")
	r.keys("enter")
	r.see("does not begin at the end")
	r.clear()
	r.typed("0")
	r.keys("enter")
	r.see("say what is searched for")
	r.typed("8")
	r.keys("enter")
	r.await(func() bool { return r.tail.scan.State().Phase == tail.Ended })
	r.see("Scan orders from 0: 8", "record 08", "record 38", "48 records read, up to the live tail: 4 found", "t back to live")
	r.seeNot("record 48", "record 07") // the one is in memory, the other does not match
	live := r.tail.live
	r.keys("1")
	if r.followFocus() != nil {
		t.Error("another topic takes the place of what was found")
	}
	r.keys("5", "t")
	if r.tail.scan != nil || r.tail.live != live {
		t.Error("not back")
	}
	r.see("Tail orders", "record 48", "record 49")
	r.seeNot("record 08")
}

func TestScanIsBoundedAndSaysWhatItDidNotReach(t *testing.T) {
	r := scanned(t)
	r.keys("m")
	r.clear()
	r.typed("0")
	r.keys("tab")
	r.typed("record")
	r.keys("tab")
	r.clear()
	r.typed("0")
	r.keys("enter")
	r.see("not a number of records")
	r.clear()
	r.typed("2,0")
	r.keys("enter")
	r.await(func() bool { return r.tail.scan.State().Phase == tail.Ended })
	r.see("20 records read, as asked, not the newer ones: 20 found")
	r.keys("s")
	r.finish(r.keys("enter"))
	r.see("20 records written to ")
}

func TestEscStopsAScanAndKeepsWhatWasFound(t *testing.T) {
	r := scanned(t)
	r.deps.Tailer = &shelf{end: 1000, records: []kafka.Record{{Offset: 3, Value: []byte("found this")}}}
	r.keys("m", "tab")
	r.typed("found")
	r.keys("enter")
	r.await(func() bool { return r.tail.scan.State().Received == 1 })
	r.see("scanning", "esc stops", "1 found", "found this")
	r.keys("esc")
	if r.tail.scan.State().Phase != tail.Ended {
		t.Fatal("it goes on")
	}
	r.see("stopped", "found this", "t back to live")
	r.keys("esc", "esc") // as somebody who wanted to stop one that had just ended
	r.see("found this")
	r.keys("t")
	r.see("Tail orders", "record 49")
}

func TestScanNeedsATail(t *testing.T) {
	r := newRig(t, panetest.Typical(), nil)
	r.keys("5", "m")
	r.see("nothing is followed")
}
