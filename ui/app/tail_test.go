package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/tail"
	"lagtop/ui/command"
	"lagtop/ui/pane/panetest"
)

// library is a shelf for several readers at once.
type library struct{ shelf }

func (l *library) Follow(ctx context.Context, spec kafka.ReadSpec, on func(kafka.ReadEvent)) {
	own := l.shelf
	own.Follow(ctx, spec, on)
}

// tailed is a rig that follows a log with these values in orders, all of them read.
func tailed(t *testing.T, values ...string) *rig {
	t.Helper()
	r := newRig(t, panetest.Typical(), nil)
	log := &library{shelf{end: int64(len(values))}}
	for i, v := range values {
		log.records = append(log.records, kafka.Record{Offset: int64(i), Timestamp: panetest.Now(), Value: []byte(v)})
	}
	r.deps.Tailer = log
	r.focus = command.Tail
	r.startTail(r.tailSpec(kafka.ReadSpec{Topic: "orders", Partitions: []int32{0}}), "orders")
	for r.tail.live.State().Received < uint64(len(values)) {
		select {
		case <-r.tail.live.Updates():
		case <-time.After(time.Minute):
			t.Fatal("the records do not come")
		}
	}
	r.tailPane().Refresh(&r.env)
	return r
}

func TestFilterAndHighlightOfTheTailAreTypedBelow(t *testing.T) {
	r := tailed(t, "level=error msg=one", "level=info msg=two", "level=info msg=three")
	r.keys("/")
	r.see("level>=warn", "f1: all")
	r.keys("f1")
	r.see("leaves out what matches")
	r.keys("esc")
	r.typed("level:error")
	r.keys("enter")
	r.see("1 shown of 3 by /level:error")
	r.keys("esc", "*")
	r.typed("two")
	r.keys("enter")
	r.see("*two", "one", "three")
	r.keys("n")
	r.see("G follows")
}

func TestNIsNoWayOutOfTheTail(t *testing.T) {
	r := tailed(t, "one")
	r.keys("n")
	if r.focus != command.Tail {
		t.Errorf("n goes to %v", r.focus)
	}
	r.see("* says what to find")
	r.seeNot("n next")
}

func TestKeptRecordsAreSavedAndThePathIsSaid(t *testing.T) {
	r := tailed(t, "level=error msg=one", "level=info msg=two", "level=error msg=three")
	r.keys("s")
	r.see("no filter is set", "all that are kept")
	r.finish(r.keys("enter"))
	if b, err := os.ReadFile(r.stateDir("records/records-orders.txt")); err != nil || strings.Count(string(b), "\n") != 3 {
		t.Errorf("%q %v", b, err)
	}
	r.keys("/")
	r.typed("level:error")
	r.keys("enter", "s", "tab", "down")
	r.finish(r.keys("enter"))
	if b, err := os.ReadFile(r.stateDir("records/records-orders.jsonl")); err != nil || strings.Count(string(b), "\n") != 2 {
		t.Errorf("%q %v", b, err)
	}
	r.see("2 records written to ")
}

func TestARecordIsComparedWithTheBookmark(t *testing.T) {
	r := tailed(t, "level=error msg=one", "level=info msg=two")
	r.keys("up", "b", "down", "enter")
	r.see("only in orders/0@0", "- level=error msg=one", "+ level=info msg=two")
}

func TestRecordOfADetailIsSaved(t *testing.T) {
	r := tailed(t, "level=error msg=one")
	r.keys("enter")
	r.finish(r.keys("s"))
	if _, err := os.Stat(r.stateDir("records/record-orders-0-0.json")); err != nil {
		t.Error(err)
	}
	r.see("written to ")
}

func TestPartitionsAreReadAndWritten(t *testing.T) {
	for text, want := range map[string]string{"": "", "3": "3", "5,3-4, 3": "3-5", "0,2 7-8": "0,2,7-8"} {
		parts, err := parseParts(text)
		if got := writeParts(parts); err != nil || got != want {
			t.Errorf("%q: %q %v", text, got, err)
		}
	}
	for _, text := range []string{"x", "-1", "3-", "5-4", "0-2147483647", "99999999999"} {
		if parts, err := parseParts(text); err == nil {
			t.Errorf("%q is %d partitions", text, len(parts))
		}
	}
}

// flood writes records as fast as it is told, each with a value of its own.
type flood struct {
	rate  int // records per second
	value string
	sent  atomic.Int64
}

