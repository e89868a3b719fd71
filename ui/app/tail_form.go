package app

import (
	"errors"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/safe"
	"lagtop/kafka/tail"
	"lagtop/ui/command"
	"lagtop/ui/component"
)

// Fields and values of the form that says what is followed, from where and until when.
const (
	fieldFrom  = "from"
	fieldValue = "value"
	fieldTopic = "topics"
	fieldParts = "partitions"
	fromEnd    = "end"
	fromStart  = "start"
	fromPlace  = "place"
	fromCommit = "commit"

	fieldUntil = "until"
	fieldWhen  = "when"
	untilNever = "never"
	untilNow   = "now"
	untilTime  = "time"

	fieldIsolation = "isolation"
	uncommitted    = "read_uncommitted"
	committed      = "read_committed"
	marked         = "marked"

	fieldOrder = "order"
)

// mostMerge is how long a record may wait for its order, as on the command line.
const mostMerge = time.Minute

func (m *Model) askTailFrom() tea.Cmd {
	topics := m.markedTopics()
	if len(topics) == 0 {
		topics = m.tail.spec.Topics()
	}
	if len(topics) == 0 && m.env.Focus.Topic != "" {
		topics = []string{m.env.Focus.Topic}
	}
	if len(topics) == 0 {
		m.toast(component.ToastWarn, "tail from: select a topic first")
		return nil
	}
	why := "no group with a commit in this topic is selected"
	for _, t := range topics {
		if len(m.commits(t)) > 0 {
			why = ""
		}
	}
	f := component.NewForm("Tail "+tailName(topics)+" from",
		component.Field{Name: fieldFrom, Label: "from", Value: fromEnd, Options: []component.Option{
			{Value: fromEnd, Label: "the end", Hint: "only what arrives from now on"},
			{Value: fromStart, Label: "the start", Hint: "all that is left in the log"},
			{Value: fromPlace, Label: "some time ago, an offset ...", Hint: "10m, a date and time, an offset, or -100: so many of each partition"},
			{Value: fromCommit, Label: "the commits of " + safe.Line(m.env.Focus.Group), Hint: "what the group reads next", Why: why},
		}},
		component.Field{Name: fieldValue, Label: "value", Hint: "10m, -100, 1284312, or 2026-11-22T14:00:00 (UTC unless it has a zone)",
			Check: m.checkFrom, When: holds(fieldFrom, fromPlace)},
		component.Field{Name: fieldTopic, Label: "topics", Value: strings.Join(topics, ", "), Hint: "orders, pay*", Complete: m.topicsLike,
			Check: func(v string) error { _, err := m.parseTopics(v); return err }},
		component.Field{Name: fieldParts, Label: "partitions", Value: m.tailParts(topics), Hint: "such as 0,3-5; empty: all", Check: checkParts, When: oneTopic},
		component.Field{Name: fieldUntil, Label: "until", Value: m.tailUntil(), Options: []component.Option{
			{Value: untilNever, Label: "follow", Hint: "goes on with what arrives"},
			{Value: untilNow, Label: "now", Hint: "stops at the ends that the logs have when reading begins"},
			{Value: untilTime, Label: "a time", Hint: "stops at the first record of each partition at or after it"},
		}},
		component.Field{Name: fieldWhen, Label: "time", Hint: "10m ago, or 2026-11-22T14:00:00 (UTC unless it has a zone)",
			Check: m.checkWhen, When: holds(fieldUntil, untilTime)},
		component.Field{Name: fieldIsolation, Label: "records", Value: m.tailIsolation(topics), Options: []component.Option{
			{Value: uncommitted, Label: "all", Hint: "read_uncommitted: also those of open and aborted transactions"},
			{Value: committed, Label: "committed", Hint: "read_committed: up to the first open transaction, without aborted ones"},
			{Value: marked, Label: "committed, aborted marked", Hint: "read_committed; aborted records and the markers of transactions are shown as such"},
		}},
		component.Field{Name: fieldOrder, Label: "wait", Value: m.tailOrder(), Check: checkOrder,
			Hint: "how long a record waits for older ones of other partitions, to be put in order of time; 0: as they arrive"},
	)
	f.Submit = "follow"
	m.openModal(&formBox{f, (*Model).submitTailFrom})
	return nil
}

