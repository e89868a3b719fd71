package cell

import (
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/lag"
	"lagtop/ui/pane"
	"lagtop/ui/pane/panetest"
)

func TestTotalsSayWhatTheyMiss(t *testing.T) {
	th := panetest.Env(t, panetest.Empty()).Theme
	for want, total := range map[string]kafka.Total{
		"–": {Missing: 3}, "≥1.2k": {V: 1200, Known: 1, Missing: 1}, "1.2k": {V: 1200, Known: 2}, "0": {Known: 1}, "≥0": {Known: 1, Missing: 1},
	} {
		if got := Total(th, total); got != want {
			t.Errorf("%+v: %q, want %q", total, got, want)
		}
	}
	if got := Total(th, kafka.Total{}); got != "–" {
		t.Errorf("a sum of nothing is %q", got)
	}
}

func TestETA(t *testing.T) {
	for name, c := range map[string]struct {
		total   kafka.Total
		in, out kafka.Known[float64]
		want    lag.Horizon
		worst   kafka.VerdictKind
	}{
		"drains":                      {kafka.Total{V: 1200, Known: 1}, kafka.Some(10.0), kafka.Some(20.0), lag.In(2 * time.Minute), 0},
		"does not drain":              {kafka.Total{V: 1200, Known: 1}, kafka.Some(20.0), kafka.Some(20.0), lag.Never, 0},
		"in flight":                   {kafka.Total{V: 20, Known: 1}, kafka.Some(20.0), kafka.Some(20.0), lag.Now, 0},
		"stopped with a little left":  {kafka.Total{V: 1, Known: 1}, kafka.Some(0.0), kafka.Some(0.0), lag.Never, 0},
		"nothing known":               {kafka.Total{Missing: 1}, kafka.Some(1.0), kafka.Some(2.0), lag.UnknownHorizon, 0},
		"nothing left of a part":      {kafka.Total{Known: 1, Missing: 1}, kafka.Some(1.0), kafka.Some(2.0), lag.UnknownHorizon, 0},
		"rates unknown":               {total: kafka.Total{V: 9, Known: 1}, want: lag.UnknownHorizon},
		"all the others drain":        {kafka.Total{V: 1200, Known: 2}, kafka.Some(10.0), kafka.Some(20.0), lag.UnknownHorizon, kafka.VerdictStalled},
		"read until it stopped":       {kafka.Total{V: 1200, Known: 1}, kafka.Some(10.0), kafka.Some(20.0), lag.UnknownHorizon, kafka.VerdictStopped},
		"little, but it stands still": {kafka.Total{V: 20, Known: 1}, kafka.Some(20.0), kafka.Some(20.0), lag.Never, kafka.VerdictStalled},
	} {
		if got := ETA(c.total, kafka.RateSum{Known: c.in}, kafka.RateSum{Known: c.out}, kafka.Known[kafka.Age]{}, c.worst); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestWhatIsYoungIsGoneNowInTheSumAndInItsParts(t *testing.T) {
	aged := func(kind kafka.AgeKind, from, to time.Duration) kafka.Known[kafka.Age] {
		return kafka.Some(kafka.Age{Min: from, Max: to, Kind: kind})
	}
	for name, c := range map[string]struct {
		age     kafka.Known[kafka.Age]
		in, out float64
		want    lag.Horizon
	}{
		"a burst":                 {aged(kafka.AgeInterpolated, 2*time.Second, 2*time.Second), 0.5, 0.2, lag.Now},
		"older than a commit":     {aged(kafka.AgeInterpolated, time.Minute, time.Minute), 50, 60, lag.In(2 * time.Second)},
		"surely older":            {aged(kafka.AgeBracket, 5*time.Minute, time.Hour), 50, 50, lag.Never},
		"perhaps young, and much": {aged(kafka.AgeBracket, 0, time.Minute), 0.5, 0.6, lag.In(200 * time.Second)},
		"perhaps young, a little": {aged(kafka.AgeBracket, 0, time.Minute), 50, 50, lag.Now},
		"nobody reads":            {aged(kafka.AgeInterpolated, 2*time.Second, 2*time.Second), 50, 0, lag.Never},
	} {
		p := &kafka.GroupPartition{Lag: kafka.Some[int64](20), Age: c.age, In: kafka.Some(c.in), Out: kafka.Some(c.out)}
		if got := PartitionETA(p); got-c.want > 10 || c.want-got > 10 { // nanoseconds
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		var f Flow
		var sum kafka.Total
		fast := &kafka.GroupPartition{Lag: kafka.Some[int64](0), Age: kafka.Some(kafka.Age{}), In: kafka.Some(1e3), Out: kafka.Some(1e3)}
		for _, p := range []*kafka.GroupPartition{p, fast} {
			f.Add(p)
			sum.Add(p.Lag)
		}
		in, out := f.Both()
		if got := ETA(sum, in, out, f.Age(), 0); p.Age.V.Kind == kafka.AgeInterpolated && c.out > 0 && (got == lag.Now) != (c.want == lag.Now) {
			t.Errorf("%s: the sum is %v, its part %v", name, got, c.want)
		}
	}
}

func TestNoETAOfABacklogWhoseRatesAreNotAllKnown(t *testing.T) {
	rates := func(v float64, missing int) kafka.RateSum {
		return kafka.RateSum{Known: kafka.Some(v), Missing: missing}
	}
	for name, c := range map[string]struct {
		total   kafka.Total
		missing int
		want    lag.Horizon
	}{
		"the lag misses the same partition": {kafka.Total{V: 1200, Known: 1, Missing: 1}, 1, lag.In(2 * time.Minute)},
		"the lag holds it":                  {kafka.Total{V: 1200, Known: 2}, 1, lag.UnknownHorizon},
		"there is no lag":                   {kafka.Total{Known: 2}, 1, lag.Now},
	} {
		if got := ETA(c.total, rates(10, c.missing), rates(20, c.missing), kafka.Known[kafka.Age]{}, 0); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestRatesThatMissPartsAreTheLeast(t *testing.T) {
	th := panetest.Env(t, panetest.Empty()).Theme
	for want, parts := range map[string][]kafka.Known[float64]{
		"190":  {kafka.Some(90.0), kafka.Some(100.0)},
		"≥100": {{}, kafka.Some(100.0)},
		"≥0":   {kafka.Some(0.01), {}},
		"–":    {{}, {}},
		"0":    {kafka.Some(0.0)},
	} {
		var sum kafka.RateSum
		for _, p := range parts {
			sum.Add(p)
		}
		if got := RateSum(th, sum); got != want {
			t.Errorf("%v: %q, want %q", parts, got, want)
		}
	}
}

func TestFlowSubtractsTheRatesOfTheSamePartitions(t *testing.T) {
	var f Flow
	f.Add(&kafka.GroupPartition{In: kafka.Some(10.0), Out: kafka.Some(20.0)})
	f.Add(&kafka.GroupPartition{In: kafka.Some(500.0)})
	in, out := f.Both()
	if f.In.V != 510 || f.In.Missing != 0 || f.Out.Missing != 1 || in.V != 10 || out.V != 20 || in.Missing != 1 {
		t.Errorf("%+v", f)
	}
}

func TestWordsForWhatNumbersHide(t *testing.T) {
	known := kafka.Some[int64](5)
	for want, p := range map[string]kafka.GroupPartition{
		"":                {Committed: known, End: known},
		"lost 200":        {Committed: known, End: known, Lost: 200},
		"ahead 7":         {Committed: known, End: known, Ahead: 7},
		"no commit":       {End: known},
		"commit not read": {End: known, Err: "x"},
		"commit old":      {Committed: known, End: known, Err: "x"},
		"end unknown":     {Committed: known},
	} {
		if got := Words(kafka.Classic, &p); got != want {
			t.Errorf("%+v: %q, want %q", p, got, want)
		}
	}
}

func TestStateFitsItsColumn(t *testing.T) {
	for _, s := range []kafka.GroupState{
		kafka.StateUnknown, kafka.StateEmpty, kafka.StatePreparingRebalance, kafka.StateCompletingRebalance, kafka.StateStable,
		kafka.StateDead, kafka.StateAssigning, kafka.StateReconciling, kafka.StateNotReady,
	} {
		if got := State(&kafka.Group{State: s}); len(got) > 8 || got == "" && s != kafka.StateUnknown {
			t.Errorf("%s: %q", s, got)
		}
	}
	if got := State(&kafka.Group{State: kafka.StateStable, Gone: true}); got != "gone" {
		t.Errorf("gone: %q", got)
	}
}

func TestNameOfBlanksIsQuoted(t *testing.T) {
	for name, want := range map[string]string{"": "''", " ": "' '", "a": "a", "a\n": `a\n`} {
		if got := Name(name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

// stamps answers with a time for one offset.
type stamps struct {
	offset int64
	at     time.Time
	asked  []int64
}

func (s *stamps) Stamp(_ kafka.TopicPartition, offset int64) pane.Answer[time.Time] {
	s.asked = append(s.asked, offset)
	if offset != s.offset {
		return pane.Answer[time.Time]{Pending: true}
	}
	return pane.Answer[time.Time]{V: s.at, At: time.Now()}
}

func TestAgeOfTheFocusedPartitionIsThatOfItsRecord(t *testing.T) {
	e := panetest.Env(t, panetest.Empty())
	now := e.Snapshot.At
	s := &stamps{offset: 50, at: now.Add(-41 * time.Minute)}
	e.Stamps = s
	e.Focus.Topic, e.Focus.Partition = "orders", kafka.Some[int32](1)
	tp := kafka.TopicPartition{Topic: "orders", Partition: 1}
	bracket := kafka.Some(kafka.Age{Min: time.Minute, Max: time.Hour, Kind: kafka.AgeBracket})
	about := kafka.Some(kafka.Age{Min: time.Minute, Max: time.Minute, Kind: kafka.AgeInterpolated})
	known := kafka.Some[int64]
	for name, c := range map[string]struct {
		p     kafka.GroupPartition
		stamp time.Time
		want  string
		asked int
	}{
		"exact":               {kafka.GroupPartition{Committed: known(50), End: known(60), Lag: known(10), Age: bracket}, s.at, "41m", 1},
		"below the log start": {kafka.GroupPartition{Committed: known(5), Start: known(50), End: known(60), Lag: known(10), Age: bracket}, s.at, "41m", 1},
		"not read yet":        {kafka.GroupPartition{Committed: known(51), End: known(60), Lag: known(9), Age: bracket}, s.at, "1m–1h", 1},
		"nothing unread":      {kafka.GroupPartition{Committed: known(60), End: known(60), Lag: known(0)}, s.at, "0s", 0},
		"no commit":           {kafka.GroupPartition{End: known(60)}, s.at, "–", 0},
		"commits move on":     {kafka.GroupPartition{Committed: known(50), End: known(60), Lag: known(10), Age: about, Out: kafka.Some(9.0)}, s.at, "≈1m", 0},
		"in the future":       {kafka.GroupPartition{Committed: known(50), End: known(60), Lag: known(10), Age: bracket}, now.Add(time.Hour), "future", 1},
		"no timestamp":        {kafka.GroupPartition{Committed: known(50), End: known(60), Lag: known(10), Age: bracket}, time.UnixMilli(0), "–", 1},
	} {
		s.asked, s.at = nil, c.stamp
		c.p.TopicPartition = tp
		if got := AgeText(e.Theme, Age(e, &c.p)); got != c.want || len(s.asked) != c.asked {
			t.Errorf("%s: %q after %d questions, want %q after %d", name, got, len(s.asked), c.want, c.asked)
		}
	}
	s.asked = nil
	other := kafka.GroupPartition{TopicPartition: kafka.TopicPartition{Topic: "orders"}, Committed: known(50), End: known(60), Lag: known(10), Age: bracket}
	if got := AgeText(e.Theme, Age(e, &other)); got != "1m–1h" || s.asked != nil {
		t.Errorf("a partition that is not in focus: %q, asked %v", got, s.asked)
	}
}
