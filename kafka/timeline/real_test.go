package timeline_test

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/lag"
	"lagtop/kafka/poll"
	"lagtop/kafka/timeline"
)

func TestMain(m *testing.M) {
	// sarama's metrics library starts one goroutine for good.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/rcrowley/go-metrics.(*meterArbiter).tick"))
}

// turn is who has what in a generation or epoch: partitions by member id.
type turn struct {
	generation int32
	member     string
}

// watch polls a real cluster and reads the log of one group.
type watch struct {
	log     *timeline.Log
	poller  *poll.Poller
	mu      sync.Mutex
	records []kafka.GroupRecord
	caught  bool
	failed  error
}

func watchGroup(t *testing.T, at []string, group string) *watch {
	t.Helper()
	w := &watch{log: timeline.New(timeline.Options{})}
	cfg := conn.Config{Bootstrap: at}
	w.poller = poll.New(cfg, poll.Options{Interval: 200 * time.Millisecond, Derive: []func(*kafka.Snapshot){lag.NewHistory(lag.Options{}).Observe, w.log.Observe}})
	ctx, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { _ = w.poller.Run(ctx) })
	kafkatest.Until(t, time.Minute, func() error {
		if w.poller.Latest() == nil {
			return fmt.Errorf("no snapshot yet")
		}
		return nil
	})
	w.log.Follow(group)
	done.Go(func() {
		conn.NewReader(cfg).FollowGroup(ctx, group, func(e kafka.GroupLogEvent) {
			w.log.Take(group, e.Records)
			if e.CaughtUp {
				w.log.CaughtUp(group)
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			w.records = append(w.records, e.Records...)
			w.caught = w.caught || e.CaughtUp
			w.failed = cmp.Or(w.failed, e.Err)
		})
	})
	t.Cleanup(func() { stop(); done.Wait() })
	return w
}

// until waits until the newest rebalance of the group that has ended has so many members.
func (w *watch) until(t *testing.T, group string, members int) timeline.Rebalance {
	t.Helper()
	var r timeline.Rebalance
	kafkatest.Until(t, time.Minute, func() (err error) {
		if r, err = cameTo(w.log.Group(group), members); err == nil && r.Source != timeline.FromLog {
			err = fmt.Errorf("it is not by the log: %+v", r)
		}
		return err
	})
	return r
}

// assigned is what the log told of the generations of a classic group.
func (w *watch) assigned() map[turn]string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[turn]string{}
	for i := range w.records {
		r := &w.records[i]
		for k := range r.Members {
			var ps []int32
			for _, tp := range r.Members[k].Assigned {
				ps = append(ps, tp.Partition)
			}
			out[turn{r.Epoch, r.Members[k].ID}] = fmt.Sprint(ps)
		}
	}
	return out
}

// agree compares what members were told with the log: each turn of theirs is in it, once it is read so far, with the
// same partitions.
func (w *watch) agree(t *testing.T, told map[turn]string) {
	t.Helper()
	if len(told) < 3 {
		t.Errorf("the members told of %d turns only: %v", len(told), told)
	}
	kafkatest.Until(t, time.Minute, func() error {
		log := w.assigned()
		for k, ps := range told {
			if got, ok := log[k]; !ok || got != ps {
				return fmt.Errorf("%s in %d: the member was given %s, the log says %q (%v)", k.member, k.generation, ps, got, ok)
			}
		}
		return nil
	})
}

var (
	javaSynced   = regexp.MustCompile(`Successfully synced group in generation Generation\{generationId=(\d+), memberId='([^']+)'`)
	javaAssigned = regexp.MustCompile(`Notifying assignor about the new Assignment\(partitions=\[([^\]]*)\]`)
)

// javaTurns reads the log of a classic Java consumer.
func javaTurns(said string, out map[turn]string) {
	var now turn
	for _, l := range strings.Split(said, "\n") {
		if m := javaSynced.FindStringSubmatch(l); m != nil {
			n, _ := strconv.Atoi(m[1])
			now = turn{int32(n), m[2]}
		}
		if m := javaAssigned.FindStringSubmatch(l); m != nil && now.member != "" {
			out[now] = fmt.Sprint(partitionsOf(m[1]))
		}
	}
}

func TestRealLogAgreesWithJavaMembers(t *testing.T) {
	for name, props := range map[string][]string{
		"eager":       {"partition.assignment.strategy=org.apache.kafka.clients.consumer.RangeAssignor"},
		"cooperative": {"partition.assignment.strategy=org.apache.kafka.clients.consumer.CooperativeStickyAssignor"},
		"static":      {"partition.assignment.strategy=org.apache.kafka.clients.consumer.RangeAssignor", "group.instance.id="},
	} {
		t.Run(name, func(t *testing.T) {
			real := kafkatest.Real(t)
			at, topic, group := real.Bootstrap(), kafkatest.Unique("timeline"), kafkatest.Unique("timeline")
			kafkatest.CreateTopic(t, at, topic, 4, 3)
			as := func(client string) []string {
				out := []string{"client.id=" + client, "session.timeout.ms=6000"}
				for _, p := range props {
					if p == "group.instance.id=" {
						p += client
					}
					out = append(out, p)
				}
				return out
			}
			w := watchGroup(t, at, group)
			a := kafkatest.JavaConsumer(t, real, group, topic, as("a")...)
			w.until(t, group, 1)
			b := kafkatest.JavaConsumer(t, real, group, topic, as("b")...)
			r := w.until(t, group, 2)
			if r.Joined+r.Returned == 0 && name != "cooperative" || r.Leader[1].ClientID == "" || !r.To.OK {
				t.Errorf("the second member: %+v", r)
			}
			b.Stop()
			a.Stop()
			if name != "static" { // static members do not leave
				w.until(t, group, 0)
			}
			told := map[turn]string{}
			javaTurns(a.Said(), told)
			javaTurns(b.Said(), told)
			w.agree(t, told)
			for _, r := range w.log.Group(group) {
				if r.Source != timeline.FromLog {
					t.Errorf("polls saw what is in the log: %+v", r)
				}
			}
		})
	}
}

