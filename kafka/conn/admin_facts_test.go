package conn_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
)

func config(cs []kafka.Config, name string) *kafka.Config {
	if i := slices.IndexFunc(cs, func(c kafka.Config) bool { return c.Name == name }); i >= 0 {
		return &cs[i]
	}
	return nil
}

func TestConfigsOfAFakeLeaveOutDefaultsAndSecrets(t *testing.T) {
	f := kafkatest.NewFake(t)
	f.ControlKey(int16(kmsg.DescribeConfigs), func(r kmsg.Request) (kmsg.Response, error, bool) {
		f.KeepControl()
		req := r.(*kmsg.DescribeConfigsRequest)
		resp := r.ResponseKind().(*kmsg.DescribeConfigsResponse)
		res := kmsg.NewDescribeConfigsResponseResource()
		res.ResourceType, res.ResourceName = req.Resources[0].ResourceType, req.Resources[0].ResourceName
		for _, c := range []struct {
			name      string
			source    kmsg.ConfigSource
			sensitive bool
		}{
			{"z.static", kmsg.ConfigSourceStaticBrokerConfig, false},
			{"a.default", kmsg.ConfigSourceDefaultConfig, false},
			{"ssl.keystore.password", kmsg.ConfigSourceDynamicBrokerConfig, true},
			{"a.topic", kmsg.ConfigSourceDynamicTopicConfig, false},
		} {
			x := kmsg.NewDescribeConfigsResponseResourceConfig()
			x.Name, x.Value, x.Source, x.IsSensitive = c.name, kmsg.StringPtr("value"), c.source, c.sensitive
			res.Configs = append(res.Configs, x)
		}
		resp.Resources = append(resp.Resources, res)
		return resp, nil, true
	})
	a := openAdmin(t, f.Bootstrap()...)
	want := []kafka.Config{
		{Name: "a.topic", Value: "value", Source: kafka.SourceTopic},
		{Name: "ssl.keystore.password", Source: kafka.SourceBroker, Sensitive: true},
		{Name: "z.static", Value: "value", Source: kafka.SourceStaticBroker},
	}
	for what, read := range map[string]func() ([]kafka.Config, error){
		"topic":  func() ([]kafka.Config, error) { return a.TopicConfigs(t.Context(), "orders") },
		"broker": func() ([]kafka.Config, error) { return a.BrokerConfigs(t.Context(), 1) },
	} {
		if got, err := read(); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %+v %v", what, got, err)
		}
	}
}

func TestConfigsSayWhichRightIsMissing(t *testing.T) {
	f := kafkatest.NewFake(t)
	f.ControlKey(int16(kmsg.DescribeConfigs), func(r kmsg.Request) (kmsg.Response, error, bool) {
		resp := r.ResponseKind().(*kmsg.DescribeConfigsResponse)
		res := kmsg.NewDescribeConfigsResponseResource()
		res.ResourceName, res.ErrorCode = "orders", kerr.TopicAuthorizationFailed.Code
		resp.Resources = append(resp.Resources, res)
		return resp, nil, true
	})
	_, err := openAdmin(t, f.Bootstrap()...).TopicConfigs(t.Context(), "orders")
	if !kafka.Unauthorized(err) || !strings.Contains(err.Error(), "DESCRIBE_CONFIGS on topic orders") {
		t.Errorf("error %v", err)
	}
}

func TestLogDirsCarryTheirOwnErrors(t *testing.T) {
	f := kafkatest.NewFake(t)
	f.ControlKey(int16(kmsg.DescribeLogDirs), func(r kmsg.Request) (kmsg.Response, error, bool) {
		resp := r.ResponseKind().(*kmsg.DescribeLogDirsResponse)
		good, bad := kmsg.NewDescribeLogDirsResponseDir(), kmsg.NewDescribeLogDirsResponseDir()
		good.Dir, good.TotalBytes, good.UsableBytes = "/data/2", 1000, 400
		topic := kmsg.NewDescribeLogDirsResponseDirTopic()
		topic.Topic = "orders"
		for i := range int32(3) {
			p := kmsg.NewDescribeLogDirsResponseDirTopicPartition()
			p.Partition, p.Size, p.IsFuture = i, 100, i == 2
			topic.Partitions = append(topic.Partitions, p)
		}
		good.Topics = append(good.Topics, topic)
		bad.Dir, bad.ErrorCode, bad.TotalBytes, bad.UsableBytes = "/data/1", kerr.KafkaStorageError.Code, -1, -1
		resp.Dirs = append(resp.Dirs, good, bad)
		return resp, nil, true
	})
	got, err := openAdmin(t, f.Bootstrap()...).LogDirs(t.Context(), 2)
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v %v", got, err)
	}
	if got[0].Path != "/data/1" || got[0].Err == nil || got[0].Total.OK {
		t.Errorf("the failed dir: %+v", got[0])
	}
	want := kafka.LogDir{Path: "/data/2", Size: 300, Partitions: 3, Moving: 1, Total: kafka.Some[int64](1000), Usable: kafka.Some[int64](400)}
	if got[1] != want {
		t.Errorf("the good dir: %+v", got[1])
	}
}

