package e2e

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// lagOf is the lag of a group without K and M, as the groups pane shows it; -1 when it is not to be
// seen as a number.
func lagOf(screen, group string) int {
	m := regexp.MustCompile(`│[^ ] ` + group[:12] + `\S* +\S+ +\d+ +(≥?[0-9.]+k?) `).FindStringSubmatch(screen)
	if m == nil {
		return -1
	}
	f, err := strconv.ParseFloat(strings.Trim(m[1], "≥k"), 64)
	if err != nil {
		return -1
	}
	if strings.HasSuffix(m[1], "k") {
		f *= 1000
	}
	return int(f)
}

// TestTheDemoShowsTroubleAndAResetCuresIt is the first ten minutes of a newcomer.
func TestTheDemoShowsTroubleAndAResetCuresIt(t *testing.T) {
	t.Parallel()
	tm := start(t, 120, 40, "demo")
	for _, want := range []string{`✖ nightly-report +Empty`, `✖ payments +Stable`, `! log-archiver +Stable`, `● orde\S*ulfilm\S+ +Stable`} {
		tm.wait("group of each kind", want)
		t.Logf("%s after %.1f s", want, time.Since(tm.began).Seconds())
	}
	tm.wait("worst group on top with its verdict, and selected", `\A[^\n]*\n ✖ nightly-report STOPPED  `,
		`\A([^\n]*\n){4}│✖ nightly-report`, `2 nightly-report`)
	verdictsInWords(tm)
	before := lagOf(tm.waitFor("backlog of nightly-report", func(s string) bool { return lagOf(s, "nightly-report") >= 100 }), "nightly-report")
	tm.resetToLatest()
	cancelReset(tm, before)
	tm.resetToLatest()
	tm.confirm("nightly-report")
	tm.wait("outcome", `18 of 18 partitions set`)
	tm.waitFor("no lag", func(s string) bool { n := lagOf(s, "nightly-report"); return n >= 0 && n < before/4 })
	audit := readAudit(t, tm.state)
	if len(audit) != 2 {
		t.Fatalf("%d entries in the audit, want intent and outcome: %v", len(audit), audit)
	}
	tm.press("u", "preview of the undo", `(?s)undo.*BEFORE +AFTER`)
	tm.confirm("nightly-report")
	tm.wait("outcome of the undo", `18 of 18 partitions set`)
	tm.waitFor("lag of before", func(s string) bool { return lagOf(s, "nightly-report") >= before })
	audit = readAudit(t, tm.state)
	if len(audit) != 4 {
		t.Errorf("%d entries in the audit after the undo, want 4", len(audit))
	}
	tm.dismiss("Reset of")
	tm.quit()
}

// verdictsInWords goes through the groups in trouble, which on a busy machine are more than these, and back to the first.
func verdictsInWords(tm *term) {
	tm.t.Helper()
	told := func(s string) string { return regexp.MustCompile(`\A[^\n]*\n . \S+`).FindString(s) }
	for _, want := range []string{`payments STALLED  payments/3`, `log-archiver falling behind  `, `nightly-report STOPPED  `} {
		for s, end := tm.text(), time.Now().Add(patience); !strings.Contains(s, want); {
			if time.Now().After(end) {
				tm.t.Fatalf("no %q after n:\n%s", want, s)
			}
			before := told(s)
			tm.send("n")
			s = tm.waitFor("verdict of another group", func(s string) bool { return told(s) != before })
		}
	}
}

// resetToLatest opens the preview of a reset of the selected group.
func (tm *term) resetToLatest() {
	tm.t.Helper()
	tm.chooseLatest()
	tm.send(enter)
	tm.wait("preview with before, after and the stock command", `BEFORE +AFTER`, `orders/0 +\d+ +→ +\d+ +\+\d+`,
		"18 commits of 18 partitions move", "kafka-consumer-groups --bootstrap-server")
}

// cancelReset shows that enter is No, and that nothing happened.
func cancelReset(tm *term, before int) {
	tm.t.Helper()
	tm.press("n", "typed letter", `type nightly-report: n+▏`)
	tm.send(clear)
	tm.wait("empty line", `type nightly-report: ▏`)
	tm.send(enter)
	tm.waitFor("no dialog", hasNot("BEFORE"))
	tm.waitFor("lag that No has not changed", func(s string) bool { return lagOf(s, "nightly-report") >= before })
	if audit := readAudit(tm.t, tm.state); len(audit) > 0 {
		tm.t.Errorf("No has left %v in the audit", audit)
	}
}

// confirm types the name that the dialog in front asks for, and takes Yes.
func (tm *term) confirm(name string) {
	tm.t.Helper()
	tm.press(clear+name, "typed name", `type `+name+`: `+name+`▏`)
	tm.wait("focus on yes", `\[ Yes, commit`)
	tm.send(enter)
}

type auditEntry struct {
	ID, Phase, Action, Group, User, Cluster, Error string
	Plan, Outcome                                  json.RawMessage
}

// readAudit reads the audit file and checks that each intent has its outcome.
func readAudit(t testing.TB, state string) []auditEntry {
	t.Helper()
	f, err := os.Open(filepath.Join(state, "lagtop", "audit.jsonl"))
	if os.IsNotExist(err) {
		return nil
	} else if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []auditEntry
	for s := bufio.NewScanner(f); s.Scan(); {
		var e auditEntry
		if err := json.Unmarshal(s.Bytes(), &e); err != nil {
			t.Fatalf("%v: %s", err, s.Text())
		}
		out = append(out, e)
	}
	for i, e := range out {
		want := []string{"intent", "outcome"}[i%2]
		if e.Phase != want || e.ID != out[i/2*2].ID || e.User == "" || e.Cluster == "" || e.Error != "" {
			t.Errorf("entry %d of the audit: %+v, want an %s without an error", i, e, want)
		}
		if e.Phase == "intent" && len(e.Plan) < 10 || e.Phase == "outcome" && len(e.Outcome) < 10 {
			t.Errorf("entry %d of the audit lacks what was planned or came of it", i)
		}
	}
	return out
}

