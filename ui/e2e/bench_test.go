package e2e

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// All benchmarks, each with its own number of samples:
//
//	go test ./ui/e2e -run '^$' -bench . -benchtime 1x -timeout 30m
//
// BenchmarkReal measures the same against a real Kafka of three brokers.

// BenchmarkFirstFrame is from the start of the process to the first whole frame, before any answer.
func BenchmarkFirstFrame(b *testing.B) {
	addr := refusedAddr(b)
	for b.Loop() {
		var took []time.Duration
		var size []int
		for range 20 {
			tm := start(b, 120, 40, "-b", addr)
			tm.waitFor("first frame", func(s string) bool {
				lines := strings.Split(s, "\n")
				return strings.HasPrefix(lines[0], " lagtop ") && strings.Contains(lines[len(lines)-1], "? help")
			})
			took = append(took, time.Since(tm.began))
			size = append(size, tm.written())
			tm.close()
		}
		b.ReportMetric(ms(percentile(took, 0.5)), "ms/p50")
		b.ReportMetric(ms(percentile(took, 0.95)), "ms/p95")
		b.ReportMetric(float64(percentile(size, 0.5)), "bytes")
		b.ReportMetric(0, "ns/op")
	}
}

// BenchmarkStartToLag is from the start of the process until the lag of every group is known.
func BenchmarkStartToLag(b *testing.B) { startToLag(b, inProcess(b, large)) }

func startToLag(b *testing.B, f served) {
	for b.Loop() {
		var took []time.Duration
		var peak int64
		for range 7 {
			tm := start(b, 120, 40, "-b", f.bootstrap[0])
			tm.wait("snapshot", ` 2000 groups `, `group-\d{5} +Empty +0 +\d+ `)
			took = append(took, time.Since(tm.began))
			peak = max(peak, usageOf(b, tm.cmd.Process.Pid).RSS)
			tm.close()
		}
		b.ReportMetric(ms(percentile(took, 0.5)), "ms/p50")
		b.ReportMetric(ms(percentile(took, 1)), "ms/max")
		b.ReportMetric(mib(peak), "MiB-peak")
		b.ReportMetric(0, "ns/op")
	}
}

// BenchmarkIdle watches the overview without a key for 20 s at a poll every 5 s.
func BenchmarkIdle(b *testing.B) {
	b.Run("quiet/"+small.String(), func(b *testing.B) { idle(b, inProcess(b, small), false) })
	b.Run("quiet/"+large.String(), func(b *testing.B) { idle(b, inProcess(b, large), false) })
	b.Run("moving/"+large.String(), func(b *testing.B) { idle(b, inProcess(b, large), true) })
}

const (
	warm   = 95 * time.Second // until the trends are full and every rule has seen its minute
	window = 20 * time.Second
)

func idle(b *testing.B, f served, moving bool) {
	if moving {
		defer f.Stir(b, f.bootstrap)()
	}
	for b.Loop() {
		watch(b, f, warm, !moving)
	}
}

// watch measures a window of watching that begins after a while. The requests are counted only when
// nobody else sends any.
func watch(b *testing.B, f served, after time.Duration, alone bool) {
	b.Helper()
	tm := start(b, 120, 40, "-b", f.bootstrap[0], "--interval", "5s")
	tm.wait("snapshot", `group-\d{5} +Empty +0 +\d+ `)
	first := usageOf(b, tm.cmd.Process.Pid)
	tm.rest(after)
	bytes, used := tm.written(), usageOf(b, tm.cmd.Process.Pid)
	if f.fake != nil {
		f.fake.ResetRequests()
	}
	began := time.Now()
	tm.rest(window)
	span := time.Since(began)
	last := usageOf(b, tm.cmd.Process.Pid)
	b.ReportMetric(float64(tm.written()-bytes)/span.Seconds(), "bytes/s")
	b.ReportMetric(100*float64(last.CPU-used.CPU)/float64(span), "%CPU")
	if alone && f.fake != nil {
		polls := float64(f.fake.Requests(kmsg.ListGroups)) / 3 // each broker is asked once a poll
		b.ReportMetric(float64(f.fake.Requests())/polls, "requests/poll")
	}
	b.ReportMetric(mib(first.RSS), "MiB-first")
	b.ReportMetric(mib(last.RSS), "MiB-peak")
	b.ReportMetric(0, "ns/op")
	tm.close()
}

// spanEnv is how long BenchmarkHistory watches, such as 2h. It runs only when that is set.
const spanEnv = "LAGTOP_BENCH_SPAN"

// BenchmarkHistory is the memory of the whole program when its history is full:
//
//	LAGTOP_BENCH_SPAN=2h go test ./ui/e2e -run '^$' -bench History -benchtime 1x -timeout 3h
func BenchmarkHistory(b *testing.B) {
	span, err := time.ParseDuration(os.Getenv(spanEnv))
	if err != nil {
		b.Skipf("it takes as long as %s says, such as 2h", spanEnv)
	}
	f := inProcess(b, large)
	defer f.Stir(b, f.bootstrap)()
	for b.Loop() {
		watch(b, f, span, false)
	}
}

