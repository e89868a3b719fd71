package conn

import "github.com/twmb/franz-go/pkg/kmsg"

// Feature is something that takes an API of its brokers.
type Feature struct {
	Name    string
	Since   string // the release of Apache Kafka that brought it
	Without string // what is so without it
}

// features are what the program does where brokers let it, with the API and the version that it takes.
var features = [...]struct {
	key     kmsg.Key
	version int16
	Feature
}{
	{kmsg.OffsetFetch, 8, Feature{"commits of all groups in one request", "3.0", "one request for each group: polls take longer and come less often"}},
	{kmsg.ListGroups, 5, Feature{"types of groups", "3.8", "every group is taken for a classic one"}},
	{kmsg.ConsumerGroupDescribe, 0, Feature{"consumer groups of the new protocol (KIP-848)", "4.0", "there are none"}},
	{kmsg.ShareGroupDescribe, 1, Feature{"share groups (KIP-932)", "4.1", "there are none, or their members are not shown"}},
	{kmsg.DescribeShareGroupOffsets, 0, Feature{"lag of share groups", "4.1", "it is unknown"}},
	{kmsg.StreamsGroupDescribe, 0, Feature{"streams groups (KIP-1071)", "4.1", "there are none"}},
	{kmsg.DescribeProducers, 0, Feature{"open transactions", "2.8", "who blocks readers of committed records is not found"}},
	{kmsg.DescribeQuorum, 0, Feature{"the controller and its quorum", "3.3", "under ZooKeeper the controller is told by Metadata"}},
	{kmsg.Metadata, 8, Feature{"rights that we have", "2.3", "they show when they are used"}},
	{kmsg.DescribeLogDirs, 4, Feature{"free space of disks", "3.3", "only the used space is shown"}},
	{kmsg.LeaveGroup, 3, Feature{"kick of a static member", "2.4", "only members without an instance id can be kicked"}},
	{kmsg.OffsetDelete, 0, Feature{"deleting a group's offsets of one topic", "2.4", "only the whole group can be deleted"}},
	{kmsg.IncrementalAlterConfigs, 0, Feature{"changing the retention of a topic", "2.3", "it is refused"}},
	{kmsg.ElectLeaders, 0, Feature{"electing preferred leaders", "2.2", "it is refused"}},
}

// missing are the features that a broker does not offer.
func missing(v *kmsg.ApiVersionsResponse) []Feature {
	highest := map[int16]int16{}
	for i := range v.ApiKeys {
		highest[v.ApiKeys[i].ApiKey] = v.ApiKeys[i].MaxVersion
	}
	var out []Feature
	for _, f := range features {
		if top, ok := highest[int16(f.key)]; !ok || top < f.version {
			out = append(out, f.Feature)
		}
	}
	return out
}
