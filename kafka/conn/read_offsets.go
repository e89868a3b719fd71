package conn

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/IBM/sarama"

	"lagtop/kafka"
)

// Commits are the committed offsets of one group.
type Commits struct {
	Group string
	Rows  []Commit // by topic, then partition
	Err   error    // the group's commits could not be read
}

// Commit is a committed offset: unknown where the broker stores -1, or with an Err.
type Commit struct {
	kafka.TopicPartition
	Offset   kafka.Known[int64]
	Metadata string
	Err      error
}

type blocks = map[string]map[int32]*sarama.OffsetFetchResponseBlock

// Commits reads all commits of groups that this broker coordinates (OffsetFetch, up to v8; one request for
// all). Before 3.0 see eachCommits.
func (b *Broker) Commits(ctx context.Context, names []string) ([]Commits, error) {
	out := make([]Commits, 0, len(names))
	for part := range chunks(names) {
		if b.TakesOneGroup() {
			break
		}
		got, err := b.commits(ctx, part)
		out = append(out, got...)
		if err != nil {
			return out, err
		}
	}
	if b.TakesOneGroup() {
		return b.eachCommits(ctx, names)
	}
	return out, nil
}

// commits finds out whether a request takes several groups; where it does not there are no commits.
func (b *Broker) commits(ctx context.Context, names []string) ([]Commits, error) {
	r, err := b.fetchOffset(ctx, names)
	var enc sarama.PacketEncodingError
	switch {
	case err == nil && r.Version >= 8:
		out := make([]Commits, 0, len(r.Groups))
		for i := range r.Groups {
			g := &r.Groups[i]
			out = append(out, commitsOf(g.GroupId, g.Blocks, g.Err))
		}
		return out, nil
	case err == nil && len(names) == 1:
		return []Commits{commitsOf(names[0], r.Blocks, r.Err)}, nil
	case errors.As(err, &enc):
		b.setOneGroup()
		return nil, nil
	}
	return nil, err
}

func (b *Broker) fetchOffset(ctx context.Context, names []string) (*sarama.OffsetFetchResponse, error) {
	return call(ctx, b, "OffsetFetch", func(s *sarama.Broker) (*sarama.OffsetFetchResponse, error) {
		return s.FetchOffset(offsetFetch(names...))
	})
}

// offsetFetch builds the request itself: sarama.NewOffsetFetchRequest would add a group "".
func offsetFetch(names ...string) *sarama.OffsetFetchRequest {
	req := &sarama.OffsetFetchRequest{Version: 8, Groups: make([]sarama.OffsetFetchRequestGroup, len(names))}
	for i, n := range names {
		req.Groups[i].GroupId = n
	}
	return req
}

// TakesOneGroup tells whether the broker was found to take one group in an OffsetFetch (before 3.0).
func (b *Broker) TakesOneGroup() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.oneGroup
}

func (b *Broker) setOneGroup() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.oneGroup = true
}

func commitsOf(group string, in blocks, c sarama.KError) Commits {
	out := Commits{Group: group, Err: code("OffsetFetch", "group "+group, c)}
	n := 0
	for _, parts := range in {
		n += len(parts)
	}
	out.Rows = make([]Commit, 0, n)
	for topic, parts := range in {
		for id, p := range parts {
			out.Rows = append(out.Rows, commitOf(topic, id, p))
		}
	}
	slices.SortFunc(out.Rows, func(a, b Commit) int { return a.Compare(b.TopicPartition) })
	return out
}

func commitOf(topic string, id int32, p *sarama.OffsetFetchResponseBlock) Commit {
	c := Commit{TopicPartition: kafka.TopicPartition{Topic: topic, Partition: id}, Metadata: p.Metadata}
	switch {
	case p.Err != sarama.ErrNoError:
		c.Err = code("OffsetFetch", "topic "+topic, p.Err)
	case p.Offset >= 0:
		c.Offset = kafka.Some(p.Offset)
	case p.Offset < -1: // an admin commit may store it; no consumer can resume there
		c.Err = fmt.Errorf("the committed offset %d is no position", p.Offset)
	}
	return c
}

// Which offset ListOffsets shall tell.
const (
	LogEnd   int64 = -1 // the high watermark (read_uncommitted)
	LogStart int64 = -2
)

// LogOffset is one answer of ListOffsets.
type LogOffset struct {
	kafka.TopicPartition
	Offset kafka.Known[int64]
	Err    error
}

// ListOffsets asks the leader of parts for LogEnd or LogStart (ListOffsets, up to v6). The answers
// come in no order.
func (b *Broker) ListOffsets(ctx context.Context, which int64, parts []kafka.TopicPartition) ([]LogOffset, error) {
	return b.listOffsets(ctx, which, sarama.ReadUncommitted, parts)
}

func (b *Broker) listOffsets(ctx context.Context, which int64, level sarama.IsolationLevel, parts []kafka.TopicPartition) ([]LogOffset, error) {
	out := make([]LogOffset, 0, len(parts))
	for len(parts) > 0 {
		req := sarama.NewOffsetRequest(sarama.MaxVersion)
		req.IsolationLevel = level
		n := fillOffsets(req, which, parts)
		parts = parts[n:]
		r, err := call(ctx, b, "ListOffsets", func(s *sarama.Broker) (*sarama.OffsetResponse, error) {
			return s.GetAvailableOffsets(req)
		})
		if err != nil {
			return out, err
		}
		for topic, ps := range r.Blocks {
			for id, p := range ps {
				out = append(out, logOffset(topic, id, p))
			}
		}
	}
	return out, nil
}

// fillOffsets adds as many of parts as one request shall carry and tells how many.
func fillOffsets(req *sarama.OffsetRequest, which int64, parts []kafka.TopicPartition) int {
	bytes, topic := 0, ""
	for i, p := range parts {
		if p.Topic != topic {
			topic = p.Topic
			bytes += len(topic) + 8
		}
		if bytes += 17; bytes > maxRequestBytes && i > 0 {
			return i
		}
		req.AddBlock(p.Topic, p.Partition, which, 1)
	}
	return len(parts)
}

func logOffset(topic string, id int32, p *sarama.OffsetResponseBlock) LogOffset {
	out := LogOffset{TopicPartition: kafka.TopicPartition{Topic: topic, Partition: id}}
	switch {
	case p.Err != sarama.ErrNoError:
		out.Err = code("ListOffsets", "topic "+topic, p.Err)
	case len(p.Offsets) == 0 || p.Offsets[0] < 0: // v0 fills the list alone, later versions both
		out.Err = errors.New("ListOffsets: the broker told no offset")
	default:
		out.Offset = kafka.Some(p.Offsets[0])
	}
	return out
}
