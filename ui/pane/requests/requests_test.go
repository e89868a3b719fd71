package requests

import (
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	"lagtop/ui/pane/panetest"
)

// some is the minute of a cluster whose broker 2 hangs.
func some(now time.Time) kafka.RequestReport {
	const ms = time.Millisecond
	r := kafka.RequestReport{Window: time.Minute, Since: now.Add(-20 * time.Minute)}
	add := func(addr, api string, v int16, p kafka.Purpose, n int, p50, most time.Duration, out, in int64) *kafka.RequestRow {
		x := kafka.RequestRow{Addr: addr, API: api, Version: v, P50: kafka.Some(p50), Max: kafka.Some(most)}
		x.Count, x.Out, x.In, x.By[p] = n, out, in, n
		r.Rows = append(r.Rows, x)
		return &r.Rows[len(r.Rows)-1]
	}
	add("k1:9092", "Metadata", 11, kafka.PurposePoll, 30, 2*ms, 4*ms, 1200, 812_000)
	add("k1:9092", "ListGroups", 5, kafka.PurposePoll, 30, 600*time.Microsecond, 3*ms, 900, 45_000)
	add("k1:9092", "OffsetFetch", 8, kafka.PurposePoll, 30, 12*ms, 45*ms, 420_000, 2_400_000)
	both := add("k1:9092", "ListOffsets", 6, kafka.PurposePoll, 60, 8*ms, 31*ms, 88_000, 240_000)
	both.Count, both.By[kafka.PurposeAside] = 64, 4
	hung := add("k2:9092", "ListGroups", 5, kafka.PurposePoll, 4, 3*time.Second, 3*time.Second, 120, 0)
	hung.Errors, hung.Waiting, hung.Oldest = 3, 1, 2300*ms
	hung.Failure = kafka.Some(kafka.RequestFailure{At: now.Add(-8 * time.Second), Reason: "no answer in time: context deadline exceeded"})
	down := add("k3:9092", kafka.RequestConnect, 0, kafka.PurposeTail, 0, ms, ms, 0, 0)
	down.Errors, down.By[kafka.PurposeTail] = 5, 5
	down.Failure = kafka.Some(kafka.RequestFailure{At: now.Add(-time.Second), Reason: "connect: connection refused"})
	add("k3:9092", "Fetch", 12, kafka.PurposeTail, 200, 251*ms, 512*ms, 40_000, 91_000_000)
	add("10.0.0.9:9092", "Metadata", 11, kafka.PurposePoll, 1, 2*ms, 2*ms, 40, 27_000)
	for _, x := range r.Rows {
		r.Total.Count, r.Total.Errors, r.Total.Out, r.Total.In = r.Total.Count+x.Count, r.Total.Errors+x.Errors, r.Total.Out+x.Out, r.Total.In+x.In
		for p := range kafka.Purposes {
			r.By[p].Count += x.By[p]
		}
	}
	r.By[kafka.PurposeTail].Count = 200
	r.Ever = r.By
	r.Ever[kafka.PurposePoll] = kafka.RequestSum{Count: 12_345, Errors: 3, Out: 8e6, In: 9e7}
	return r
}

func hostile(now time.Time, names ...string) kafka.RequestReport {
	r := some(now)
	for _, n := range names {
		r.Rows = append(r.Rows, kafka.RequestRow{Addr: n, API: n, Failure: kafka.Some(kafka.RequestFailure{At: now.Add(time.Hour), Reason: n})})
	}
	return r
}

func shown(t testing.TB, source Source) (*Model, *pane.Env) {
	t.Helper()
	s := panetest.Typical()
	s.Requests, s.Aside = 16, 4
	for i := range s.Brokers {
		s.Brokers[i].Addr = []string{"k1:9092", "k2:9092", "k3:9092"}[i]
	}
	m, e := New(source), panetest.Env(t, s)
	m.Refresh(e)
	return m, e
}

func rows(m *Model) string {
	var all []string
	for i := range m.Len() {
		all = append(all, strings.Replace(m.Key(i), "\x00", " ", 1))
	}
	return strings.Join(all, "\n")
}

func TestFrames(t *testing.T) {
	for name, source := range map[string]Source{
		"typical": some,
		"empty":   func(now time.Time) kafka.RequestReport { return kafka.RequestReport{Since: now} },
		"hostile": func(now time.Time) kafka.RequestReport { return hostile(now, panetest.HostileNames()...) },
		"cut": func(now time.Time) kafka.RequestReport {
			r := some(now)
			r.Cut, r.Window = true, 41*time.Second
			return r
		},
		"nobody counts": nil,
	} {
		t.Run(name, func(t *testing.T) {
			m, e := shown(t, source)
			for range 5 {
				m.Do(e, command.Down)
			}
			panetest.Frames(t, strings.ReplaceAll(name, " ", "-"), m, e)
		})
	}
}

