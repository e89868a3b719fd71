package app

import (
	"context"

	"lagtop/kafka"
)

func (w *world) DeleteOffsets(_ context.Context, _ string, tps []kafka.TopicPartition) (map[kafka.TopicPartition]error, error) {
	for _, tp := range tps {
		delete(w.commits, tp)
	}
	return nil, nil
}

// The group of a world is no share group.

func (w *world) StartOffsets(context.Context, string) (map[kafka.TopicPartition]kafka.Commit, error) {
	return nil, kafka.CodeGroupIDNotFound
}

func (w *world) SetStartOffsets(_ context.Context, _ string, _ map[kafka.TopicPartition]kafka.Commit) (map[kafka.TopicPartition]error, error) {
	return nil, kafka.CodeGroupIDNotFound
}

func (w *world) DeleteStartOffsets(context.Context, string, []string) (map[string]error, error) {
	return nil, kafka.CodeGroupIDNotFound
}
