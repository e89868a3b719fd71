package conn

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
)

func sentBy(l *Log, addr string, key kmsg.Key, p kafka.Purpose) uint64 {
	return l.begin(logEntry{addr: addr, key: int16(key), version: 4, purpose: p, out: 100})
}

func TestReportAddsUpByBrokerAndAPI(t *testing.T) {
	l := NewLog()
	for range 3 {
		l.end(sentBy(l, "k1:9092", kmsg.ListGroups, kafka.PurposePoll), 50, "")
	}
	l.end(sentBy(l, "k1:9092", kmsg.ListOffsets, kafka.PurposeTail), 0, "no answer within 3s")
	sentBy(l, "k2:9092", kmsg.Metadata, kafka.PurposePoll)
	l.unconnected("k3:9092", kafka.PurposeAside, time.Now(), &StepError{Addr: "k3:9092", Step: StepConnect, Err: errors.New("connection refused")})
	r := l.Report(time.Now())
	var got []string
	for _, x := range r.Rows {
		got = append(got, fmt.Sprintf("%s %s %d/%d %d>%d<%d %q", x.Addr, x.API, x.Count, x.Errors, x.Waiting, x.Out, x.In, x.Failure.V.Reason))
	}
	want := `k1:9092 ListGroups 3/0 0>300<150 ""
k1:9092 ListOffsets 1/1 0>100<0 "no answer within 3s"
k2:9092 Metadata 1/0 1>100<0 ""
k3:9092 connect 0/1 0>0<0 "connect: connection refused"`
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
	if want := (kafka.RequestSum{Count: 5, Errors: 2, Out: 500, In: 150}); r.Total != want {
		t.Errorf("in all %+v, want %+v", r.Total, want)
	}
	if r.By[kafka.PurposePoll].Count != 4 || r.By[kafka.PurposeTail].Errors != 1 || r.By != r.Ever {
		t.Errorf("by purpose %+v, ever %+v", r.By, r.Ever)
	}
	if late := l.Report(time.Now().Add(logWindow * 3 / 2)); len(late.Rows) != 1 || late.Rows[0].Waiting != 1 || late.Ever != r.Ever {
		t.Errorf("later only what waits is left: %+v", late)
	}
}

func TestALogThatIsFullSaysHowFarItReaches(t *testing.T) {
	l := NewLog()
	first := sentBy(l, "k1:9092", kmsg.Fetch, kafka.PurposeTail)
	for range logEntries {
		l.end(sentBy(l, "k1:9092", kmsg.Fetch, kafka.PurposeTail), 10, "")
	}
	l.end(first, 1, "too late: its place is taken")
	r := l.Report(time.Now())
	if !r.Cut || r.Window >= logWindow || r.Total.Count != logEntries || r.Total.Errors != 0 || r.Ever[kafka.PurposeTail].Count != logEntries+1 {
		t.Errorf("%+v", r)
	}
	if len(l.entries) != logEntries {
		t.Errorf("%d entries are kept", len(l.entries))
	}
}

func TestANilLogKeepsNothing(t *testing.T) {
	var l *Log
	l.end(sentBy(l, "k1:9092", kmsg.Fetch, kafka.PurposeTail), 10, "")
	l.unconnected("k1:9092", kafka.PurposePoll, time.Now(), errors.New("x"))
	if r := l.Report(time.Now()); len(r.Rows) != 0 {
		t.Errorf("%+v", r)
	}
}

// TestAnswersAreFoundHoweverTheyAreCut feeds two answers in all ways of cutting them once.
func TestAnswersAreFoundHoweverTheyAreCut(t *testing.T) {
	stream := append(answer(7, 20), answer(8, 0)...)
	for cut := range len(stream) + 1 {
		var f frame
		var got []int32
		whole := func(correlation, size int32) { got = append(got, correlation, size) }
		f.feed(stream[:cut], whole)
		f.feed(stream[cut:], whole)
		if want := []int32{7, 28, 8, 8}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("cut at %d: %v, want %v", cut, got, want)
		}
	}
}

func answer(correlation int32, body int) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(4+body))
	b = binary.BigEndian.AppendUint32(b, uint32(correlation))
	return append(b, make([]byte, body)...)
}

func FuzzFramesNeverPanic(f *testing.F) {
	f.Add(answer(7, 20), 3)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 1}, 2)
	f.Fuzz(func(_ *testing.T, b []byte, cut int) {
		var x frame
		cut = min(max(cut, 0), len(b))
		x.feed(b[:cut], func(int32, int32) {})
		x.feed(b[cut:], func(int32, int32) {})
	})
}

func TestWhatWeGiveUpIsNoError(t *testing.T) {
	for name, ask := range map[string]func(context.Context, *Broker) error{
		"sarama": func(ctx context.Context, b *Broker) error { _, err := b.ListGroups(ctx); return err },
		"franz-go": func(ctx context.Context, b *Broker) error {
			_, err := b.request(ctx, "ListGroups", kmsg.NewPtrListGroupsRequest())
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := Config{ReadTimeout: 10 * time.Minute, Log: NewLog()} // franz-go takes no more than 15
			heard := make(chan struct{}, 1)
			b := NewBroker(cfg, serve(t, func(c net.Conn) {
				if n, _ := c.Read(make([]byte, 1)); n > 0 {
					heard <- struct{}{}
				}
				_, _ = io.Copy(io.Discard, c)
			}), nil)
			defer b.Close()
			ctx, cancel := context.WithCancel(t.Context())
			go func() { <-heard; cancel() }()
			if err := ask(ctx, b); err == nil {
				t.Fatal("answered")
			}
			r := cfg.Log.Report(time.Now())
			if r.Total.Count != 1 || r.Total.Errors != 0 || r.Ever != r.By || r.Rows[0].Waiting != 0 {
				t.Errorf("%+v", r)
			}
		})
	}
}

