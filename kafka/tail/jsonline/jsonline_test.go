package jsonline

import (
	"encoding/json"
	"testing"
	"time"
	"unicode/utf8"

	"lagtop/kafka"
	"lagtop/kafka/safe"
	"lagtop/kafka/tail/format"
)

// What is written is JSON, safe to print, and has every byte.
func FuzzAppend(f *testing.F) {
	f.Add("orders", []byte("k"), []byte("v\x1b[2J\u202e"), "header\n", int64(1_700_000_000_123))
	f.Add("\xff", []byte{0xff}, []byte("\U0010ffff\ufffd"), "", int64(-1))
	f.Fuzz(func(t *testing.T, topic string, key, value []byte, header string, ms int64) {
		text, _ := json.Marshal(string(value))
		r := kafka.Record{TopicPartition: kafka.TopicPartition{Topic: topic}, Timestamp: time.UnixMilli(ms), Key: key, Value: value, Headers: []kafka.Header{{Key: header, Value: key}}, Mark: kafka.Aborted}
		b := kafka.Record{Mark: kafka.Corrupt, Broken: &kafka.BrokenBatch{Why: header, Raw: value}}
		for _, line := range [][]byte{
			append(Append(nil, &r, format.Decoding{Note: header}, format.Decoding{Text: text, Note: topic}), '}'),
			append(Append(nil, &b, format.Decoding{}, format.Decoding{}), '}'),
		} {
			if !json.Valid(line) || safe.Line(string(line)) != string(line) {
				t.Fatalf("%q", line)
			}
		}
		var got struct {
			Value  *string
			Base64 []byte `json:"value_base64"`
		}
		if err := json.Unmarshal(append(Append(nil, &r, format.Decoding{}, format.Decoding{}), '}'), &got); err != nil {
			t.Fatal(err)
		}
		back := got.Base64
		if got.Value != nil {
			back = []byte(*got.Value)
		}
		if string(back) != string(value) || utf8.Valid(value) != (got.Base64 == nil) && len(value) > 0 {
			t.Errorf("%q became %q", value, back)
		}
	})
}