// holds is for a field that concerns one choice of another.
func holds(field, value string) func(*component.Form) bool {
	return func(f *component.Form) bool { return f.Value(field) == value }
}

func (m *Model) checkFrom(v string) error { _, err := tail.ParseFrom(v, m.env.Now); return err }
func (m *Model) checkWhen(v string) error { _, err := tail.ParseMoment(v, m.env.Now); return err }

func checkOrder(v string) error { _, err := parseOrder(v); return err }

func parseOrder(v string) (time.Duration, error) {
	d, err := time.ParseDuration(strings.TrimSpace(v))
	if err != nil || d < 0 || d > mostMerge {
		return 0, fmt.Errorf("%q: give a time such as 250ms, up to %s, or 0", v, mostMerge)
	}
	return d, nil
}

// submitTailFrom follows what was asked for. The fields have passed their checks.
func (m *Model) submitTailFrom(f *component.Form) (tea.Cmd, bool) {
	topics, err := m.parseTopics(f.Value(fieldTopic))
	if err != nil {
		f.Fail(fieldTopic, err)
		return nil, false
	}
	reads, at, err := m.tailReads(f, topics)
	if err != nil {
		f.Fail(at, err)
		return nil, false
	}
	spec := m.tailSpec(reads...)
	spec.Merge, _ = parseOrder(f.Value(fieldOrder))
	label := tailName(topics)
	if len(topics) == 1 && len(reads[0].Partitions) > 0 && oneTopic(f) && f.Value(fieldParts) != "" {
		label += "/" + writeParts(reads[0].Partitions)
	}
	from := f.Value(fieldFrom)
	if from == fromPlace {
		from = strings.TrimSpace(f.Value(fieldValue))
	}
	label += " from " + safe.Line(from)
	switch f.Value(fieldUntil) {
	case untilNow:
		spec.Until.End = true
		label += " until now"
	case untilTime:
		spec.Until.Time, _ = tail.ParseMoment(f.Value(fieldWhen), m.env.Now)
		label += " until " + safe.Line(strings.TrimSpace(f.Value(fieldWhen)))
	}
	if reads[0].Committed {
		label += ", read_committed"
	}
	m.clearTopicMarks()
	m.tail.wanted, m.tail.pinned = true, true
	m.focus, m.details = command.Tail, nil
	return m.startTail(spec, label), true
}

// tailReads are what the form says of each topic; with an error the field that it is about.
func (m *Model) tailReads(f *component.Form, topics []string) (reads []kafka.ReadSpec, at string, err error) {
	parts := []int32(nil)
	if oneTopic(f) {
		if parts, err = parseParts(f.Value(fieldParts)); err == nil {
			err = m.hasParts(topics[0], parts)
		}
		if err != nil {
			return nil, fieldParts, err
		}
	}
	from, commits := kafka.Seek{}, false
	switch f.Value(fieldFrom) {
	case fromStart:
		from.Kind = kafka.SeekStart
	case fromPlace:
		if from, err = tail.ParseFrom(f.Value(fieldValue), m.env.Now); err != nil {
			return nil, fieldValue, err
		}
	case fromCommit:
		commits = true
	}
	for _, topic := range topics {
		r := kafka.ReadSpec{Topic: topic, Partitions: parts, From: from, Committed: f.Value(fieldIsolation) != uncommitted, Aborted: f.Value(fieldIsolation) == marked}
		r.Markers = r.Aborted
		if commits {
			r.Each = m.commits(topic)
		}
		if f.Value(fieldUntil) != untilNever && parts == nil {
			if r.Partitions = m.partitionsOf(topic); r.Partitions == nil {
				return nil, fieldUntil, errors.New("the partitions of " + safe.Line(topic) + " are not known: it can be followed without an end")
			}
		}
		reads = append(reads, r)
	}
	return reads, "", nil
}
