package timeline_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/timeline"
)

func TestRealLogAgreesWithSaramaMembers(t *testing.T) {
	for _, kind := range []kafkatest.Kind{kafkatest.SaramaRange, kafkatest.SaramaCooperative} {
		t.Run(string(kind), func(t *testing.T) {
			at, topic, group := kafkatest.Real(t).Bootstrap(), kafkatest.Unique("timeline"), kafkatest.Unique("timeline")
			kafkatest.CreateTopic(t, at, topic, 4, 3)
			var mu sync.Mutex
			told, now := map[turn]string{}, map[string]int{} // partitions of each member
			telling := kafkatest.Telling(func(a kafkatest.Assigned) {
				mu.Lock()
				defer mu.Unlock()
				told[turn{a.Generation, a.MemberID}], now[a.MemberID] = fmt.Sprint(a.Partitions), len(a.Partitions)
			})
			w := watchGroup(t, at, group)
			kafkatest.Member(t, at, group, topic, kind, kafkatest.As("a"), telling)
			w.until(t, group, 1)
			b := kafkatest.Member(t, at, group, topic, kind, kafkatest.As("b"), telling)
			w.until(t, group, 2)
			kafkatest.Until(t, 60*time.Second, func() error {
				mu.Lock()
				defer mu.Unlock()
				if slices.Contains(slices.Collect(maps.Values(now)), 2) { // what it keeps is not told to a again
					return nil
				}
				return fmt.Errorf("b has no two partitions: %v", told)
			})
			b.Stop()
			if last := w.until(t, group, 1); last.Left != 1 || last.Cause.Kind != timeline.CauseScaleIn {
				t.Errorf("b left: %+v", last)
			}
			mu.Lock()
			defer mu.Unlock()
			w.agree(t, told)
		})
	}
}

var (
	kcatTold = regexp.MustCompile(`^% Group \S+ rebalanced(?:: incremental (assignment|revoke) of \d+ partition\(s\))? \(memberid ([^,)]+)[^)]*\): (?:(assigned|revoked): )?(.*)`)
	kcatPart = regexp.MustCompile(`\[(\d+)\]`)
)

// kcatGiven reads what kcat's callbacks gave it, one set of partitions after the other, by its member id.
func kcatGiven(said string, out map[string][]string) {
	owned := map[int32]bool{}
	for _, l := range strings.Split(said, "\n") {
		m := kcatTold.FindStringSubmatch(l)
		if m == nil {
			continue
		}
		given := m[1] == "assignment" || m[3] == "assigned"
		for _, p := range kcatPart.FindAllStringSubmatch(m[4], -1) {
			n, _ := strconv.Atoi(p[1])
			if given {
				owned[int32(n)] = true
			} else {
				delete(owned, int32(n))
			}
		}
		if given {
			out[m[2]] = append(out[m[2]], fmt.Sprint(slices.Sorted(maps.Keys(owned))))
		}
	}
}

// agreeInTurn compares what members were given with the log, which has the same sets for the same member id in the
// same order. kcat does not tell its generation, and a generation that gives a member nothing else is not told.
func (w *watch) agreeInTurn(t *testing.T, given map[string][]string) {
	t.Helper()
	log := map[string][]string{}
	turns := w.assigned()
	for _, k := range slices.SortedFunc(maps.Keys(turns), func(a, b turn) int { return int(a.generation - b.generation) }) {
		log[k.member] = append(log[k.member], turns[k])
	}
	if len(given) != 2 {
		t.Errorf("%d members told what they were given: %v", len(given), given)
	}
	for member, sets := range given {
		rest := log[member]
		for _, ps := range sets {
			at := slices.Index(rest, ps)
			if at < 0 {
				t.Errorf("%s was given %v, the log says %v", member, sets, log[member])
				break
			}
			rest = rest[at+1:]
		}
	}
}

func TestRealLogAgreesWithLibrdkafkaMembers(t *testing.T) {
	for name, props := range map[string][]string{
		"eager":       {"partition.assignment.strategy=range"},
		"cooperative": {"partition.assignment.strategy=cooperative-sticky"},
		"static":      {"partition.assignment.strategy=roundrobin", "group.instance.id="},
	} {
		t.Run(name, func(t *testing.T) {
			real := kafkatest.Real(t)
			at, topic, group := real.Bootstrap(), kafkatest.Unique("timeline"), kafkatest.Unique("timeline")
			kafkatest.CreateTopic(t, at, topic, 4, 3)
			as := func(client string) []string {
				out := []string{"client.id=" + client}
				for _, p := range props {
					if p == "group.instance.id=" {
						p += client
					}
					out = append(out, p)
				}
				return out
			}
			w := watchGroup(t, at, group)
			a := kafkatest.Kcat(t, real, group, []string{topic}, as("a")...)
			w.until(t, group, 1)
			b := kafkatest.Kcat(t, real, group, []string{topic}, as("b")...)
			if r := w.until(t, group, 2); r.Leader[1].ClientID == "" || !r.To.OK {
				t.Errorf("the second member: %+v", r)
			}
			kafkatest.WaitGroup(t, at, group, kafka.StateStable, 2)
			b.Stop()
			if name != "static" { // static members do not leave
				w.until(t, group, 1)
			}
			a.Stop()
			if name != "static" {
				w.until(t, group, 0)
			}
			given := map[string][]string{}
			kcatGiven(a.Said(), given)
			kcatGiven(b.Said(), given)
			w.agreeInTurn(t, given)
		})
	}
}
