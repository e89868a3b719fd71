package e2e

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka/kafkatest"
)

// All benchmarks, each with its own number of samples:
//
//	go test ./ui/e2e -run '^$' -bench . -benchtime 1x -timeout 30m

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
func BenchmarkStartToLag(b *testing.B) {
	f := fleet(b, large)
	for b.Loop() {
		var took []time.Duration
		var peak int64
		for range 7 {
			tm := start(b, 120, 40, "-b", f.Bootstrap()[0])
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
	for _, c := range []struct {
		name   string
		size   size
		moving bool
	}{{"quiet/" + small.name, small, false}, {"quiet/" + large.name, large, false}, {"moving/" + large.name, large, true}} {
		b.Run(c.name, func(b *testing.B) {
			f := fleet(b, c.size)
			if c.moving {
				defer stir(b, f, c.size)()
			}
			for b.Loop() {
				idle(b, f, !c.moving)
			}
		})
	}
}

const (
	warm   = 95 * time.Second // until the trends are full and every rule has seen its minute
	window = 20 * time.Second
)

// idle counts the requests only when nobody else sends any.
func idle(b *testing.B, f *kafkatest.Fake, alone bool) {
	b.Helper()
	tm := start(b, 120, 40, "-b", f.Bootstrap()[0], "--interval", "5s")
	tm.wait("snapshot", `group-\d{5} +Empty +0 +\d+ `)
	tm.rest(warm)
	bytes, used := tm.written(), usageOf(b, tm.cmd.Process.Pid)
	f.ResetRequests()
	began := time.Now()
	tm.rest(window)
	span := time.Since(began)
	after := usageOf(b, tm.cmd.Process.Pid)
	b.ReportMetric(float64(tm.written()-bytes)/span.Seconds(), "bytes/s")
	b.ReportMetric(100*float64(after.CPU-used.CPU)/float64(span), "%CPU")
	if polls := float64(f.Requests(kmsg.ListGroups)) / 3; alone { // each broker is asked once a poll
		b.ReportMetric(float64(f.Requests())/polls, "requests/poll")
	}
	b.ReportMetric(mib(after.RSS), "MiB-peak")
	b.ReportMetric(0, "ns/op")
	tm.close()
}

// rest lets the program run for a while.
func (tm *term) rest(d time.Duration) {
	tm.t.Helper()
	tm.within(d, func(string) bool { return false })
}

// BenchmarkKey is from a typed key to the first of its frame. In the groups pane each key brings the
// partitions of another group too, and now and then the list scrolls; in the topics pane only the cursor
// moves. No poll falls into it.
func BenchmarkKey(b *testing.B) {
	for _, s := range []size{small, large} {
		f := fleet(b, s)
		for _, pane := range []string{"1", "3"} {
			b.Run(s.name+"/"+map[string]string{"1": "groups", "3": "topics"}[pane], func(b *testing.B) {
				for b.Loop() {
					keys(b, f.Bootstrap()[0], pane)
				}
			})
		}
	}
}

func keys(b *testing.B, addr, pane string) {
	b.Helper()
	tm := start(b, 120, 40, "-b", addr, "--interval", "10m")
	tm.wait("snapshot", `2 group-\d{5}`, `group-\d{5} +Empty +0 +\d+ `)
	tm.send(pane)
	tm.rest(2 * time.Second)
	var took []time.Duration
	var size []int
	for i := range 200 {
		key := "j"
		if i%30 >= 15 {
			key = "k"
		}
		bytes, began := tm.written(), time.Now()
		tm.send(key)
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

// BenchmarkLagCommand compares whole processes on the same cluster in the same run: x-kadm is ours
// divided by the ten-line program's.
func BenchmarkLagCommand(b *testing.B) {
	f := fleet(b, large)
	other := yardstick(b)
	for b.Loop() {
		var ours, theirs []usage
		requests := 0
		for range 9 {
			before := f.Requests()
			ours = append(ours, whole(b, binary, "lag", "-b", f.Bootstrap()[0], "-o", "json"))
			requests = f.Requests() - before
			theirs = append(theirs, whole(b, other, f.Bootstrap()[0]))
		}
		wall, cpu, rss := medians(ours)
		kwall, kcpu, krss := medians(theirs)
		b.ReportMetric(ms(wall), "ms")
		b.ReportMetric(ms(kwall), "ms-kadm")
		b.ReportMetric(float64(wall)/float64(kwall), "x-kadm")
		b.ReportMetric(float64(cpu)/float64(kcpu), "x-kadm-CPU")
		b.ReportMetric(mib(rss), "MiB")
		b.ReportMetric(mib(krss), "MiB-kadm")
		b.ReportMetric(float64(requests), "requests")
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
