package app

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/explain"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	"lagtop/ui/pane/panetest"
)

func TestExplainFrames(t *testing.T) {
	for _, size := range [][2]int{{40, 10}, {80, 24}, {120, 40}} {
		for name, c := range map[string]struct {
			snap *kafka.Snapshot
			keys []string
		}{
			"group":     {panetest.Typical(), []string{"e"}},
			"partition": {panetest.Stale(), []string{"2", "down", "e"}},
			"missing":   {panetest.Odd(), []string{"e"}},
		} {
			t.Run(fmt.Sprintf("%s-%dx%d", name, size[0], size[1]), func(t *testing.T) {
				r := newRig(t, c.snap, nil)
				r.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
				r.keys(c.keys...)
				panetest.Exact(t, r.frame(), size[0], size[1])
				panetest.Golden(t, fmt.Sprintf("explain-%s-%dx%d", name, size[0], size[1]), r.screen())
			})
		}
	}
}

func TestExplainOpensOnTheLagAndMoves(t *testing.T) {
	r := newRig(t, panetest.Typical(), nil)
	r.keys("e")
	r.see("Where it comes from", "lag of group payments", "OffsetFetch from broker 2, coordinator of payments", "ListOffsets(-1) from their leaders")
	r.keys("down")
	r.see("age of group payments")
	r.keys("left", "left")
	r.see("members of group payments", "DescribeGroups from broker 2")
	r.keys("esc")
	r.seeNot("Where it comes from")
}

func TestExplainGoesRoundItsCells(t *testing.T) {
	r := newRig(t, panetest.Typical(), nil)
	r.keys("e")
	n := len(r.top().(pane.Explainer).Cells(&r.env))
	for range n {
		r.keys("down")
	}
	r.see("lag of group payments")
	for range n {
		r.keys("up")
	}
	r.see("lag of group payments")
}

func TestExplainFollowsTheNewestSnapshot(t *testing.T) {
	r := newRig(t, panetest.Typical(), nil)
	r.keys("e")
	r.see("all 12 partitions are known")
	r.src.snap = panetest.Stale()
	r.send(snapshotMsg{})
	r.see("at least", "orders/3: commit not read", "no answer within 3 s")
}

func TestExplainNeverMistakesOneRowForAnother(t *testing.T) {
	r := newRig(t, panetest.Typical(), nil)
	r.keys("e")
	s := panetest.Typical()
	s.Seq++
	var kept []kafka.Group
	for _, g := range s.Groups {
		if g.Name != "payments" {
			kept = append(kept, g)
		}
	}
	s.Groups = kept
	r.src.snap = s
	r.send(snapshotMsg{})
	r.see("group payments is gone from this list")
	r.seeNot("lag of group")
	r.keys("down", "esc")
	r.seeNot("Where it comes from")
}

func TestExplainKeepsToItsRowBeforeThePersonChoseOne(t *testing.T) {
	r := newRig(t, panetest.Typical(), nil)
	r.keys("e")
	s := panetest.Typical()
	g := s.Group("fraud")
	g.Verdict = kafka.Verdict{Kind: kafka.VerdictLost, Since: s.At}
	r.src.snap = s
	r.send(snapshotMsg{})
	r.see("lag of group payments")
}

func TestExplainWithoutARowSaysSo(t *testing.T) {
	r := newRig(t, panetest.Empty(), nil)
	r.keys("e")
	r.see("explain: select a row with numbers first")
	r.seeNot("Where it comes from")
}

func TestExplainScrollsWhatDoesNotFit(t *testing.T) {
	r := newRig(t, panetest.Stale(), nil)
	r.send(tea.WindowSizeMsg{Width: 60, Height: 14})
	r.keys("e")
	r.see("more lines, pgdn")
	first := r.screen()
	r.keys("space")
	if r.screen() == first {
		t.Error("space did not scroll")
	}
	for range 20 {
		r.keys("space")
	}
	r.seeNot("more lines, pgdn")
	r.keys("down")
	r.see("more lines, pgdn")
}

func TestExplainOfHostileNames(t *testing.T) {
	r := newRig(t, panetest.Hostile(), nil)
	r.keys("e")
	for range 14 {
		panetest.Exact(t, r.frame(), 120, 40)
		r.keys("down")
	}
}

func TestExplainDrawsASCIIWhereAskedTo(t *testing.T) {
	r := newRig(t, panetest.Stale(), nil)
	o := r.deps.Theme
	o.ASCII, o.Palette = true, "none"
	r.setTheme(o)
	r.keys("e")
	for range 12 {
		for _, l := range r.front().view(r.Model, 120, 40) {
			if at := strings.IndexFunc(l, func(c rune) bool { return c > '~' }); at >= 0 {
				t.Fatalf("not ASCII at %d: %s", at, l)
			}
		}
		r.keys("down")
	}
}

