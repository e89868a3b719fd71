package poll

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/limit"
)

// groupsAnswer is what one broker told of the groups that it coordinates. The lists but listed are
// sorted by group as well.
type groupsAnswer struct {
	at        time.Time
	listed    []conn.Listing // by name, those in scope
	out       int            // groups that were listed and are out of scope
	described []conn.Description
	commits   []conn.Commits
	sharing   []string            // the listed groups of type share
	shares    []conn.ShareOffsets // of those, asked for apart
	sharesOld bool                // shares are of an earlier poll, or not known
	each      time.Duration       // what commits took where each group takes a request of its own, before Kafka 3.0; 0 elsewhere
	failed    []opError           // APIs that gave nothing while the connection is fine
}

type opError struct {
	op  string
	err error
}

// offsetsAnswer is what one broker told of the logs that it leads.
type offsetsAnswer struct {
	at           time.Time
	starts, ends []conn.LogOffset
}

func askMetadata(ctx context.Context, b *conn.Broker) answer {
	m, err := b.Metadata(ctx)
	return answer{meta: m, op: "Metadata", err: err}
}

// askGroups reads list, commits and members. An error ends it when the connection is lost; when only
// one API is refused the others are still asked. A broker that takes the groups of another one over refuses
// to list any until it has loaded them, and answers for those that it had: they are known from its last list.
func askGroups(in *limit.Scope, known []conn.Listing, out int) func(context.Context, *conn.Broker) answer {
	return func(ctx context.Context, b *conn.Broker) answer {
		a := &groupsAnswer{}
		var err error
		a.listed, err = b.ListGroups(ctx)
		if err != nil && !a.keep("ListGroups", err) {
			return answer{op: "ListGroups", err: err}
		}
		a.limit(in)
		if errors.Is(err, kafka.CodeCoordinatorLoading) {
			a.listed, a.out = known, out
		}
		if failed := a.read(ctx, b); failed.err != nil {
			return failed
		}
		a.clip(in)
		a.sort()
		a.at = wall(time.Now())
		return answer{groups: a}
	}
}

// read reads the listed groups. The answer is no more than an error.
func (a *groupsAnswer) read(ctx context.Context, b *conn.Broker) answer {
	var err error
	names := a.names()
	a.sharing = names.share
	if names.offsets != nil {
		began := time.Now()
		if a.commits, err = b.Commits(ctx, names.offsets); err != nil && !a.keep("OffsetFetch", err) {
			return answer{op: "OffsetFetch", err: err}
		}
		if b.TakesOneGroup() {
			a.each = time.Since(began)
		}
	}
	if names.classic != nil {
		a.described, err = b.DescribeClassic(ctx, names.classic)
		if err != nil && !a.keep("DescribeGroups", err) {
			return answer{op: "DescribeGroups", err: err}
		}
	}
	if names.consumer != nil {
		d, err := b.DescribeConsumer(ctx, names.consumer)
		if err != nil && !a.keep("ConsumerGroupDescribe", err) {
			return answer{op: "ConsumerGroupDescribe", err: err}
		}
		a.described = append(a.described, d...)
	}
	a.askRare(ctx, b, names)
	return answer{}
}

// askRare reads share and streams groups. They have a connection of their own: its loss fails no more
// than them.
func (a *groupsAnswer) askRare(ctx context.Context, b *conn.Broker, names byType) {
	if names.share != nil {
		d, err := b.DescribeShare(ctx, names.share)
		a.described = append(a.described, d...)
		a.fail("ShareGroupDescribe", err)
	}
	if names.streams != nil {
		d, err := b.DescribeStreams(ctx, names.streams)
		a.described = append(a.described, d...)
		a.fail("StreamsGroupDescribe", err)
	}
}

// keep notes err and tells whether the broker is still good: it answered with a code or with what cannot
// be decoded, or there was no time to ask for all.
func (a *groupsAnswer) keep(op string, err error) bool {
	var c kafka.Code
	var part *conn.PartError
	if !errors.As(err, &c) && !errors.As(err, &part) && !errors.Is(err, conn.ErrUndecodable) {
		return false
	}
	a.fail(op, err)
	return true
}

func (a *groupsAnswer) fail(op string, err error) {
	if err != nil {
		a.failed = append(a.failed, opError{op, err})
	}
}

func (a *groupsAnswer) sort() {
	slices.SortFunc(a.described, func(x, y conn.Description) int { return strings.Compare(x.Name, y.Name) })
	slices.SortFunc(a.commits, func(x, y conn.Commits) int { return strings.Compare(x.Group, y.Group) })
}

// complete tells whether a group that is not listed does not exist here.
func (a *groupsAnswer) complete() bool {
	return !slices.ContainsFunc(a.failed, func(f opError) bool { return f.op == "ListGroups" })
}

// byType are names of groups by the API that reads them; nil where there are none.
type byType struct{ classic, consumer, share, streams, offsets []string }

func (a *groupsAnswer) names() byType {
	var n byType
	for i := range a.listed {
		g := &a.listed[i]
		switch g.Type {
		case kafka.Consumer:
			n.consumer = append(n.consumer, g.Name)
		case kafka.Share:
			n.share = append(n.share, g.Name)
			continue
		case kafka.Streams:
			n.streams = append(n.streams, g.Name)
		default:
			n.classic = append(n.classic, g.Name)
		}
		n.offsets = append(n.offsets, g.Name)
	}
	return n
}

func (a *groupsAnswer) description(name string) *conn.Description {
	i, ok := slices.BinarySearchFunc(a.described, name, func(d conn.Description, n string) int { return strings.Compare(d.Name, n) })
	if !ok {
		return nil
	}
	return &a.described[i]
}

func (a *groupsAnswer) commitsOf(name string) *conn.Commits {
	i, ok := slices.BinarySearchFunc(a.commits, name, func(c conn.Commits, n string) int { return strings.Compare(c.Group, n) })
	if !ok {
		return nil
	}
	return &a.commits[i]
}

func (a *groupsAnswer) sharesOf(name string) *conn.ShareOffsets {
	i, ok := slices.BinarySearchFunc(a.shares, name, func(c conn.ShareOffsets, n string) int { return strings.Compare(c.Group, n) })
	if !ok {
		return nil
	}
	return &a.shares[i]
}

// askOffsets reads the ends first: they belong to the commits that were just read, starts hardly move.
func askOffsets(parts []kafka.TopicPartition) func(context.Context, *conn.Broker) answer {
	return func(ctx context.Context, b *conn.Broker) answer {
		ends, err := b.ListOffsets(ctx, conn.LogEnd, parts)
		if err != nil {
			return answer{op: "ListOffsets", err: err}
		}
		at := wall(time.Now())
		starts, err := b.ListOffsets(ctx, conn.LogStart, parts)
		if err != nil {
			return answer{op: "ListOffsets", err: err}
		}
		return answer{offsets: &offsetsAnswer{at: at, starts: starts, ends: ends}}
	}
}
