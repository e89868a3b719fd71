package app

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/rebalance"
	"lagtop/kafka/timeline"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	timelinepane "lagtop/ui/pane/timeline"
)

// GroupLog reads what the coordinator writes about a group until ctx ends, or the right to do so is missing;
// *conn.Reader is one.
type GroupLog interface {
	FollowGroup(ctx context.Context, group string, on func(kafka.GroupLogEvent))
}

// following is the group's log that is read while its timeline is on the screen.
type following struct {
	group  string // empty: none is read
	cancel context.CancelFunc
	wake   chan struct{} // size one
	ended  context.Context

	mu   sync.Mutex
	said string
}

// timelineMsg says that the log of a group told something.
type timelineMsg struct{ of *following }

const fromPolls = "as polls saw it, at least"

// toggleTimeline shows the timeline of the selected group, or goes back from it.
func (m *Model) toggleTimeline() tea.Cmd {
	if m.top().Place()&(command.Timeline|command.RebalanceDetail) != 0 {
		return m.back()
	}
	m.push(timelinepane.New(m.env.Focus.Group))
	return m.followLog()
}

// openRebalance shows the selected rebalance in full, or the timeline of the selected group.
func (m *Model) openRebalance(p *timelinepane.Model) tea.Cmd {
	if r := p.Current(); r != nil {
		m.push(timelinepane.NewDetail(r))
		return nil
	}
	p.Enter(&m.env)
	return nil
}

// timelinePane is the one on the screen, or right below a rebalance of it; nil when there is none.
func (m *Model) timelinePane() *timelinepane.Model {
	for i := len(m.details) - 1; i >= 0; i-- {
		switch p := m.details[i].(type) {
		case *timelinepane.Model:
			return p
		case *timelinepane.Detail:
		default:
			return nil
		}
	}
	return nil
}

// followLog reads the log of the group whose timeline is on the screen, and of no other.
func (m *Model) followLog() tea.Cmd {
	p := m.timelinePane()
	group := ""
	if p != nil && m.deps.Timeline != nil {
		group = p.Group()
	}
	if group == m.following.name() {
		return nil
	}
	m.unfollow()
	if group == "" {
		return nil
	}
	g := m.env.Snapshot.Group(group)
	if m.deps.GroupLog == nil || g == nil || g.Type == kafka.Share || g.Type == kafka.Streams {
		p.Tell(fromPolls)
		return nil
	}
	f := &following{group: group, wake: make(chan struct{}, 1), said: fromPolls + "; its log is being read"}
	f.ended, f.cancel = context.WithCancel(m.ctx)
	m.following = f
	p.Tell(f.said)
	known := m.deps.Timeline
	known.Follow(group)
	m.work.Go(func() {
		m.deps.GroupLog.FollowGroup(f.ended, group, func(e kafka.GroupLogEvent) { f.take(known, e) })
	})
	return f.wait
}

func (f *following) name() string {
	if f == nil {
		return ""
	}
	return f.group
}

// unfollow ends reading outside the event loop: Close waits for it.
func (m *Model) unfollow() {
	if m.following != nil {
		m.following.cancel()
		m.following = nil
	}
}

// take runs in the reader's goroutine.
func (f *following) take(known *timeline.Log, e kafka.GroupLogEvent) {
	if e.Gap { // what was added up so far misses records
		known.Follow(f.group)
	}
	known.Take(f.group, e.Records)
	f.mu.Lock()
	switch {
	case e.Err != nil:
		f.said = fromPolls + ": " + e.Err.Error()
	case e.CaughtUp:
		known.CaughtUp(f.group)
		f.said = "exact, from __consumer_offsets"
	}
	f.mu.Unlock()
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// wait is the command that waits for the next news of the log.
func (f *following) wait() tea.Msg {
	select {
	case <-f.wake:
		return timelineMsg{f}
	case <-f.ended.Done():
		return nil
	}
}

func (m *Model) takeTimeline(msg timelineMsg) tea.Cmd {
	if msg.of != m.following {
		return nil
	}
	if p := m.timelinePane(); p != nil {
		msg.of.mu.Lock()
		p.Tell(msg.of.said)
		msg.of.mu.Unlock()
	}
	for _, d := range m.details {
		d.Refresh(&m.env)
	}
	return msg.of.wait
}

// acted tells the timeline that a rebalance was the operator's own doing.
func (m *Model) acted(p *rebalance.Plan, what string, began time.Time, unstable time.Duration) {
	if m.deps.Timeline == nil {
		return
	}
	m.deps.Timeline.Act(timeline.Action{
		Group: p.Group, What: what, Target: p.Target, Reason: p.Reason, Begin: began, End: m.deps.Now(), Unstable: unstable,
	})
}

// push puts a detail on the screen.
func (m *Model) push(d pane.Pane) {
	d.Refresh(&m.env)
	m.details = append(m.details, d)
	m.settle()
}
