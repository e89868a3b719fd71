package app

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/operate"
	"lagtop/kafka/safe"
	"lagtop/ui/component"
)

// Fields and values of the retention form.
const (
	fieldLimit = "limit"
	fieldKeep  = "keep"
	fieldExact = "exact"

	limitTime = "time"
	limitSize = "size"

	keepDay    = "day"
	keepDouble = "double"
	keepExact  = "exact"
	keepAll    = "all"
)

// askRetention reads how long the topic keeps its records and opens the form.
func (m *Model) askRetention() tea.Cmd {
	actor, topic := m.deps.Actor, m.env.Focus.Topic
	return m.start("read the retention of "+topic, func(ctx context.Context, _ func(string)) func(*Model) tea.Cmd {
		l, err := operate.ReadLimits(ctx, actor, topic)
		return func(m *Model) tea.Cmd {
			if err != nil {
				m.failed(err)
				return nil
			}
			m.openRetention(l)
			return nil
		}
	})
}

func (m *Model) openRetention(l operate.Limits) {
	limits := []component.Option{
		{Value: limitTime, Label: "time", Hint: "now " + operate.Words(operate.RetentionMS, l.Time.Before) + " (" + string(l.Time.Source) + ")"},
		{Value: limitSize, Label: "size per partition", Hint: "now " + operate.Words(operate.RetentionBytes, l.Size.Before) + " (" + string(l.Size.Source) + ")"},
	}
	f := component.NewForm("Retention of "+safe.Line(l.Topic),
		component.Field{Name: fieldLimit, Label: "limit", Options: limits, Value: limitTime},
		component.Field{Name: fieldKeep, Label: "keep", Options: []component.Option{
			{Value: keepDay, Label: "one day more", Hint: "of time only"},
			{Value: keepDouble, Label: "twice as much"},
			{Value: keepExact, Label: "exactly"},
			{Value: keepAll, Label: "all", Hint: "no limit: the disks fill up"},
		}, Value: keepDay},
		component.Field{Name: fieldExact, Label: "value", Hint: "36h, 7d, 2w, or ms; of a size 500MB, 10GiB, or bytes",
			When: func(f *component.Form) bool { return f.Value(fieldKeep) == keepExact }},
	)
	f.Danger, f.Submit = true, "show what would change"
	unread := m.unread(l.Topic)
	m.openModal(&formBox{f, func(m *Model, f *component.Form) (tea.Cmd, bool) { return submitRetention(m, f, l, unread) }})
}

// submitRetention turns the form into a plan; a value that cannot be read keeps the form.
func submitRetention(m *Model, f *component.Form, l operate.Limits, unread *operate.Unread) (tea.Cmd, bool) {
	now, parse := l.Time.Before, operate.ParseTime
	size := f.Value(fieldLimit) == limitSize
	if size {
		now, parse = l.Size.Before, operate.ParseSize
	}
	want, err := wanted(f.Value(fieldKeep), f.Value(fieldExact), now, size, parse)
	if err != nil {
		where := fieldKeep
		if f.Value(fieldKeep) == keepExact {
			where = fieldExact
		}
		f.Fail(where, err)
		return nil, false
	}
	w := operate.Wanted{Time: kafka.Some(want), Unread: unread}
	if size {
		w = operate.Wanted{Size: kafka.Some(want), Unread: unread}
	}
	p, err := operate.PlanRetention(l, w, m.env.Now)
	if err != nil {
		f.Fail(fieldKeep, err)
		return nil, false
	}
	m.previewChange(p)
	return nil, true
}

// wanted is the limit that the form asks for: ms or bytes.
func wanted(keep, exact string, now int64, size bool, parse func(string) (int64, error)) (int64, error) {
	const day = int64(24 * time.Hour / time.Millisecond)
	switch {
	case keep == keepExact:
		return parse(exact)
	case keep == keepAll:
		return operate.Unlimited, nil
	case keep == keepDay && size:
		return 0, errors.New("a day is a time: choose the time, or another amount")
	case now == operate.Unlimited:
		return 0, errors.New("it is unlimited already")
	case now > math.MaxInt64/2:
		return 0, fmt.Errorf("%d cannot be doubled: choose another amount", now)
	case keep == keepDouble:
		return 2 * now, nil
	}
	return now + day, nil
}

// unread is the oldest record of the topic that the group in focus has not read, of all groups when none in
// focus reads it; nil when no age is known.
func (m *Model) unread(topic string) *operate.Unread {
	if g := m.group(); g != nil {
		if u := oldestUnread(g, topic); u != nil {
			return u
		}
	}
	var worst *operate.Unread
	for i := range m.env.Snapshot.Groups {
		if u := oldestUnread(&m.env.Snapshot.Groups[i], topic); u != nil && (worst == nil || u.Age.Max > worst.Age.Max) {
			worst = u
		}
	}
	return worst
}

func oldestUnread(g *kafka.Group, topic string) *operate.Unread {
	var worst *operate.Unread
	for i := range g.Partitions {
		p := &g.Partitions[i]
		if p.Topic != topic || !p.Lag.OK || p.Lag.V == 0 || !p.Age.OK || !p.Age.V.Bounded() {
			continue
		}
		if worst == nil || p.Age.V.Max > worst.Age.Max {
			worst = &operate.Unread{Group: g.Name, TopicPartition: p.TopicPartition, Age: p.Age.V}
		}
	}
	return worst
}
