package poll

import (
	"math/rand/v2"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
)

// logOf is the age of each record.
type logOf []time.Duration

// first is the leader's answer for a time: the first record that is not older.
func (l logOf) first(back time.Duration) *conn.LogOffset {
	for i, age := range l {
		if age <= back {
			return &conn.LogOffset{Offset: kafka.Some(int64(i))}
		}
	}
	return &conn.LogOffset{}
}

// interview asks until nothing is left, and counts.
func interview(l logOf, now time.Time, next ...int64) (q *question, asks int) {
	q = &question{end: int64(len(l)), next: next}
	for asks < 2*mostAsks && q.begin(now) {
		asks++
		q.take(l.first(now.Sub(q.asking)), now)
	}
	return q, asks
}

func TestFourRequestsFindThePlaceOfACommit(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var l logOf
	for age := 40 * time.Hour; age > 0; age -= 20 * time.Second {
		l = append(l, age)
	}
	for next := 0; next < len(l); next += 7 {
		q, asks := interview(l, now, int64(next))
		older, younger := q.between(int64(next))
		if younger-older != 1 || asks > 4 {
			t.Fatalf("a record of %v is left between %d and %d after %d requests", l[next], older, younger, asks)
		}
		if older >= 0 && l[next] <= backs[older] || younger < len(backs) && l[next] > backs[younger] {
			t.Fatalf("a record of %v is said to be between %d and %d", l[next], older, younger)
		}
		if younger < len(backs) && q.ahead == nil {
			t.Fatalf("nobody asked whether a timestamp before %v is in the future", l[next])
		}
	}
}

func TestManyCommitsNeverTakeMoreThanSixRequests(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var l logOf
		var next []int64
		for i := range 50 {
			l = append(l, time.Duration(r.Int64N(int64(50*time.Hour)))-time.Hour) // in no order, some in the future
			next = append(next, int64(i))
		}
		q := &question{end: int64(len(l)), next: next}
		for range mostAsks {
			if !q.begin(now) {
				break
			}
			q.take(l.first(now.Sub(q.asking)), now)
		}
		seen := map[time.Time]bool{}
		for _, p := range q.times(now).Points {
			if seen[p.At] {
				t.Fatalf("asked twice for %v", p.At)
			}
			seen[p.At] = true
		}
	}
}

func TestAPartitionThatFailsIsNotAskedAgainInTheRound(t *testing.T) {
	now := time.Now()
	q := &question{end: 10, next: []int64{1}}
	if !q.begin(now) {
		t.Fatal("nothing to ask")
	}
	q.take(&conn.LogOffset{Err: kafka.CodeNotLeader}, now)
	if q.begin(now) || q.times(now) != nil {
		t.Errorf("it is asked again, and told %+v", q.times(now))
	}
}
