package e2e

import "testing"

func TestAScenarioRunsByItselfWithCaptions(t *testing.T) {
	t.Parallel()
	tm := start(t, 120, 40, "demo", "--scenario", "deploy")
	tm.wait("first caption, under the group that it is about", `2 shop-eager `, `deploy +step 1/4 `,
		`Three groups read shop\.events, 12 partitions, with 3 consumers each\.`)
	tm.wait("next caption, or what came of it", `deploy +step 2/4 `,
		`All are deployed at once: each consumer is restarted|Partition-seconds unread: eager \d+\.\d, cooperative \d+\.\d, kip848 \d+\.\d`)
	tm.quit()
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
