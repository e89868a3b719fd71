package tail_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/tail"
	"lagtop/kafka/tail/filter"
	"lagtop/kafka/tail/order"
	"lagtop/kafka/tail/stream"
)

// bin is a sink that keeps nothing.
type bin struct{}

func (bin) Append(dst []byte, _ *kafka.Record, _ stream.Note) []byte { return dst }
func (bin) Write([]byte) error                                       { return nil }
func (bin) Flush() error                                             { return nil }
func (bin) Event(*kafka.ReadEvent)                                   {}

// A short partition is done with the first answer, while a long one takes many.
func TestPartitionThatIsDoneIsNotFetchedAnyMore(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.NumBrokers(1))
	kafkatest.CreateTopic(t, f.Bootstrap(), "orders", 2, 1)
	long := make([]*kgo.Record, 40)
	for i := range long {
		long[i] = &kgo.Record{Topic: "orders", Partition: 1, Value: make([]byte, 50<<10)}
	}
	kafkatest.ProduceRecords(t, f.Bootstrap(), &kgo.Record{Topic: "orders", Value: []byte("only")})
	for i := range long { // a batch each
		kafkatest.ProduceRecords(t, f.Bootstrap(), long[i])
	}
	reads := []kafka.ReadSpec{{Topic: "orders", Partitions: []int32{0, 1}, From: kafka.Seek{Kind: kafka.SeekStart}, Bytes: 256 << 10}}
	var mu sync.Mutex
	var named [2]int // how often each partition is in a Fetch
	f.ControlKey(int16(kmsg.Fetch), func(r kmsg.Request) (kmsg.Response, error, bool) {
		f.KeepControl()
		mu.Lock()
		defer mu.Unlock()
		for _, topic := range r.(*kmsg.FetchRequest).Topics {
			for _, p := range topic.Partitions {
				named[p.Partition]++
			}
		}
		return nil, nil, false
	})
	reader, until := conn.NewReader(conn.Config{Bootstrap: f.Bootstrap()}), order.Until{End: true}
	for name, read := range map[string]func() error{
		"command": func() error {
			got, err := stream.Run(t.Context(), reader, stream.Options{Reads: reads, Until: until, Filter: filter.Filter{}}, bin{})
			if err == nil && got.Read != 41 {
				err = fmt.Errorf("read %+v", got)
			}
			return err
		},
		"screen": func() error {
			tl := tail.Start(t.Context(), reader, tail.Spec{Reads: reads, Until: until})
			defer tl.Close()
			untilPhase(t, tl, tail.Ended)
			if got := tl.State(); got.Read != 41 {
				return fmt.Errorf("read %+v", got)
			}
			return nil
		},
	} {
		mu.Lock()
		named = [2]int{}
		mu.Unlock()
		if err := read(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		mu.Lock()
		if named[0] != 1 || named[1] < 3 {
			t.Errorf("%s: partitions are asked for %v times", name, named)
		}
		mu.Unlock()
	}
}
