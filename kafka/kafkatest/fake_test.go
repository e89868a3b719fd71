package kafkatest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

func TestFakeCountsRequestsEvenWhereATestAnswersThem(t *testing.T) {
	f := NewFake(t, kfake.SeedTopics(2, "orders"))
	cl := Client(t, f.Bootstrap())
	f.ControlKey(int16(kmsg.ListGroups), func(r kmsg.Request) (kmsg.Response, error, bool) {
		f.KeepControl()
		return r.ResponseKind(), nil, true
	})
	for range 3 {
		if _, err := kmsg.NewPtrListGroupsRequest().RequestWith(t.Context(), cl.SeedBrokers()[1]); err != nil {
			t.Fatal(err)
		}
	}
	if n := f.Requests(kmsg.ListGroups); n != 3 {
		t.Errorf("%d ListGroups requests, want 3", n)
	}
	if n := f.Requests(); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
	f.ResetRequests()
	if n := f.Requests(); n != 0 {
		t.Errorf("%d requests after a reset", n)
	}
}

// ask sends one Metadata request to one broker over a new connection.
func ask(ctx context.Context, t *testing.T, f *Fake, broker int) error {
	cl, err := kgo.NewClient(kgo.SeedBrokers(f.Bootstrap()...), kgo.RequestRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	_, err = kmsg.NewPtrMetadataRequest().RequestWith(ctx, cl.SeedBrokers()[broker])
	return err
}

func TestDownBrokerDropsConnectionsAndOthersAnswer(t *testing.T) {
	f := NewFake(t)
	c, err := net.Dial("tcp", f.Bootstrap()[1])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	f.Down(1)
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) && err == nil {
		t.Error("the old connection lives on")
	}
	if err := ask(t.Context(), t, f, 1); err == nil {
		t.Error("a broker that is down answered")
	}
	if err := ask(t.Context(), t, f, 0); err != nil {
		t.Errorf("another broker: %v", err)
	}
	f.Up(1)
	if err := ask(t.Context(), t, f, 1); err != nil {
		t.Errorf("after Up: %v", err)
	}
}

func TestHungBrokerAcceptsAndAnswersOnlyAfterUp(t *testing.T) {
	f := NewFake(t)
	f.Hang(2)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := ask(ctx, t, f, 2); err == nil {
		t.Error("a hung broker answered")
	}
	answered := make(chan error, 1)
	go func() { answered <- ask(t.Context(), t, f, 2) }()
	f.Up(2)
	if err := <-answered; err != nil {
		t.Errorf("after Up: %v", err)
	}
	f.Hang(2) // the end of the test must not wait for it
	c, err := net.Dial("tcp", f.Bootstrap()[2])
	if err != nil {
		t.Fatalf("a hung broker accepts: %v", err)
	}
	t.Cleanup(func() { _ = c.Close() })
}

func TestLeaderlessPartitionHasNoLeaderUntilHealed(t *testing.T) {
	f := NewFake(t, kfake.SeedTopics(3, "orders"))
	adm := kadm.NewClient(Client(t, f.Bootstrap(), kgo.MetadataMinAge(10*time.Millisecond)))
	state := func() (leaders, without int) {
		m, err := adm.Metadata(t.Context(), "orders")
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range m.Topics["orders"].Partitions {
			if p.Leader < 0 && errors.Is(p.Err, kerr.LeaderNotAvailable) && len(p.OfflineReplicas) > 0 {
				without++
			} else {
				leaders++
			}
		}
		return leaders, without
	}
	heal := f.Leaderless(kafka.TopicPartition{Topic: "orders", Partition: 1})
	if l, w := state(); l != 2 || w != 1 {
		t.Errorf("%d partitions with a leader and %d without, want 2 and 1", l, w)
	}
	if topics := f.TopicInfo("orders"); topics == nil {
		t.Error("the topic is gone")
	}
	heal()
	Until(t, patience, func() error {
		if l, w := state(); l != 3 || w != 0 {
			return fmt.Errorf("%d partitions with a leader and %d without, want 3 and 0", l, w)
		}
		return nil
	})
}

func TestMembersOfEachKindReadAndLeave(t *testing.T) {
	for _, kind := range []Kind{SaramaRange, SaramaCooperative, KgoRange, KgoCooperative, KgoConsumer} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			f := NewFake(t, kfake.SeedTopics(4, "orders"))
			Produce(t, f.Bootstrap(), "orders", 100)
			a := Member(t, f.Bootstrap(), "payments", "orders", kind, As("a"))
			b := Member(t, f.Bootstrap(), "payments", "orders", kind, As("b"))
			WaitGroup(t, f.Bootstrap(), "payments", kafka.StateStable, 2)
			Until(t, patience, func() error { // what is read in a rebalance may be read again, and committed later
				sum := int64(0)
				for _, at := range Committed(t, f.Bootstrap(), "payments") {
					sum += at
				}
				if n := a.Records() + b.Records(); n < 100 || sum != 100 {
					return fmt.Errorf("%d of 100 records read, commits add up to %d", n, sum)
				}
				return nil
			})
			a.Stop()
			b.Stop()
			WaitGroup(t, f.Bootstrap(), "payments", kafka.StateEmpty, 0)
		})
	}
}

func TestProducerWritesUntilStopped(t *testing.T) {
	f := NewFake(t, kfake.SeedTopics(2, "orders"))
	p := ProduceAt(t, f.Bootstrap(), "orders", 200)
	Until(t, patience, func() error {
		if p.Acked() < 20 {
			return fmt.Errorf("%d records", p.Acked())
		}
		return nil
	})
	p.Stop()
	var ends int64
	for _, i := range f.PartitionInfos("orders") {
		ends += i.HighWatermark
	}
	if ends < p.Acked() { // what was under way at the end is not acknowledged
		t.Errorf("%d records written, %d acknowledged", ends, p.Acked())
	}
}
