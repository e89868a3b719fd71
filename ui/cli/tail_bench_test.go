package cli

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka/kafkatest"
)

// The topic of the comparison: large enough that starting up matters little.
const (
	benchRecords    = 1_000_000
	benchPartitions = 12
	benchValue      = 100 // bytes
)

// BenchmarkTailAgainstOthers reads one topic of a real Kafka to its end with lagtop tail, a bare sarama
// consumer and kcat (where it is installed), in turn, each into nothing. The metrics are records a second, and
// how many times as many as the others lagtop reads.
func BenchmarkTailAgainstOthers(b *testing.B) {
	c := kafkatest.Real(b)
	topic := benchTopic(b, c.Bootstrap())
	took := map[string]time.Duration{}
	measure := func(name string, read func() error) {
		began := time.Now()
		if err := read(); err != nil {
			b.Fatalf("%s: %v", name, err)
		}
		took[name] += time.Since(began)
	}
	args := []string{"tail", topic, "-b", c.List(), "--from", "start", "--no-follow"}
	for _, form := range []string{"raw", "text", "json"} { // what is measured below is the whole topic
		var out, errs strings.Builder
		if code := Run(b.Context(), append(args, "-o", form), strings.NewReader(""), &out, &errs); code != exitOK || strings.Count(out.String(), "\n") != benchRecords {
			b.Fatalf("%s: exit %d, %d of %d records: %s", form, code, strings.Count(out.String(), "\n"), benchRecords, errs.String())
		}
	}
	kcat, missing := exec.LookPath("kcat")
	rounds := 0
	for b.Loop() {
		rounds++
		measure("raw", func() error { return tailInto(b, append(args, "-o", "raw")) })
		measure("text", func() error { return tailInto(b, args) })
		measure("json", func() error { return tailInto(b, append(args, "-o", "json")) })
		measure("sarama", func() error { return saramaRead(c.Bootstrap(), topic) })
		if missing == nil {
			measure("kcat", func() error {
				return exec.CommandContext(b.Context(), kcat, "-b", c.List(), "-C", "-t", topic, "-o", "beginning", "-e", "-q").Run()
			})
		}
	}
	b.ReportMetric(0, "ns/op")
	for name, d := range took {
		b.ReportMetric(float64(rounds*benchRecords)/d.Seconds(), name+"/s")
	}
	for _, other := range []string{"sarama", "kcat"} {
		if took[other] > 0 {
			b.ReportMetric(took[other].Seconds()/took["raw"].Seconds(), "raw-x-"+other)
			b.ReportMetric(took[other].Seconds()/took["text"].Seconds(), "text-x-"+other)
		}
	}
}

// tailInto runs the command into the null device, as a shell would.
func tailInto(b *testing.B, args []string) error {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	var errs strings.Builder
	if code := Run(b.Context(), args, strings.NewReader(""), null, &errs); code != exitOK {
		b.Fatalf("exit %d: %s", code, errs.String())
	}
	return nil
}

func benchTopic(b *testing.B, bootstrap []string) string {
	topic := kafkatest.Unique("tail-bench")
	kafkatest.CreateTopic(b, bootstrap, topic, benchPartitions, 1)
	cl := kafkatest.Client(b, bootstrap, kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
	value := []byte(strings.Repeat("abcdefghij", benchValue/10))
	for range benchRecords {
		cl.Produce(b.Context(), &kgo.Record{Topic: topic, Value: value}, nil)
	}
	if err := cl.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	return topic
}

// saramaRead is the least that a program does with sarama: a consumer for each partition.
func saramaRead(bootstrap []string, topic string) error {
	conf := sarama.NewConfig()
	conf.Consumer.Fetch.Default = 2 << 20
	consumer, err := sarama.NewConsumer(bootstrap, conf)
	if err != nil {
		return err
	}
	defer consumer.Close()
	var left atomic.Int64
	left.Store(benchRecords)
	done := make(chan struct{})
	for p := range int32(benchPartitions) {
		pc, err := consumer.ConsumePartition(topic, p, sarama.OffsetOldest)
		if err != nil {
			return err
		}
		defer pc.Close()
		go func() {
			for m := range pc.Messages() {
				_, _ = io.Discard.Write(m.Value)
				if left.Add(-1) == 0 {
					close(done)
				}
			}
		}()
	}
	<-done
	return nil
}
