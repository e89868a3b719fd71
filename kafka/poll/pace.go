package poll

import (
	"fmt"
	"slices"
	"time"

	"lagtop/kafka"
)

const (
	// restShare is how many times as long as a poll the pause after it is, at least.
	restShare = 2
	// slowest bounds the interval that we choose ourselves.
	slowest = time.Minute
	// silentTries is how often in a row a broker must fail to answer in time before everybody is asked less often.
	silentTries = 3
	// throttleCalm is how many polls without a throttle halve what throttles have added.
	throttleCalm = 3
)

// pace is what decides when the next poll begins. The zero pace has seen no poll.
type pace struct {
	took     []time.Duration // of the newest polls, the last one newest; at most three
	throttle time.Duration   // the longest of the newest poll
	factor   int             // what throttles make of the interval; 0 and 1 leave it
	calm     int             // polls since the last throttle
	lost     bool            // nobody answered in the newest poll
	each     time.Duration   // what commits took in the newest poll where each group takes a request; 0 elsewhere
	silent   string          // a broker that does not answer in time, again and again; empty for none
}

// after is the pace after one more poll.
func (p pace) after(took, throttle time.Duration, silent string, lost bool) pace {
	p.took = append(slices.Clone(p.took[max(len(p.took)-2, 0):]), took)
	p.throttle, p.silent, p.lost = throttle, silent, lost
	if p.factor = max(p.factor, 1); throttle > 0 {
		p.factor, p.calm = min(2*p.factor, 64), 0
	} else if p.calm++; p.calm%throttleCalm == 0 {
		p.factor = max(p.factor/2, 1)
	}
	return p
}

// interval is the time from the beginning of the newest poll to that of the next, and why it is longer than
// the wanted one. It is at most slowest, unless more is wanted.
func (p pace) interval(wanted time.Duration) kafka.Pace {
	out := kafka.Pace{Wanted: wanted, Present: wanted}
	longer := func(d time.Duration, format string, args ...any) {
		if d = min(steps(d), max(slowest, wanted)); d > out.Present {
			out.Present, out.Why = d, fmt.Sprintf(format, args...)
		}
	}
	if p.silent != "" {
		longer(2*wanted, "%s does not answer in time", p.silent)
	}
	if n := len(p.took); n > 0 {
		last, usual := p.took[n-1], p.usual()
		longer(last+wanted/2, "a poll took %s", seconds(last))
		if !p.lost { // a cluster that comes back is seen soon
			longer((1+restShare)*usual, "polls take %s%s", seconds(usual), p.because())
		}
	}
	if p.factor > 1 {
		longer(max(time.Duration(p.factor)*wanted, wanted+p.throttle), "the cluster throttles us")
	}
	return out
}

// because says what most of the time of a poll goes into, where that is known.
func (p pace) because() string {
	if p.each > p.usual()/2 {
		return ": before Kafka 3.0 each group takes a request"
	}
	return ""
}

// usual is the median of three polls; before there are three, the shortest: the first one also connects.
func (p pace) usual() time.Duration {
	sorted := slices.Clone(p.took)
	slices.Sort(sorted)
	return sorted[len(sorted)/2*(len(sorted)/3)]
}

// steps rounds up, so that the interval does not change with every poll.
func steps(d time.Duration) time.Duration {
	step := time.Second
	if d < 2*time.Second {
		step = 100 * time.Millisecond
	}
	return (d + step - 1).Truncate(step)
}

// seconds is d with one decimal: 1.9s.
func seconds(d time.Duration) string { return fmt.Sprintf("%.1fs", d.Seconds()) }
