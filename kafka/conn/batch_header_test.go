package conn

import (
	"encoding/binary"
	"fmt"
	"testing"

	"lagtop/kafka"
)

func TestSpreadTakesPartitionsFromFirstToLast(t *testing.T) {
	var tps []kafka.TopicPartition
	for p := range int32(100) {
		tps = append(tps, kafka.TopicPartition{Topic: "t", Partition: 99 - p})
	}
	if got := spread(tps, 4); fmt.Sprint(got) != "[{t 0} {t 25} {t 50} {t 75}]" {
		t.Errorf("%v", got)
	}
	if got := spread(tps[:3], 4); len(got) != 3 {
		t.Errorf("%v", got)
	}
}

func oldMessage(magic, attributes byte, value int) []byte {
	m := make([]byte, 26+value)
	binary.BigEndian.PutUint64(m, 7)
	binary.BigEndian.PutUint32(m[8:], uint32(len(m)-12))
	m[16], m[17] = magic, attributes
	return m
}

func TestMessageSetsOfOldProducers(t *testing.T) {
	got := batchHeaders(append(oldMessage(1, 0, 10), oldMessage(1, 2, 40)...))
	want := []kafka.Batch{
		{Offset: 7, Bytes: 36, Records: kafka.Some(1)},
		{Offset: 7, Bytes: 66, Codec: kafka.CodecSnappy},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%+v", got)
	}
}

func FuzzBatchHeaders(f *testing.F) {
	f.Add([]byte{})
	f.Add(oldMessage(0, 1, 3))
	f.Add(oldMessage(2, 4, 61))
	f.Fuzz(func(t *testing.T, log []byte) {
		for _, b := range batchHeaders(log) {
			if b.Bytes <= logOverhead || b.Records.OK && b.Records.V < 0 {
				t.Errorf("%+v", b)
			}
		}
	})
}
