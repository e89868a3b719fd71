// Package cell words what the domain knows of groups and partitions for the panes that show them, in as
// few cells as they need. It decides nothing and keeps no state.
package cell

import (
	"strconv"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/lag"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
)

// Window is what the trends in tables show.
const Window = 2 * time.Minute

// Count is a number of records, or the sign for unknown.
func Count(th *theme.Theme, v kafka.Known[int64]) string {
	if !v.OK {
		return th.Glyphs.Unknown
	}
	return human.Count(v.V)
}

// Exact is a number in full, or the sign for unknown.
func Exact(th *theme.Theme, v kafka.Known[int64]) string {
	if !v.OK {
		return th.Glyphs.Unknown
	}
	return strconv.FormatInt(v.V, 10)
}

// Total is a sum, marked as the least it can be when parts are missing.
func Total(th *theme.Theme, t kafka.Total) string {
	switch {
	case t.Known == 0:
		return th.Glyphs.Unknown
	case !t.Complete():
		return th.Glyphs.AtLeast + human.Count(t.V)
	}
	return human.Count(t.V)
}

// Rate is records/s without the unit, which stands in the column's title.
func Rate(th *theme.Theme, r kafka.Known[float64]) string {
	if !r.OK {
		return th.Glyphs.Unknown
	}
	return human.Number(r.V)
}

// RateSum is Rate of several parts, marked as the least it can be when parts are missing.
func RateSum(th *theme.Theme, r kafka.RateSum) string {
	if r.OK && r.Missing > 0 {
		return human.AtLeast(r.V, th.Glyphs.AtLeast)
	}
	return Rate(th, r.Known)
}

// PerSecond is RateSum with its unit.
func PerSecond(th *theme.Theme, r kafka.RateSum) string {
	if !r.OK {
		return th.Glyphs.Unknown
	}
	return RateSum(th, r) + "/s"
}

// Flow sums what comes in to partitions and what a group reads of them.
type Flow struct {
	In, Out kafka.RateSum // of the partitions where it is known, as they are shown
	both    kafka.FlowSum // of those where both are known, as they are subtracted
	oldest  kafka.Oldest
}

// Add counts a partition.
func (f *Flow) Add(p *kafka.GroupPartition) {
	f.In.Add(p.In)
	f.Out.Add(p.Out)
	f.both.Add(p.In, p.Out)
	f.oldest.Add(p.Age)
}

// Age is that of the oldest record that the group has not read.
func (f *Flow) Age() kafka.Known[kafka.Age] { return f.oldest.Age() }

// Both are what comes in and what is read of the partitions where both are known.
func (f *Flow) Both() (in, out kafka.RateSum) { return f.both.In, f.both.Out }

// Horizon is when the backlog is gone.
func Horizon(th *theme.Theme, h lag.Horizon) string {
	if h == lag.UnknownHorizon {
		return th.Glyphs.Unknown
	}
	return h.String()
}

const (
	// inFlight is the consumption that may still be uncommitted in a group that keeps up: the stock
	// auto.commit.interval.ms is 5 s, and a poll may come at its end.
	inFlight = 8 * time.Second
	young    = 10 * time.Second // the same in the age of a record, which was on its way before
	few      = 100              // young records of a partition are no backlog, however slow it is: producers send batches
)

// flies tells whether the lag is what the group reads between two commits, and no backlog. Rates alone tell it badly:
// what is little for a sum may be a backlog for one of its parts, or a burst that is read at once.
func flies(t kafka.Total, out kafka.RateSum, age kafka.Known[kafka.Age]) bool {
	if !out.OK || out.V <= 0 || age.OK && age.V.Min > young {
		return false
	}
	most := out.V * inFlight.Seconds()
	if age.OK && age.V.Bounded() && age.V.Max <= young {
		most = max(most, float64(few*t.Known))
	}
	return float64(t.V) <= most
}

// ETA is the horizon of a sum. What is in flight is gone now, however fast more comes in, unless a verdict says that
// some of it does not move: then the rates of the others, or of the past, tell no time. The horizon is unknown instead of
// now when parts are missing, and where the lag holds partitions that the rates do not.
func ETA(t kafka.Total, in, out kafka.RateSum, age kafka.Known[kafka.Age], worst kafka.VerdictKind) lag.Horizon {
	if t.Known == 0 {
		return lag.UnknownHorizon
	}
	h := lag.ETA(kafka.Some(t.V), in.Known, out.Known)
	if h != lag.Now && in.Missing > t.Missing {
		h = lag.UnknownHorizon
	}
	if flies(t, out, age) && !worst.Trouble() {
		h = lag.Now
	}
	if h == lag.Now && !t.Complete() || h.Duration().V > 0 && worst.Stands() {
		return lag.UnknownHorizon
	}
	return h
}