// everyTable visits each table and page of facts of each pane with a row selected.
func everyTable(t *testing.T, visit func(where string, p pane.Pane, e *pane.Env)) {
	for _, s := range []*kafka.Snapshot{panetest.Typical(), panetest.Odd(), panetest.Streams(), panetest.Share(), panetest.Connect(), panetest.Stale()} {
		s.Findings = []kafka.Finding{{Rule: "idle", Evidence: "one idles", Subject: kafka.Subject{Kind: kafka.SubjectGroup, Group: s.Groups[0].Name}}}
		r := newRig(t, s, nil)
		r.env.History = panetest.Past(s)
		r.env.Lookup = known{}
		r.refresh()
		for _, place := range overviewOrder {
			r.focusOn(place)
			visit(place.String(), r.top(), &r.env)
			r.keys("down")
			visit(place.String(), r.top(), &r.env)
			r.open()
			if len(r.details) == 0 {
				continue
			}
			for i := range 8 { // parts, and round
				r.refresh()
				visit(fmt.Sprintf("%s part %d", r.top().Place(), i), r.top(), &r.env)
				r.cycle(1, command.Next)
			}
			r.details = nil
		}
		r.toggleFindings()
		visit("findings", r.top(), &r.env)
	}
}

// known answers every question for slow facts.
type known struct{}

func (known) TopicConfigs(string) pane.Answer[[]kafka.Config] { return panetest.Settings() }
func (known) BrokerConfigs(int32) pane.Answer[[]kafka.Config] { return panetest.Settings() }
func (known) LogDirs(int32) pane.Answer[[]kafka.LogDir] {
	return pane.Answer[[]kafka.LogDir]{At: panetest.Now(), V: []kafka.LogDir{{Path: "/data", Total: kafka.Some[int64](2), Usable: kafka.Some[int64](1)}}}
}
func (known) Sizes(string) pane.Answer[[]kafka.LogSize] {
	return pane.Answer[[]kafka.LogSize]{At: panetest.Now(), V: []kafka.LogSize{{Partition: 1, Broker: 1, Bytes: 5}}}
}
func (known) Quorum() pane.Answer[[]kafka.QuorumReplica] {
	return pane.Answer[[]kafka.QuorumReplica]{At: panetest.Now(), V: []kafka.QuorumReplica{{ID: 1, Role: kafka.QuorumLeader}}}
}
func (known) TopicSettings(string) pane.Answer[[]kafka.Config]  { return panetest.Settings() }
func (known) Batches(string) pane.Answer[[]kafka.NewestBatches] { return panetest.Batches(1) }

// A column that is added to any table, or a line to any page of facts, needs an explanation.
func TestEveryColumnOfEveryPaneIsExplained(t *testing.T) {
	seen, titles, lines := 0, map[string][]string{}, map[string]string{}
	everyTable(t, func(where string, p pane.Pane, e *pane.Env) {
		if p.Place()&command.ByID(command.Explain).Where == 0 {
			return
		}
		cells := p.(pane.Explainer).Cells(e)
		for _, c := range cells {
			seen++
			titles[where] = append(titles[where], c.Title)
			w := explain.World{Snapshot: e.Snapshot, History: e.History, Now: e.Now, Interval: e.Interval}
			x := explain.Of(&w, c.Ref)
			if c.Title == "" || x.Meaning == "" || len(x.Sources) == 0 || len(x.Why) == 0 {
				t.Errorf("%s: %q has no explanation: %+v", where, c.Title, x)
			}
		}
		lines[where] = header(p, e)
	})
	for where, line := range lines {
		if rest := unexplained(line, titles[where]); rest != "" {
			t.Errorf("%s: the columns %q are on screen and not among the cells", where, rest)
		}
	}
	if seen < 300 {
		t.Errorf("only %d cells were looked at", seen)
	}
}

// header is the line of a wide screen where a table has its titles.
func header(p pane.Pane, e *pane.Env) string {
	y := 0
	if p.Place()&command.Details != 0 && p.Place() != command.Findings {
		y = 2 // tabs and a note
	}
	return strings.Split(panetest.Screen(p.View(e, 400, 40, true)), "\n")[y]
}

// unexplained are the words in capitals of a table's header that are no titles.
func unexplained(line string, titles []string) string {
	slices.SortFunc(titles, func(a, b string) int { return len(b) - len(a) })
	found := 0
	for _, t := range slices.Compact(titles) {
		if strings.Contains(line, t) {
			found++
			line = strings.Replace(line, t, "", 1)
		}
	}
	if found < 3 {
		return "" // no table
	}
	return strings.Join(regexp.MustCompile(`[A-Z]{2,}`).FindAllString(line, -1), " ")
}

func TestExplainKnowsWhenFactsWereRead(t *testing.T) {
	r := newRig(t, panetest.Typical(), nil)
	r.env.Lookup = known{}
	r.keys("1", "2", "3", "enter")
	for range 4 {
		r.keys("tab")
	}
	r.keys("e")
	r.see("DescribeConfigs from any broker", "as it is in force")
	if !strings.Contains(r.screen(), "s ago") {
		t.Errorf("no age:\n%s", r.screen())
	}
}
