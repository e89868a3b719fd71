package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"lagtop/kafka"
	"lagtop/kafka/tail/stream"
)

func TestABatchThatCannotBeReadIsAnObjectAmongObjects(t *testing.T) {
	r := &kafka.Record{TopicPartition: kafka.TopicPartition{Topic: "t", Partition: 3}, Offset: 10, Mark: kafka.Corrupt, Broken: &kafka.BrokenBatch{
		From: 10, Next: 30, Why: "its checksum is \x1b\u202e wrong", Size: 900, Stored: kafka.Some[uint32](4_000_000_000), Codec: kafka.Some(kafka.CodecZstd), Raw: []byte("\x00raw"),
	}}
	line := newTailWriter(&strings.Builder{}, "json", noDecode).Append(nil, r, stream.Note{})
	if strings.ContainsAny(string(line), "\x1b\u202e") || strings.Count(string(line), "\n") != 1 {
		t.Errorf("%q", line)
	}
	var got struct {
		Topic, Mark, Error string
		Offset             int64
		Value              *string
		Batch              struct {
			From, To, Bytes int64
			Stored          *int64 `json:"crc_stored"`
			Computed        *int64 `json:"crc_computed"`
			Codec           string
			Base64          []byte `json:"beginning_base64"`
		}
	}
	if err := json.Unmarshal(line, &got); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	if b := got.Batch; got.Mark != "corrupt batch" || got.Offset != 10 || !strings.HasPrefix(got.Error, "offsets 10 to 29 cannot be read: its checksum") ||
		b.From != 10 || b.To != 29 || b.Bytes != 900 || *b.Stored != 4_000_000_000 || b.Computed != nil || b.Codec != "zstd" || string(b.Base64) != "\x00raw" {
		t.Errorf("%+v", got)
	}
	for _, output := range []string{"text", "raw"} {
		if line := newTailWriter(&strings.Builder{}, output, noDecode).Append(nil, r, stream.Note{}); len(line) != 0 {
			t.Errorf("%s: %q among records", output, line)
		}
	}
}
