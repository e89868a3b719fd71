package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"

	"lagtop/kafka"
)

// Scenario is a lesson that runs by itself: steps that do something to the fleet and wait until a snapshot shows
// what came of it.
type Scenario struct {
	Name  string
	Title string // one line for a list
	Look  string // what to look at in the end
	Focus string // the group that it is about

	embedded bool        // on the embedded cluster only
	uses     []string    // groups of the fleet
	topics   []topicSpec // of its own
	groups   []groupSpec // of its own; members join by a step
	steps    []step
}

// step is one line on the screen and what goes with it.
type step struct {
	caption string // at most captionWidth cells
	do      func(ctx context.Context, s *stage) error
	// until says what is still waited for, empty when the step is over; nil is over at once.
	until func(s *stage, now *kafka.Snapshot) string
	// told replaces the caption when the step is over.
	told func(s *stage) string
}

// captionWidth is what a terminal of 80 cells has room for.
const captionWidth = 78

// Scenarios are all of them, in the order of a talk.
func Scenarios() []Scenario {
	out := []Scenario{balance(), faultTolerance(), flexibility(), parallelism(), oneProcess(), batching(), pipeline()}
	return append(out, deploy(), poisoned(), hotKeyed(), scaleOut(), brokerLoss())
}

func scenarioNamed(name string) (*Scenario, error) {
	var names []string
	for _, s := range Scenarios() {
		if s.Name == name {
			return &s, nil
		}
		names = append(names, s.Name)
	}
	return nil, fmt.Errorf("no scenario %q: there are %s", name, strings.Join(names, ", "))
}

// CheckScenario tells whether there is a scenario of that name.
func CheckScenario(name string) error {
	_, err := scenarioNamed(name)
	return err
}

// stage is what a scenario's steps act on.
type stage struct {
	*Demo
	marks map[string]float64 // what a step noted for a later one
	// owners are the client ids of a group's partitions, as handed saw them last.
	owners map[string]map[kafka.TopicPartition]string
}

// group is a group as the snapshot has it.
func (s *stage) group(now *kafka.Snapshot, name string) *kafka.Group {
	return now.Group(s.prefix + name)
}

// enter makes the topics and groups of a scenario.
func (d *Demo) enter(ctx context.Context, sc *Scenario) error {
	if sc.embedded && d.cluster == nil {
		return ErrNotEmbedded
	}
	var sources []*source
	for _, t := range sc.topics {
		sources = append(sources, d.newSource(t))
	}
	var groups []*group
	for _, g := range sc.groups {
		groups = append(groups, d.newGroup(g))
	}
	if err := d.create(ctx, sources, groups); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sources, d.groups = append(d.sources, sources...), append(d.groups, groups...)
	return nil
}

// restore takes back what scenarios and people did to the fleet. What fails is tried again by the next one.
func (d *Demo) restore(ctx context.Context) error {
	var errs []error
	if _, down := d.Down(); down {
		_, err := d.StartBroker()
		errs = append(errs, err)
	}
	errs = append(errs, d.dropScenery(ctx))
	d.mu.Lock()
	for _, s := range d.sources {
		s.factor, s.hot = d.speed, false
	}
	groups := append([]*group(nil), d.groups...)
	d.mu.Unlock()
	for _, g := range groups {
		errs = append(errs, d.resize(g.name, g.spec.members), d.Rejoin(ctx, g.name, g.spec.protocol, false))
	}
	return errors.Join(append(errs, d.skipPoison(ctx))...)
}

// dropScenery removes the topics and groups of the scenario before.
func (d *Demo) dropScenery(ctx context.Context) error {
	d.mu.Lock()
	groups, sources := d.groups[d.base:], d.sources[d.topics:]
	d.sources = d.sources[:d.topics:d.topics]
	d.mu.Unlock()
	var errs []error
	var names, topics []string
	for _, g := range groups {
		names = append(names, g.name)
		errs = append(errs, d.resize(g.name, 0), d.untilEmpty(ctx, g.name))
	}
	for _, s := range sources {
		topics = append(topics, s.name)
	}
	if len(names) > 0 {
		_, err := d.admin.DeleteGroups(ctx, names...)
		errs = append(errs, err)
	}
	if len(topics) > 0 {
		_, err := d.admin.DeleteTopics(ctx, topics...)
		errs = append(errs, err)
	}
	d.mu.Lock()
	d.groups = d.groups[:d.base:d.base]
	d.mu.Unlock()
	return errors.Join(errs...)
}

// skipPoison lets every group step over the poison that was sent since the start.
func (d *Demo) skipPoison(ctx context.Context) error {
	d.mu.Lock()
	poisons := d.poisons
	d.poisons = nil
	groups := append([]*group(nil), d.groups...)
	d.mu.Unlock()
	var errs []error
	for _, r := range poisons {
		if r.stays {
			continue
		}
		for _, g := range groups {
			errs = append(errs, d.skip(ctx, g, kafka.TopicPartition{Topic: r.Topic, Partition: r.Partition}, r.Offset))
		}
	}
	return errors.Join(errs...)
}

// skip stops a group that stands at an offset or before it, commits the one behind it and starts the group again.
func (d *Demo) skip(ctx context.Context, g *group, tp kafka.TopicPartition, offset int64) error {
	commits, err := d.admin.FetchOffsets(ctx, g.name)
	if err != nil {
		return fmt.Errorf("step over %d in %s: %w", offset, g.name, err)
	}
	at, ok := commits.Lookup(tp.Topic, tp.Partition)
	if !ok || at.At > offset {
		return nil
	}
	g.mu.Lock()
	n := len(g.crew)
	g.mu.Unlock()
	if err := d.resize(g.name, 0); err != nil {
		return err
	}
	if err := d.untilEmpty(ctx, g.name); err != nil {
		return err
	}
	var past kadm.Offsets
	past.Add(kadm.Offset{Topic: tp.Topic, Partition: tp.Partition, At: offset + 1, LeaderEpoch: -1})
	if err := d.admin.CommitAllOffsets(ctx, g.name, past); err != nil {
		return fmt.Errorf("step over %d in %s: %w", offset, g.name, err)
	}
	return d.resize(g.name, n)
}
