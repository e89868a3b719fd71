package conn

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

// Quorum reads who keeps the metadata of a KRaft cluster: the leader, the other voters, then observers, by
// id (DescribeQuorum, which any broker passes on to the leader). A cluster with ZooKeeper answers
// ErrUnsupported. It takes the right DESCRIBE on the cluster.
func (a *Admin) Quorum(ctx context.Context) ([]kafka.QuorumReplica, error) {
	ctx, done := a.begin(ctx)
	defer done()
	var errs []error
	for _, addr := range a.seeds() {
		b, err := a.broker(addr)
		if err != nil {
			return nil, err
		}
		q, err := b.describeQuorum(ctx)
		if err == nil {
			return quorumReplicas(q), nil
		}
		errs = append(errs, err)
		var c kafka.Code
		if ctx.Err() != nil || errors.As(err, &c) || errors.Is(err, ErrUnsupported) { // others would say the same
			break
		}
	}
	return nil, errors.Join(errs...)
}

func (b *Broker) describeQuorum(ctx context.Context) (*kmsg.DescribeQuorumResponseTopicPartition, error) {
	const op = "DescribeQuorum"
	req := kmsg.NewPtrDescribeQuorumRequest()
	t := kmsg.NewDescribeQuorumRequestTopic()
	t.Topic = "__cluster_metadata"
	t.Partitions = append(t.Partitions, kmsg.NewDescribeQuorumRequestTopicPartition())
	req.Topics = append(req.Topics, t)
	r, err := b.request(ctx, op, req)
	if err != nil {
		return nil, err
	}
	q := r.(*kmsg.DescribeQuorumResponse)
	if err := refusal(op, "DESCRIBE", "the cluster", kafka.Code(q.ErrorCode), deref(q.ErrorMessage)); err != nil {
		return nil, err
	}
	for i := range q.Topics {
		for k := range q.Topics[i].Partitions {
			p := &q.Topics[i].Partitions[k]
			return p, refusal(op, "DESCRIBE", "the cluster", kafka.Code(p.ErrorCode), deref(p.ErrorMessage))
		}
	}
	return nil, fmt.Errorf("%s: %w", op, errNotMentioned)
}

func quorumReplicas(q *kmsg.DescribeQuorumResponseTopicPartition) []kafka.QuorumReplica {
	type state = kmsg.DescribeQuorumResponseTopicPartitionReplicaState
	var leader *state
	for i := range q.CurrentVoters {
		if q.CurrentVoters[i].ReplicaID == q.LeaderID {
			leader = &q.CurrentVoters[i]
		}
	}
	out := make([]kafka.QuorumReplica, 0, len(q.CurrentVoters)+len(q.Observers))
	add := func(x *state, role kafka.QuorumRole) {
		r := kafka.QuorumReplica{ID: x.ReplicaID, Role: role, Epoch: q.LeaderEpoch}
		if x.LogEndOffset >= 0 { // -1 until it has fetched from the present leader
			r.End = kafka.Some(x.LogEndOffset)
		}
		if leader != nil && r.End.OK {
			r.Behind = kafka.Some(max(leader.LogEndOffset-x.LogEndOffset, 0))
		}
		if leader != nil && x != leader {
			r.SinceFetch = since(leader.LastFetchTimestamp, x.LastFetchTimestamp)
			r.SinceCaughtUp = since(leader.LastCaughtUpTimestamp, x.LastCaughtUpTimestamp)
		}
		out = append(out, r)
	}
	for i := range q.CurrentVoters {
		role := kafka.QuorumVoter
		if leader == &q.CurrentVoters[i] {
			role = kafka.QuorumLeader
		}
		add(&q.CurrentVoters[i], role)
	}
	for i := range q.Observers {
		add(&q.Observers[i], kafka.QuorumObserver)
	}
	slices.SortFunc(out, func(a, b kafka.QuorumReplica) int {
		return cmp.Or(cmp.Compare(roleOrder(a.Role), roleOrder(b.Role)), cmp.Compare(a.ID, b.ID))
	})
	return out
}

func roleOrder(r kafka.QuorumRole) int {
	return slices.Index([]kafka.QuorumRole{kafka.QuorumLeader, kafka.QuorumVoter, kafka.QuorumObserver}, r)
}

// since is the time between two timestamps in ms. The leader tells its own present time for itself; -1 is
// unknown.
func since(now, then int64) kafka.Known[time.Duration] {
	if now < 0 || then < 0 {
		return kafka.Known[time.Duration]{}
	}
	return kafka.Some(max(time.Duration(now-then)*time.Millisecond, 0))
}
