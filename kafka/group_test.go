package kafka

import "testing"

func TestGroupFindsItsPartitionsByTopicAndNumber(t *testing.T) {
	g := Group{}
	for _, topic := range []string{"a", "a-b", "b"} {
		for p := range int32(12) {
			g.Partitions = append(g.Partitions, GroupPartition{TopicPartition: TopicPartition{topic, 2 * p}})
		}
	}
	for i := range g.Partitions {
		if tp := g.Partitions[i].TopicPartition; g.Partition(tp) != &g.Partitions[i] {
			t.Errorf("%v is not found", tp)
		}
	}
	for _, tp := range []TopicPartition{{"", 0}, {"a", 1}, {"a", 24}, {"a-", 0}, {"b", -1}, {"c", 0}} {
		if p := g.Partition(tp); p != nil {
			t.Errorf("%v is taken for %v", tp, p.TopicPartition)
		}
	}
}
