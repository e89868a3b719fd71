package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"lagtop/kafka/wait"
)

// slowRate is what a consumer that was made slow can do, in records/s.
const slowRate = 5

const (
	joinsWithin  = 8 * time.Second  // a restarted consumer of a rolling deploy, before the next one is restarted
	emptyWithin  = 30 * time.Second // a group whose last member was stopped; a killed one has its session to wait for
	statusEvery  = 100 * time.Millisecond
	answerWithin = 5 * time.Second
)

// crewOf does something to a group under its lock.
func (d *Demo) crewOf(what, name string, act func(*group) error) error {
	g, err := d.find(name)
	if err == nil {
		g.mu.Lock()
		defer g.mu.Unlock()
		if err = act(g); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%s %s: %w", what, name, err)
}

// Kill ends a consumer as kill -9 does: it says nothing to the group, which learns of it when the session times
// out. An empty client id is the newest one.
func (d *Demo) Kill(name, clientID string) (killed string, err error) {
	err = d.crewOf("kill a consumer of", name, func(g *group) error {
		c, err := g.pick(clientID)
		if err != nil {
			return err
		}
		killed = c.clientID
		c.wire.cut()
		g.stop(c)
		return nil
	})
	return killed, err
}

// Freeze stops a consumer as SIGSTOP does, or lets a frozen one go on.
func (d *Demo) Freeze(name, clientID string) (frozen string, on bool, err error) {
	err = d.crewOf("freeze a consumer of", name, func(g *group) error {
		c, err := g.pick(clientID)
		if err != nil {
			return err
		}
		c.frozen = !c.frozen
		c.wire.freeze(c.frozen)
		frozen, on = c.clientID, c.frozen
		return nil
	})
	return frozen, on, err
}

// Slow limits a consumer to a few records/s, or lifts the limit.
func (d *Demo) Slow(name, clientID string) (slowed string, on bool, err error) {
	err = d.crewOf("slow down a consumer of", name, func(g *group) error {
		c, err := g.pick(clientID)
		if err != nil {
			return err
		}
		c.slow = !c.slow
		rate := g.spec.rate
		if c.slow {
			rate = slowRate
		}
		c.pace.set(rate * d.speed)
		slowed, on = c.clientID, c.slow
		return nil
	})
	return slowed, on, err
}

// Rejoin restarts all members of a group with another protocol, or with static membership on or off.
func (d *Demo) Rejoin(ctx context.Context, name string, p Protocol, static bool) error {
	return d.crewOf("change the members of", name, func(g *group) error {
		switch {
		case g.closed:
			return ErrClosed
		case (g.protocol == ShareGroup) != (p == ShareGroup):
			return fmt.Errorf("a share group stays one")
		case g.protocol == ShareGroup && static:
			return fmt.Errorf("share groups have no static members")
		case g.protocol == p && g.static == static:
			return nil
		}
		n := len(g.crew)
		for len(g.crew) > 0 {
			d.retire(g, g.crew[0])
		}
		if err := d.untilEmpty(ctx, g.name); err != nil {
			return err
		}
		if d.cluster != nil && g.protocol == ServerSide && p != ServerSide {
			if err := d.remake(ctx, g.name); err != nil {
				return err
			}
		}
		g.protocol, g.static = p, static
		for range n {
			if _, err := d.add(g); err != nil {
				return err
			}
		}
		return nil
	})
}

// remake deletes a group and keeps its commits: kfake lets nobody join an empty KIP-848 group by the classic
// protocol, as brokers do.
func (d *Demo) remake(ctx context.Context, name string) error {
	at, err := d.admin.FetchOffsets(ctx, name)
	if err != nil {
		return err
	}
	if _, err := d.admin.DeleteGroups(ctx, name); err != nil {
		return err
	}
	return d.admin.CommitAllOffsets(ctx, name, at.Offsets())
}

// Roll restarts the members of a group one after the other, each when the one before has its partitions.
func (d *Demo) Roll(ctx context.Context, name string) error {
	return d.crewOf("deploy", name, func(g *group) error {
		for n := len(g.crew); n > 0; n-- {
			if g.closed {
				return ErrClosed
			}
			g.stop(g.crew[0]) // the new one takes its number and its place at the end
			c, err := d.add(g)
			if err != nil {
				return err
			}
			waitFor(c.joined, joinsWithin)
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		return nil
	})
}

// resize brings a group to so many consumers, none of them frozen or slow.
func (d *Demo) resize(name string, n int) error {
	return d.crewOf("resize", name, func(g *group) error {
		for _, c := range g.crew {
			c.wire.freeze(false)
			c.pace.set(g.spec.rate * d.speed)
			c.frozen, c.slow = false, false
		}
		for len(g.crew) > n {
			d.retire(g, g.crew[len(g.crew)-1])
		}
		for len(g.crew) < n {
			if _, err := d.add(g); err != nil {
				return err
			}
		}
		return nil
	})
}

// leave takes a static member out of its group. One that stays is lost with its session.
func (d *Demo) leave(g *group, instance string) {
	ctx, cancel := context.WithTimeout(d.ctx, answerWithin)
	defer cancel()
	if _, err := d.admin.LeaveGroup(ctx, kadm.LeaveGroup(g.name).Reason("scaled in").InstanceIDs(instance)); err != nil {
		d.log.Warn("remove a static member", "group", g.name, "instance", instance, "err", err)
	}
}

// untilEmpty waits until a group has no member left.
func (d *Demo) untilEmpty(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, emptyWithin)
	defer cancel()
	for {
		listed, err := d.admin.ListGroups(ctx)
		if g, ok := listed[name]; err == nil && (!ok || g.State == "Empty" || g.State == "Dead") {
			return nil
		}
		if wait.For(ctx, statusEvery) != nil {
			return fmt.Errorf("it still has members after %v", emptyWithin)
		}
	}
}
