package e2e

import (
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka/kafkatest"
)

// A stalled line, as of an SSH session over a bad network, neither stops the polls nor piles up frames that
// are drawn one by one later.
func TestAStalledTerminalCatchesUpAtOnce(t *testing.T) {
	f := smallCluster(t)
	tm := start(t, 120, 40, "-b", strings.Join(f.Bootstrap(), ","), "--interval", "200ms")
	tm.wait("lag of billing", `billing\s.*\b12\b`)
	before := usageOf(t, tm.cmd.Process.Pid)

	tm.gate.Lock()
	stalled := tm.written()
	f.ResetRequests()
	polled := func(n int) func() bool {
		return func() bool { return f.Requests(kmsg.ListGroups) >= 3*n } // one a broker
	}
	for i := range int64(8) { // each changes the screen
		kafkatest.Commit(t, f.Bootstrap(), "billing", at(i, 0))
		waitUntil(t, "polls while the terminal is stalled", polled(int(4*(i+1))))
	}
	kafkatest.Commit(t, f.Bootstrap(), "billing", at(9, 1))
	tm.send("?") // typed into the stalled line
	waitUntil(t, "polls after the key", polled(34))
	tm.gate.Unlock()

	tm.wait("help that was asked for meanwhile", "Keys in")
	tm.send(esc)
	tm.waitFor("end of help", hasNot("Keys in")) // what is behind it may show the lag already
	tm.wait("the newest lag", `billing\s.*\b2\b`)
	const kernel, frames = 64 << 10, 64 << 10 // what the terminal's buffer holds, and some frames
	if n := tm.written() - stalled; n > kernel+frames {
		t.Errorf("%d bytes were written to catch up", n)
	}
	if grown := usageOf(t, tm.cmd.Process.Pid).RSS - before.RSS; grown > 64<<20 {
		t.Errorf("it grew by %d MB while the terminal was stalled", grown>>20)
	}
	tm.quit()
}
