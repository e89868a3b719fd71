package poll

import "time"

const (
	lookEvery = time.Second     // how often a pause looks whether the machine slept
	sleepy    = 5 * time.Second // of sleep after which connections are not trusted
)

// wall is t without the reading of the clock that stands still while the machine sleeps. What is published
// has such times: after a night it is a night old.
func wall(t time.Time) time.Time { return t.Round(0) }

// slept is for how long the machine has slept since t, which must come from time.Now. A clock that was put
// forward looks the same.
func slept(t time.Time) time.Duration {
	now := time.Now()
	return wall(now).Sub(wall(t)) - now.Sub(t)
}

// reconnect gives up all connections. The other ends, and what is between, have forgotten them: what is sent
// there would wait for an answer in vain.
func (s *session) reconnect() {
	for i, n := range s.nodes {
		n.close()
		s.nodes[i] = s.start(n.id, n.addr)
	}
	for _, n := range s.seeds {
		n.close()
	}
	s.seeds = nil
}
