package e2e

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

func TestAScenarioRunsByItselfWithCaptions(t *testing.T) {
	t.Parallel()
	tm := start(t, 120, 40, "demo", "--scenario", "deploy")
	at := 0
	tm.waitFor("caption under the group that it is about", func(s string) bool {
		at = captioned(s)
		return at > 0 && at < len(captions) && strings.Contains(s, "2 shop-eager ")
	})
	tm.waitFor("caption of a later step", func(s string) bool { return captioned(s) > at })
	tm.quit()
}

// captions are what the steps of deploy say, or what came of them.
var captions = []*regexp.Regexp{
	regexp.MustCompile(`Three groups read shop\.events, 12 partitions, with 3 consumers each\.`),
	regexp.MustCompile(`All are deployed at once: each consumer is restarted|Partition-seconds unread: eager \d+\.\d, cooperative \d+\.\d, kip848 \d+\.\d`),
	regexp.MustCompile(`The eager group again, with static membership|Partition-seconds unread: eager \d+\.\d`),
	regexp.MustCompile(`A static member that is back before its session ends`),
}

// captioned is the step whose caption is on the screen, 0 for none.
func captioned(screen string) int {
	for i, caption := range captions {
		if strings.Contains(screen, fmt.Sprintf("step %d/%d ", i+1, len(captions))) && caption.MatchString(screen) {
			return i + 1
		}
	}
	return 0
}

func TestTheTimelineTellsOfTheConsumerThatWasAdded(t *testing.T) {
	t.Parallel()
	tm := start(t, 120, 40, "demo")
	tm.wait("groups", `orde\S*ulf\S+ +Stable +3`)
	tm.chooseGroup("order-ful", "order-fulfilment")
	tm.send("+")
	tm.wait("fourth consumer", `orde\S*ulf\S+ +Stable +4`)
	tm.send("H")
	tm.wait("timeline with what happened and the likely cause", `Timeline of order-fulfilment `,
		`1 joined, \d+ moved .* (scale out|operator): order-fulfilment-4`, `order-fulfilment-4 on \S+ joined: 4 members, were 3`)
	tm.send(esc)
	tm.wait("overview", `1 Groups `)
	tm.quit()
}
