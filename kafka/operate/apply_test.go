package operate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/audit"
)

// world is a cluster in memory. before is called in front of each request and may change it.
type world struct {
	group    *kafka.Group // nil: not there
	commits  map[kafka.TopicPartition]kafka.Commit
	topics   []kafka.Topic
	settings map[string]kafka.Config
	refuse   map[kafka.TopicPartition]error
	answer   error // of the mutating request, after it was carried out
	denied   error // instead of carrying it out
	calls    []string
	before   func(w *world, call string)
}

func (w *world) call(name string) {
	w.calls = append(w.calls, name)
	if w.before != nil {
		w.before(w, name)
	}
}

func (w *world) Group(context.Context, string) (kafka.Group, error) {
	w.call("group")
	if w.group == nil {
		return kafka.Group{}, kafka.CodeGroupIDNotFound
	}
	return *w.group, nil
}

func (w *world) Committed(context.Context, string) (map[kafka.TopicPartition]kafka.Commit, error) {
	w.call("committed")
	return maps.Clone(w.commits), nil
}

func (w *world) Topics(context.Context, ...string) ([]kafka.Topic, error) {
	w.call("topics")
	return w.topics, nil
}

func (w *world) TopicSettings(context.Context, string) ([]kafka.Config, error) {
	w.call("settings")
	return slices.Collect(maps.Values(w.settings)), nil
}

func (w *world) DeleteGroup(context.Context, string) error {
	w.call("delete")
	if w.denied != nil {
		return w.denied
	}
	w.group, w.commits = nil, nil
	return w.answer
}

func (w *world) ElectPreferred(_ context.Context, tps []kafka.TopicPartition) (map[kafka.TopicPartition]error, error) {
	w.call("elect")
	for i := range w.topics {
		for j := range w.topics[i].Partitions {
			p := &w.topics[i].Partitions[j]
			tp := kafka.TopicPartition{Topic: w.topics[i].Name, Partition: p.ID}
			if slices.Contains(tps, tp) && w.refuse[tp] == nil {
				p.Leader = kafka.Some(p.Replicas[0])
			}
		}
	}
	return w.refuse, w.answer
}

var inherited = map[string]string{RetentionMS: "604800000", RetentionBytes: "-1"}

func (w *world) AlterTopic(_ context.Context, _ string, changes []kafka.ConfigChange) error {
	w.call("alter")
	if w.denied != nil {
		return w.denied
	}
	for _, c := range changes {
		w.settings[c.Name] = kafka.Config{Name: c.Name, Value: c.Value, Source: kafka.SourceTopic}
		if c.Unset {
			w.settings[c.Name] = kafka.Config{Name: c.Name, Value: inherited[c.Name], Source: kafka.SourceDefault}
		}
	}
	return w.answer
}

func tp(p int32) kafka.TopicPartition { return kafka.TopicPartition{Topic: "orders", Partition: p} }

func newWorld() *world {
	w := &world{
		group:   &kafka.Group{Name: "g", Type: kafka.Classic, ProtocolType: "consumer", State: kafka.StateEmpty},
		commits: map[kafka.TopicPartition]kafka.Commit{tp(0): {Offset: 150, Metadata: "m"}, tp(1): {Offset: 10}},
		settings: map[string]kafka.Config{
			RetentionMS:      {Name: RetentionMS, Value: "604800000", Source: kafka.SourceDefault},
			RetentionBytes:   {Name: RetentionBytes, Value: "-1", Source: kafka.SourceDefault},
			"cleanup.policy": {Name: "cleanup.policy", Value: "delete", Source: kafka.SourceDefault},
		},
	}
	part := func(id, leader int32, isr ...int32) kafka.Partition {
		return kafka.Partition{ID: id, Leader: kafka.Some(leader), Replicas: []int32{1, 2, 3}, ISR: isr}
	}
	w.topics = []kafka.Topic{{Name: "orders", Partitions: []kafka.Partition{
		part(0, 2, 1, 2, 3), part(1, 1, 1, 2, 3), part(2, 3, 2, 3), part(3, 3, 1, 3),
	}}}
	return w
}

