package demo

import (
	"context"
	"fmt"
	"testing"
)

func TestCareStepsOverAPoisonBeforeRetentionReachesIt(t *testing.T) {
	w := start(t)
	stuck := w.untilStuck()[poisonPartition].committed
	g, err := w.demo.find(poisonGroup)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.demo.careFor(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	if now := w.stands(t.Context(), poisonGroup, poisonTopic)[poisonPartition].committed; now != stuck {
		t.Fatalf("cared for without need: from %d to %d", stuck, now)
	}
	if err := w.demo.cluster.DeleteRecords(poisonTopic, poisonPartition, stuck-1); err != nil {
		t.Fatal(err)
	}
	if err := w.demo.careFor(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	var at int64
	w.until("the next poison stops it", func(ctx context.Context) string {
		s := w.stands(ctx, poisonGroup, poisonTopic)[poisonPartition]
		w.demo.mu.Lock()
		defer w.demo.mu.Unlock()
		at = w.demo.poisons[0].Offset
		if s.committed != at {
			return fmt.Sprintf("at %d, the poison at %d", s.committed, at)
		}
		return ""
	})
	if at <= stuck {
		t.Errorf("the new poison at %d, the old one at %d", at, stuck)
	}
}

func TestCareRunsNoGroupThatSomebodyStopped(t *testing.T) {
	w := start(t)
	const g = "log-archiver"
	w.untilShape(g, "classic Stable range 2")
	for range 2 {
		if _, err := w.demo.RemoveConsumer(g); err != nil {
			t.Fatal(err)
		}
	}
	at := w.firstStands(g, "app.logs")[0].committed
	if err := w.demo.cluster.DeleteRecords("app.logs", 0, at); err != nil {
		t.Fatal(err)
	}
	of, err := w.demo.find(g)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.demo.careFor(t.Context(), of); err != nil || of.size() != 0 {
		t.Errorf("%d consumers, %v", of.size(), err)
	}
}
