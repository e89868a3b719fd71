package triage

import (
	"testing"

	"lagtop/kafka"
)

// Brokers leave the commits of topics that we may not describe out of their answers, as if there were none.
func TestNoCommitIsMissedInATopicThatWeMayNotSee(t *testing.T) {
	g := &kafka.Group{Type: kafka.Consumer, Hidden: []string{"secret"}}
	for topic, want := range map[string]Answer{"secret": Hold, "orders": Yes} {
		p := &kafka.GroupPartition{TopicPartition: kafka.TopicPartition{Topic: topic}}
		if got := noCommit(&Case{Group: g, Part: p}); got != want {
			t.Errorf("%s: %v, want %v", topic, got, want)
		}
	}
}
