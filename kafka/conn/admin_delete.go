package conn

import (
	"context"

	"github.com/IBM/sarama"

	"lagtop/kafka"
)

// DeleteGroup deletes a group with its offsets (DeleteGroups, KIP-229). The broker takes any type, and
// only while the group is empty: else it answers kafka.CodeNonEmptyGroup, kafka.CodeGroupIDNotFound for
// one that is not there.
func (a *Admin) DeleteGroup(ctx context.Context, group string) error {
	const op = "delete group"
	if err := a.mutating(op, group); err != nil {
		return err
	}
	ctx, done := a.begin(ctx)
	defer done()
	err := a.once(ctx, group, func(b *Broker) error {
		r, err := call(ctx, b, "DeleteGroups", func(s *sarama.Broker) (*sarama.DeleteGroupsResponse, error) {
			return s.DeleteGroups(&sarama.DeleteGroupsRequest{Version: 2, Groups: []string{group}})
		})
		if err != nil {
			return err
		}
		c, ok := r.GroupErrorCodes[group]
		if !ok {
			return errNotMentioned
		}
		return refusal("DeleteGroups", "DELETE", "group "+group, kafka.Code(c), "")
	})
	return translate(op, group, err)
}
