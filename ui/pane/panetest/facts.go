package panetest

import (
	"time"

	"lagtop/kafka"
	"lagtop/ui/pane"
)

// Settings are those of a topic that keeps records 7 days, read 4 s ago.
func Settings() pane.Answer[[]kafka.Config] {
	return pane.Answer[[]kafka.Config]{At: Now().Add(-4 * time.Second), V: []kafka.Config{
		{Name: "cleanup.policy", Value: "delete", Source: kafka.SourceDefault},
		{Name: "compression.type", Value: "producer", Source: kafka.SourceDefault},
		{Name: "max.message.bytes", Value: "1048588", Source: kafka.SourceDefault},
		{Name: "retention.bytes", Value: "-1", Source: kafka.SourceDefault},
		{Name: "retention.ms", Value: "604800000", Source: kafka.SourceTopic},
	}}
}

// Batches are n batches of 2 records and 240 bytes that nobody compressed, in each of two partitions.
func Batches(n int) pane.Answer[[]kafka.NewestBatches] {
	a := pane.Answer[[]kafka.NewestBatches]{At: Now().Add(-2 * time.Second)}
	for p := range int32(2) {
		b := kafka.NewestBatches{Partition: p}
		for i := range n {
			b.Batches = append(b.Batches, kafka.Batch{Offset: int64(2 * i), Records: kafka.Some(2), Bytes: 240, ProducerID: kafka.Some(int64(p))})
		}
		a.V = append(a.V, b)
	}
	return a
}
