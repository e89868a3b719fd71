package poll

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
)

// faultKey tells faults apart from poll to poll.
type faultKey struct {
	broker           kafka.Known[int32]
	group, topic, op string
}

// faults collects what failed in one poll. The begin of each row of failures is kept over polls.
type faults struct {
	now   time.Time
	since map[faultKey]time.Time // of the poll before
	next  map[faultKey]time.Time
	list  []kafka.Fault
	whole map[int32]bool // brokers with a fault of their own
	moved []movedFault
}

// movedFault is a coordinator that moves or loads: all of its groups say the same.
type movedFault struct {
	node   *node
	op     string
	code   kafka.Code
	groups int
}

func newFaults(since map[faultKey]time.Time, now time.Time) *faults {
	return &faults{now: now, since: since, next: map[faultKey]time.Time{}, whole: map[int32]bool{}}
}

func (f *faults) add(x kafka.Fault) {
	k := faultKey{x.Broker, x.Group, x.Topic, x.Op}
	if _, ok := f.next[k]; ok {
		return
	}
	if x.Since.IsZero() {
		x.Since = wall(f.now)
	}
	x.Reason = bare(x)
	if t, ok := f.since[k]; ok && t.Before(x.Since) {
		x.Since = t
	}
	f.next[k] = x.Since
	if x.Group == "" && x.Topic == "" && x.Broker.OK {
		f.whole[x.Broker.V] = true
	}
	f.list = append(f.list, x)
}

// bare is the reason without what the fault's own fields say: errors begin with operation and object.
func bare(x kafka.Fault) string {
	s := x.Reason
	for _, known := range []string{x.Op, x.Addr, x.Group, x.Topic} {
		rest, ok := strings.CutPrefix(s, known)
		if rest = strings.TrimLeft(rest, ": "); ok && known != "" && rest != "" {
			s = rest
		}
	}
	return s
}

func (f *faults) sorted() []kafka.Fault {
	for _, m := range f.moved {
		f.refused(m.node, opError{m.op, fmt.Errorf("%s: %d groups: %w", m.op, m.groups, m.code)})
	}
	slices.SortStableFunc(f.list, func(a, b kafka.Fault) int {
		return cmp.Or(strings.Compare(a.Group, b.Group), strings.Compare(a.Topic, b.Topic),
			cmp.Compare(a.Broker.V, b.Broker.V), strings.Compare(a.Op, b.Op))
	})
	return f.list
}

// node notes a broker that does not answer.
func (f *faults) node(n *node) {
	f.add(kafka.Fault{
		Broker: brokerID(n), Addr: n.addr, Op: n.op, Reason: n.err.Error(), Advice: conn.Advice(n.err), Since: wall(n.since),
	})
}

// late notes a broker whose call was not even aborted in time.
func (f *faults) late(n *node, op string, within time.Duration) {
	f.add(kafka.Fault{Broker: brokerID(n), Addr: n.addr, Op: op, Reason: "no answer within " + within.String()})
}

// refused notes an API that a broker does not serve at present.
func (f *faults) refused(n *node, e opError) {
	f.add(kafka.Fault{
		Broker: brokerID(n), Addr: n.addr, Op: e.op, Reason: e.err.Error(), Advice: conn.Advice(e.err),
	})
}

// group notes why one group could not be described and returns that.
func (f *faults) group(r *reading, op string, d *conn.Description) string {
	if d == nil {
		return f.missing(r, op)
	}
	return f.one(r, op, d.Err)
}

// commits notes why the commits of one group are unknown and returns that.
func (f *faults) commits(r *reading, op string, err error) string {
	if err == nil {
		return f.missing(r, op)
	}
	return f.one(r, op, err)
}

func (f *faults) one(r *reading, op string, err error) string {
	if f.moves(r.node, op, err) {
		return err.Error()
	}
	f.add(kafka.Fault{
		Broker: brokerID(r.node), Addr: r.node.addr, Group: r.listed.Name, Op: op, Reason: err.Error(), Advice: conn.Advice(err),
		Denied: kafka.Unauthorized(err),
	})
	return err.Error()
}

func (f *faults) moves(n *node, op string, err error) bool {
	for _, c := range []kafka.Code{kafka.CodeCoordinatorLoading, kafka.CodeCoordinatorNotAvailable, kafka.CodeNotCoordinator} {
		if !errors.Is(err, c) {
			continue
		}
		i := slices.IndexFunc(f.moved, func(m movedFault) bool { return m.node == n && m.op == op && m.code == c })
		if i < 0 {
			i, f.moved = len(f.moved), append(f.moved, movedFault{node: n, op: op, code: c})
		}
		f.moved[i].groups++
		return true
	}
	return false
}

// missing is a group that an API did not answer. When the API failed as a whole the broker's fault
// says so already.
func (f *faults) missing(r *reading, op string) string {
	for _, e := range r.answer.failed {
		if e.op == op {
			return e.err.Error()
		}
	}
	return f.one(r, op, errors.New(op+": the group is not in the answer"))
}

// topics notes what is not known of each topic. Partitions of a broker that is noted as a whole are
// left out.
func (f *faults) topics(all []kafka.Topic) {
	for i := range all {
		t := &all[i]
		if t.Err != "" {
			f.add(kafka.Fault{Topic: t.Name, Op: "Metadata", Reason: t.Err})
		}
		bad, first := 0, ""
		for k := range t.Partitions {
			p := &t.Partitions[k]
			if p.Err == "" || p.Leader.OK && f.whole[p.Leader.V] {
				continue
			}
			if bad++; bad == 1 {
				first = fmt.Sprintf("partition %d: %s", p.ID, p.Err)
			}
		}
		switch {
		case bad == 1:
			f.add(kafka.Fault{Topic: t.Name, Op: "ListOffsets", Reason: first})
		case bad > 1:
			f.add(kafka.Fault{Topic: t.Name, Op: "ListOffsets", Reason: fmt.Sprintf("%d partitions; %s", bad, first)})
		}
	}
}

func brokerID(n *node) kafka.Known[int32] {
	if n.id < 0 {
		return kafka.Known[int32]{}
	}
	return kafka.Some(n.id)
}
