package command

import (
	"os"
	"strings"
	"testing"

	"lagtop/kafka"
)

func TestAKeyMeansOneThingInOnePlace(t *testing.T) {
	for _, w := range placeWords {
		seen := map[string]ID{}
		for _, c := range In(w.place) {
			for _, k := range c.Keys {
				if other, ok := seen[k]; ok {
					t.Errorf("in %s, %q means both %s and %s", w.word, k, other, c.ID)
				}
				seen[k] = c.ID
			}
		}
	}
}

func TestEveryCommandIsComplete(t *testing.T) {
	ids := map[ID]bool{}
	for _, c := range All() {
		if c.ID == "" || c.Title == "" || c.Help == "" || c.Where == 0 || len(c.Keys) == 0 && (c.Hidden || c.Footer > 0) {
			t.Errorf("command %q lacks a field: %+v", c.ID, c)
		}
		if ids[c.ID] {
			t.Errorf("id %s appears twice", c.ID)
		}
		ids[c.ID] = true
	}
}

const (
	readme = "../../README.md"
	begin  = "<!-- keys: written by go test ./ui/command -->\n"
	end    = "<!-- end of keys -->"
)

func TestReadmeShowsTheTableOfKeys(t *testing.T) {
	b, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(b), begin)
	got, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("README has no marks %q ... %q", begin, end)
	}
	want := "\n" + Markdown() + "\n"
	if got == want {
		return
	}
	if os.Getenv("LAGTOP_UPDATE") != "" {
		if err := os.WriteFile(readme, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("the README's keys differ from the table; LAGTOP_UPDATE=1 go test ./ui/command writes them")
}

func TestReadOnlyDisablesWhatChangesTheCluster(t *testing.T) {
	g := &kafka.Group{Type: kafka.Classic, ProtocolType: "consumer", State: kafka.StateStable, Members: []kafka.Member{{ID: "m"}}}
	s := State{Where: Partitions, Demo: true, Group: g, Member: &g.Members[0], Topic: "t", Partition: true, Faults: true, Clusters: 2}
	dangers := 0
	for _, c := range All() {
		if why := c.WhyNot(s); why != "" {
			t.Errorf("%s is disabled with everything selected: %s", c.ID, why)
		}
		ro := s
		ro.ReadOnly = "read-only: started with --read-only"
		if (c.WhyNot(ro) != "") != c.Danger {
			t.Errorf("%s: danger %v, but read-only says %q", c.ID, c.Danger, c.WhyNot(ro))
		}
		if c.Danger {
			dangers++
		}
	}
	if dangers < 3 {
		t.Errorf("only %d commands are marked dangerous", dangers)
	}
}

func TestDisabledCommandsSayWhy(t *testing.T) {
	member := []kafka.Member{{ID: "m"}}
	for _, c := range []struct {
		name  string
		id    ID
		group *kafka.Group
		want  string
	}{
		{"no group", Rebalance, nil, "select a group"},
		{"share group", Rebalance, &kafka.Group{Type: kafka.Share, Members: member}, "share group"},
		{"streams group", Kick, &kafka.Group{Type: kafka.Streams, Members: member}, "streams group"},
		{"connect", Offsets, &kafka.Group{Type: kafka.Classic, ProtocolType: "connect"}, "protocol type connect"},
		{"empty group", Rebalance, &kafka.Group{Type: kafka.Consumer, State: kafka.StateEmpty}, "no members"},
		{"rebalancing", Rebalance, &kafka.Group{Type: kafka.Consumer, State: kafka.StateAssigning, Members: member}, "Assigning"},
		{"no member", Kick, &kafka.Group{Type: kafka.Consumer, State: kafka.StateStable, Members: member}, "select a consumer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ByID(c.id).WhyNot(State{Group: c.group}); !strings.Contains(got, c.want) {
				t.Errorf("%s: %q does not say %q", c.id, got, c.want)
			}
		})
	}
}