// TestBothLibrariesAreCounted asks with sarama and with franz-go, as Broker and as Admin.
func TestBothLibrariesAreCounted(t *testing.T) {
	f := kafkatest.NewFake(t)
	cfg := Config{Bootstrap: f.Bootstrap(), Log: NewLog()}
	b := NewBroker(cfg, f.Bootstrap()[0], nil)
	defer b.Close()
	if _, err := b.ListGroups(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.request(t.Context(), "DescribeCluster", kmsg.NewPtrDescribeClusterRequest()); err != nil {
		t.Fatal(err)
	}
	a, err := OpenAdmin(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	k, err := a.client()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kmsg.NewPtrMetadataRequest().RequestWith(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	r := cfg.Log.Report(time.Now())
	got := map[string]int{}
	for _, x := range r.Rows {
		got[x.API] += x.Count
		if x.Waiting > 0 || x.In <= 0 || x.Out <= 0 || !x.P50.OK || x.Addr == "" {
			t.Errorf("%+v", x)
		}
	}
	for api, want := range map[string]kmsg.Key{"ListGroups": kmsg.ListGroups, "DescribeCluster": kmsg.DescribeCluster, "Metadata": kmsg.Metadata, "ApiVersions": kmsg.ApiVersions} {
		if n := f.Requests(want); got[api] != n || n == 0 {
			t.Errorf("%s: %d counted, %d received", api, got[api], n)
		}
	}
	if r.By[kafka.PurposeAct].Count < 2 || r.By[kafka.PurposePoll].Count < 4 {
		t.Errorf("by purpose %+v", r.By)
	}
}

func TestAClosedPortIsAFailureAndNoRequest(t *testing.T) {
	cfg := Config{Log: NewLog()}
	b := NewBroker(cfg, "127.0.0.1:1", nil) // nobody listens there
	defer b.Close()
	if _, err := b.ListGroups(t.Context()); err == nil {
		t.Fatal("answered")
	}
	r := cfg.Log.Report(time.Now())
	if len(r.Rows) != 1 || r.Rows[0].API != kafka.RequestConnect || r.Total.Count != 0 || r.Total.Errors != 1 ||
		r.Rows[0].Failure.V.Reason != "connect: connection refused" {
		t.Errorf("%+v", r)
	}
}

func TestTheLogIsSafeForConcurrentUse(t *testing.T) {
	l := NewLog()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 2000 {
				l.end(sentBy(l, "k1:9092", kmsg.Fetch, kafka.Purpose(i)%kafka.Purposes), 10, "")
			}
		})
	}
	for range 20 {
		l.Report(time.Now())
	}
	wg.Wait()
	n := 0
	for _, s := range l.Report(time.Now()).Ever {
		n += s.Count
	}
	if n != 16000 {
		t.Errorf("%d counted", n)
	}
}

// BenchmarkLog is what one request costs: once the log has grown, no allocation.
func BenchmarkLog(b *testing.B) {
	l := NewLog()
	for range logEntries {
		sentBy(l, "k1:9092", kmsg.Fetch, kafka.PurposePoll)
	}
	b.ReportAllocs()
	for b.Loop() {
		l.end(sentBy(l, "k1:9092", kmsg.Fetch, kafka.PurposePoll), 10, "")
	}
}

// BenchmarkReport is what drawing costs with a full log.
func BenchmarkReport(b *testing.B) {
	l := NewLog()
	for i := range logEntries {
		l.end(sentBy(l, fmt.Sprintf("k%d:9092", i%9), kmsg.Key(i%12), kafka.PurposePoll), 10, "")
	}
	b.ReportAllocs()
	for b.Loop() {
		l.Report(time.Now())
	}
}

func TestFailuresGrowOldWhileTheMachineSleeps(t *testing.T) {
	l := NewLog()
	l.end(sentBy(l, "k1:9092", kmsg.Metadata, kafka.PurposePoll), 0, "connection reset")
	r := l.Report(time.Now())
	if at := r.Rows[0].Failure.V.At; at != at.Round(0) {
		t.Errorf("a failure has a time that stands still in sleep: %v", at)
	}
	if r.Since != r.Since.Round(0) {
		t.Errorf("so has the beginning: %v", r.Since)
	}
}

func TestTheLastMinuteLeavesOutWhatWasBeforeASleep(t *testing.T) {
	l := NewLog()
	l.end(sentBy(l, "k1:9092", kmsg.Metadata, kafka.PurposePoll), 0, "connection reset")
	now := l.moment(time.Now())
	for what, m := range map[string]moment{
		"a night of sleep":                {now.awake + time.Second, now.wall + int64(8*time.Hour)},
		"a clock that was set back":       {now.awake + 2*time.Minute, now.wall - int64(time.Hour)},
		"minutes awake by a steady clock": {now.awake + 2*time.Minute, now.wall + int64(2*time.Minute)},
	} {
		if r := l.report(m); len(r.Rows) != 0 {
			t.Errorf("after %s: %+v", what, r.Rows)
		}
	}
	if r := l.report(moment{now.awake + time.Second, now.wall - int64(time.Hour)}); len(r.Rows) != 1 {
		t.Error("a clock that was set back hides what was asked a second ago")
	}
}

func TestAnAnswerTakesNoLongerThanTheMachineWasAwake(t *testing.T) {
	l := NewLog()
	n := sentBy(l, "k1:9092", kmsg.Metadata, kafka.PurposePoll)
	l.entry(n).began.wall -= int64(8 * time.Hour)
	l.end(n, 10, "")
	if r := l.report(l.entry(n).began); r.Rows[0].Max.V > time.Hour {
		t.Errorf("took %v", r.Rows[0].Max.V)
	}
}
