package e2e

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
)

// floodRate is records/s.
const floodRate = 50_000

// BenchmarkTailFlood works with the program while a topic with that many records a second is shown: bytes/s to
// the terminal, how long keys take until the screen shows what they did, and memory. kB/s-zoom is for the tail
// on the whole screen.
func BenchmarkTailFlood(b *testing.B) {
	f := kafkatest.NewFake(b, kfake.SeedTopics(12, "flood"), kfake.SeedTopics(1, "quiet"))
	seedReaders(b, f.Bootstrap(), "flood")
	b.Run("120x40", func(b *testing.B) { tailFlood(b, f.Bootstrap(), "flood", 120, 40) })
	b.Run("200x60", func(b *testing.B) { tailFlood(b, f.Bootstrap(), "flood", 200, 60) })
}

// BenchmarkRealTailFlood is BenchmarkTailFlood with a real Kafka.
func BenchmarkRealTailFlood(b *testing.B) {
	c := kafkatest.Real(b)
	topic := kafkatest.Unique("flood")
	kafkatest.CreateTopic(b, c.Bootstrap(), topic, 12, 1)
	seedReaders(b, c.Bootstrap(), topic)
	tailFlood(b, c.Bootstrap(), topic, 120, 40)
}

// seedReaders gives a topic two groups, so that no pane is empty.
func seedReaders(b *testing.B, bootstrap []string, topic string) {
	for _, g := range []string{"billing", "audit"} {
		kafkatest.Commit(b, bootstrap, g, map[kafka.TopicPartition]int64{{Topic: topic}: 0, {Topic: topic, Partition: 1}: 0})
	}
}

func tailFlood(b *testing.B, bootstrap []string, topic string, w, h int) {
	for b.Loop() {
		tm := start(b, w, h, "-b", strings.Join(bootstrap, ","), "--topic", topic)
		tm.wait("topics", regexp.QuoteMeta(topic))
		fl := startFlood(b, bootstrap, topic, floodRate)
		tm.send("3")
		tm.send("t")
		tm.wait("sampling", `showing 1 of \d+`)
		tm.rest(5 * time.Second) // the rate is a mean of some seconds
		acked, began := fl.acked.Load(), time.Now()
		small := tm.rateOf(10 * time.Second)
		took := tm.typeThroughFlood(60)
		tm.send("z")
		tm.rest(time.Second)
		large := tm.rateOf(10 * time.Second)
		zoomed := tm.typeThroughFlood(60)
		written := float64(fl.acked.Load()-acked) / time.Since(began).Seconds()
		seen := regexp.MustCompile(`partitions? · (\S+)/s`).FindStringSubmatch(tm.text())
		use := usageOf(b, tm.cmd.Process.Pid)
		fl.stop()
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(small/1000, "kB/s")
		b.ReportMetric(large/1000, "kB/s-zoom")
		b.ReportMetric(written, "records/s")
		b.ReportMetric(mib(use.RSS), "MiB-peak")
		for name, ds := range map[string][]time.Duration{"": took, "-zoom": zoomed} {
			b.ReportMetric(ms(percentile(ds, 0.5)), "ms/p50"+name)
			b.ReportMetric(ms(percentile(ds, 0.99)), "ms/p99"+name)
			b.ReportMetric(ms(percentile(ds, 0.99))/ms(time.Second/framesPerSecond), "frames/p99"+name)
		}
		b.Logf("the tail says %v, %.1f s of CPU\n%s", seen, use.CPU.Seconds(), tm.text())
		tm.close()
	}
}

// framesPerSecond is how often the program draws at most.
const framesPerSecond = 90

// rateOf is bytes/s to the terminal over a time.
func (tm *term) rateOf(d time.Duration) float64 {
	tm.t.Helper()
	bytes, began := tm.written(), time.Now()
	tm.rest(d)
	return float64(tm.written()-bytes) / time.Since(began).Seconds()
}

// floodKeys are typed one after the other. Each shows its effect in text that records do not have. esc is none of
// them: a terminal may send it as the first byte of another key, so that Bubble Tea waits 50 ms for the rest.
var floodKeys = []struct {
	key  string
	done func(screen string) bool
}{
	{"k", has("G follows")}, {"G", hasNot("G follows")},
	{"p", has("paused")}, {"p", hasNot("paused")},
	{"/", has("enter keep")}, {"e", has("/e")}, {"r", has("/er")}, {"r", has("/err")}, {enter, has("by /err")},
	{"/", has("enter keep")}, {clear, has("level>=warn")}, {enter, hasNot("level>=warn")},
	{"?", has("Keys in")}, {"q", hasNot("Keys in")},
	{"V", has("raw")}, {"V", hasNot(" raw")},
}

func has(text string) func(string) bool {
	return func(s string) bool { return strings.Contains(s, text) }
}
func hasNot(text string) func(string) bool {
	return func(s string) bool { return !strings.Contains(s, text) }
}

// typeThroughFlood is how long each of so many keys took.
func (tm *term) typeThroughFlood(n int) []time.Duration {
	tm.t.Helper()
	var took []time.Duration
	for i := range n {
		k := floodKeys[i%len(floodKeys)]
		began := time.Now()
		tm.send(k.key)
		tm.waitFor(fmt.Sprintf("effect of %q", k.key), k.done)
		took = append(took, time.Since(began))
		tm.rest(50*time.Millisecond + rand.N(100*time.Millisecond)) // no fixed step against the beat of the frames
	}
	for i := n; i%len(floodKeys) != 0; i++ { // leave it as it was
		k := floodKeys[i%len(floodKeys)]
		tm.send(k.key)
		tm.waitFor(fmt.Sprintf("effect of %q", k.key), k.done)
		tm.rest(50 * time.Millisecond)
	}
	return took
}
