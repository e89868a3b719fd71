package lag

import (
	"testing"
	"time"

	"lagtop/kafka"
)

func (w *world) age(committed int64) kafka.Known[kafka.Age] {
	return w.h.Age(w.tp, committed, w.topics["orders"].ends[0].V, w.now)
}

func TestAgeIsInterpolatedBetweenSamples(t *testing.T) {
	w := newWorld()
	w.steady(30, two, 100, 0) // 100 records/s for a minute
	for committed, want := range map[int64]time.Duration{6000: 0, 5900: time.Second, 3050: 29500 * time.Millisecond, 200: 58 * time.Second} {
		got := w.age(committed)
		if !got.OK || (got.V.Min-want).Abs() > 10*time.Millisecond || (got.V.Kind == kafka.AgeInterpolated) != (committed < 6000) {
			t.Errorf("at %d: %+v, want %v", committed, got, want)
		}
	}
	if s := w.age(3050).V.String(); s != "≈29s" {
		t.Errorf("worded %q", s)
	}
}

func TestAgeIsNeverExtrapolated(t *testing.T) {
	w := newWorld()
	w.at(two, 1000, 0)
	w.steady(5, two, 100, 0)
	if got := w.age(999); got.OK {
		t.Errorf("%v for a record older than the samples", got.V)
	}
	if got := w.age(1000); !got.OK || got.V.Min != 10*time.Second {
		t.Errorf("%v for the first record after the first sample, want 10 s", got)
	}
	if got := w.h.Age(kafka.TopicPartition{Topic: "orders", Partition: 9}, 1, 2, w.now); got.OK {
		t.Errorf("%v for a partition without samples", got.V)
	}
}

// kafka-lag-exporter gives NaN where no record came, and an age that grows for ever.
func TestAgeOfAnIdleTopicIsZeroAndStaysZero(t *testing.T) {
	w := newWorld()
	w.at(two, 1000, 1000)
	for range 1000 {
		w.at(two, 1000, 1000)
		if got := w.age(1000); got != kafka.Some(kafka.Age{}) {
			t.Fatalf("%+v", got)
		}
	}
}

func TestAgeAfterAnIdleTimeCountsFromTheNewRecord(t *testing.T) {
	w := newWorld()
	for range 30 {
		w.at(two, 1000, 1000)
	}
	w.at(two, 1001, 1000)
	if got := w.age(1000); !got.OK || got.V.Min > two {
		t.Errorf("%+v for a record that came within the last two seconds", got)
	}
}

// kafka-lag-exporter tells negative ages when commit and end are not of one moment.
func TestAgeIsNeverNegative(t *testing.T) {
	w := newWorld()
	w.steady(10, two, 100, 100)
	if got := w.h.Age(w.tp, 2500, 2000, w.now); got != kafka.Some(kafka.Age{}) {
		t.Errorf("a commit beyond the end is %+v old", got)
	}
	if got := w.h.Age(w.tp, 1990, 2000, w.now.Add(-time.Hour)); got.OK && got.V.Min < 0 {
		t.Errorf("with an older clock %+v", got)
	}
}

// kafka-lag-exporter tells "3+ years" when a group replays from the start.
func TestAgeOfAReplayIsUnknownNotYears(t *testing.T) {
	w := newWorld()
	w.at(two, 1_000_000, 1_000_000)
	w.steady(30, two, 100, 100)
	if got := w.age(0); got.OK {
		t.Errorf("%+v", got)
	}
}
