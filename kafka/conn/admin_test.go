package conn_test

import (
	"cmp"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
)

func openAdmin(t *testing.T, bootstrap ...string) *conn.Admin {
	t.Helper()
	a, err := conn.OpenAdmin(conn.Config{Bootstrap: bootstrap})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

func TestAdminCloseAbortsWhatHangs(t *testing.T) {
	f := kafkatest.NewFake(t)
	a := openAdmin(t, f.Bootstrap()...)
	for n := range int32(3) {
		f.Hang(n)
	}
	ended := make(chan error)
	go func() {
		_, err := a.Group(context.Background(), "g")
		ended <- err
	}()
	a.Close()
	if err := <-ended; err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if _, err := a.Committed(t.Context(), "g"); err == nil {
		t.Error("a closed client answered")
	}
	a.Close() // twice is harmless
}

func TestAdminAsksTheNextBootstrapAddress(t *testing.T) {
	f := kafkatest.NewFake(t)
	kafkatest.CreateTopic(t, f.Bootstrap(), "orders", 2, 1)
	a := openAdmin(t, append([]string{"127.0.0.1:1"}, f.Bootstrap()...)...)
	ps, err := a.Partitions(t.Context(), []string{"orders"})
	if err != nil || len(ps["orders"]) != 2 {
		t.Errorf("%v %v", ps, err)
	}
}

func TestAdminGroupThatIsNotThere(t *testing.T) {
	f := kafkatest.NewFake(t)
	a := openAdmin(t, f.Bootstrap()...)
	if _, err := a.Group(t.Context(), "missing"); !errors.Is(err, kafka.CodeGroupIDNotFound) {
		t.Errorf("%v", err)
	}
	if cs, err := a.Committed(t.Context(), "missing"); err != nil || len(cs) != 0 {
		t.Errorf("%v %v", cs, err)
	}
}

func TestAdminReadsAreRepeatedAndCommitsAreNot(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.SeedTopics(1, "orders"))
	tp := kafka.TopicPartition{Topic: "orders"}
	kafkatest.Commit(t, f.Bootstrap(), "g", map[kafka.TopicPartition]int64{tp: 3})
	a := openAdmin(t, f.Bootstrap()...)
	loading := f.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetFetch}, Group: "g", Err: kerr.CoordinatorLoadInProgress})
	cs, err := a.Committed(t.Context(), "g")
	if err != nil || cs[tp].Offset != 3 || loading.Hits() != 1 {
		t.Errorf("%v %v after %d refusals", cs, err, loading.Hits())
	}
	f.ResetRequests()
	f.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Group: "g", Err: kerr.CoordinatorLoadInProgress, Count: -1})
	refused, err := a.Commit(t.Context(), "g", map[kafka.TopicPartition]kafka.Commit{tp: {Offset: 4}})
	if err != nil || !errors.Is(refused[tp], kafka.CodeCoordinatorLoading) || f.Requests(kmsg.OffsetCommit) != 1 {
		t.Errorf("%v %v after %d requests", refused, err, f.Requests(kmsg.OffsetCommit))
	}
}

func TestAdminFindsPlacesInManyLogsWithOneRequestALeader(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.SeedTopics(12, "orders"), kfake.SeedTopics(12, "other"))
	kafkatest.Produce(t, f.Bootstrap(), "orders", 24)
	a := openAdmin(t, f.Bootstrap()...)
	var tps []kafka.TopicPartition
	for p := range int32(12) {
		tps = append(tps, kafka.TopicPartition{Topic: "orders", Partition: p}, kafka.TopicPartition{Topic: "other", Partition: p})
	}
	tps = append(tps, kafka.TopicPartition{Topic: "orders", Partition: 12}, kafka.TopicPartition{Topic: "missing"})
	f.ResetRequests()
	got, err := a.ListOffsets(t.Context(), tps, kafka.AtEnd())
	if err != nil || len(got) != len(tps) || f.Requests(kmsg.ListOffsets) > 3 {
		t.Fatalf("%d answers, %v, %d requests", len(got), err, f.Requests(kmsg.ListOffsets))
	}
	for tp, o := range got {
		switch {
		case tp.Topic == "missing" || tp.Partition == 12:
			if !errors.Is(o.Err, kafka.CodeUnknownTopicOrPartition) {
				t.Errorf("%v: %+v", tp, o)
			}
		case o.Err != nil || !o.Offset.OK:
			t.Errorf("%v: %+v", tp, o)
		}
	}
	later, err := a.ListOffsets(t.Context(), tps[:1], kafka.AtTime(time.Now().Add(time.Hour)))
	if o := later[tps[0]]; err != nil || o.Err != nil || o.Offset.OK {
		t.Errorf("no record at or after: %+v %v", o, err)
	}
}

// A coordinator that moved refuses the whole request, and does so with every try unless the new one is looked up.
func TestAdminAsksForTheCoordinatorAgainAfterItRefusedAChange(t *testing.T) {
	tp := kafka.TopicPartition{Topic: "orders"}
	at := map[kafka.TopicPartition]kafka.Commit{tp: {Offset: 4}}
	moved := int16(kafka.CodeNotCoordinator)
	for name, c := range map[string]struct {
		change func(context.Context, *conn.Admin) error
		refuse func(kmsg.Request) kmsg.Response
	}{
		"set start offsets": {
			func(ctx context.Context, a *conn.Admin) error {
				r, err := a.SetStartOffsets(ctx, "g", at)
				return cmp.Or(err, r[tp])
			},
			func(r kmsg.Request) kmsg.Response {
				req, ok := r.(*kmsg.AlterShareGroupOffsetsRequest)
				if !ok {
					return nil
				}
				resp := req.ResponseKind().(*kmsg.AlterShareGroupOffsetsResponse)
				resp.ErrorCode = moved
				return resp
			},
		},
		"delete start offsets": {
			func(ctx context.Context, a *conn.Admin) error {
				r, err := a.DeleteStartOffsets(ctx, "g", []string{"orders"})
				return cmp.Or(err, r["orders"])
			},
			func(r kmsg.Request) kmsg.Response {
				req, ok := r.(*kmsg.DeleteShareGroupOffsetsRequest)
				if !ok {
					return nil
				}
				resp := req.ResponseKind().(*kmsg.DeleteShareGroupOffsetsResponse)
				resp.ErrorCode = moved
				return resp
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := kafkatest.NewFake(t, kfake.SeedTopics(1, "orders"))
			a := openAdmin(t, f.Bootstrap()...)
			f.Control(func(r kmsg.Request) (kmsg.Response, error, bool) {
				f.KeepControl()
				resp := c.refuse(r)
				return resp, nil, resp != nil
			})
			f.ResetRequests()
			for range 2 {
				if err := c.change(t.Context(), a); !errors.Is(err, kafka.CodeNotCoordinator) {
					t.Fatalf("%v", err)
				}
			}
			if n := f.Requests(kmsg.FindCoordinator); n != 2 {
				t.Errorf("asked for the coordinator %d times", n)
			}
		})
	}
}
