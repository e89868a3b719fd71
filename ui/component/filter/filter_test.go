package filter

import (
	"iter"
	"slices"
	"strings"
	"testing"

	"lagtop/kafka"
)

var fields = Fields{"state": Text, "topic": Text, "lag": Number}

type row struct {
	shown []string
	texts map[string][]string
	lag   kafka.Known[float64]
}

func (r row) Texts(field string) iter.Seq[string] {
	if field == "" {
		return slices.Values(r.shown)
	}
	return slices.Values(r.texts[field])
}

func (r row) Number(string) kafka.Known[float64] { return r.lag }

func TestMatch(t *testing.T) {
	payments := row{
		shown: []string{"payments", "Stable", "1.2M"},
		texts: map[string][]string{"state": {"Stable"}, "topic": {"orders", "refunds"}},
		lag:   kafka.Some(1_200_000.0),
	}
	for text, want := range map[string]bool{
		"":                               true,
		"pay":                            true,
		"pym":                            true,
		"PAY":                            true,
		"yap":                            false,
		"paymentsStable":                 false, // letters must lie in one text
		"pay stable":                     true,
		"pay,empty":                      false,
		"state:stab":                     true,
		"state:empty":                    false,
		"STATE:STABLE, topic:refu":       true,
		"state:":                         true,
		"lag:":                           true,
		"lag:>":                          true,
		"lag:>10k":                       true,
		"lag:>1.2M":                      false,
		"lag:>=1.2m":                     true,
		"lag:<2G":                        true,
		"lag:<=1200000":                  true,
		"lag:1200000":                    true,
		"lag:=12":                        false,
		"lag:unknown":                    false,
		"10.0.0.7:9092":                  false, // no field, plain text
		"state:stable lag:>10k topic:or": true,
	} {
		f, err := Parse(text, fields)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if got := f.Match(payments); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func TestUnknownNumberMatchesNoComparison(t *testing.T) {
	for text, want := range map[string]bool{"lag:>0": false, "lag:<9": false, "lag:0": false, "lag:unknown": true} {
		f, err := Parse(text, fields)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Match(row{}); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func TestErrorNamesTheTerm(t *testing.T) {
	for text, want := range map[string]string{
		"pay foo:bar":   `no field "foo", there are lag: state: topic:`,
		"lag:>ten":      `"ten" is not a number`,
		"lag:>0x10":     `"0x10" is not a number`,
		"lag:inf":       `"inf" is not a number`,
		"lag:k":         `"k" is not a number`,
		"state:x lag:.": `"." is not a number`,
	} {
		if _, err := Parse(text, fields); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("pay lag:>10k,state:empty")
	f.Add("lag:>=\xff:")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text, fields)
		if err == nil && p.Empty() && !p.Match(row{}) {
			t.Errorf("%q has no terms and drops a row", text)
		}
		p.Match(row{shown: []string{text}})
	})
}
