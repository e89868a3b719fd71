package conn

import (
	"testing"

	"github.com/IBM/sarama"

	"lagtop/kafka"
)

func TestRefusedDeletionsOfOffsetsNameTheRight(t *testing.T) {
	a, b := kafka.TopicPartition{Topic: "a"}, kafka.TopicPartition{Topic: "b"}
	whole := undeleted(&sarama.DeleteOffsetsResponse{ErrorCode: sarama.ErrGroupAuthorizationFailed}, "g", []kafka.TopicPartition{a})
	part := undeleted(&sarama.DeleteOffsetsResponse{Errors: map[string]map[int32]sarama.KError{
		"a": {0: sarama.ErrTopicAuthorizationFailed}, "b": {0: sarama.ErrGroupSubscribedToTopic},
	}}, "g", []kafka.TopicPartition{a, b})
	for _, c := range []struct {
		err  error
		want string
	}{
		{whole[a], "not authorized: DELETE on group g (GROUP_AUTHORIZATION_FAILED)"},
		{part[a], "not authorized: READ on topic a (TOPIC_AUTHORIZATION_FAILED)"},
		{part[b], "GROUP_SUBSCRIBED_TO_TOPIC"},
	} {
		if c.err == nil || c.err.Error() != c.want {
			t.Errorf("%v, want %s", c.err, c.want)
		}
	}
}
