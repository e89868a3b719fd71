package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
)

// tailOf opens the tail of the only topic.
func (tm *term) tailOf(topic string) {
	tm.t.Helper()
	tm.wait("topic", `(?m)^.\s*`+regexp.QuoteMeta(topic))
	tm.send("3")
	tm.send("t")
	tm.wait("tail that has begun", `5 Tail `+regexp.QuoteMeta(topic)+`.* (caught up|following)`)
}

func TestAFloodIsSampledWhichIsSaidAndKeysAreAnswered(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.SeedTopics(6, "flood"))
	tm := start(t, 120, 40, "-b", f.Bootstrap()[0])
	tm.tailOf("flood")
	fl := startFlood(t, f.Bootstrap(), "flood", 20_000)
	tm.wait("sampling", `5 Tail flood .*showing 1 of \d+`)
	tm.send("z")
	tm.waitFor("zoomed tail", func(s string) bool { return !strings.Contains(s, "1 Groups") && intact(s, 120, 40) == nil })
	tm.send("k")
	tm.wait("record under the cursor", "G follows")
	tm.send("G")
	tm.waitFor("newest records", hasNot("G follows"))
	tm.send("/")
	tm.send("level>=error")
	tm.send(enter)
	tm.wait("errors alone", `shown of .*level>=error`, `ERROR flood/\d@`)
	tm.send("/")
	tm.send(clear)
	tm.send(enter)
	tm.wait("all records", `INFO +flood/\d@`)
	tm.send("z")
	tm.wait("all panes", "1 Groups")
	fl.stop()
	tm.quit()
}

const tenMB = 10_000_000

// 240 MB go through the program, which keeps 64 KB of each record.
func TestRecordsOf10MBDoNoHarm(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.SeedTopics(3, "huge"), kfake.BrokerConfigs(map[string]string{"message.max.bytes": "20000000"}))
	value := append([]byte("begin "), bytes.Repeat([]byte("0123456789"), tenMB/10)...)
	tm := start(t, 120, 40, "-b", f.Bootstrap()[0])
	tm.tailOf("huge")
	cl := kafkatest.Client(t, f.Bootstrap(), kgo.ProducerBatchMaxBytes(2*tenMB), kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
	for range 24 {
		if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: "huge", Value: value}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	tm.wait("last record, cut", `huge/\d@7 begin 0123456789\S+…`, `huge.*caught up`)
	written := tm.written()
	tm.send(enter)
	tm.wait("detail with the true size", `Record huge/\d@7`, `Value +text, 10 MB`, "only the beginning of what is long was kept")
	if n := tm.written() - written; n > tenMB/10 { // polls draw too
		t.Errorf("%d bytes to show the record", n)
	}
	tm.send(esc)
	tm.wait("overview", "1 Groups")
	const most = 500 << 20
	if rss := usageOf(t, tm.cmd.Process.Pid).RSS; rss > most {
		t.Errorf("%d MB of memory", rss>>20)
	}
	tm.quit()
	out, err := exec.Command(binary, "tail", "huge", "-b", f.Bootstrap()[0], "--from", "start", "--until", "now", "--max", "1", "-o", "raw").Output()
	if err != nil || !bytes.Equal(out, append(value, '\n')) {
		t.Errorf("lagtop tail prints %d bytes: %v", len(out), err)
	}
}

// manyPartitions are more than a cluster should have in one topic.
const manyPartitions = 100_000

func TestATopicOfManyPartitionsTakesNoMoreGoroutinesThanBrokers(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.SeedTopics(manyPartitions, "wide"))
	began := map[int32]bool{}
	var mu sync.Mutex
	all := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	before := runtime.NumGoroutine()
	var wg sync.WaitGroup
	wg.Go(func() {
		conn.NewReader(conn.Config{Bootstrap: f.Bootstrap(), ReadTimeout: time.Minute}).Follow(ctx, kafka.ReadSpec{Topic: "wide"}, func(e kafka.ReadEvent) {
			mu.Lock()
			defer mu.Unlock()
			if e.Kind == kafka.ReadBegan && !began[e.Partition] {
				if began[e.Partition] = true; len(began) == manyPartitions {
					close(all)
				}
			}
		})
	})
	<-all
	if n := runtime.NumGoroutine() - before; n > 100 { // those of the brokers too, which are in this process
		t.Errorf("%d goroutines", n)
	}
	const most = 30 // some for each broker
	if lists, metas := f.Requests(kmsg.ListOffsets), f.Requests(kmsg.Metadata); lists > most || metas > most {
		t.Errorf("%d ListOffsets, %d Metadata", lists, metas)
	}
	cancel()
	wg.Wait()
}

func TestATopicOfManyPartitionsIsShownAndFollowed(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.SeedTopics(manyPartitions, "wide"))
	tm := start(t, 120, 40, "-b", f.Bootstrap()[0])
	tm.tailOf("wide")
	kafkatest.ProduceTo(t, f.Bootstrap(), kafka.TopicPartition{Topic: "wide", Partition: manyPartitions - 1}, 3)
	tm.wait("its records", fmt.Sprintf(`wide/%d@2 `, manyPartitions-1))
	tm.openAndCloseHelp()
	const most = 500 << 20
	if rss := usageOf(t, tm.cmd.Process.Pid).RSS; rss > most {
		t.Errorf("%d MB of memory", rss>>20)
	}
	tm.quit()
}
