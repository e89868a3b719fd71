package poll

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/limit"
)

const opShares = "DescribeShareGroupOffsets"

// sharesAgain is how long share offsets are left alone after they failed.
const sharesAgain = 10 * time.Second

const adviceShares = "the broker itself answers: check that each partition of __share_group_state has a leader"

// shares is what is known of the share groups that one broker coordinates. A broker that is well does not answer
// for them while their partition of __share_group_state is offline.
type shares struct {
	asking bool
	rows   []conn.ShareOffsets // the newest, by group
	at     time.Time           // of rows
	err    error               // of the last question, nil when it was answered
	retry  time.Time           // not asked before, after an error
}

// sharesAnswer is what one broker told of share groups.
type sharesAnswer struct {
	at   time.Time
	rows []conn.ShareOffsets // by group
}

func askShares(in *limit.Scope, names []string) func(context.Context, *conn.Broker) answer {
	return func(ctx context.Context, b *conn.Broker) answer {
		rows, err := b.ShareOffsets(ctx, names)
		if err != nil {
			return answer{op: opShares, err: err}
		}
		clipShares(rows, in)
		slices.SortFunc(rows, func(x, y conn.ShareOffsets) int { return strings.Compare(x.Group, y.Group) })
		return answer{shares: &sharesAnswer{at: wall(time.Now()), rows: rows}}
	}
}

// askShares asks a broker for the offsets of the share groups that it listed. After an error they are asked for
// again when some time has passed, and not waited for.
func (s *session) askShares(c *cycle, n *node, names []string) {
	if len(names) == 0 || n.shares.asking || n.shares.err != nil && c.began.Before(n.shares.retry) {
		return
	}
	if n.shares.err == nil {
		c.waitS = append(c.waitS, n)
	}
	n.shares.asking = true
	n.apart <- job{kind: jobShares, poll: c.id, deadline: time.Now().Add(s.p.opts.Deadline), do: askShares(&s.world.scope, names)}
}

// noteShares keeps the newest answer. It says nothing of the broker's health.
func (n *node) noteShares(a answer, began time.Time) {
	n.shares.asking, n.shares.err = false, a.err
	if a.err != nil {
		n.shares.retry = began.Add(sharesAgain)
		return
	}
	n.shares.rows, n.shares.at = a.shares.rows, a.shares.at
}

// sharesLate is why the share offsets are not of this poll, nil when they are.
func (r *reading) sharesLate() error {
	switch {
	case !r.answer.sharesOld:
		return nil
	case r.node.shares.err != nil:
		return r.node.shares.err
	}
	return errors.New(opShares + ": no answer yet")
}

func (w *world) joinShares(j *joiner, g *kafka.Group, r *reading, old *kafka.Group, f *faults) {
	c, err := r.answer.sharesOf(g.Name), r.sharesLate()
	if c == nil || c.Err != nil {
		if err == nil && c != nil {
			err = c.Err
		}
		w.joinOld(j, g, old, f.shares(r, err))
		return
	}
	j.committed = j.committed[:0]
	for i := range c.Rows {
		j.committed = append(j.committed, c.Rows[i].TopicPartition)
	}
	g.Partitions = j.partitions(g.Members)
	withShares(g.Partitions, c.Rows)
	if err == nil {
		return
	}
	why := f.shares(r, err)
	g.Err = orElse(g.Err, why)
	if at := r.node.shares.at; at.Before(g.At) {
		g.At = at
	}
	for i := range g.Partitions {
		g.Partitions[i].Err = orElse(g.Partitions[i].Err, why)
	}
}

// shares notes why the offsets of one share group are unknown or old and returns that.
func (f *faults) shares(r *reading, err error) string {
	if err == nil || !conn.TimedOut(err) {
		return f.commits(r, opShares, err)
	}
	f.add(kafka.Fault{
		Broker: brokerID(r.node), Addr: r.node.addr, Group: r.listed.Name, Op: opShares, Reason: err.Error(), Advice: adviceShares,
	})
	return err.Error()
}
