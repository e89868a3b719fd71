package app

import (
	"context"
	"time"

	"lagtop/kafka"
	"lagtop/ui/pane"
)

// StampReader reads the timestamp of one record; *conn.Admin is one.
type StampReader interface {
	Stamp(ctx context.Context, tp kafka.TopicPartition, offset int64) (time.Time, error)
}

// stamps are the timestamps of records that were looked up. They share the limits of the lookup.
type stamps struct {
	lookup *lookup
	reader StampReader
	shelf  map[spot]*fact[time.Time]
}

// spot is an offset in a log.
type spot struct {
	kafka.TopicPartition
	offset int64
}

func newStamps(l *lookup, r StampReader) *stamps {
	return &stamps{lookup: l, reader: r, shelf: map[spot]*fact[time.Time]{}}
}

// Stamp implements pane.Stamps. An answer belongs to its offset: one that comes when the commit has moved
// on is never shown.
func (s *stamps) Stamp(tp kafka.TopicPartition, offset int64) pane.Answer[time.Time] {
	a := lookUp(s.lookup, s.shelf, spot{tp, offset}, s.read)
	out := pane.Answer[time.Time]{At: a.At, Err: a.Err, Pending: a.Pending}
	if len(a.V) > 0 {
		out.V = a.V[0]
	}
	return out
}

func (s *stamps) read(ctx context.Context, p spot) ([]time.Time, error) {
	at, err := s.reader.Stamp(ctx, p.TopicPartition, p.offset)
	if err != nil {
		return nil, err
	}
	return []time.Time{at}, nil
}