// PartitionETA is the horizon of one partition.
func PartitionETA(p *kafka.GroupPartition) lag.Horizon {
	var one kafka.Total
	one.Add(p.Lag)
	return ETA(one, kafka.RateSum{Known: p.In}, kafka.RateSum{Known: p.Out}, p.Age, p.Verdict.Kind)
}

// Age is how old the oldest unread record of a group in a partition is: by its own timestamp for the
// partition in focus, once that is read. While commits move on and our samples tell the age, nothing is
// read: the next commit would outdate it.
func Age(e *pane.Env, p *kafka.GroupPartition) kafka.Known[kafka.Age] {
	if p.Lag.OK && p.Lag.V == 0 {
		return kafka.Some(kafka.Age{})
	}
	next, ok := lag.Next(p)
	moving := p.Age.OK && p.Age.V.Kind == kafka.AgeInterpolated && p.Out.OK && p.Out.V > 0
	inFocus := e.Focus.Topic == p.Topic && e.Focus.Partition == kafka.Some(p.Partition)
	if e.Stamps == nil || !inFocus || !ok || !p.Lag.OK || moving {
		return p.Age
	}
	stamp := e.Stamps.Stamp(p.TopicPartition, next)
	if stamp.At.IsZero() {
		return p.Age
	}
	if a := kafka.ExactAge(stamp.V, e.Snapshot.At); a.OK {
		return a
	}
	return kafka.Known[kafka.Age]{} // brackets come from timestamps, and this record has none
}

// AgeText words an age.
func AgeText(th *theme.Theme, a kafka.Known[kafka.Age]) string {
	if !a.OK {
		return th.Glyphs.Unknown
	}
	return a.V.Text(th.Glyphs.Approx, th.Glyphs.Unknown, th.Glyphs.AtLeast)
}

// Trend is the sparkline of the sum of series over a window, or over what there is while that is less;
// unknown steps where no part is known.
func Trend(e *pane.Env, window time.Duration, cells int, keys ...lag.Key) string {
	sum := make([]kafka.Known[float64], max(cells, 0))
	if e.History != nil {
		window = min(window, max(e.History.Span(), time.Duration(cells)*e.Interval))
	}
	for _, k := range keys {
		if e.History == nil {
			break
		}
		for i, v := range e.History.Trend(k, window, len(sum)) {
			if v.OK {
				sum[i] = kafka.Some(sum[i].V + v.V)
			}
		}
	}
	return component.Sparkline(e.Theme, sum, cells)
}

// Old words how old a part is that was read at that time, as in "8s old"; it reports false for a fresh one.
func Old(e *pane.Env, at time.Time) (string, bool) {
	if !e.Stale(at) {
		return "", false
	}
	return human.Duration(e.Snapshot.At.Sub(at)) + " old", true
}

// Verdict is the glyph of a verdict as a cell.
func Verdict(th *theme.Theme, k kafka.VerdictKind) component.Cell {
	glyph, tok := component.Verdict(th, k)
	return component.Cell{Text: glyph, Tok: tok}
}

// Message is a pane that has nothing but one sentence to show.
func Message(th *theme.Theme, text string, w, h int) []string {
	lines := make([]string, max(h, 0))
	for y := range lines {
		var cells []component.Cell
		if y == 0 {
			cells = []component.Cell{{Text: " " + text, Tok: theme.Muted}}
		}
		lines[y] = component.Line(th, cells, w)
	}
	return lines
}

// Waiting is what every pane shows before the first poll.
const Waiting = "waiting for the first answer"

// Name is text that names something; a name of nothing but blanks is quoted, so that it can be seen.
func Name(s string) string {
	if strings.TrimSpace(s) == "" {
		return safe.Quote(s)
	}
	return safe.Line(s)
}

// Dotted joins the facts that are not empty.
func Dotted(th *theme.Theme, facts ...string) string {
	var kept []string
	for _, f := range facts {
		if f != "" {
			kept = append(kept, safe.Line(f))
		}
	}
	return strings.Join(kept, " "+th.Glyphs.Dot+" ")
}

// Nodes are node ids separated by commas.
func Nodes(ids []int32) string {
	var b strings.Builder
	for i, n := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(int(n)))
	}
	return b.String()
}
