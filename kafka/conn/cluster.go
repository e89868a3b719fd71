package conn

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"lagtop/kafka"
)

// ClusterInfo is what moves slowly or not at all.
type ClusterInfo struct {
	Mode       kafka.Mode
	Version    string             // release line such as "4.2", inferred from what is offered; empty when unknown
	Quorum     bool               // DescribeQuorum is offered: Metadata names a random broker as controller
	Controller kafka.Known[int32] // the quorum leader; unknown without Quorum or the right to ask
	// OffsetsRetention is offsets.retention.minutes of the broker that was asked; unknown without the right
	// DESCRIBE_CONFIGS.
	OffsetsRetention kafka.Known[time.Duration]
}

// The keys of requests that tell the mode.
const (
	keyUpdateMetadata = 6  // brokers under ZooKeeper take it from their controller
	keyDescribeQuorum = 55 // KRaft
)

// ReadCluster asks this broker, whose node id it takes, for ApiVersions, one of its configurations and, under
// KRaft, DescribeQuorum. An error may come with a part of the answer.
func (b *Broker) ReadCluster(ctx context.Context, id int32) (ClusterInfo, error) {
	req := kmsg.NewPtrApiVersionsRequest()
	req.ClientSoftwareName, req.ClientSoftwareVersion = "lagtop", "1"
	r, err := b.request(ctx, "ApiVersions", req)
	if err != nil {
		return ClusterInfo{}, err
	}
	v := r.(*kmsg.ApiVersionsResponse)
	info := ClusterInfo{Mode: mode(v), Version: release(v), OffsetsRetention: b.offsetsRetention(ctx, id)}
	if info.Quorum = offers(v, keyDescribeQuorum); !info.Quorum {
		return info, nil
	}
	info.Controller, err = b.quorumLeader(ctx)
	return info, err
}

const offsetsRetention = "offsets.retention.minutes"

// offsetsRetention is unknown without the right to ask and where the name is unknown: nothing depends on it
// that could not be assumed.
func (b *Broker) offsetsRetention(ctx context.Context, id int32) kafka.Known[time.Duration] {
	req := kmsg.NewPtrDescribeConfigsRequest()
	r := kmsg.NewDescribeConfigsRequestResource()
	r.ResourceType, r.ResourceName, r.ConfigNames = kmsg.ConfigResourceTypeBroker, strconv.Itoa(int(id)), []string{offsetsRetention}
	req.Resources = append(req.Resources, r)
	none := kafka.Known[time.Duration]{}
	answer, err := b.request(ctx, "DescribeConfigs", req)
	if err != nil {
		return none
	}
	for _, r := range answer.(*kmsg.DescribeConfigsResponse).Resources {
		for _, c := range r.Configs {
			if c.Name != offsetsRetention || c.Value == nil {
				continue
			}
			if n, err := strconv.ParseInt(*c.Value, 10, 32); err == nil && n > 0 {
				return kafka.Some(time.Duration(n) * time.Minute)
			}
		}
	}
	return none
}

func mode(v *kmsg.ApiVersionsResponse) kafka.Mode {
	for i := range v.FinalizedFeatures {
		if v.FinalizedFeatures[i].Name == "metadata.version" {
			return kafka.ModeKRaft
		}
	}
	switch {
	case offers(v, keyDescribeQuorum):
		return kafka.ModeKRaft
	case offers(v, keyUpdateMetadata):
		return kafka.ModeZooKeeper
	}
	return kafka.ModeUnknown
}

func offers(v *kmsg.ApiVersionsResponse, key int16) bool {
	for i := range v.ApiKeys {
		if v.ApiKeys[i].ApiKey == key {
			return true
		}
	}
	return false
}

// releases are the release lines by the highest metadata.version (KIP-778) that they support.
var releases = [...]struct {
	level int16
	name  string
}{
	{7, "3.3"}, {8, "3.4"}, {11, "3.5"}, {14, "3.6"}, {19, "3.7"}, {20, "3.8"}, {21, "3.9"},
	{25, "4.0"}, {27, "4.1"}, {29, "4.2"}, {30, "4.3"}, {33, "4.4"},
}

// release is the release line of the broker: by its features where it has them, else by the table of
// its APIs, which brokers of other makers fill as they like.
func release(v *kmsg.ApiVersionsResponse) string {
	for i := range v.SupportedFeatures {
		if f := &v.SupportedFeatures[i]; f.Name == "metadata.version" {
			for _, r := range releases {
				if f.MaxVersion <= r.level {
					return r.name
				}
			}
			return "above " + releases[len(releases)-1].name
		}
	}
	guess := kversion.FromApiVersionsResponse(v).VersionGuess()
	if strings.Contains(guess, "custom") || strings.HasPrefix(guess, "between") || strings.HasPrefix(guess, "not even") {
		return ""
	}
	return strings.TrimPrefix(strings.ReplaceAll(guess, " v", " "), "v")
}

func (b *Broker) quorumLeader(ctx context.Context) (kafka.Known[int32], error) {
	q, err := b.describeQuorum(ctx)
	if err != nil || q.LeaderID < 0 {
		return kafka.Known[int32]{}, err
	}
	return kafka.Some(q.LeaderID), nil
}
