package advise

import (
	"slices"
	"strconv"
	"strings"

	"lagtop/kafka"
	"lagtop/kafka/human"
)

// A batch of fewer records and fewer bytes is small: its header and the request around it weigh more than its records.
const (
	fewRecords = 10
	fewBytes   = 4096
)

// littleTraffic is up to how many bytes/s compression is not worth a thought.
const littleTraffic = 10_000

// small tells whether the newest batches are.
func (l *log) small() bool {
	n, size := l.sample.perBatch(), l.sample.bytesPerBatch()
	return n.OK && n.V < fewRecords && size.V < fewBytes && l.sample.larger <= l.sample.partitions
}

func (l *log) filled() string {
	return records(l.sample.perBatch().V) + " and " + human.Bytes(int64(l.sample.bytesPerBatch().V)) + " a batch" + l.seen()
}

func batching() []Setting { return []Setting{producer("linger.ms"), producer("batch.size")} }

// perPartition is the produce rate of one partition.
func (l *log) perPartition() kafka.Known[float64] {
	if n := len(l.Topic.Topic.Partitions); l.in.OK && n > 0 {
		return kafka.Some(l.in.V / float64(n))
	}
	return kafka.Known[float64]{}
}

// quietBatches is for topics where no setting makes batches larger.
func quietBatches(l *log) Advice {
	rate := l.perPartition()
	if !l.small() || !rate.OK || rate.V*gather >= 2 {
		return Advice{}
	}
	return Advice{
		Weight: Fine, Title: "Too quiet for larger batches",
		Evidence:   l.filled() + "; a partition gets " + human.Rate(rate.V),
		Suggestion: "Nothing to do: within 50 ms hardly two records come together for a partition. Fewer partitions would, if throughput mattered here.",
		Settings:   batching(),
	}
}

func smallBatches(l *log) Advice {
	if !l.small() {
		return Advice{}
	}
	a := Advice{
		Weight: Hint, Title: "Batches are small", Evidence: l.filled(),
		Suggestion: "Raise linger.ms at the producers, 5 to 100, so that more records share a batch: fewer requests, better compression, larger fetches.",
		Settings:   batching(),
	}
	if n := len(l.sample.producers); n > 0 {
		a.Evidence += ", of at least " + human.Plural(n, "producer")
	}
	if rate := l.perPartition(); rate.OK {
		from := max(len(l.sample.producers), 1)
		a.Suggestion += " A partition gets " + human.Rate(rate.V) + ", so linger.ms=50 gathers up to " + records(max(rate.V*gather/float64(from), 1)) + " a batch"
		if from > 1 {
			a.Suggestion += " and producer"
		}
		a.Suggestion += "."
	}
	return a
}

func fullBatches(l *log) Advice {
	size := l.sample.bytesPerBatch()
	if !size.OK || size.V < 0.75*batchSize || size.V > 1.1*batchSize {
		return Advice{}
	}
	return Advice{
		Weight: Hint, Title: "Batches end at the default size", Evidence: l.filled() + "; batch.size is 16 KiB by default",
		Suggestion: "Raise batch.size, such as 64 to 256 KiB: busy producers then send fewer, better compressed batches.",
		Settings:   []Setting{producer("batch.size"), producer("linger.ms")},
	}
}

func goodBatches(l *log) Advice {
	a := Advice{Weight: Fine, Title: "Batches are well filled", Suggestion: "Nothing to do.", Settings: batching()}
	switch {
	case l.sample.counted > 0:
		a.Evidence = l.filled()
		if l.sample.larger > 0 {
			a.Evidence += "; those of " + human.Plural(l.sample.larger, "more partition") + " are above 64 KiB"
		}
	case l.sample.larger > 0:
		a.Evidence = "the newest batches of " + human.Plural(l.sample.larger, "partition") + " are above 64 KiB"
	default:
		return Advice{}
	}
	return a
}

func (l *log) compression() []Setting {
	return []Setting{l.setting("compression.type"), producer("compression.type")}
}

// recompressed is for topics that make the broker do it.
func recompressed(l *log) Advice {
	s := l.setting("compression.type").Present
	if !s.OK || s.V == "producer" {
		return Advice{}
	}
	a := Advice{
		Weight: Note, Title: "The broker decides about compression",
		Evidence:   "the topic's compression.type is " + s.V + ": a batch that comes otherwise is unpacked and packed again by the broker",
		Suggestion: "Let the producers use " + s.V + " themselves, which is cheaper, and set the topic's to producer.",
		Settings:   l.compression(),
	}
	if s.V == "uncompressed" {
		a.Weight, a.Suggestion = Hint, "Set the topic's to producer, and let the producers use lz4 or zstd: less to write, replicate and fetch."
	}
	return a
}

func uncompressed(l *log) Advice {
	s := &l.sample
	if s.batches == 0 || 2*s.plain < s.batches {
		return Advice{}
	}
	a := Advice{
		Weight: Hint, Title: "Not compressed",
		Evidence:   strconv.Itoa(s.plain) + " of " + human.Plural(s.batches, "batch") + " are not" + sized(s.perRecord()),
		Suggestion: "Set compression.type to lz4 or zstd at the producers: less to send, write, replicate and fetch. Text and JSON shrink to a third or less.",
		Settings:   l.compression(),
	}
	if size := s.perRecord(); size.OK && l.in.OK && size.V*l.in.V < littleTraffic {
		a.Weight, a.Suggestion = Note, "Nothing to do: at "+human.Bytes(int64(size.V*l.in.V))+"/s it would save next to nothing."
	} else if l.small() {
		a.Suggestion += " A batch is compressed as a whole, so make batches larger first."
	}
	return a
}

func sized(bytes kafka.Known[float64]) string {
	if !bytes.OK {
		return ""
	}
	return ", " + human.Bytes(int64(bytes.V)) + " a record"
}

func (s *sample) codecList() string {
	var names []string
	for c, n := range s.codecs {
		names = append(names, c.String()+" "+strconv.Itoa(n))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func mixedCodecs(l *log) Advice {
	most := 0
	for _, n := range l.sample.codecs {
		most = max(most, n)
	}
	if 10*(l.sample.batches-most) < l.sample.batches || l.sample.batches == 0 { // some leave what does not shrink
		return Advice{}
	}
	return Advice{
		Weight: Note, Title: "The producers compress differently",
		Evidence:   "batches by codec: " + l.sample.codecList() + sized(l.sample.perRecord()),
		Suggestion: "Give all producers of the topic the same compression.type, lz4 for speed or zstd for size.",
		Settings:   l.compression(),
	}
}

func compressed(l *log) Advice {
	if l.sample.batches == 0 {
		return Advice{}
	}
	return Advice{
		Weight: Fine, Title: "Compressed", Suggestion: "Nothing to do.",
		Evidence: "batches by codec: " + l.sample.codecList() + sized(l.sample.perRecord()),
		Settings: l.compression(),
	}
}
