package conn_test

import (
	"context"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
)

// epochRecord is the epoch of a KIP-848 group as its coordinator writes it.
func epochRecord(group string, epoch int32) *kgo.Record {
	return &kgo.Record{
		Topic: "__consumer_offsets", Key: kbin.AppendString(kbin.AppendInt16(nil, 3), group), Value: kbin.AppendInt32(kbin.AppendInt16(nil, 0), epoch),
	}
}

func TestFollowsTheLogOfOneGroup(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.SeedTopics(1, "__consumer_offsets"))
	kafkatest.ProduceRecords(t, f.Bootstrap(), epochRecord("other", 7), epochRecord("g", 1), epochRecord("gg", 8))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var epochs []int32
	conn.NewReader(conn.Config{Bootstrap: f.Bootstrap()}).FollowGroup(ctx, "g", func(e kafka.GroupLogEvent) {
		if e.Err != nil {
			t.Errorf("%v", e.Err)
			stop()
		}
		for _, r := range e.Records {
			epochs = append(epochs, r.Epoch)
		}
		switch {
		case len(epochs) == 1 && e.CaughtUp:
			kafkatest.ProduceRecords(t, f.Bootstrap(), epochRecord("g", 2))
		case len(epochs) > 1:
			stop()
		}
	})
	if len(epochs) != 2 || epochs[0] != 1 || epochs[1] != 2 {
		t.Errorf("epochs %v", epochs)
	}
}

func TestFollowingAGroupEndsWithoutTheRight(t *testing.T) {
	for name, key := range map[string]kmsg.Key{"DESCRIBE": kmsg.Metadata, "READ": kmsg.Fetch} {
		t.Run(name, func(t *testing.T) {
			f := kafkatest.NewFake(t, kfake.SeedTopics(1, "__consumer_offsets"))
			kafkatest.ProduceRecords(t, f.Bootstrap(), epochRecord("g", 1))
			f.ControlKey(int16(key), func(r kmsg.Request) (kmsg.Response, error, bool) {
				f.KeepControl()
				return denied(r), nil, true
			})
			var last error
			conn.NewReader(conn.Config{Bootstrap: f.Bootstrap()}).FollowGroup(t.Context(), "g", func(e kafka.GroupLogEvent) {
				if len(e.Records) > 0 {
					t.Errorf("%+v", e.Records)
				}
				last = e.Err
			})
			if last == nil || !kafka.Unauthorized(last) || !strings.HasPrefix(last.Error(), "not authorized: READ on __consumer_offsets") {
				t.Errorf("%v", last)
			}
		})
	}
}

// denied refuses what is asked about __consumer_offsets.
func denied(r kmsg.Request) kmsg.Response {
	switch r := r.(type) {
	case *kmsg.MetadataRequest:
		m := r.ResponseKind().(*kmsg.MetadataResponse)
		topic := kmsg.NewMetadataResponseTopic()
		topic.Topic, topic.ErrorCode = kmsg.StringPtr("__consumer_offsets"), kerr.TopicAuthorizationFailed.Code
		m.Topics = append(m.Topics, topic)
		return m
	case *kmsg.FetchRequest:
		m := r.ResponseKind().(*kmsg.FetchResponse)
		topic, part := kmsg.NewFetchResponseTopic(), kmsg.NewFetchResponseTopicPartition()
		topic.Topic, part.ErrorCode = "__consumer_offsets", kerr.TopicAuthorizationFailed.Code
		topic.Partitions = append(topic.Partitions, part)
		m.Topics = append(m.Topics, topic)
		return m
	}
	return nil
}
