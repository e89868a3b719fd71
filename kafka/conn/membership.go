package conn

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/wait"
)

// probeSession is how long a coordinator waits for a probe that died: one more rebalance, no more.
const probeSession = 10 * time.Second

// LeaveGroup removes a member in its stead: by its instance id when it has one, else by its member id.
// The reason reaches the broker's log from 3.2 on (KIP-800). The broker answers 0 at the top even
// when it refuses the member, so the error is the member's own.
func (a *Admin) LeaveGroup(ctx context.Context, group, memberID, instanceID, reason string) error {
	const op = "remove a member from"
	if err := a.mutating(op, group); err != nil {
		return err
	}
	ctx, done := a.begin(ctx)
	defer done()
	err := a.once(ctx, group, func(b *Broker) error {
		return leaveGroup(ctx, b, group, memberID, instanceID, reason)
	})
	return translate(op, group, err)
}

func leaveGroup(ctx context.Context, b *Broker, group, memberID, instanceID, reason string) error {
	reason = shortReason(reason)
	id := sarama.MemberIdentity{MemberId: memberID, Reason: &reason}
	if instanceID != "" {
		id.MemberId, id.GroupInstanceId = "", &instanceID
	}
	req := &sarama.LeaveGroupRequest{Version: 5, GroupId: group, MemberId: id.MemberId, Members: []sarama.MemberIdentity{id}}
	r, err := call(ctx, b, "LeaveGroup", func(s *sarama.Broker) (*sarama.LeaveGroupResponse, error) {
		return s.LeaveGroup(req)
	})
	if err != nil {
		return err
	}
	if r.Err != sarama.ErrNoError {
		return groupError(group, kafka.Code(r.Err))
	}
	for _, m := range r.Members {
		if m.Err != sarama.ErrNoError {
			return kafka.Code(m.Err)
		}
	}
	return nil
}

// shortReason keeps to the 255 characters that KIP-800 allows.
func shortReason(s string) string {
	if rs := []rune(s); len(rs) > 255 {
		return string(rs[:255])
	}
	return s
}

// ConsumerHeartbeat sends a KIP-848 heartbeat without subscription for any member id: epoch 0 joins, -1
// leaves. The answer is the member's epoch.
func (a *Admin) ConsumerHeartbeat(ctx context.Context, group, memberID, instanceID string, epoch int32) (int32, error) {
	const op = "send ConsumerGroupHeartbeat to"
	if err := a.mutating(op, group); err != nil {
		return 0, err
	}
	ctx, done := a.begin(ctx)
	defer done()
	k, err := a.client()
	if err != nil {
		return 0, translate(op, group, err)
	}
	req := kmsg.NewPtrConsumerGroupHeartbeatRequest()
	req.Group, req.MemberID, req.MemberEpoch = group, memberID, epoch
	req.RebalanceTimeoutMillis = -1
	if instanceID != "" {
		req.InstanceID = &instanceID
	}
	if epoch == 0 { // a full heartbeat; the broker takes empty lists, not missing ones
		req.RebalanceTimeoutMillis = int32(probeSession.Milliseconds())
		req.SubscribedTopicNames = []string{}
		req.Topics = []kmsg.ConsumerGroupHeartbeatRequestTopic{}
	}
	r, err := req.RequestWith(ctx, k)
	if err == nil && r.ErrorCode != 0 {
		err = withMessage(groupError(group, kafka.Code(r.ErrorCode)), deref(r.ErrorMessage))
	}
	if err != nil {
		return 0, translate(op, group, err)
	}
	return r.MemberEpoch, nil
}

// client is the franz-go client that routes what sarama cannot send.
func (a *Admin) client() (*kgo.Client, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.brokers == nil {
		return nil, errAdminClosed
	}
	if a.raw == nil {
		k, err := kgo.NewClient(a.cfg.kgo()...)
		if err != nil {
			return nil, err
		}
		a.raw = k
	}
	return a.raw, nil
}

