package tail

import (
	"time"

	"lagtop/kafka"
)

// rate counts records in the last seconds, a bucket for each second.
type rate struct {
	began   time.Time
	second  int64 // since began, of the newest bucket
	buckets [rateSeconds + 1]int64
}

const rateSeconds = 4

func (r *rate) add(now time.Time, n int) {
	if n == 0 {
		return
	}
	r.turn(now)
	r.buckets[r.second%int64(len(r.buckets))] += int64(n)
}

// turn empties the buckets of the seconds that passed.
func (r *rate) turn(now time.Time) {
	second := int64(now.Sub(r.began) / time.Second)
	if second-r.second > rateSeconds {
		clear(r.buckets[:])
		r.second = second
	}
	for r.second < second {
		r.second++
		r.buckets[r.second%int64(len(r.buckets))] = 0
	}
}

// at is the mean over up to rateSeconds whole seconds and the present one; unknown in the first second.
func (r *rate) at(now time.Time) kafka.Known[float64] {
	r.turn(now)
	lived := now.Sub(r.began)
	if lived < time.Second {
		return kafka.Known[float64]{}
	}
	var sum int64
	for _, n := range r.buckets {
		sum += n
	}
	over := min(lived, rateSeconds*time.Second+lived%time.Second)
	return kafka.Some(float64(sum) / over.Seconds())
}