// chooseGroup filters the groups down to one, selects it and goes to its partitions.
func (tm *term) chooseGroup(filter, title string) {
	tm.t.Helper()
	tm.send("/" + filter + enter)
	tm.wait("filtered groups", `1 of \d+ +/`+filter)
	tm.wait("its partitions", "2 "+title)
}

func TestPartitionsMoveWhenTheDemoAddsAndRemovesConsumers(t *testing.T) {
	t.Parallel()
	tm := start(t, 120, 40, "demo")
	tm.wait("groups", `orde\S*ulf\S+ +Stable +3`)
	tm.chooseGroup("order-ful", "order-fulfilment")
	tm.wait("owners", `(?s)order-fulfilment-1.*orders/`)
	tm.send("+")
	tm.waitFor("three partitions with each of four consumers", func(s string) bool {
		for _, m := range []string{"order-fulfilment-1", "order-fulfilment-2", "order-fulfilment-3", "order-fulfilment-4"} {
			if partitionsUnder(s, m) != 3 {
				return false
			}
		}
		return regexp.MustCompile(`orde\S*ulf\S+ +Stable +4`).MatchString(s)
	})
	tm.send("-")
	tm.waitFor("partitions back", func(s string) bool {
		return regexp.MustCompile(`orde\S*ulf\S+ +Stable +3`).MatchString(s) && !strings.Contains(s, "order-fulfilment-4") &&
			partitionsUnder(s, "order-fulfilment-1") == 4
	})
	tm.quit()
}

// partitionsUnder counts the partitions of orders that the partitions pane lists under a consumer.
func partitionsUnder(screen, client string) int {
	_, after, found := strings.Cut(screen, "▾ "+client)
	if !found {
		return -1
	}
	n := 0
	for i, l := range strings.Split(after, "\n") {
		if i > 0 && !strings.Contains(l, " orders/") {
			break
		} else if i > 0 {
			n++
		}
	}
	return n
}

func TestProbeAndKickSayHowLongTheGroupWasUnstable(t *testing.T) {
	t.Parallel()
	tm := start(t, 120, 40, "demo")
	tm.wait("groups", `orde\S*ulf\S+ +Stable +3`)
	tm.chooseGroup("order-ful", "order-fulfilment")
	tm.send("r")
	tm.wait("preview of the probe that says its cost and defaults to No", "Rebalance order-fulfilment",
		"nobody is removed", "Cost: ", `\[ No, change nothing \]`)
	tm.press(tab, "focus on yes", `\[ Yes, rebalance \]`)
	tm.send(enter)
	tm.wait("result of the probe", `probe order-fulfilment: (not Stable for (at least )?\S+|Stable again before it could be seen), 0 partitions moved`)
	tm.dismiss("probe order-fulfilment: ")
	tm.wait("stable group", `orde\S*ulf\S+ +Stable +3`)
	tm.send("2" + down)
	tm.send("x")
	tm.wait("preview of the kick that says what the member loses", "Kick order-fulfilment-", `(?s)It loses:.*  orders/\d+`,
		`\[ No, change nothing \]`)
	tm.press(tab, "focus on yes", `\[ Yes, kick it \]`)
	tm.send(enter)
	tm.wait("result of the kick", `kick order-fulfilment: (not Stable for (at least )?\S+|Stable again before it could be seen), \d+ partitions? moved`)
	if audit := readAudit(t, tm.state); len(audit) != 4 {
		t.Errorf("%d entries in the audit, want those of probe and kick: %v", len(audit), audit)
	}
	tm.dismiss("kick order-fulfilment: ")
	tm.quit()
}

// moreWaiting waits until another number of records waits in the paused tail than on a screen before.
func (tm *term) moreWaiting(than string) string {
	tm.t.Helper()
	waiting := regexp.MustCompile(`paused.* \S+ waiting`)
	return tm.waitFor("more records that wait", func(s string) bool {
		now := waiting.FindString(s)
		return now != "" && now != waiting.FindString(than)
	})
}

func TestTailShowsRecordsPausesAndGoesOn(t *testing.T) {
	t.Parallel()
	tm := start(t, 120, 40, "demo")
	tm.wait("topics", "web.access")
	tm.send("3g")
	tm.send("/web" + enter)
	tm.wait("filtered topics", `1 of \d+ +/web`)
	tm.send("t")
	tm.wait("tail of the topic", "5 Tail web.access")
	record := regexp.MustCompile(`web\.access/\d+@\d+ .*(GET|POST|PUT|DELETE|HEAD)`)
	tm.waitFor("records", func(s string) bool { return len(record.FindAllString(s, -1)) >= 3 })
	tm.send("p")
	s := tm.moreWaiting(tm.moreWaiting("")) // the frame that first told of any is whole by then
	shown := record.FindAllString(s, -1)
	more := tm.moreWaiting(s)
	if again := record.FindAllString(more, -1); strings.Join(again, "\n") != strings.Join(shown, "\n") {
		t.Errorf("the records move while the tail is paused:\n%s\n%s", s, more)
	}
	tm.send("p")
	tm.waitFor("records after the pause", func(s string) bool {
		now := record.FindAllString(s, -1)
		return !strings.Contains(s, "paused") && len(now) > 0 && strings.Join(now, "\n") != strings.Join(shown, "\n")
	})
	tm.quit()
}
