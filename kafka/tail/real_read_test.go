package tail_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
)

// diary is what a reader told, and what it must not: an offset that is missing, or comes again.
type diary struct {
	mu      sync.Mutex
	records []kafka.Record
	next    map[int32]int64
	ends    map[int32]int64
	wrong   string
}

func (d *diary) take(e kafka.ReadEvent) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if e.Kind == kafka.ReadSkipped {
		d.wrong = fmt.Sprintf("partition %d: %d to %d skipped: %v", e.Partition, e.From, e.Next, e.Err)
	}
	for _, r := range e.Records {
		if want, ok := d.next[r.Partition]; ok && r.Offset != want && d.wrong == "" {
			d.wrong = fmt.Sprintf("partition %d: offset %d after %d", r.Partition, r.Offset, want-1)
		}
		d.next[r.Partition] = r.Offset + 1
		d.records = append(d.records, kafka.Record{TopicPartition: r.TopicPartition, Offset: r.Offset, Timestamp: r.Timestamp, Value: []byte(string(r.Value)), Mark: r.Mark, Batch: r.Batch})
	}
	if e.Kind != kafka.ReadFailed {
		d.ends[e.Partition] = max(d.ends[e.Partition], e.Next)
	}
}

// write follows a spec until the test ends, or stop is called.
func write(t *testing.T, bootstrap []string, spec kafka.ReadSpec) (d *diary, stop func()) {
	t.Helper()
	d = &diary{next: map[int32]int64{}, ends: map[int32]int64{}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	spec.From = kafka.Seek{Kind: kafka.SeekStart}
	go func() {
		defer close(done)
		conn.NewReader(conn.Config{Bootstrap: bootstrap}).Follow(ctx, spec, d.take)
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return d, stop
}

func (d *diary) until(t *testing.T, partition int32, next int64) {
	t.Helper()
	kafkatest.Until(t, 90*time.Second, func() error {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.wrong != "" {
			t.Fatal(d.wrong)
		}
		if d.ends[partition] < next {
			return fmt.Errorf("partition %d is read up to %d of %d", partition, d.ends[partition], next)
		}
		return nil
	})
}

func produceSome(t *testing.T, cl *kgo.Client, topic string, n int) {
	t.Helper()
	for i := range n {
		if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: fmt.Appendf(nil, "%d %0200d", i, 0)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestALeaderThatMovesCostsNoRecord(t *testing.T) {
	c := kafkatest.Real(t)
	topic := kafkatest.Unique("tail-moves")
	kafkatest.CreateTopic(t, c.Bootstrap(), topic, 1, 1)
	cl := kafkatest.Client(t, c.Bootstrap())
	d, _ := write(t, c.Bootstrap(), kafka.ReadSpec{Topic: topic})
	adm := kadm.NewClient(cl)
	for i, broker := range []int32{1, 2, 3} {
		var req kadm.AlterPartitionAssignmentsReq
		req.Assign(topic, 0, []int32{broker})
		if _, err := adm.AlterPartitionAssignments(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		produceSome(t, cl, topic, 100)
		d.until(t, 0, int64(i+1)*100)
	}
}

func TestABrokerThatIsKilledAndComesBackCostsNoRecord(t *testing.T) {
	c := kafkatest.RealOwn(t, kafkatest.Own{})
	topic := kafkatest.Unique("tail-killed")
	kafkatest.CreateTopic(t, c.Bootstrap(), topic, 1, 3)
	cl := kafkatest.Client(t, c.Bootstrap())
	d, _ := write(t, c.Bootstrap(), kafka.ReadSpec{Topic: topic})
	produceSome(t, cl, topic, 100)
	d.until(t, 0, 100)
	m, err := kadm.NewClient(cl).Metadata(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	leader := m.Topics[topic].Partitions[0].Leader
	c.Kill(leader)
	produceSome(t, cl, topic, 100)
	d.until(t, 0, 200)
	c.Restart(leader)
	produceSome(t, cl, topic, 100)
	d.until(t, 0, 300)
}

func TestReadCommittedOnApacheKafka(t *testing.T) {
	c := kafkatest.Real(t)
	topic := kafkatest.Unique("tail-transactions")
	kafkatest.CreateTopic(t, c.Bootstrap(), topic, 1, 1)
	cl := kafkatest.Client(t, c.Bootstrap(), kgo.TransactionalID(topic), kgo.ProducerBatchCompression(kgo.Lz4Compression()))
	for _, end := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort, kgo.TryCommit} {
		if err := cl.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		produceSome(t, cl, topic, 3)
		if err := cl.EndTransaction(t.Context(), end); err != nil {
			t.Fatal(err)
		}
	}
	if err := cl.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	produceSome(t, cl, topic, 1) // stays open: not to be read with read_committed
	for name, x := range map[string]struct {
		spec            kafka.ReadSpec
		records, marked int
		next            int64
	}{
		"uncommitted":       {kafka.ReadSpec{}, 10, 0, 13},
		"committed":         {kafka.ReadSpec{Committed: true}, 6, 0, 12},
		"aborted shown":     {kafka.ReadSpec{Committed: true, Aborted: true, Markers: true}, 12, 6, 12},
		"markers":           {kafka.ReadSpec{Markers: true}, 13, 3, 13},
		"aborted, unmarked": {kafka.ReadSpec{Committed: true, Aborted: true}, 9, 3, 12},
	} {
		t.Run(name, func(t *testing.T) {
			x.spec.Topic = topic
			d, _ := write(t, c.Bootstrap(), x.spec)
			kafkatest.Until(t, deadline, func() error {
				d.mu.Lock()
				defer d.mu.Unlock()
				if d.ends[0] < x.next {
					return fmt.Errorf("read up to %d of %d", d.ends[0], x.next)
				}
				return nil
			})
			marked := 0
			for _, r := range d.records {
				if r.Mark != kafka.Plain {
					marked++
				}
				if r.Batch == nil || !r.Batch.ProducerID.OK || !r.Batch.Transactional || !r.Batch.Control && r.Batch.Codec != kafka.CodecLZ4 {
					t.Fatalf("batch %+v", r.Batch)
				}
			}
			if len(d.records) != x.records || marked != x.marked || d.ends[0] != x.next {
				t.Errorf("%d records, %d marked, next %d", len(d.records), marked, d.ends[0])
			}
		})
	}
	if err := cl.EndTransaction(t.Context(), kgo.TryAbort); err != nil {
		t.Fatal(err)
	}
}

func TestTimesAndCompactionOnApacheKafka(t *testing.T) {
	c := kafkatest.Real(t)
	topic := kafkatest.Unique("tail-compacted")
	cl := kafkatest.Client(t, c.Bootstrap())
	conf := map[string]*string{}
	for k, v := range map[string]string{
		"cleanup.policy": "compact", "segment.ms": "1000", "min.cleanable.dirty.ratio": "0.01", "message.timestamp.type": "LogAppendTime",
	} {
		conf[k] = &v
	}
	if _, err := kadm.NewClient(cl).CreateTopic(t.Context(), 1, 1, conf, topic); err != nil {
		t.Fatal(err)
	}
	began := time.Now().Add(-time.Minute)
	count := func() (n int, next int64) {
		d, stop := write(t, c.Bootstrap(), kafka.ReadSpec{Topic: topic})
		kafkatest.Until(t, deadline, func() error {
			d.mu.Lock()
			defer d.mu.Unlock()
			if n, next = len(d.records), d.ends[0]; n == 0 {
				return fmt.Errorf("nothing")
			}
			for _, r := range d.records {
				if r.Timestamp.Before(began) {
					t.Fatalf("time %v: the broker sets it", r.Timestamp)
				}
			}
			return nil
		})
		stop()
		return n, next
	}
	sent := 0
	kafkatest.Until(t, 4*time.Minute, func() error { // each round makes a new segment; the cleaner comes every 15 s
		for range 50 {
			r := &kgo.Record{Topic: topic, Key: []byte("same"), Value: []byte("v"), Timestamp: time.UnixMilli(1)}
			if err := cl.ProduceSync(t.Context(), r).FirstErr(); err != nil {
				t.Fatal(err)
			}
			sent++
		}
		if n, next := count(); next < int64(sent) || n >= sent {
			return fmt.Errorf("%d records of %d offsets, read up to %d", n, sent, next)
		}
		return nil
	})
}