func options(t *testing.T) Options {
	t.Helper()
	dir := t.TempDir()
	return Options{
		Audit: audit.New(filepath.Join(dir, "audit.jsonl"), "cluster"), BeforeDir: filepath.Join(dir, "before"),
		Wait: func(context.Context, time.Duration) error { return nil },
	}
}

func entries(t *testing.T, o Options) []audit.Entry {
	t.Helper()
	es, err := audit.Read(o.Audit.(*audit.Log).Path)
	if err != nil {
		t.Fatal(err)
	}
	return es
}

// plans is one plan of each kind for the world.
func plans(t *testing.T, w *world) map[Action]Plan {
	t.Helper()
	d, err := PlanDeletion(t.Context(), w, "g")
	if err != nil {
		t.Fatal(err)
	}
	e, err := PlanElection(t.Context(), w, "orders", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	l, err := ReadLimits(t.Context(), w, "orders")
	if err != nil {
		t.Fatal(err)
	}
	age := kafka.Age{Min: 3 * time.Hour, Max: 3 * time.Hour}
	r, err := PlanRetention(l, Wanted{Time: kafka.Some(int64(2 * 604800000)), Unread: &Unread{Group: "g", TopicPartition: tp(2), Age: age}}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	w.calls = nil
	return map[Action]Plan{DeleteGroup: d, ElectLeaders: e, SetRetention: r}
}

func TestApplyKeepsTheOrderOfSteps(t *testing.T) {
	for action, requests := range map[Action][]string{
		DeleteGroup:  {"group", "committed", "delete", "group"},
		ElectLeaders: {"topics", "elect", "topics"},
		SetRetention: {"settings", "alter", "settings"},
	} {
		t.Run(string(action), func(t *testing.T) {
			w := newWorld()
			p := plans(t, w)[action]
			o := options(t)
			w.before = func(_ *world, call string) {
				if es := entries(t, o); len(es) != 1 || es[0].Phase != audit.Intent {
					t.Errorf("audit before %s: %+v", call, es)
				}
			}
			out, err := Apply(t.Context(), w, p, o)
			if err != nil || !out.Proved || !out.Sent || len(out.Failed()) != 0 {
				t.Fatalf("%v %s", err, out.String())
			}
			if !slices.Equal(w.calls, requests) {
				t.Errorf("requests %q, want %q", w.calls, requests)
			}
			es := entries(t, o)
			if len(es) != 2 || es[1].Phase != audit.Outcome || es[1].Error != "" || es[0].Action != string(action) || !strings.Contains(string(es[1].Outcome), `"Proved":true`) {
				t.Errorf("audit %+v", es)
			}
			again, err := ReadPlan(es[0].Plan)
			if err != nil || !reflect.DeepEqual(again, p) {
				t.Errorf("the plan of the audit reads as %+v, was %+v (%v)", again, p, err)
			}
		})
	}
}

func TestNothingIsSentWhenTheWorldChanged(t *testing.T) {
	for name, c := range map[string]struct {
		action Action
		change func(w *world)
		want   string
	}{
		"a commit moved": {DeleteGroup, func(w *world) { w.commits[tp(0)] = kafka.Commit{Offset: 151, Metadata: "m"} }, "orders/0 was 150, is 151"},
		"a commit came":  {DeleteGroup, func(w *world) { w.commits[tp(2)] = kafka.Commit{Offset: 1} }, "orders/2 was without a commit, is 1"},
		"other metadata": {DeleteGroup, func(w *world) { w.commits[tp(0)] = kafka.Commit{Offset: 150} }, "metadata"},
		"a member joined": {DeleteGroup, func(w *world) {
			w.group.State, w.group.Members = kafka.StateStable, []kafka.Member{{ClientID: "a", Host: "h"}}
		}, "stop a on h first"},
		"the group is gone":  {DeleteGroup, func(w *world) { w.group = nil }, "GROUP_ID_NOT_FOUND"},
		"another leader":     {ElectLeaders, func(w *world) { w.topics[0].Partitions[0].Leader = kafka.Some(int32(3)) }, "orders/0 was leader 2"},
		"it has its leader":  {ElectLeaders, func(w *world) { w.topics[0].Partitions[0].Leader = kafka.Some(int32(1)) }, "has its preferred leader"},
		"fallen out of sync": {ElectLeaders, func(w *world) { w.topics[0].Partitions[0].ISR = []int32{2} }, "not in sync"},
		"other replicas":     {ElectLeaders, func(w *world) { w.topics[0].Partitions[0].Replicas = []int32{3, 1, 2} }, "of preferred 3"},
		"set by someone else": {SetRetention, func(w *world) {
			w.settings[RetentionMS] = kafka.Config{Name: RetentionMS, Value: "1000", Source: kafka.SourceTopic}
		}, "is 1000 (1 s, topic)"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			p := plans(t, w)[c.action]
			c.change(w)
			o := options(t)
			out, err := Apply(t.Context(), w, p, o)
			if err == nil || !strings.Contains(err.Error(), c.want) || out.Sent {
				t.Errorf("%v, want %q; %+v", err, c.want, out)
			}
			for _, call := range w.calls {
				if call == "delete" || call == "elect" || call == "alter" {
					t.Errorf("%s was sent", call)
				}
			}
			if es := entries(t, o); len(es) != 2 || es[1].Error == "" {
				t.Errorf("audit %+v", es)
			}
		})
	}
}

func TestNothingIsSentWithoutAudit(t *testing.T) {
	for action := range plans(t, newWorld()) {
		for _, o := range []Options{{}, {Audit: audit.New("/dev/null/x", ""), BeforeDir: t.TempDir()}} {
			w := newWorld()
			p := plans(t, w)[action]
			if _, err := Apply(t.Context(), w, p, o); err == nil || len(w.calls) != 0 {
				t.Errorf("%s: %v %q", action, err, w.calls)
			}
		}
	}
}

func TestRefusalsAreToldChangeByChange(t *testing.T) {
	w := newWorld()
	p := plans(t, w)[ElectLeaders]
	w.refuse = map[kafka.TopicPartition]error{tp(3): kafka.CodePreferredNotAvailable, tp(0): kafka.CodeElectionNotNeeded}
	w.before = func(w *world, call string) {
		if call == "elect" { // somebody was faster: that is no failure
			w.topics[0].Partitions[0].Leader = kafka.Some(int32(1))
		}
	}
	out, err := Apply(t.Context(), w, p, options(t))
	if err != nil || len(out.Results) != 2 || len(out.Failed()) != 1 || out.Failed()[0].What != "orders/3" {
		t.Errorf("%v %s", err, out.String())
	}
	for _, action := range []Action{DeleteGroup, SetRetention} {
		w := newWorld()
		p := plans(t, w)[action]
		w.denied = kafka.CodeGroupAuthorization
		out, err := Apply(t.Context(), w, p, options(t))
		if err != nil || len(out.Failed()) != len(out.Results) || !strings.Contains(out.String(), "refused: GROUP_AUTHORIZATION_FAILED") {
			t.Errorf("%s: %v %s", action, err, out.String())
		}
		if out.Undo() != nil {
			t.Errorf("%s: an undo of nothing", action)
		}
	}
}

func TestLostAnswerIsReadBack(t *testing.T) {
	for _, action := range []Action{DeleteGroup, ElectLeaders, SetRetention} {
		t.Run(string(action), func(t *testing.T) {
			w := newWorld()
			p := plans(t, w)[action]
			w.answer = errors.New("connection lost")
			out, err := Apply(t.Context(), w, p, options(t))
			if !errors.Is(err, w.answer) || !out.Proved || len(out.Failed()) != 0 {
				t.Errorf("%v %s", err, out.String())
			}
		})
	}
}

func TestWhatDoesNotReadBackIsSaid(t *testing.T) {
	w := newWorld()
	p := plans(t, w)[SetRetention]
	w.before = func(w *world, call string) {
		if call == "settings" {
			w.settings[RetentionMS] = kafka.Config{Name: RetentionMS, Value: "604800000", Source: kafka.SourceDefault}
		}
	}
	out, err := Apply(t.Context(), w, p, options(t))
	if err != nil || out.Proved || len(out.Failed()) != 1 || !strings.Contains(out.String(), "reads back 604800000 (7 days, default)") {
		t.Errorf("%v %s", err, out.String())
	}
}

func TestStandingOfAnInterruptedPlan(t *testing.T) {
	for name, c := range map[string]struct {
		action Action
		change func(w *world)
		want   State
	}{
		"not deleted":        {DeleteGroup, func(*world) {}, NotApplied},
		"deleted":            {DeleteGroup, func(w *world) { w.group = nil }, Applied},
		"in use again":       {DeleteGroup, func(w *world) { w.group.State = kafka.StateStable }, Unclear},
		"no leader moved":    {ElectLeaders, func(*world) {}, NotApplied},
		"all leaders moved":  {ElectLeaders, func(w *world) { w.lead(1, 0, 3) }, Applied},
		"one leader moved":   {ElectLeaders, func(w *world) { w.lead(1, 0) }, Partly},
		"others were chosen": {ElectLeaders, func(w *world) { w.lead(2, 3); w.lead(3, 0) }, Unclear},
		"topic is gone":      {ElectLeaders, func(w *world) { w.topics = nil }, Unclear},
		"not set":            {SetRetention, func(*world) {}, NotApplied},
		"set":                {SetRetention, func(w *world) { w.set("1209600000") }, Applied},
		"set to another":     {SetRetention, func(w *world) { w.set("5") }, Unclear},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			data, err := json.Marshal(plans(t, w)[c.action])
			if err != nil {
				t.Fatal(err)
			}
			p, err := ReadPlan(data)
			if err != nil {
				t.Fatal(err)
			}
			c.change(w)
			got, rs, err := Standing(t.Context(), w, p)
			if err != nil || got != c.want || len(rs) == 0 {
				t.Errorf("%v %v %+v", err, got, rs)
			}
		})
	}
}

