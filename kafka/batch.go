package kafka

import (
	"strconv"
	"time"
)

// Codec is how the records of a batch are compressed: the lowest three bits of its attributes.
type Codec int8

// The codecs.
const (
	CodecNone Codec = iota
	CodecGzip
	CodecSnappy
	CodecLZ4
	CodecZstd
)

var codecWords = [...]string{"none", "gzip", "snappy", "lz4", "zstd"}

// String is the codec as compression.type spells it.
func (c Codec) String() string {
	if c >= 0 && int(c) < len(codecWords) {
		return codecWords[c]
	}
	return "codec " + strconv.Itoa(int(c))
}

// Batch is the header of one batch of a log. A producer makes batches, and the broker keeps them as
// they came unless the topic's compression.type says otherwise.
type Batch struct {
	Offset        int64      // of its first record
	Records       Known[int] // that it still holds, compaction may have removed some; unknown for old compressed message sets
	Bytes         int        // in the log: compressed, header included
	Codec         Codec
	ProducerID    Known[int64] // of idempotent and transactional producers
	Transactional bool
	Control       bool      // the marker of a transaction's end, written by the broker
	Time          time.Time // the newest timestamp in it; zero when it has none
}

// NewestBatches are the headers of the batches at the end of one partition's log.
type NewestBatches struct {
	Partition int32
	Batches   []Batch // oldest first; empty for an empty log
	Large     bool    // the newest batch is larger than what was asked for, and so not among them
	Err       error   // why nothing was read
}