// ParkJoin makes a classic group rebalance without removing anybody: a member without topics joins
// with the group's present protocol and leaves, on a second connection, while its join is parked.
// Call it only for a Stable group whose type was just read to be classic: a KIP-848 group accepts the
// join as the start of a migration.
func (a *Admin) ParkJoin(ctx context.Context, group, protocol, reason string) error {
	const op = "probe"
	if err := a.mutating(op, group); err != nil {
		return err
	}
	ctx, done := a.begin(ctx)
	defer done()
	n, err := a.coordinator(ctx, group)
	if err != nil {
		return translate(op, group, err)
	}
	slow := a.cfg
	slow.ReadTimeout = 2 * probeSession // the parked join waits for the group's members
	p := &probe{group: group, reason: reason, join: NewBroker(slow, n.addr, nil), leave: NewBroker(a.cfg, n.addr, nil)}
	defer p.join.Close()
	defer p.leave.Close()
	err = p.run(ctx, protocol)
	if err != nil && unsettled(err) {
		a.forget(group)
	}
	return translate(op, group, err)
}

const (
	// parkedPoll is how often the coordinator is asked whether the join has arrived.
	parkedPoll = 5 * time.Millisecond
	// joinGrace is how long the parked join may take to end once we left; Kafka takes a millisecond.
	joinGrace = 250 * time.Millisecond
	// leaveTimeout bounds the clean-up, which runs even when the caller's context has ended.
	leaveTimeout = 3 * time.Second
)

// probe is one parked join with its two connections.
type probe struct {
	group, reason string
	join, leave   *Broker
}

func (p *probe) run(ctx context.Context, protocol string) error {
	req := &sarama.JoinGroupRequest{
		Version: 8, GroupId: p.group, ProtocolType: "consumer",
		SessionTimeout:   int32(probeSession.Milliseconds()),
		RebalanceTimeout: int32(probeSession.Milliseconds()),
	}
	if err := req.AddGroupProtocolMetadata(protocol, &sarama.ConsumerGroupMemberMetadata{Version: 1}); err != nil {
		return err
	}
	id, err := p.send(ctx, req)
	switch {
	case errors.Is(err, kafka.CodeMemberIDRequired):
	case err == nil: // before 2.2 the first join is the join
		return p.goAway(ctx, id)
	default:
		return err
	}
	req.MemberId = id
	parked, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	joined := make(chan error, 1)
	go func() {
		_, err := p.send(parked, req)
		joined <- err
	}()
	seen := p.await(ctx, id, joined)
	left := p.goAway(ctx, id)
	stop := time.AfterFunc(joinGrace, cancel)
	defer stop.Stop()
	err = <-joined
	switch {
	case err == nil, errors.Is(err, kafka.CodeUnknownMemberID): // it was parked, and we left
	case parked.Err() != nil && left == nil: // we left, and kfake drops the answer
	default:
		return fmt.Errorf("the join was not parked: %w", errors.Join(err, seen))
	}
	return errors.Join(seen, left)
}

// send joins and returns the member id that the coordinator gave.
func (p *probe) send(ctx context.Context, req *sarama.JoinGroupRequest) (string, error) {
	r, err := call(ctx, p.join, "JoinGroup", func(s *sarama.Broker) (*sarama.JoinGroupResponse, error) {
		return s.JoinGroup(req)
	})
	if err != nil {
		return "", err
	}
	return r.MemberId, groupError(p.group, kafka.Code(r.Err))
}

// await returns when the coordinator lists the probe as a member, or the join has returned already.
func (p *probe) await(ctx context.Context, id string, joined chan error) error {
	for {
		g, _, err := describe(ctx, p.leave, p.group, kafka.Classic)
		if err != nil {
			return err
		}
		for i := range g.Members {
			if g.Members[i].ID == id {
				return nil
			}
		}
		select {
		case err := <-joined:
			joined <- err // there is room: nothing else is sent
			return nil
		default:
		}
		if err := wait.For(ctx, parkedPoll); err != nil {
			return err
		}
	}
}

// goAway leaves even when ctx has ended. A member that is gone already is as good.
func (p *probe) goAway(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
	defer cancel()
	err := leaveGroup(ctx, p.leave, p.group, id, "", p.reason)
	if errors.Is(err, kafka.CodeUnknownMemberID) {
		return nil
	}
	return err
}