func TestPortsAndPurposesAreNotCut(t *testing.T) {
	m, e := shown(t, func(now time.Time) kafka.RequestReport {
		r := some(now)
		row := kafka.RequestRow{Addr: "127.0.0.1:36903", API: "ListOffsets"}
		row.Count = 3
		row.By[kafka.PurposePoll], row.By[kafka.PurposeAside], row.By[kafka.PurposeTail] = 1, 1, 1
		r.Rows = []kafka.RequestRow{row}
		return r
	})
	e.Snapshot.Brokers[0].Addr = "127.0.0.1:36903"
	m.Refresh(e)
	for w, want := range map[int]string{78: "1 127.0.0.1:36903 ", 118: " poll, beside, tail"} {
		if got := panetest.Screen(m.View(e, w, 10, true)); !strings.Contains(got, want) {
			t.Errorf("%d cells: no %q in\n%s", w, want, got)
		}
	}
}

func TestOrders(t *testing.T) {
	m, e := shown(t, some)
	for _, first := range []string{"k1:9092 ListGroups", "k3:9092 Fetch", "k3:9092 connect", "k2:9092 ListGroups", "k3:9092 Fetch", "k1:9092 ListGroups"} {
		if got, _, _ := strings.Cut(rows(m), "\n"); got != first {
			_, note := m.Head(e)
			t.Errorf("%s: %s is first, want %s", note, got, first)
		}
		m.Do(e, command.Sort)
	}
}

func TestTheCursorStaysOnItsRow(t *testing.T) {
	m, e := shown(t, some)
	m.SelectKey("k2:9092\x00ListGroups")
	m.source = func(now time.Time) kafka.RequestReport {
		r := some(now)
		r.Rows = r.Rows[2:]
		return r
	}
	m.Refresh(e)
	if r := m.Current(); r == nil || r.Addr != "k2:9092" {
		t.Errorf("%+v", r)
	}
}

func TestFilter(t *testing.T) {
	for text, want := range map[string]int{"broker:k2": 1, "api:list": 3, "for:tail": 2, "errors:>0": 2, "ms:>100": 2, "n:>50": 2, "refused": 1, "": 8} {
		m, e := shown(t, some)
		if err := m.SetFilter(text); err != nil {
			t.Fatal(err)
		}
		m.Refresh(e)
		if m.Len() != want {
			t.Errorf("%q: %d rows, want %d:\n%s", text, m.Len(), want, rows(m))
		}
	}
}

func TestCopyIsOneSafeLine(t *testing.T) {
	m, e := shown(t, some)
	m.SelectKey("k2:9092\x00ListGroups")
	want := "ListGroups v5 to 2 k2:9092  poll 4  1 waiting for 2.3s: 4 requests, 3 errors, p50 3.0s, max 3.0s, 120 B sent, 0 B got; " +
		"last error: no answer in time: context deadline exceeded, 8s ago"
	if got := m.Copy(e); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	m, e = shown(t, func(time.Time) kafka.RequestReport { return kafka.RequestReport{} })
	if got := m.Copy(e); got != "" {
		t.Errorf("without a row: %q", got)
	}
}

func TestClicksGoToTheRowBelowThem(t *testing.T) {
	m, e := shown(t, some)
	w, h := panetest.Sizes()[1].Inner(m.Place())
	lines := m.View(e, w, h, true)
	for y, l := range strings.Split(panetest.Screen(lines), "\n") {
		if strings.Contains(l, "OffsetFetch") {
			m.Click(e, 3, y)
			break
		}
	}
	if r := m.Current(); r == nil || r.API != "OffsetFetch" {
		t.Errorf("%+v", r)
	}
}

func TestASCII(t *testing.T) {
	m, e := shown(t, some)
	panetest.ASCII(t, m, e)
}

func TestLatencyNeverTakesMoreThanSixCells(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.0ms", 400 * time.Microsecond: "0.4ms", 9960 * time.Microsecond: "10ms", 45 * time.Millisecond: "45ms", 999 * time.Millisecond: "999ms",
		999600 * time.Microsecond: "1.0s", 9940 * time.Millisecond: "9.9s", 31 * time.Second: "31s", 3 * time.Minute: "3m",
	} {
		if got := latency(kafka.Some(d), "?"); got != want || len(got) > 6 {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
	if got := latency(kafka.Known[time.Duration]{}, "?"); got != "?" {
		t.Errorf("unknown: %s", got)
	}
}