func (w *world) lead(leader int32, partitions ...int) {
	for _, i := range partitions {
		w.topics[0].Partitions[i].Leader = kafka.Some(leader)
	}
}

func (w *world) set(ms string) {
	w.settings[RetentionMS] = kafka.Config{Name: RetentionMS, Value: ms, Source: kafka.SourceTopic}
}

func TestReadPlanRefusesWhatIsNoPlan(t *testing.T) {
	for _, s := range []string{"", "{", "{}", `{"Action":"reset offsets"}`, `{"Action":"delete group","Commits":3}`} {
		if p, err := ReadPlan([]byte(s)); err == nil {
			t.Errorf("%q: %+v", s, p)
		}
	}
}

func TestBeforeStateOfADeletionIsSaved(t *testing.T) {
	w := newWorld()
	out, err := Apply(t.Context(), w, plans(t, w)[DeleteGroup], options(t))
	if err != nil {
		t.Fatal(err)
	}
	csv, err := os.ReadFile(out.BeforeFile)
	if err != nil || string(csv) != "orders,0,150\norders,1,10\n" {
		t.Errorf("%q %v", csv, err)
	}
	if !strings.Contains(out.Plan.Command(""), "kafka-consumer-groups --bootstrap-server BOOTSTRAP --delete --group g") {
		t.Error(out.Plan.Command(""))
	}
}

// A broker that throttles us is not asked: there is no doubt about what was done.
func TestWhatWasNotSentIsNoLostAnswer(t *testing.T) {
	for _, action := range []Action{DeleteGroup, ElectLeaders, SetRetention} {
		t.Run(string(action), func(t *testing.T) {
			w := newWorld()
			p := plans(t, w)[action]
			w.answer = fmt.Errorf("throttled: %w", kafka.ErrNotSent)
			out, err := Apply(t.Context(), w, p, options(t))
			if !errors.Is(err, w.answer) || out.Sent || len(out.Results) != 0 {
				t.Errorf("%v %+v", err, out)
			}
		})
	}
}
