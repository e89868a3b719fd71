package tail_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/tail"
	"lagtop/kafka/tail/filter"
	"lagtop/kafka/tail/order"
)

// On Apache Kafka: two topics whose records take turns come out in the order of time and end at the ends there were,
// and a search of their past reads up to where memory begins.
func TestTwoTopicsOfApacheKafkaAreMergedUpToTheirEnds(t *testing.T) {
	c := kafkatest.Real(t)
	topics := []string{kafkatest.Unique("tailmerge-a"), kafkatest.Unique("tailmerge-b")}
	cl := kafkatest.Client(t, c.Bootstrap(), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	const each, parts = 1000, 3
	began := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	for i, topic := range topics {
		kafkatest.CreateTopic(t, c.Bootstrap(), topic, parts, 1)
		var rs []*kgo.Record
		for n := range each {
			at := began.Add(time.Duration(2*n+i) * time.Millisecond)
			rs = append(rs, &kgo.Record{Topic: topic, Partition: int32(n % parts), Timestamp: at, Value: fmt.Append(nil, 2*n+i)})
		}
		if err := cl.ProduceSync(t.Context(), rs...).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	reads := func(from kafka.Seek) (out []kafka.ReadSpec) {
		for _, topic := range topics {
			out = append(out, kafka.ReadSpec{Topic: topic, Partitions: []int32{0, 1, 2}, From: from})
		}
		return out
	}
	reader := conn.NewReader(conn.Config{Bootstrap: c.Bootstrap()})
	tl := tail.Start(t.Context(), reader, tail.Spec{Reads: reads(kafka.Seek{Kind: kafka.SeekStart}), Merge: tail.DefaultMerge, Until: order.Until{End: true}})
	defer tl.Close()
	untilPhase(t, tl, tail.Ended)
	lines := tl.Lines(2 * each)
	for i := range lines {
		if string(lines[i].Value) != fmt.Sprint(i) || lines[i].Late {
			t.Fatalf("record %d is %s, late %v", i, lines[i].Value, lines[i].Late)
		}
	}
	want := tl.State()
	if len(lines) != 2*each || want.Passed != 2*each || want.All != kafka.Some[int64](2*each) {
		t.Errorf("%d records, %+v", len(lines), want)
	}

	newest := tail.Start(t.Context(), reader, tail.Spec{Reads: reads(kafka.Seek{Kind: kafka.SeekLast, Offset: 30}), Merge: tail.DefaultMerge})
	defer newest.Close()
	until(t, newest, func(s tail.State) error {
		if s.Received < 180 {
			return fmt.Errorf("want 180")
		}
		return nil
	})
	match, err := filter.Parse("/^1[02]50$/")
	if err != nil {
		t.Fatal(err)
	}
	past := tail.Start(t.Context(), reader, tail.Spec{
		Reads: reads(kafka.Seek{Kind: kafka.SeekTime, Time: began.Add(time.Second)}), Until: order.Until{End: true}, Before: newest.Begins(), Keep: match, Merge: tail.DefaultMerge,
	})
	defer past.Close()
	untilPhase(t, past, tail.Ended)
	s, got := past.State(), ""
	for _, e := range past.Lines(99) {
		got += string(e.Value) + " "
	}
	// From 1000 ms on, without the 180 in memory, which begin somewhere from 1815 on.
	if s.Read != each-180 || s.Passed != s.Read || got != "1050 1250 " {
		t.Errorf("read %d, passed %d, found %s", s.Read, s.Passed, got)
	}
}
