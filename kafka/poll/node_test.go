package poll

import (
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
)

// A login may hang for longer than many polls last, at a KDC that does not answer.
func TestANodeThatIsStuckDoesNotStopThePoller(t *testing.T) {
	s := newSession(t.Context(), New(conn.Config{}, Options{}))
	n := &node{id: 1, jobs: make(chan job, maxJobs), apart: make(chan job, 1)} // nobody works
	s.nodes = []*node{n}
	s.world.see(&conn.Metadata{Topics: []kafka.Topic{{Name: "orders", Partitions: []kafka.Partition{{Leader: kafka.Some[int32](1)}}}}})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 3 * maxJobs {
			c := &cycle{}
			s.askMetadata(c)
			s.askGroups(c, n)
			s.askEnds(c, n)
		}
	}()
	for waited := false; ; {
		select {
		case <-done:
			s.close()
			return
		case <-time.After(patience):
			if !waited {
				t.Error("the poller waits for a broker")
			}
			waited = true
			<-n.jobs // let it go
		}
	}
}
