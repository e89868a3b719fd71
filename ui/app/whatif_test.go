package app

import (
	"testing"

	"lagtop/kafka"
	"lagtop/ui/pane/panetest"
)

func TestWhatIfAsksAndGoesBack(t *testing.T) {
	r := newRig(t, panetest.Typical(), nil)
	r.keys("w")
	r.see("What if: payments", "nothing is changed", "3 to 5")
	r.keys("right")
	r.see("3 → 4", "payments-4")
	s := panetest.Typical()
	s.Group("payments").Partition(panetest.TP("orders", 7)).Lag = kafka.Some[int64](1)
	r.src.snap = s
	r.send(snapshotMsg{})
	r.see("What if: payments", "3 → 4")
	r.keys("w")
	r.seeNot("What if")
	r.keys("enter", "w", "esc")
	r.see("Overview")
}