func TestRealLogAgreesWithGoMembers(t *testing.T) {
	for _, kind := range []kafkatest.Kind{kafkatest.KgoRange, kafkatest.KgoCooperative, kafkatest.KgoConsumer} {
		t.Run(string(kind), func(t *testing.T) {
			at, topic, group := kafkatest.Real(t).Bootstrap(), kafkatest.Unique("timeline"), kafkatest.Unique("timeline")
			kafkatest.CreateTopic(t, at, topic, 4, 3)
			var mu sync.Mutex
			told, given := map[turn]string{}, map[string][]string{}
			telling := kafkatest.Telling(func(a kafkatest.Assigned) {
				mu.Lock()
				defer mu.Unlock()
				told[turn{a.Generation, a.MemberID}] = fmt.Sprint(a.Partitions)
				given[a.MemberID] = append(given[a.MemberID], fmt.Sprint(a.Partitions))
			})
			w := watchGroup(t, at, group)
			kafkatest.Member(t, at, group, topic, kind, kafkatest.As("a"), telling)
			w.until(t, group, 1)
			b := kafkatest.Member(t, at, group, topic, kind, kafkatest.As("b"), telling)
			w.until(t, group, 2)
			kafkatest.WaitGroup(t, at, group, kafka.StateStable, 2)
			b.Stop()
			last := w.until(t, group, 1)
			if last.Left != 1 || last.Cause.Kind != timeline.CauseScaleIn || kind != kafkatest.KgoCooperative && last.Moved != 2 {
				t.Errorf("b left: %+v", last)
			}
			if kind == kafkatest.KgoConsumer && (last.AtLeast || !last.Unstable.OK || last.Unstable.V <= 0) {
				t.Errorf("the length is known: %+v", last)
			}
			mu.Lock()
			defer mu.Unlock()
			if kind != kafkatest.KgoConsumer {
				w.agree(t, told)
				return
			}
			w.agreeNext(t, given)
		})
	}
}

// agreeNext compares what members of a KIP-848 group were given, by member id, with what they owned by the log. A
// member gives up partitions for the next epoch while it is in the present one, so epochs are not compared.
func (w *watch) agreeNext(t *testing.T, given map[string][]string) {
	t.Helper()
	if len(given) != 2 {
		t.Errorf("%d members told what they were given", len(given))
	}
	log := w.owned()
	for member, sets := range given {
		for _, ps := range sets {
			if !slices.Contains(log[member], ps) {
				t.Errorf("%s was given %s, the log says %v", member, ps, log[member])
			}
		}
	}
}

var (
	javaMember = regexp.MustCompile(`^\tMember: +(\S+)`)
	javaGiven  = regexp.MustCompile(`^\tAssigned partitions: +\[([^\]]*)\]`)
)

func TestRealLogAgreesWithJavaMembersOfKIP848(t *testing.T) {
	real := kafkatest.Real(t)
	at, topic, group := real.Bootstrap(), kafkatest.Unique("timeline"), kafkatest.Unique("timeline")
	kafkatest.CreateTopic(t, at, topic, 4, 3)
	w := watchGroup(t, at, group)
	a := kafkatest.JavaConsumer(t, real, group, topic, "group.protocol=consumer", "client.id=a")
	w.until(t, group, 1)
	b := kafkatest.JavaConsumer(t, real, group, topic, "group.protocol=consumer", "client.id=b")
	if r := w.until(t, group, 2); r.AtLeast || r.Unstable.V <= 0 || r.Cause.Kind != timeline.CauseScaleOut || r.Moved != 2 {
		t.Errorf("b joined: %+v", r)
	}
	b.Stop()
	w.until(t, group, 1)
	a.Stop()
	w.until(t, group, 0)
	given := map[string][]string{}
	for _, p := range []*kafkatest.Process{a, b} {
		member := ""
		for _, l := range strings.Split(p.Said(), "\n") {
			if m := javaMember.FindStringSubmatch(l); m != nil {
				member = m[1]
			}
			if m := javaGiven.FindStringSubmatch(l); m != nil {
				given[member] = append(given[member], fmt.Sprint(partitionsOf(m[1])))
			}
		}
	}
	w.agreeNext(t, given)
}

// partitionsOf reads a list of Java's TopicPartitions.
func partitionsOf(list string) []int32 {
	ps := []int32{}
	for _, tp := range strings.Split(list, ", ") {
		if i := strings.LastIndexByte(tp, '-'); i >= 0 {
			n, _ := strconv.Atoi(tp[i+1:])
			ps = append(ps, int32(n))
		}
	}
	slices.Sort(ps)
	return ps
}

// owned is what each member of a KIP-848 group owned by the log, one after the other.
func (w *watch) owned() map[string][]string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[string][]string{}
	for i := range w.records {
		r := &w.records[i]
		if r.Kind != kafka.GroupCurrent || r.Gone {
			continue
		}
		ps := []int32{}
		for _, o := range r.Owned {
			ps = append(ps, o.Partition)
		}
		slices.Sort(ps)
		out[r.Member.ID] = append(out[r.Member.ID], fmt.Sprint(ps))
	}
	return out
}