// rest lets the program run for a while.
func (tm *term) rest(d time.Duration) {
	tm.t.Helper()
	tm.within(d, func(string) bool { return false })
}

// BenchmarkKey is from a typed key to the first of its frame. In the groups pane each key brings the
// partitions of another group too, and now and then the list scrolls; in the partitions and the topics pane
// only the cursor moves; panes is the focus that goes from one to the other. No poll falls into it.
func BenchmarkKey(b *testing.B) {
	b.Run(small.String(), func(b *testing.B) { keysInPanes(b, inProcess(b, small), "10m") })
	b.Run(large.String(), func(b *testing.B) { keysInPanes(b, inProcess(b, large), "10m") })
}

func keysInPanes(b *testing.B, f served, interval string) {
	b.Run("groups", func(b *testing.B) { keys(b, f, "1", interval, downAndUp(15)) })
	b.Run("partitions", func(b *testing.B) { keys(b, f, "2", interval, downAndUp(10)) })
	b.Run("topics", func(b *testing.B) { keys(b, f, "3", interval, downAndUp(15)) })
	b.Run("panes", func(b *testing.B) { keys(b, f, "1", interval, func(i int) string { return []string{"2", "1"}[i%2] }) })
}

// downAndUp moves the cursor so many rows down, and up again.
func downAndUp(rows int) func(i int) string {
	return func(i int) string {
		if i%(2*rows) >= rows {
			return "k"
		}
		return "j"
	}
}

// keys types 200 keys, the i-th of which key tells, in a pane.
func keys(b *testing.B, f served, pane, interval string, key func(i int) string) {
	for b.Loop() {
		tm := start(b, 120, 40, "-b", f.bootstrap[0], "--interval", interval)
		tm.wait("snapshot", `2 group-\d{5}`, `group-\d{5} +Empty +0 +\d+ `)
		tm.send(pane)
		tm.rest(2 * time.Second)
		var took []time.Duration
		var size []int
		for i := range 200 {
			bytes, began := tm.written(), time.Now()
			tm.send(key(i))
			tm.waitFor("answer", func(string) bool { return tm.written() > bytes })
			took = append(took, time.Since(began))
			// The rest of the frame, and no fixed step against the beat of the frames.
			tm.rest(20*time.Millisecond + rand.N(30*time.Millisecond))
			size = append(size, tm.written()-bytes)
		}
		b.ReportMetric(ms(percentile(took, 0.5)), "ms/p50")
		b.ReportMetric(ms(percentile(took, 0.95)), "ms/p95")
		b.ReportMetric(float64(percentile(size, 0.5)), "bytes/p50")
		b.ReportMetric(float64(percentile(size, 0.95)), "bytes/p95")
		b.ReportMetric(0, "ns/op")
		tm.close()
	}
}

// BenchmarkLagCommand compares whole processes on the same cluster in the same run: x-kadm is ours
// divided by the ten-line program's.
func BenchmarkLagCommand(b *testing.B) { lagCommand(b, inProcess(b, large)) }

func lagCommand(b *testing.B, f served) {
	other := yardstick(b)
	for b.Loop() {
		var ours, theirs []usage
		requests := 0
		for range 9 {
			if f.fake != nil {
				f.fake.ResetRequests()
			}
			ours = append(ours, whole(b, binary, "lag", "-b", f.bootstrap[0], "-o", "json"))
			if f.fake != nil {
				requests = f.fake.Requests()
			}
			theirs = append(theirs, whole(b, other, f.bootstrap[0]))
		}
		wall, cpu, rss := medians(ours)
		kwall, kcpu, krss := medians(theirs)
		b.ReportMetric(ms(wall), "ms")
		b.ReportMetric(ms(kwall), "ms-kadm")
		b.ReportMetric(float64(wall)/float64(kwall), "x-kadm")
		b.ReportMetric(float64(cpu)/float64(kcpu), "x-kadm-CPU")
		b.ReportMetric(mib(rss), "MiB")
		b.ReportMetric(mib(krss), "MiB-kadm")
		if f.fake != nil {
			b.ReportMetric(float64(requests), "requests")
		}
		b.ReportMetric(0, "ns/op")
	}
}

func medians(us []usage) (wall, cpu time.Duration, rss int64) {
	var ws, cs []time.Duration
	var rs []int
	for _, u := range us {
		ws, cs, rs = append(ws, u.Wall), append(cs, u.CPU), append(rs, int(u.RSS))
	}
	return percentile(ws, 0.5), percentile(cs, 0.5), int64(percentile(rs, 0.5))
}

// BenchmarkReal measures against a real Kafka of three brokers, which it starts and fills first. Keys are
// typed while polls run. What a real broker was asked is in BenchmarkReal of kafka/poll.
func BenchmarkReal(b *testing.B) {
	f := onReal(b, large)
	b.Run("LagCommand", func(b *testing.B) { lagCommand(b, f) })
	b.Run("StartToLag", func(b *testing.B) { startToLag(b, f) })
	b.Run("Key", func(b *testing.B) { keysInPanes(b, f, "2s") })
	b.Run("Idle/quiet", func(b *testing.B) { idle(b, f, false) })
	b.Run("Idle/moving", func(b *testing.B) { idle(b, f, true) })
}
