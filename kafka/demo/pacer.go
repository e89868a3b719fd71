package demo

import (
	"sync"
	"time"
)

// pacer hands out moments that lie a gap apart.
type pacer struct {
	mu   sync.Mutex
	gap  time.Duration // 0: no limit
	next time.Time
}

// credit is how much of a wait that lasted too long is made up for.
const credit = 250 * time.Millisecond

// paced is a pacer of so many records/s; 0 is no limit.
func paced(perSecond float64) *pacer {
	p := &pacer{}
	p.set(perSecond)
	return p
}

func (p *pacer) set(perSecond float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gap, p.next = 0, time.Time{}
	if perSecond > 0 {
		p.gap = time.Duration(float64(time.Second) / perSecond)
	}
}

// reserve is how long to wait for the next free moment.
func (p *pacer) reserve(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gap == 0 {
		return 0
	}
	at := p.next
	switch {
	case at.IsZero():
		at = now
	case at.Before(now.Add(-credit)):
		at = now.Add(-credit)
	}
	p.next = at.Add(p.gap)
	return max(at.Sub(now), 0)
}

// batch is how many records to take at once, so that a limit is kept to within half a second; 0: any number.
func (p *pacer) batch() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gap == 0 {
		return 0
	}
	return max(1, int(500*time.Millisecond/p.gap))
}
