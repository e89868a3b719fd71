package tail

import (
	"strings"
	"testing"

	"lagtop/ui/command"
	"lagtop/ui/pane/panetest"
)

func TestFilterFindsByTextAndField(t *testing.T) {
	k := following()
	k.add(`{"level":"error","msg":"card declined"}`, `{"level":"info","msg":"ok"}`, "WARN disk", "")
	k.entries[3].Value = nil
	m, e := show(t, k)
	for filter, want := range map[string]string{
		"declined":           "[1]",
		"Declined card":      "", // a capital wants a capital
		"level>=warn":        "1 [3]",
		"-level:error msg":   "[2]",
		"jq: .msg == \"ok\"": "[2]",
		"/^warn/":            "[3]",
		"cdclnd":             "", // letters in order are not enough here
		"level:error":        "[1]",
		"level:warn":         "[3]",
		"warn":               "[3]",
		"partition:2":        "[2]",
		"partition:0":        "[3]",
		"offset:>=1284303":   "3 [4]",
		"key:902":            "[2]",
		"order-903":          "[3]",
		"value:null":         "[4]",
		`"msg":"ok"`:         "[2]",
		"orders/1@":          "1 [4]",
		"msg level:info":     "[2]",
		"level:error,level":  "[1]",
	} {
		if err := m.SetFilter(filter); err != nil {
			t.Fatal(err)
		}
		m.Refresh(e)
		check(t, filter, seqs0(m), want)
		check(t, "filter", m.Filter(), filter)
	}
}

// seqs0 is seqs where there may be no lines.
func seqs0(m *Model) string {
	if m.lines() == 0 {
		return ""
	}
	return seqs(m)
}

func TestFilterWithAnUnknownFieldChangesNothing(t *testing.T) {
	k := following()
	k.add("one", "two")
	m, e := show(t, k)
	if err := m.SetFilter("two"); err != nil {
		t.Fatal(err)
	}
	err := m.SetFilter("two lag:>3")
	if err == nil || !strings.Contains(err.Error(), `"lag"`) {
		t.Errorf("error %v", err)
	}
	m.Refresh(e)
	check(t, "shown", seqs(m), "[2]")
	check(t, "filter", m.Filter(), "two")
}

func TestFilterSaysHowManyLinesItHides(t *testing.T) {
	k := following()
	k.add(numbered(10)...)
	m, e := show(t, k)
	_ = m.SetFilter("n\":7")
	m.Refresh(e)
	check(t, "note", note(m, e), `following · 1 shown of 10 by /n":7 · 3 partitions · 1.8k/s`)
	_ = m.SetFilter("nothing")
	m.Refresh(e)
	lines := m.View(e, 60, 3, true)
	if got := panetest.Screen(lines); !strings.Contains(got, "no record of 10 matches /nothing") {
		t.Errorf("screen %q", got)
	}
}

func TestFilterLooksAtEachRecordOnceAndAtABoundedNumberAtATime(t *testing.T) {
	k := following()
	k.add(numbered(3 * siftMost)...)
	m, e := show(t, k)
	_ = m.SetFilter("n\":1}")
	k.looked = 0
	m.Refresh(e)
	if k.looked != siftMost {
		t.Errorf("looked at %d records", k.looked)
	}
	check(t, "newest first", note(m, e), `following · 0 shown of 12k by /n":1} · 8.0k not searched · 3 partitions · 1.8k/s`)
	for range 4 {
		m.Refresh(e)
	}
	check(t, "found in the end", seqs(m), "[1]")
	if k.looked != 3*siftMost {
		t.Errorf("looked at %d records in all", k.looked)
	}
	k.add(`{"n":1}`)
	m.Refresh(e)
	check(t, "a new one", seqs(m), "1 [12001]")
	k.drop(100)
	m.Refresh(e)
	check(t, "an old one is gone", seqs(m), "[12001]")
}

func TestFilterAdmitsWhatCameTooFast(t *testing.T) {
	k := following()
	k.add("match")
	m, e := show(t, k)
	_ = m.SetFilter("match")
	m.Refresh(e)
	k.add(numbered(siftMost + 500)...)
	k.add("match")
	m.Refresh(e)
	check(t, "shown", seqs(m), "1 [4502]")
	check(t, "note", note(m, e), "following · 2 shown of 4.5k by /match · 501 not searched · 3 partitions · 1.8k/s")
	k.drop(600)
	m.Refresh(e)
	check(t, "once they are gone", note(m, e), "following · 1 shown of 3.9k by /match · 3 partitions · 1.8k/s")
}

func TestPlaceIsKeptUnderAFilter(t *testing.T) {
	k := following()
	for range 10 {
		k.add("yes", "no")
	}
	m, e := show(t, k)
	_ = m.SetFilter("yes")
	m.Refresh(e)
	do(t, m, e, command.Up, command.Up)
	check(t, "up", seqs(m), "11 13 [15] 17 19")
	k.add("yes", "no", "yes")
	m.Refresh(e)
	check(t, "while records arrive", seqs(m), "11 13 [15] 17 19")
	_ = m.SetFilter("")
	m.Refresh(e)
	check(t, "without the filter", seqs(m), "11 12 13 14 [15]")
}
