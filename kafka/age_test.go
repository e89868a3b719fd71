package kafka

import (
	"math"
	"testing"
	"time"
	"unicode/utf8"
)

const (
	day  = 24 * time.Hour
	year = 365 * day
)

func TestAgeIsWordedOnce(t *testing.T) {
	for want, a := range map[string]Age{
		"0s":     {},
		"41m":    {Min: 41*time.Minute + 59*time.Second, Max: 42 * time.Minute},
		"30h":    {Min: 30 * time.Hour},
		"≈41m":   {Min: 41 * time.Minute, Kind: AgeInterpolated},
		"≈0s":    {Kind: AgeInterpolated},
		"1h–6h":  {Min: time.Hour + 30*time.Second, Max: 6*time.Hour + 30*time.Second, Kind: AgeBracket},
		"15m–1h": {Min: 15 * time.Minute, Max: time.Hour, Kind: AgeBracket},
		"6h–1d":  {Min: 6 * time.Hour, Max: day + time.Second, Kind: AgeBracket},
		"<1m":    {Max: time.Minute + time.Second, Kind: AgeBracket},
		"<2m":    {Max: time.Minute + 20*time.Second, Kind: AgeBracket},
		"<16m":   {Min: 13 * time.Second, Max: 16 * time.Minute, Kind: AgeBracket},
		"<11h":   {Min: 55 * time.Minute, Max: 11 * time.Hour, Kind: AgeBracket},
		"12–15m": {Min: 12 * time.Minute, Max: 15 * time.Minute, Kind: AgeBracket},
		"2h":     {Min: 2 * time.Hour, Max: 2*time.Hour + time.Minute, Kind: AgeBracket},
		">1d":    {Min: day + time.Hour, Kind: AgeAtLeast},
		">2m":    {Min: 2 * time.Minute, Kind: AgeAtLeast},
		"≥41m":   {Min: 41 * time.Minute, Kind: AgePartial},
		"future": {Kind: AgeFuture},
	} {
		if got := a.String(); got != want {
			t.Errorf("%+v is worded %q, want %q", a, got, want)
		}
		if n := utf8.RuneCountInString(a.String()); n > 6 {
			t.Errorf("%+v takes %d cells", a, n)
		}
	}
}

// What kafka-lag-exporter shows as a negative age, as NaN or as thousands of years.
func TestExactAgeIsNeverNegativeNorAbsurd(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, c := range map[string]struct {
		stamp time.Time
		want  Known[Age]
	}{
		"an hour ago":           {now.Add(-time.Hour), Some(Age{Min: time.Hour, Max: time.Hour})},
		"a clock a little fast": {now.Add(30 * time.Second), Some(Age{})},
		"tomorrow":              {now.Add(day), Some(Age{Kind: AgeFuture})},
		"the year 9999":         {time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), Some(Age{Kind: AgeFuture})},
		"the largest number":    {time.Unix(math.MaxInt64/1000, 807e6), Some(Age{Kind: AgeFuture})},
		"timestamp 0":           {time.UnixMilli(0), Known[Age]{}},
		"timestamp -1":          {time.UnixMilli(-1), Known[Age]{}},
		"none":                  {time.Time{}, Known[Age]{}},
	} {
		if got := ExactAge(c.stamp, now); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestOldestOfSeveralPartitions(t *testing.T) {
	unknown, read := Known[Age]{}, Some(Age{})
	about := func(d time.Duration) Known[Age] { return Some(Age{Min: d, Max: d, Kind: AgeInterpolated}) }
	between := func(a, b time.Duration) Known[Age] { return Some(Age{Min: a, Max: b, Kind: AgeBracket}) }
	least := func(d time.Duration) Known[Age] { return Some(Age{Min: d, Kind: AgeAtLeast}) }
	for name, c := range map[string]struct {
		ages    []Known[Age]
		missing int
		want    Known[Age]
	}{
		"nothing":                      {want: unknown},
		"all read":                     {ages: []Known[Age]{read, read}, want: read},
		"one behind":                   {ages: []Known[Age]{read, about(time.Hour)}, want: about(time.Hour)},
		"one of them is wide":          {ages: []Known[Age]{about(2 * time.Hour), between(time.Hour, 6*time.Hour)}, want: between(2*time.Hour, 6*time.Hour)},
		"one has no upper bound":       {ages: []Known[Age]{about(time.Minute), least(day)}, want: least(day)},
		"one unknown":                  {ages: []Known[Age]{about(time.Hour), unknown}, want: Some(Age{Min: time.Hour, Kind: AgePartial})},
		"a topic that is hidden":       {ages: []Known[Age]{about(time.Hour)}, missing: 1, want: Some(Age{Min: time.Hour, Kind: AgePartial})},
		"the known ones are read":      {ages: []Known[Age]{read, unknown}, want: unknown},
		"future stamps have no age":    {ages: []Known[Age]{Some(Age{Kind: AgeFuture}), about(time.Hour)}, want: about(time.Hour)},
		"older than years is no worry": {ages: []Known[Age]{Some(Age{Min: 3 * year, Max: 3 * year})}, want: Some(Age{Min: 3 * year, Max: 3 * year})},
	} {
		var o Oldest
		for _, a := range c.ages {
			o.Add(a)
		}
		o.Miss(c.missing)
		if got := o.Age(); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// The columns of ages are six cells wide, and an age that is cut is another age.
func TestAgesHaveSixCells(t *testing.T) {
	const longest = 90 * 365 * 24 * time.Hour
	for from := time.Duration(0); from < longest; from += from/4 + time.Second {
		for until := from + time.Second; until < longest; until += until/4 + time.Second {
			if text := (Age{Min: from, Max: until, Kind: AgeBracket}).String(); utf8.RuneCountInString(text) > 6 {
				t.Fatalf("%v to %v is %q", from, until, text)
			}
		}
	}
}
