package advise

import (
	"slices"
	"strconv"
	"time"

	"lagtop/kafka"
)

// log is a topic as its producers write it.
type log struct {
	Topic
	readers []*reading
	sample  sample
	in      kafka.Known[float64] // records/s; unknown while that of a partition is
}

func newLog(t Topic) log {
	l := log{Topic: t, in: kafka.Some(0.0)}
	for i := range t.Topic.Partitions {
		l.in = plus(l.in, t.Topic.Partitions[i].In)
	}
	l.sample = sum(t.Batches.V)
	return l
}

// sample sums the newest batches of a topic; markers of transactions count apart.
type sample struct {
	partitions int // with a batch
	batches    int
	records    int // of the batches that tell
	counted    int // batches that tell their records
	bytes      int64
	larger     int // partitions whose newest batch is larger than was asked for
	plain      int // batches that are not compressed
	markers    int
	codecs     map[kafka.Codec]int
	producers  map[int64]bool
	failed     error
}

func sum(parts []kafka.NewestBatches) sample {
	s := sample{codecs: map[kafka.Codec]int{}, producers: map[int64]bool{}}
	for _, p := range parts {
		if p.Err != nil {
			s.failed = p.Err
		}
		if p.Large {
			s.larger++
		}
		if len(p.Batches) > 0 {
			s.partitions++
		}
		for i := range p.Batches {
			s.add(&p.Batches[i])
		}
	}
	return s
}

func (s *sample) add(b *kafka.Batch) {
	if b.Control {
		s.markers++
		return
	}
	s.batches++
	s.codecs[b.Codec]++
	if b.Codec == kafka.CodecNone {
		s.plain++
	}
	if b.ProducerID.OK {
		s.producers[b.ProducerID.V] = true
	}
	if b.Records.OK && b.Records.V > 0 {
		s.counted++
		s.records += b.Records.V
		s.bytes += int64(b.Bytes)
	}
}

// perBatch is the mean number of records in a batch, bytes its mean size.
func (s *sample) perBatch() kafka.Known[float64] {
	if s.counted == 0 {
		return kafka.Known[float64]{}
	}
	return kafka.Some(float64(s.records) / float64(s.counted))
}

func (s *sample) bytesPerBatch() kafka.Known[float64] {
	if s.counted == 0 {
		return kafka.Known[float64]{}
	}
	return kafka.Some(float64(s.bytes) / float64(s.counted))
}

// perRecord is the mean size of a record in the log, with its share of the batch's header.
func (s *sample) perRecord() kafka.Known[float64] {
	if s.records == 0 {
		return kafka.Known[float64]{}
	}
	return kafka.Some(float64(s.bytes) / float64(s.records))
}

// hottest is the partition with the highest produce rate, and how often that is the mean. It is unknown
// while a rate is, and when hardly anything is produced.
func (l *log) hottest() (id int32, times kafka.Known[float64]) {
	n := len(l.Topic.Topic.Partitions)
	if n < 2 || !l.in.OK || l.in.V < 1 {
		return 0, kafka.Known[float64]{}
	}
	top := slices.MaxFunc(l.Topic.Topic.Partitions, func(a, b kafka.Partition) int {
		if a.In.V < b.In.V {
			return -1
		}
		return 1
	})
	return top.ID, kafka.Some(top.In.V * float64(n) / l.in.V)
}

// setting is a configuration of the topic with its present value.
func (l *log) setting(name string) Setting {
	s := Setting{Name: name}
	for _, c := range l.Settings.V {
		if l.Settings.OK && c.Name == name && !c.Sensitive {
			s.Present, s.Source = kafka.Some(c.Value), c.Source
		}
	}
	return s
}

// number is a numeric configuration of the topic.
func (l *log) number(name string) kafka.Known[int64] {
	n, err := strconv.ParseInt(l.setting(name).Present.V, 10, 64)
	if err != nil {
		return kafka.Known[int64]{}
	}
	return kafka.Some(n)
}

// compacted tells whether old records of a key are removed.
func (l *log) compacted() bool {
	switch l.setting("cleanup.policy").Present.V {
	case "compact", "compact,delete", "delete,compact":
		return true
	}
	return false
}

// kept is how long records are kept; below zero for ever.
func (l *log) kept() kafka.Known[time.Duration] {
	ms := l.number("retention.ms")
	switch {
	case !ms.OK:
		return kafka.Known[time.Duration]{}
	case ms.V < 0:
		return kafka.Some(time.Duration(-1))
	}
	return kafka.Some(time.Duration(min(ms.V, int64(1<<62)/int64(time.Millisecond))) * time.Millisecond)
}

func median(vs []float64) kafka.Known[float64] {
	if len(vs) == 0 {
		return kafka.Known[float64]{}
	}
	slices.Sort(vs)
	return kafka.Some(vs[len(vs)/2])
}

func consumer(name string) Setting { return Setting{Name: name, Where: OfConsumer} }
func producer(name string) Setting { return Setting{Name: name, Where: OfProducer} }
