package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/offsets"
	"lagtop/kafka/safe"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/partitions"
)

// Fields and values of the reset form. A scenario that needs a value has a field of its own name for it.
const (
	fieldScope    = "scope"
	fieldScenario = "scenario"

	scopeAll    = "all"
	scopeTopic  = "topic"
	scopeOne    = "partition"
	scopeMarked = "marked"

	toEarliest = "earliest"
	toLatest   = "latest"
	toOffset   = "offset"
	shiftBy    = "shift"
	toTime     = "time"
	byDuration = "duration"
	toCurrent  = "current"
	fromFile   = "file"
	likeGroup  = "like"
)

// askReset opens the form that leads to a plan.
func (m *Model) askReset() tea.Cmd {
	g, at := m.group(), m.resetAt()
	fields := append([]component.Field{
		{Name: fieldScope, Label: "which", Options: m.scopes(), Value: m.defaultScope()},
		{Name: fieldScenario, Label: "to", Options: scenarios(g.Type == kafka.Share), Value: toEarliest},
	}, m.valueFields(g.Name)...)
	f := component.NewForm("Reset "+offsetsOf(g.Type == kafka.Share)+" of "+safe.Line(g.Name), fields...)
	f.Danger, f.Submit = true, "show what would change"
	m.openModal(&formBox{f, func(m *Model, f *component.Form) (tea.Cmd, bool) { return m.submitReset(f, at) }})
	return nil
}

// resetAt is what was selected when the form was opened: a snapshot may move the selection meanwhile.
type resetAt struct {
	pane.Focus
	marked []kafka.TopicPartition
}

func (m *Model) resetAt() resetAt { return resetAt{m.env.Focus, m.marked()} }

// offsetsOf names what a group has.
func offsetsOf(share bool) string {
	if share {
		return "start offsets"
	}
	return "offsets"
}

func scenarios(share bool) []component.Option {
	why := ""
	if share {
		why = "a share group has no commits"
	}
	return []component.Option{
		{Value: toEarliest, Label: "earliest", Hint: "the log start offset: everything that is left is read again"},
		{Value: toLatest, Label: "latest", Hint: "the end: everything unread is skipped"},
		{Value: shiftBy, Label: "shift", Hint: "forward or back from the present commit; +1 steps over one record", Why: why},
		{Value: toOffset, Label: "offset", Hint: "the same offset in each partition"},
		{Value: toTime, Label: "date and time", Hint: "the first record at or after it"},
		{Value: byDuration, Label: "so long ago", Hint: "the first record that is at most so old"},
		{Value: toCurrent, Label: "current", Hint: "commits the present commits again, so that they do not expire", Why: why},
		{Value: fromFile, Label: "from a file", Hint: "an offset for each partition, such as an export or a saved plan"},
		{Value: likeGroup, Label: "like another group", Hint: "where that group stands", Why: why},
	}
}

// valueFields are what the scenarios ask for, each shown with its own.
func (m *Model) valueFields(group string) []component.Field {
	field := func(name, label, hint string, check func(string) error) component.Field {
		return component.Field{Name: name, Label: label, Hint: hint,
			Check: func(v string) error { return check(strings.TrimSpace(v)) },
			When:  func(f *component.Form) bool { return f.Value(fieldScenario) == name }}
	}
	like := field(likeGroup, "group", "its name; tab completes", func(v string) error {
		switch v {
		case "":
			return errors.New("name a group")
		case group:
			return errors.New("this is the group itself: choose current")
		}
		return nil
	})
	like.Complete = func(v string) []string { return m.groupsLike(v, group) }
	return []component.Field{
		field(shiftBy, "by", "with its sign: +1, -100", func(v string) error { _, err := offsets.ParseShift(v); return err }),
		field(toOffset, "offset", "such as 1284312; clamped to each partition's log", func(v string) error { _, err := offsets.ParseOffset(v); return err }),
		field(toTime, "time", "2026-11-22T14:00:00.000, UTC unless it has a zone; a day alone is its first moment", func(v string) error { _, err := offsets.ParseTime(v); return err }),
		field(byDuration, "ago", "ISO 8601: PT90M, PT1H30M, P1D, P2DT12H", func(v string) error { _, err := offsets.ParseDuration(v, m.env.Now); return err }),
		field(fromFile, "file", "CSV of kafka-consumer-groups: topic,partition,offset, or with the group in front", func(v string) error {
			if v == "" {
				return errors.New("name a file")
			}
			return nil
		}),
		like,
	}
}

// groupsLike are the other groups with commits whose names begin so.
func (m *Model) groupsLike(prefix, but string) []string {
	var out []string
	for i := range m.env.Snapshot.Groups {
		g := &m.env.Snapshot.Groups[i]
		if g.Name != but && g.Type != kafka.Share && strings.HasPrefix(g.Name, prefix) {
			out = append(out, g.Name)
		}
	}
	sort.Strings(out)
	return out
}

