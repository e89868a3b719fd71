package poll

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/limit"
)

// asked is what brokers were asked about.
type asked struct {
	mu             sync.Mutex
	groups, topics map[string]bool
}

func (f *fake) asked() *asked {
	a := &asked{groups: map[string]bool{}, topics: map[string]bool{}}
	f.Control(func(r kmsg.Request) (kmsg.Response, error, bool) {
		f.KeepControl()
		a.mu.Lock()
		defer a.mu.Unlock()
		switch r := r.(type) {
		case *kmsg.DescribeGroupsRequest:
			for _, g := range r.Groups {
				a.groups[g] = true
			}
		case *kmsg.OffsetFetchRequest:
			for _, g := range r.Groups {
				a.groups[g.Group] = true
			}
			if r.Group != "" {
				a.groups[r.Group] = true
			}
		case *kmsg.ListOffsetsRequest:
			for _, t := range r.Topics {
				a.topics[t.Topic] = true
			}
		}
		return nil, nil, false
	})
	return a
}

func (a *asked) told() (groups, topics string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	sorted := func(m map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(m)), " ") }
	return sorted(a.groups), sorted(a.topics)
}

func TestWhatIsOutOfScopeIsNotAskedFor(t *testing.T) {
	type want struct {
		groups, topics string // in the snapshot
		limit          kafka.Limit
		asked          string // groups; empty: those of the snapshot
	}
	for name, c := range map[string]struct {
		in limit.Scope
		want
	}{
		"everything":       {want: want{groups: "billing pay/1 pay/2 ship", topics: "audit clicks orders"}},
		"groups":           {limit.Scope{Groups: []string{"pay*"}}, want{"pay/1 pay/2", "clicks orders", kafka.Limit{GroupsOut: 2, TopicsOut: 1}, ""}},
		"all but groups":   {limit.Scope{ExcludeGroups: []string{"pay*"}}, want{"billing ship", "audit orders", kafka.Limit{GroupsOut: 2, TopicsOut: 1}, ""}},
		"a topic":          {limit.Scope{Topics: []string{"clicks"}}, want{"pay/1 pay/2", "clicks", kafka.Limit{GroupsOut: 2, TopicsOut: 2}, "billing pay/1 pay/2 ship"}},
		"all but a topic":  {limit.Scope{ExcludeTopics: []string{"orders"}}, want{"billing pay/1 pay/2 ship", "audit clicks", kafka.Limit{TopicsOut: 1}, ""}},
		"group and topic":  {limit.Scope{Groups: []string{"pay/1"}, Topics: []string{"orders", "audit"}}, want{"pay/1", "audit orders", kafka.Limit{GroupsOut: 3, TopicsOut: 1}, ""}},
		"group, not topic": {limit.Scope{Groups: []string{"pay/1"}, ExcludeTopics: []string{"orders"}}, want{"pay/1", "clicks", kafka.Limit{GroupsOut: 3, TopicsOut: 2}, ""}},
		"none":             {limit.Scope{Groups: []string{"x"}}, want{"", "", kafka.Limit{GroupsOut: 4, TopicsOut: 3}, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, kfake.SeedTopics(3, "orders", "clicks", "audit"))
			a := f.asked()
			f.commit("pay/1", "orders", 3, 0)
			f.commit("pay/1", "clicks", 3, 0)
			f.commit("pay/2", "clicks", 3, 0)
			f.commit("billing", "orders", 3, 0)
			f.commit("ship", "audit", 3, 0)
			p := watch(t, f.config(), Options{Interval: MinInterval, Scope: c.in})
			s := until(t, p, "three snapshots", func(s *kafka.Snapshot) bool { return s.Seq >= 3 && s.Complete() })
			if got := fmt.Sprint(names(s)); got != c.groups || topicNames(s) != c.topics || s.Limit != c.limit {
				t.Errorf("groups %s, topics %s, %+v", got, topicNames(s), s.Limit)
			}
			groups, topics := a.told()
			if c.asked == "" {
				c.asked = c.groups
			}
			if groups != c.asked || topics != c.topics {
				t.Errorf("asked about groups %s and topics %s", groups, topics)
			}
			for i := range s.Groups {
				if g := &s.Groups[i]; !g.Lag.Complete() || g.Lag.Known != len(g.Partitions) || len(g.Hidden) > 0 {
					t.Errorf("%s: %+v of %d partitions, hidden %q", g.Name, g.Lag, len(g.Partitions), g.Hidden)
				}
			}
			leads, coordinates := 0, 0
			for _, b := range s.Brokers {
				leads, coordinates = leads+b.Leaders, coordinates+b.Groups
			}
			if leads != 9 || coordinates != 4 {
				t.Errorf("brokers lead %d partitions and coordinate %d groups, though all of them count there", leads, coordinates)
			}
		})
	}
}

func names(s *kafka.Snapshot) string {
	var out []string
	for i := range s.Groups {
		out = append(out, s.Groups[i].Name)
	}
	return strings.Join(out, " ")
}

func topicNames(s *kafka.Snapshot) string {
	var out []string
	for i := range s.Topics {
		out = append(out, s.Topics[i].Name)
	}
	return strings.Join(out, " ")
}