func TestFactsOfABrokerThatIsNotThere(t *testing.T) {
	a := openAdmin(t, kafkatest.NewFake(t).Bootstrap()...)
	for what, read := range map[string]func() error{
		"configs":  func() error { _, err := a.BrokerConfigs(t.Context(), 99); return err },
		"log dirs": func() error { _, err := a.LogDirs(t.Context(), 99); return err },
	} {
		if err := read(); err == nil || !strings.Contains(err.Error(), "broker 99") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestFactsEndWithTheirContext(t *testing.T) {
	f := kafkatest.NewFake(t)
	a := openAdmin(t, f.Bootstrap()...)
	for n := range int32(3) {
		f.Hang(n)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, errors.New("too late"))
	defer cancel()
	if _, err := a.LogDirs(ctx, 1); err == nil || !strings.Contains(err.Error(), "too late") {
		t.Errorf("error %v", err)
	}
}

func TestFactsOfARealCluster(t *testing.T) {
	c := kafkatest.Real(t)
	a := openAdmin(t, c.Bootstrap()...)
	topic := kafkatest.Unique("facts")
	kafkatest.CreateTopic(t, c.Bootstrap(), topic, 3, 3)
	kafkatest.Produce(t, c.Bootstrap(), topic, 100)
	setRetention(t, c, topic)
	kafkatest.Until(t, time.Minute, func() error {
		got, err := a.TopicConfigs(t.Context(), topic)
		if err != nil {
			return err
		}
		if x := config(got, "retention.ms"); x == nil || x.Value != "86400000" || x.Source != kafka.SourceTopic {
			return errors.New("retention.ms is not there yet")
		}
		if x := config(got, "cleanup.policy"); x != nil {
			t.Errorf("a default is listed: %+v", x)
		}
		return nil
	})
	got, err := a.BrokerConfigs(t.Context(), 2)
	if x := config(got, "node.id"); err != nil || x == nil || x.Value != "2" || x.Source != kafka.SourceStaticBroker || !x.ReadOnly {
		t.Errorf("configs of broker 2: %+v %v", got, err)
	}
	dirs, err := a.LogDirs(t.Context(), 3)
	if err != nil || len(dirs) != 1 || dirs[0].Err != nil || dirs[0].Size <= 0 || dirs[0].Partitions < 3 || !dirs[0].Total.OK || !dirs[0].Usable.OK {
		t.Errorf("log dirs of broker 3: %+v %v", dirs, err)
	}
	if _, err := a.TopicConfigs(t.Context(), "no-such-topic"); !errors.Is(err, kafka.CodeUnknownTopicOrPartition) {
		t.Errorf("a topic that is not there: %v", err)
	}
}

func setRetention(t *testing.T, c *kafkatest.Cluster, topic string) {
	t.Helper()
	req := kmsg.NewPtrIncrementalAlterConfigsRequest()
	res := kmsg.NewIncrementalAlterConfigsRequestResource()
	res.ResourceType, res.ResourceName = kmsg.ConfigResourceTypeTopic, topic
	x := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
	x.Name, x.Value = "retention.ms", kmsg.StringPtr("86400000")
	res.Configs = append(res.Configs, x)
	req.Resources = append(req.Resources, res)
	resp, err := req.RequestWith(t.Context(), kafkatest.Client(t, c.Bootstrap()))
	if err == nil {
		err = kerr.ErrorForCode(resp.Resources[0].ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
}
