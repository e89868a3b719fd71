package tail

import (
	"cmp"
	"time"

	kafkatail "lagtop/kafka/tail"
)

// cellsPerSecond are the cells that are drawn in a second when all lines change with each frame. With colours
// and frames a cell is up to three bytes, and a terminal far away takes some 40 kB/s.
const cellsPerSecond = 14_000

func (m *Model) wake() time.Duration {
	return cmp.Or(m.src.Spec().Wake, kafkatail.DefaultWake)
}

// arriving is how many lines come in a time, while the newest are shown. Of filtered records it is estimated
// by the share that passed.
func (m *Model) arriving(in time.Duration) float64 {
	s := &m.state
	if m.src == nil || !m.follow || s.Paused || !s.Rate.OK || m.rows == 0 || m.lines() <= m.rows {
		return 0
	}
	n := s.Rate.V * in.Seconds()
	if s.Read > 0 {
		n *= min(float64(s.Received)/float64(s.Read), 1)
	}
	if looked := s.Kept - m.sieve.unseen(s); m.sieve.on() && looked > 0 {
		n *= min(float64(m.lines())/float64(looked), 1)
	}
	return n
}

// Rest is how long the lines on screen should stand beyond the time that the source waits between updates.
// It is above 0 for large windows on topics too fast to be read.
func (m *Model) Rest() time.Duration {
	if m.src == nil || m.arriving(m.wake()) < float64(m.rows) {
		return 0
	}
	seconds := float64(m.rows*m.width) / cellsPerSecond
	return max(time.Duration(seconds*float64(time.Second))-m.wake(), 0)
}

// oneOf is how many records come for each that is to be seen before the next ones take its place, 0 when
// there is time for each. It has two digits, so that it does not flicker.
func (m *Model) oneOf() int64 {
	if m.src == nil || m.rows == 0 {
		return 0
	}
	n := int64(m.arriving(m.wake()+m.Rest()) / float64(m.rows))
	if n >= 100 {
		return n / 10 * 10
	}
	return n
}
