package tail

import (
	"strconv"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/safe"
	kafkatail "lagtop/kafka/tail"
	"lagtop/kafka/tail/format"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
)

// levelBars is how many times the records on screen are sorted into, at most.
const levelBars = 24

// histogram sums up the records on screen: how many of each severity, when they were written, and from
// when to when. It is one line.
func histogram(e *pane.Env, shown []piece, w int) []component.Cell {
	if len(shown) == 0 {
		return nil
	}
	var counts [format.Fatal + 1]int
	var times []time.Time
	bad := 0
	for i := range shown {
		if shown[i].bad {
			bad++
			continue
		}
		counts[shown[i].line.Severity] += shown[i].row.n
		if t := shown[i].at; !t.IsZero() {
			times = append(times, t)
		}
	}
	cells := []component.Cell{{Text: " on screen ", Tok: theme.Muted}}
	if bad > 0 {
		cells = append(cells, component.Cell{Text: "corrupt " + strconv.Itoa(bad) + "  ", Tok: theme.Danger})
	}
	for s := format.Fatal; s > format.None; s-- {
		if counts[s] > 0 {
			cells = append(cells, component.Cell{Text: s.String() + " " + strconv.Itoa(counts[s]) + "  ", Tok: severityTok(s)})
		}
	}
	if counts[format.None] > 0 {
		cells = append(cells, component.Cell{Text: "without level " + strconv.Itoa(counts[format.None]) + "  ", Tok: theme.Muted})
	}
	for _, c := range cells {
		w -= safe.Width(c.Text)
	}
	return append(cells, spread(e, times, min(w-2*kafkatail.TimeWidth-2, levelBars))...)
}

// spread is the records over the time between the oldest and the newest of them; nothing where there is no
// room for it.
func spread(e *pane.Env, times []time.Time, wide int) []component.Cell {
	if len(times) < 2 || wide < 4 {
		return nil
	}
	oldest, newest := times[0], times[0]
	for _, t := range times {
		if t.Before(oldest) {
			oldest = t
		}
		if t.After(newest) {
			newest = t
		}
	}
	bars := make([]kafka.Known[float64], wide)
	for i := range bars {
		bars[i] = kafka.Some(0.0)
	}
	if span := newest.Sub(oldest); span > 0 {
		for _, t := range times {
			bars[min(int(float64(t.Sub(oldest))/float64(span)*float64(wide)), wide-1)].V++
		}
	} else {
		bars[wide-1].V = float64(len(times))
	}
	o := kafkatail.Options{Now: e.Now, Zone: e.Now.Location()}
	return []component.Cell{
		{Text: strings.TrimSpace(kafkatail.Clock(oldest, o)) + " ", Tok: theme.Muted},
		{Text: component.Sparkline(e.Theme, bars, wide), Tok: theme.Spark},
		{Text: " " + strings.TrimSpace(kafkatail.Clock(newest, o)), Tok: theme.Muted},
	}
}
