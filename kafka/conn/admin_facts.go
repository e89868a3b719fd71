package conn

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/IBM/sarama"

	"lagtop/kafka"
)

// TopicConfigs reads the configurations of a topic that differ from the default, by name. Those that it
// inherits from its broker are among them. It takes the right DESCRIBE_CONFIGS.
func (a *Admin) TopicConfigs(ctx context.Context, topic string) ([]kafka.Config, error) {
	ctx, done := a.begin(ctx)
	defer done()
	req := configsRequest(sarama.TopicResource, topic)
	r, err := anywhere(ctx, a, "DescribeConfigs", func(s *sarama.Broker) (*sarama.DescribeConfigsResponse, error) {
		return s.DescribeConfigs(req)
	})
	if err != nil {
		return nil, err
	}
	return configs(r, topic, "topic "+topic)
}

// topicSettings are the configurations of a topic that decide about throughput and what is kept.
var topicSettings = []string{"cleanup.policy", "compression.type", "max.message.bytes", "retention.bytes", "retention.ms"}

// TopicSettings reads the configurations of a topic that decide about throughput and what is kept, by
// name, also those at their default. It takes the right DESCRIBE_CONFIGS.
func (a *Admin) TopicSettings(ctx context.Context, topic string) ([]kafka.Config, error) {
	ctx, done := a.begin(ctx)
	defer done()
	req := configsRequest(sarama.TopicResource, topic)
	req.Resources[0].ConfigNames = topicSettings
	r, err := anywhere(ctx, a, "DescribeConfigs", func(s *sarama.Broker) (*sarama.DescribeConfigsResponse, error) {
		return s.DescribeConfigs(req)
	})
	if err != nil {
		return nil, err
	}
	return allConfigs(r, topic, "topic "+topic)
}

// BrokerConfigs reads the configurations of a broker that differ from the default, by name. Values that
// are sensitive, such as passwords, are never told.
func (a *Admin) BrokerConfigs(ctx context.Context, id int32) ([]kafka.Config, error) {
	ctx, done := a.begin(ctx)
	defer done()
	b, err := a.node(ctx, id)
	if err != nil {
		return nil, err
	}
	name := strconv.Itoa(int(id))
	req := configsRequest(sarama.BrokerResource, name)
	// Only the broker itself knows its static configuration.
	r, err := call(ctx, b, "DescribeConfigs", func(s *sarama.Broker) (*sarama.DescribeConfigsResponse, error) {
		return s.DescribeConfigs(req)
	})
	if err != nil {
		return nil, err
	}
	return configs(r, name, "broker "+name)
}

// LogDirs reads what a broker keeps in its log dirs, by path. A dir that failed carries its own error.
func (a *Admin) LogDirs(ctx context.Context, id int32) ([]kafka.LogDir, error) {
	ctx, done := a.begin(ctx)
	defer done()
	b, err := a.node(ctx, id)
	if err != nil {
		return nil, err
	}
	r, err := call(ctx, b, "DescribeLogDirs", func(s *sarama.Broker) (*sarama.DescribeLogDirsResponse, error) {
		return s.DescribeLogDirs(&sarama.DescribeLogDirsRequest{Version: 4})
	})
	if err != nil {
		return nil, err
	}
	if err := refusal("DescribeLogDirs", "DESCRIBE", "the cluster", kafka.Code(r.ErrorCode), ""); err != nil {
		return nil, err
	}
	out := make([]kafka.LogDir, 0, len(r.LogDirs))
	for i := range r.LogDirs {
		out = append(out, logDir(&r.LogDirs[i], r.Version))
	}
	slices.SortFunc(out, func(a, b kafka.LogDir) int { return cmp.Compare(a.Path, b.Path) })
	return out, nil
}

func logDir(d *sarama.DescribeLogDirsResponseDirMetadata, version int16) kafka.LogDir {
	out := kafka.LogDir{Path: d.Path, Err: kafka.Code(d.ErrorCode).Err()}
	for i := range d.Topics {
		for _, p := range d.Topics[i].Partitions {
			out.Size += p.Size
			out.Partitions++
			if p.IsTemporary {
				out.Moving++
			}
		}
	}
	if version >= 4 && d.TotalBytes >= 0 && d.UsableBytes >= 0 { // -1 is how the protocol says "not known"
		out.Total, out.Usable = kafka.Some(d.TotalBytes), kafka.Some(d.UsableBytes)
	}
	return out
}

// node is the connection to a broker by its id.
func (a *Admin) node(ctx context.Context, id int32) (*Broker, error) {
	// A topic has to be named, or all would be described; whether it exists does not matter.
	md, err := a.metadata(ctx, []string{"__consumer_offsets"})
	if err != nil {
		return nil, err
	}
	for _, b := range md.Brokers {
		if b.ID() == id {
			return a.broker(b.Addr())
		}
	}
	return nil, fmt.Errorf("broker %d: not in the cluster's metadata at present", id)
}

func configsRequest(kind sarama.ConfigResourceType, name string) *sarama.DescribeConfigsRequest {
	return &sarama.DescribeConfigsRequest{Version: 4, Resources: []*sarama.ConfigResource{{Type: kind, Name: name}}}
}

// configs are those of the named resource that are not the default.
func configs(r *sarama.DescribeConfigsResponse, name, object string) ([]kafka.Config, error) {
	all, err := allConfigs(r, name, object)
	return slices.DeleteFunc(all, func(c kafka.Config) bool { return c.Source == kafka.SourceDefault }), err
}

func allConfigs(r *sarama.DescribeConfigsResponse, name, object string) ([]kafka.Config, error) {
	i := slices.IndexFunc(r.Resources, func(x *sarama.ResourceResponse) bool { return x.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("DescribeConfigs %s: %w", object, errNotMentioned)
	}
	x := r.Resources[i]
	if err := refusal("DescribeConfigs", "DESCRIBE_CONFIGS", object, kafka.Code(x.ErrorCode), x.ErrorMsg); err != nil {
		return nil, err
	}
	var out []kafka.Config
	for _, c := range x.Configs {
		k := kafka.Config{Name: c.Name, Value: c.Value, Source: source(c.Source), Sensitive: c.Sensitive, ReadOnly: c.ReadOnly}
		if c.Default {
			k.Source = kafka.SourceDefault
		}
		if k.Sensitive {
			k.Value = ""
		}
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b kafka.Config) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// source words DescribeConfigs' config_source.
func source(s sarama.ConfigSource) kafka.ConfigSource {
	switch s {
	case sarama.SourceTopic:
		return kafka.SourceTopic
	case sarama.SourceDynamicBroker:
		return kafka.SourceBroker
	case sarama.SourceDynamicDefaultBroker:
		return kafka.SourceDefaultBrokers
	case sarama.SourceStaticBroker:
		return kafka.SourceStaticBroker
	case sarama.SourceDefault:
		return kafka.SourceDefault
	}
	return kafka.SourceUnknown
}

// refusal is the error of a code in an answer that takes a right of its own, nil for 0.
func refusal(op, right, object string, c kafka.Code, message string) error {
	switch {
	case c == 0:
		return nil
	case kafka.Unauthorized(c):
		return fmt.Errorf("not authorized: %s on %s (%w)", right, object, c)
	case message != "":
		return fmt.Errorf("%s %s: %w: %s", op, object, c, message)
	}
	return fmt.Errorf("%s %s: %w", op, object, c)
}
