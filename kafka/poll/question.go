package poll

import (
	"context"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
)

// backs are the times that leaders are asked for, as seen from now.
var backs = [...]time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour}

// mostAsks bounds the requests that one broker gets in a round: as many as there are times. An offset takes
// three to find its place between them, and one to make sure that no timestamp is in the future.
const mostAsks = len(backs)

// question is a partition with the offsets that groups wait to read next there, and what was told.
type question struct {
	kafka.TopicPartition
	end    int64 // as in the snapshot
	next   []int64
	told   [len(backs)]*kafka.TimePoint // by index in backs
	ahead  *kafka.TimePoint             // told for a time in the future
	asking time.Time                    // what the request under way is for
	failed bool
}

// begin chooses the time to ask for next. It is false when nothing is left to ask.
func (q *question) begin(now time.Time) bool {
	if q.failed {
		return false
	}
	for _, next := range q.next {
		older, younger := q.between(next)
		switch {
		case younger < len(backs) && q.ahead == nil:
			q.asking = now.Add(kafka.FutureSkew)
			return true
		case younger-older > 1:
			q.asking = now.Add(-backs[(older+younger)/2])
			return true
		}
	}
	return false
}

// between are the indexes of the last time that the record is older than, -1 for none yet, and of the first
// one that it is not, len(backs) for none yet.
func (q *question) between(next int64) (older, younger int) {
	older, younger = -1, len(backs)
	for i, p := range q.told {
		switch {
		case p == nil:
		case next < p.Offset:
			older = max(older, i)
		case p.Reached:
			younger = min(younger, i)
		default: // written since the end was read: younger than anything we know
			return len(backs), len(backs)
		}
	}
	return older, younger
}

// take notes the answer to what was asked. A partition that failed is not asked again in this round.
func (q *question) take(o *conn.LogOffset, now time.Time) {
	if o.Err != nil {
		q.failed = true
		return
	}
	p := &kafka.TimePoint{At: q.asking, Offset: q.end}
	if o.Offset.OK {
		p.Offset, p.Reached = o.Offset.V, true
	}
	if q.asking.After(now) {
		q.ahead = p
	}
	for i, b := range backs {
		if q.asking.Equal(now.Add(-b)) {
			q.told[i] = p
		}
	}
}

// times is what was told of the log, nil for nothing.
func (q *question) times(now time.Time) *kafka.LogTimes {
	var points []kafka.TimePoint
	for _, p := range append(q.told[:], q.ahead) {
		if p != nil {
			points = append(points, *p)
		}
	}
	if points == nil {
		return nil
	}
	return &kafka.LogTimes{Asked: now, Points: points}
}

// askTimes asks a leader request by request, each for all partitions that still need one. It returns what
// it learnt until nothing was left to ask or something failed.
func askTimes(ctx context.Context, b *conn.Broker, qs []*question, now time.Time) map[kafka.TopicPartition]*kafka.LogTimes {
	by := make(map[kafka.TopicPartition]*question, len(qs))
	for _, q := range qs {
		by[q.TopicPartition] = q
	}
	for range mostAsks {
		var asks []conn.TimeAsk
		for _, q := range qs {
			if q.begin(now) {
				asks = append(asks, conn.TimeAsk{TopicPartition: q.TopicPartition, At: q.asking})
			}
		}
		if len(asks) == 0 {
			break
		}
		answers, err := b.OffsetsAt(ctx, asks)
		for i := range answers {
			if q := by[answers[i].TopicPartition]; q != nil {
				q.take(&answers[i], now)
			}
		}
		if err != nil {
			break
		}
	}
	found := make(map[kafka.TopicPartition]*kafka.LogTimes, len(qs))
	for _, q := range qs {
		if t := q.times(now); t != nil {
			found[q.TopicPartition] = t
		}
	}
	return found
}
