package lag

import (
	"testing"
	"time"

	"lagtop/kafka"
)

const hour = time.Hour

// told makes what the cluster told when it was asked so long ago: for times before asking, the offset of
// the first record there; none is -1, with the log ending at end.
func told(asked time.Time, end int64, places map[time.Duration]int64) *kafka.LogTimes {
	t := &kafka.LogTimes{Asked: asked}
	for back, offset := range places {
		p := kafka.TimePoint{At: asked.Add(-back), Offset: offset, Reached: offset >= 0}
		if !p.Reached {
			p.Offset = end
		}
		t.Points = append(t.Points, p)
	}
	return t
}

// A log of a record a minute: offset 1000 was written at asking, 940 an hour before.
var minutely = map[time.Duration]int64{-time.Minute: -1, time.Minute: 999, 15 * time.Minute: 985, hour: 940, 6 * hour: 640}

func TestBracketsAnAgeBetweenTheTimesAsked(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)
	for name, c := range map[string]struct {
		places map[time.Duration]int64
		asked  time.Duration // ago
		next   int64
		want   kafka.Known[kafka.Age]
	}{
		"between two":            {minutely, 0, 800, bounds(hour, 6*hour)},
		"right at a place":       {minutely, 0, 940, bounds(15*time.Minute, hour)},
		"younger than all":       {minutely, 0, 999, bounds(0, time.Minute)},
		"older than all":         {minutely, 0, 10, least(6 * hour)},
		"it grows with time":     {minutely, 10 * time.Minute, 800, bounds(hour+10*time.Minute, 6*hour+10*time.Minute)},
		"a commit that moved on": {minutely, 10 * time.Minute, 950, bounds(25*time.Minute, hour+10*time.Minute)},
		"written after asking":   {minutely, 10 * time.Minute, 1001, bounds(0, 11*time.Minute)},
		"nothing is so young":    {map[time.Duration]int64{-time.Minute: -1, hour: -1}, 0, 700, least(hour)},
		"idle, and beyond what was there": {map[time.Duration]int64{-time.Minute: -1, hour: -1}, 0, 1001,
			kafka.Known[kafka.Age]{}},
		"nothing was told": {nil, 0, 5, kafka.Known[kafka.Age]{}},
		// A timestamp in the future hides everything behind it from questions for times.
		"behind a record of the year 9999": {map[time.Duration]int64{-time.Minute: 3, time.Minute: 3, hour: 3}, 0, 900, kafka.Known[kafka.Age]{}},
		"at a record of the year 9999":     {map[time.Duration]int64{-time.Minute: 3, time.Minute: 3, hour: 3}, 0, 3, kafka.Known[kafka.Age]{}},
		"before a record of the year 9999": {map[time.Duration]int64{-time.Minute: 900, time.Minute: 900, hour: 700, 6 * hour: 400}, 0, 500, bounds(hour, 6*hour)},
		"not asked whether any is ahead":   {map[time.Duration]int64{hour: 3}, 0, 900, kafka.Known[kafka.Age]{}},
	} {
		if got := bracket(told(now.Add(-c.asked), 1001, c.places), c.next, now); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func bounds(a, b time.Duration) kafka.Known[kafka.Age] {
	return kafka.Some(kafka.Age{Min: a, Max: b, Kind: kafka.AgeBracket})
}

func least(d time.Duration) kafka.Known[kafka.Age] {
	return kafka.Some(kafka.Age{Min: d, Kind: kafka.AgeAtLeast})
}

// filled is the age of orders/0 in the newest snapshot with what the cluster told.
func (w *world) filled(t *kafka.LogTimes) kafka.Known[kafka.Age] {
	w.snap.Topic("orders").Partition(0).Times = t
	w.snap.At = w.now
	w.h.Ages(w.snap)
	return w.snap.Groups[0].Partition(w.tp).Age
}

func TestOurOwnSamplesGoBeforeBrackets(t *testing.T) {
	w := newWorld()
	w.steady(30, two, 100, 50)
	if got := w.filled(told(w.now, 3000, map[time.Duration]int64{-time.Minute: -1, hour: 0})); got.V.Kind != kafka.AgeInterpolated {
		t.Errorf("%+v", got)
	}
}

func TestARecordIsAtLeastAsOldAsTheFirstSample(t *testing.T) {
	w := newWorld()
	w.at(two, 1000, 10)
	w.steady(30, two, 100, 0)
	if got := w.filled(nil); got != least(time.Minute) {
		t.Errorf("without an answer %+v", got)
	}
	if got := w.filled(told(w.now, 1000, map[time.Duration]int64{-time.Minute: -1, 15 * time.Minute: 5})); got != bounds(time.Minute, 15*time.Minute) {
		t.Errorf("with an answer %+v", got)
	}
	// It was there a minute ago: timestamps that say otherwise are wrong.
	if got := w.filled(told(w.now, 1000, map[time.Duration]int64{-time.Minute: -1, 10 * time.Second: 5})); got != least(time.Minute) {
		t.Errorf("with timestamps that lie %+v", got)
	}
}

func TestAgesCountFromTheLogStart(t *testing.T) {
	w := newWorld()
	w.at(two, 1001, 10)
	p := w.snap.Groups[0].Partition(w.tp)
	p.Start = kafka.Some[int64](950)
	if got := w.filled(told(w.now, 1001, minutely)); got != bounds(15*time.Minute, hour) {
		t.Errorf("%+v, want the age of the first record that is left", got)
	}
}

func TestAgeOfAGroupIsThatOfItsOldestPartition(t *testing.T) {
	w := newWorld()
	w.topics["orders"].ends = append(w.topics["orders"].ends, some(1001))
	w.group[kafka.TopicPartition{Topic: "orders", Partition: 1}] = some(800)
	w.at(two, 500, 500)
	w.snap.Topic("orders").Partition(1).Times = told(w.now, 1001, minutely)
	w.snap.At = w.now
	w.h.Ages(w.snap)
	if got := w.snap.Groups[0].Age; got != bounds(hour, 6*hour) {
		t.Errorf("%+v", got)
	}
	w.snap.Groups[0].Hidden, w.snap.Groups[0].Lag.Missing = []string{"secrets"}, 1
	w.h.Ages(w.snap)
	if got := w.snap.Groups[0].Age; got != kafka.Some(kafka.Age{Min: hour, Kind: kafka.AgePartial}) {
		t.Errorf("with a topic that we may not see %+v", got)
	}
}

// kafka-lag-exporter's age of a group that has read all of an idle topic grows for ever.
func TestAgeOfAReadAndIdleTopicDoesNotGrow(t *testing.T) {
	w := newWorld()
	times := told(w.now, 1000, map[time.Duration]int64{-time.Minute: -1, hour: -1})
	for range 100 {
		w.at(time.Hour, 1000, 1000)
		if got := w.filled(times); got != kafka.Some(kafka.Age{}) {
			t.Fatalf("%+v", got)
		}
	}
}

// kafka-lag-exporter says "3+ years" when a group replays from the start.
func TestAgeOfAReplayIsWhatTheLogTells(t *testing.T) {
	w := newWorld()
	w.at(two, 1001, 1001)
	w.at(two, 1001, 0)
	if got := w.filled(told(w.now, 1001, minutely)); got != least(6*hour) {
		t.Errorf("%+v", got)
	}
}

// kafka-lag-exporter gives NaN for a topic that nothing is written to any more.
func TestAgeOnAnIdleTopicIsKnown(t *testing.T) {
	w := newWorld()
	w.at(two, 1000, 700)
	if got := w.filled(told(w.now, 1000, map[time.Duration]int64{-time.Minute: -1, hour: -1, 6 * hour: 600})); got != bounds(hour, 6*hour) {
		t.Errorf("%+v", got)
	}
}
