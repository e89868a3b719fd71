package conn

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// spoiler answers about groups unless one of the bad ones is among them, and counts.
type spoiler struct {
	bad  []string
	asks int
}

func (s *spoiler) ask(names []string) ([]Description, error) {
	s.asks++
	var out []Description
	for _, n := range names {
		if slices.Contains(s.bad, n) {
			return nil, fmt.Errorf("DescribeGroups: %w", ErrUndecodable)
		}
		out = append(out, Description{Name: n})
	}
	return out, nil
}

func names(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint("g", i)
	}
	return out
}

func TestGroupsThatSpoilAnAnswerStandAlone(t *testing.T) {
	for name, c := range map[string]struct {
		groups   int
		bad      []string
		most     int // requests
		marked   int // at least; exactly where it is the number of bad ones
		boundary bool
	}{
		"none":           {groups: 1000, most: 1},
		"the only one":   {groups: 1, bad: []string{"g0"}, most: 1, marked: 1},
		"one of 4000":    {groups: 4000, bad: []string{"g3999"}, most: 25, marked: 1},
		"two of 500":     {groups: 500, bad: []string{"g0", "g499"}, most: maxApart, marked: 2},
		"all of them":    {groups: 500, bad: names(500), most: maxApart, marked: 500},
		"more than fits": {groups: 64, bad: names(64)[:32], most: maxApart, marked: 32, boundary: true},
	} {
		s := &spoiler{bad: c.bad}
		got, err := apart(names(c.groups), s.ask)
		if err != nil || len(got) != c.groups || s.asks > c.most {
			t.Errorf("%s: %d descriptions after %d requests, %v", name, len(got), s.asks, err)
		}
		marked := 0
		for i, d := range got {
			if d.Name != fmt.Sprint("g", i) {
				t.Fatalf("%s: %s at %d", name, d.Name, i)
			}
			if d.Err != nil {
				marked++
			}
			if d.Err == nil && slices.Contains(c.bad, d.Name) {
				t.Errorf("%s: %s passes for good", name, d.Name)
			}
		}
		if marked < c.marked || marked > c.marked && !c.boundary {
			t.Errorf("%s: %d marked, want %d", name, marked, c.marked)
		}
	}
}

func TestLostConnectionEndsTheSearch(t *testing.T) {
	lost := errors.New("connection reset")
	asks := 0
	got, err := apart(names(8), func(part []string) ([]Description, error) {
		if asks++; asks == 1 {
			return nil, ErrUndecodable
		}
		return nil, lost
	})
	if !errors.Is(err, lost) || got != nil || asks != 2 {
		t.Errorf("%v, %v after %d requests", got, err, asks)
	}
}
