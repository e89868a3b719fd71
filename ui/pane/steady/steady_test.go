package steady

import (
	"cmp"
	"slices"
	"testing"
	"time"
)

func self(s string) string { return s }

func TestOrderStaysWhileThePersonMoves(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	var o Order[string]
	sorted := func(after time.Duration, rows ...string) []string {
		Sort(&o, now.Add(after), rows, self, cmp.Compare[string])
		return rows
	}
	down := func(a, b string) int { return cmp.Compare(b, a) }
	if got := sorted(0, "c", "a", "b"); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Fatalf("at first %v", got)
	}
	o.Moved(now)
	rows := []string{"z", "c", "y", "a"}
	Sort(&o, now.Add(Pause-1), rows, self, down)
	if !slices.Equal(rows, []string{"a", "c", "z", "y"}) {
		t.Errorf("in the pause %v", rows)
	}
	Sort(&o, now.Add(Pause), rows, self, down)
	if !slices.Equal(rows, []string{"z", "y", "c", "a"}) {
		t.Errorf("after the pause %v", rows)
	}
	o.Moved(now)
	o.Release()
	if got := sorted(1, "c", "a"); !slices.Equal(got, []string{"a", "c"}) {
		t.Errorf("released %v", got)
	}
}
