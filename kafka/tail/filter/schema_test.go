package filter

import (
	"testing"

	"lagtop/kafka"
	"lagtop/kafka/tail/format"
)

// schemas decodes what begins with a zero byte, as a registry would that has the schema or does not have it yet.
type schemas struct {
	missing bool
	read    [2]int
}

const paid = `{"level":"error","msg":"Paid at last","amount":12.5}`

func (s *schemas) Read(_ string, part format.Part, data []byte) format.Decoding {
	s.read[part]++
	switch {
	case data[0] != 0:
		return format.Decoding{}
	case s.missing:
		return format.Decoding{Note: "schema 1: being read", Later: true}
	case part == format.OfKey:
		return format.Decoding{Text: []byte(`{"tenant":"acme"}`), Note: "Avro Key, schema 2"}
	}
	return format.Decoding{Text: []byte(paid), Note: "Avro Log, schema 1"}
}

func (s *schemas) Arrived() uint64         { return 0 }
func (s *schemas) Waiting() format.Schemas { return s }

func encoded() *kafka.Record {
	r := record("\x00\x00\x00\x00\x01\x04INFO")
	r.Key = []byte("\x00\x00\x00\x00\x02\x08acme?")
	return r
}

func parsed(t *testing.T, text string) Filter {
	t.Helper()
	f, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestLooksIntoWhatSchemasDecode(t *testing.T) {
	for text, want := range map[string]bool{
		"paid at": true, `text:"at last"`: true, "Paid": true, "nowhere": false, "-paid": false, "INFO": true,
		"value:last": true, "value:tenant": false, "key:tenant": true, "key:last": false, "tenant": true, "key:acme?": true,
		"level>=warn": true, "level:info": false, "error": true, "-level>=warn": false,
		"amount=12.5": true, "amount=13": false, "/paid\\s+at/": true, `/tenant.+acme"/`: true, "jq: .amount > 10": true, "jq: .amount > 20": false,
		"format:json": true, "format:schema": true, "format:hex": false, "size:<20": false,
	} {
		if got := parsed(t, text).With(&schemas{}).Match(encoded()); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestFiltersKeepTheirSchemasWhenCombined(t *testing.T) {
	s := &schemas{}
	for name, f := range map[string]Filter{
		"and": parsed(t, "offset:>=0").And(parsed(t, "paid").With(s)), "of the first": parsed(t, "paid").With(s).And(parsed(t, "offset:>=0")),
		"not": parsed(t, "paid").With(s).Not().Not(),
	} {
		if !f.Match(encoded()) {
			t.Errorf("%s: not decoded", name)
		}
	}
}

func TestDecodesOnlyWhatIsNeededAndOnce(t *testing.T) {
	for text, want := range map[string][2]int{
		"partition:7 offset:>=1 size:>1": {}, "order": {}, "level>=warn level<fatal last jq: .amount": {format.OfValue: 1},
		"partition:8 last": {}, "key:tenant": {format.OfKey: 1}, "nowhere -nothing": {format.OfValue: 1, format.OfKey: 1},
	} {
		s := &schemas{}
		parsed(t, text).With(s).Match(encoded())
		if s.read != want {
			t.Errorf("%s: read %v", text, s.read)
		}
	}
}

func TestIsNotSureWhereASchemaIsMissing(t *testing.T) {
	for text, want := range map[string][2]bool{
		"level>=warn": {false, false}, "-paid": {true, false}, "partition:7": {true, true}, "orders/7": {true, true}, "key:acme?": {true, true},
	} {
		passes, sure := parsed(t, text).With(&schemas{missing: true}).Judge(encoded(), Cut{})
		if passes != want[0] || sure != want[1] {
			t.Errorf("%s: passes %v, sure %v", text, passes, sure)
		}
	}
}

func TestBeginningsAndMarkersAreNotDecoded(t *testing.T) {
	s := &schemas{}
	f := parsed(t, "nowhere").With(s)
	f.Judge(encoded(), Cut{Key: true})
	if s.read != [2]int{format.OfValue: 1} {
		t.Errorf("read %v of a record with half a key", s.read)
	}
	f.Judge(encoded(), Cut{Key: true, Value: true})
	marker := encoded()
	marker.Mark = kafka.CommitMarker
	f.Judge(marker, Cut{})
	if s.read != [2]int{format.OfValue: 1} {
		t.Errorf("read %v in all", s.read)
	}
}

// What a filter costs with schemas that are asked and have nothing to say.
func BenchmarkMatchWithSchemas(b *testing.B) {
	f, err := Parse("nothing")
	if err != nil {
		b.Fatal(err)
	}
	f = f.With(&schemas{})
	r := record(declined)
	b.ReportAllocs()
	for b.Loop() {
		f.Match(r)
	}
}
