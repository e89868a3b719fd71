package tail

import (
	"testing"

	"lagtop/kafka"
	"lagtop/kafka/tail/filter"
	"lagtop/kafka/tail/format"
)

// every decodes everything.
type every struct{}

func (every) Read(topic string, part format.Part, data []byte) format.Decoding {
	return format.Decoding{Text: []byte(`{"of":"` + topic + `"}`), Note: "Avro"}
}
func (every) Arrived() uint64           { return 0 }
func (s every) Waiting() format.Schemas { return s }

func TestOnlyWhatWasKeptWholeIsDecoded(t *testing.T) {
	whole := Whole(kafka.Record{TopicPartition: kafka.TopicPartition{Topic: "t"}, Key: []byte("k"), Value: []byte("v")})
	cutKey, cutValue, marker := whole, whole, whole
	cutKey.KeySize, cutValue.ValueSize, marker.Mark = 9, 9, kafka.AbortMarker
	f, err := filter.Parse("value:of key:of")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		e          Entry
		key, value bool
	}{"whole": {whole, true, true}, "key": {cutKey, false, true}, "value": {cutValue, true, false}, "marker": {marker, false, false}} {
		key, value := c.e.Read(every{}, format.OfKey), c.e.Read(every{}, format.OfValue)
		passes, sure := c.e.Judge(f.With(every{}))
		if (key.Text != nil) != c.key || (value.Text != nil) != c.value || passes != (c.key && c.value) || !sure {
			t.Errorf("%s: %s %s, passes %v", name, key.Text, value.Text, passes)
		}
	}
	b := Describe(&whole).Value.By(format.Decoding{Text: []byte(`{"a":1}`)})
	if b.Form != FormJSON || b.Encoded != 1 || b.Size != 7 || len(b.Lines) != 3 {
		t.Errorf("%+v", b)
	}
}
