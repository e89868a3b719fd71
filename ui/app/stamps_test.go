package app

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"lagtop/kafka"
)

// stamper answers with a time that belongs to the offset, when the facts' gate lets it.
type stamper struct{ *facts }

func (s stamper) Stamp(ctx context.Context, _ kafka.TopicPartition, offset int64) (time.Time, error) {
	return time.Unix(offset, 0), s.read(ctx)
}

func TestAStampThatComesLateIsNotShownForTheNextCommit(t *testing.T) {
	looking(t, true, func(t *testing.T, l *lookup, f *facts) {
		s := newStamps(l, stamper{f})
		tp := kafka.TopicPartition{Topic: "orders"}
		if a := s.Stamp(tp, 100); !a.At.IsZero() {
			t.Errorf("first answer %+v", a)
		}
		if a := s.Stamp(tp, 200); !a.At.IsZero() {
			t.Errorf("the commit moved on: %+v", a)
		}
		f.gate <- nil
		f.gate <- nil
		synctest.Wait()
		for _, offset := range []int64{100, 200} {
			if a := s.Stamp(tp, offset); a.At.IsZero() || a.V != time.Unix(offset, 0) {
				t.Errorf("offset %d: %+v", offset, a)
			}
		}
	})
}

func TestStampsAreBounded(t *testing.T) {
	looking(t, false, func(t *testing.T, l *lookup, f *facts) {
		s := newStamps(l, stamper{f})
		for i := range int64(3 * factsKept) {
			s.Stamp(kafka.TopicPartition{Topic: "orders"}, i)
			synctest.Wait()
		}
		if n := len(s.shelf); n != factsKept {
			t.Errorf("%d answers kept", n)
		}
	})
}