// scopes are what can be reset from here.
func (m *Model) scopes() []component.Option {
	opts := []component.Option{{Value: scopeAll, Label: "all topics of the group", Hint: "every partition with a commit"}}
	if t := m.env.Focus.Topic; t != "" {
		opts = append(opts, component.Option{Value: scopeTopic, Label: "topic " + safe.Line(t), Hint: "all its partitions, committed or not"})
		if p := m.env.Focus.Partition; p.OK {
			opts = append(opts, component.Option{Value: scopeOne, Label: fmt.Sprintf("partition %s/%d", safe.Line(t), p.V)})
		}
	}
	if n := len(m.marked()); n > 0 {
		opts = append(opts, component.Option{Value: scopeMarked, Label: human.Plural(n, "marked partition")})
	}
	return opts
}

// defaultScope is the narrowest that the person chose by hand.
func (m *Model) defaultScope() string {
	switch {
	case len(m.marked()) > 0:
		return scopeMarked
	case m.env.Focus.Partition.OK && m.top().Place() != m.panes[overviewOrder[0]].Place():
		return scopeOne
	}
	return scopeAll
}

// marked are the marked partitions of the group in focus. The pane of the overview may show another group than a
// detail in front of it is about.
func (m *Model) marked() []kafka.TopicPartition {
	if mk, ok := m.top().(pane.Marker); ok && len(mk.Marked()) > 0 {
		return mk.Marked()
	}
	if p := m.panes[command.Partitions].(*partitions.Model); p.Group() == m.env.Focus.Group {
		return p.Marked()
	}
	return nil
}

// submitReset turns the form into a spec and starts planning.
func (m *Model) submitReset(f *component.Form, at resetAt) (tea.Cmd, bool) {
	spec := offsets.Spec{Group: at.Group}
	switch f.Value(fieldScope) {
	case scopeTopic:
		spec.Scope.Topics = []string{at.Topic}
	case scopeOne:
		spec.Scope.Partitions = []kafka.TopicPartition{{Topic: at.Topic, Partition: at.Partition.V}}
	case scopeMarked:
		spec.Scope.Partitions = at.marked
	}
	name := f.Value(fieldScenario)
	value := strings.TrimSpace(f.Value(name))
	if name == fromFile {
		return m.readPlanFile(spec, f, value), false
	}
	sc, err := scenario(name, value, m.env.Now)
	if err != nil {
		f.Fail(name, err)
		return nil, false
	}
	spec.Scenario = sc
	return m.planReset(spec), true
}

func scenario(name, value string, now time.Time) (offsets.Scenario, error) {
	switch name {
	case toLatest:
		return offsets.Latest{}, nil
	case toOffset:
		return offsets.ParseOffset(value)
	case shiftBy:
		return offsets.ParseShift(value)
	case toTime:
		return offsets.ParseTime(value)
	case byDuration:
		return offsets.ParseDuration(value, now)
	case toCurrent:
		return offsets.ToCurrent{}, nil
	case likeGroup:
		return offsets.Like(value), nil
	}
	return offsets.Earliest{}, nil
}

// readPlanFile reads the file outside the event loop. The form stays until that went well, and says what is
// wrong with the file.
func (m *Model) readPlanFile(spec offsets.Spec, f *component.Form, path string) tea.Cmd {
	box := m.front()
	return m.start("read "+path, func(context.Context, func(string)) func(*Model) tea.Cmd {
		file, err := openPlan(path, spec.Group)
		return func(m *Model) tea.Cmd {
			switch {
			case m.front() != box: // cancelled meanwhile
				return nil
			case err != nil:
				f.Fail(fromFile, err)
				return nil
			}
			m.closeModal()
			spec.Scenario = file
			return m.planReset(spec)
		}
	})
}

// mostPlanBytes is more than the lines of a million partitions take.
const mostPlanBytes = 64 << 20

// openPlan reads a file of offsets; ~ is the home directory.
func openPlan(path, group string) (offsets.FromFile, error) {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return offsets.FromFile{}, err
		}
		path = filepath.Join(home, rest)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return offsets.FromFile{}, err
	case !info.Mode().IsRegular(): // opening a pipe would wait for its writer
		return offsets.FromFile{}, fmt.Errorf("%s is not a regular file", path)
	case info.Size() > mostPlanBytes:
		return offsets.FromFile{}, fmt.Errorf("%s is too large to be a file of offsets", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return offsets.FromFile{}, err
	}
	file, err := offsets.ReadFile(path, io.LimitReader(f, mostPlanBytes), group)
	return file, errors.Join(err, f.Close())
}