func (f *flood) Follow(ctx context.Context, spec kafka.ReadSpec, on func(kafka.ReadEvent)) {
	const every = 10 * time.Millisecond
	tick := time.NewTicker(every)
	defer tick.Stop()
	at := kafka.TopicPartition{Topic: spec.Topic}
	on(kafka.ReadEvent{TopicPartition: at, Kind: kafka.ReadBegan})
	began, next := time.Now(), int64(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		end := int64(time.Since(began).Seconds() * float64(f.rate))
		records := make([]kafka.Record, 0, end-next)
		for ; next < end; next++ {
			records = append(records, kafka.Record{TopicPartition: at, Offset: next, Timestamp: time.Now(), Key: fmt.Appendf(nil, "order-%d", next%997), Value: fmt.Appendf(nil, f.value, next)})
		}
		on(kafka.ReadEvent{TopicPartition: at, Kind: kafka.ReadProgress, Records: records, Next: next, End: next, CaughtUp: true})
		f.sent.Store(next)
	}
}

func flooded(tb testing.TB, w, h int) (*Model, *flood) {
	tb.Helper()
	src := &source{snap: panetest.Typical(), updates: make(chan struct{}, 1)}
	f := &flood{rate: 50_000, value: `{"ts":"2026-11-22T14:02:10Z","level":"info","logger":"com.example.Checkout","msg":"payment accepted","order":%d,"amount":12.5,"currency":"EUR","customer":"c-8123"}`}
	m, err := New(context.Background(), Deps{Session: Session{Name: "b", Source: src, Interval: time.Second, Tailer: f}})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(m.Close)
	m.Update(tea.WindowSizeMsg{Width: w, Height: h})
	m.Update(snapshotMsg{})
	m.focus, m.zoom = command.Tail, true
	return m, f
}

// A frame of the tail is drawn again after tailWake and what the pane rests; all of its lines are new then.
func TestAFastTopicCostsLittleOnTheWire(t *testing.T) {
	for _, size := range [][2]int{{120, 40}, {200, 60}} {
		m, f := flooded(t, size[0], size[1])
		f.rate = 5000 // more costs no more on the wire, and the race detector much
		m.tailTopic("orders")
		deadline := time.Now().Add(20 * time.Second)
		for !strings.Contains(panetest.Screen(m.frame()), "showing 1 of") && time.Now().Before(deadline) {
			<-m.tail.live.Updates()
			m.tailPane().Refresh(&m.env)
		}
		frame := len(strings.Join(m.frame(), "\n"))
		perSecond := float64(frame) / (tailWake + m.tailPane().Rest()).Seconds()
		t.Logf("%dx%d: frames of %d bytes, at most %.0f bytes/s", size[0], size[1], frame, perSecond)
		if perSecond > 40_000 {
			t.Errorf("%dx%d: %.0f bytes/s", size[0], size[1], perSecond)
		}
		if st := m.tail.live.State(); st.Bytes > tail.DefaultBytes {
			t.Errorf("%d bytes are kept", st.Bytes)
		}
	}
}

// counter counts what is written to a terminal.
type counter struct{ n atomic.Int64 }

func (c *counter) Write(p []byte) (int, error) { c.n.Add(int64(len(p))); return len(p), nil }

// BenchmarkFlood runs the screen on a topic with 50,000 records/s.
func BenchmarkFlood(b *testing.B) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			for b.Loop() {
				m, f := flooded(b, size[0], size[1])
				var out counter
				p := tea.NewProgram(m, tea.WithOutput(&out), tea.WithInput(bytes.NewReader(nil)), tea.WithoutSignalHandler(), tea.WithFPS(30), tea.WithWindowSize(size[0], size[1]))
				done := make(chan error, 1)
				go func() { _, err := p.Run(); done <- err }()
				p.Send(press("5"))
				p.Send(followMsg{m.env.Focus.Topic})
				const warm, span = 3 * time.Second, 4 * time.Second
				time.Sleep(warm)
				n, sent := out.n.Load(), f.sent.Load()
				time.Sleep(span)
				b.ReportMetric(float64(out.n.Load()-n)/span.Seconds(), "terminal-B/s")
				b.ReportMetric(float64(f.sent.Load()-sent)/span.Seconds(), "records/s")
				p.Quit()
				if err := <-done; err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

var _ io.Writer = (*counter)(nil)
