package kafka

import "time"

// Record is one record of a log, as its producer wrote it: any bytes, unsanitised.
type Record struct {
	TopicPartition
	Offset    int64
	Timestamp time.Time // any year; zero when the record has none
	Key       []byte    // nil: no key
	Value     []byte    // nil: a tombstone
	Headers   []Header
	Mark      Mark
	Batch     *Batch       // what it came in, shared with its other records; nil when unknown
	Broken    *BrokenBatch // of the Mark Corrupt alone, which stands for this batch; Offset is its From
}

// Mark says what a record is that transactions know of. The zero Mark is an ordinary record.
type Mark uint8

// The marks.
const (
	Plain        Mark = iota
	Aborted           // of a transaction that was aborted: nobody reads it with read_committed
	CommitMarker      // written by the broker at the end of a transaction, as all markers; Key and Value are Kafka's
	AbortMarker
	OtherMarker // of a kind that is not known here
	Corrupt     // no record: it stands for a batch that cannot be read, without key and value
)

var markWords = [...]string{"", "aborted", "commit marker", "abort marker", "marker", "corrupt batch"}

// String is empty for an ordinary record.
func (m Mark) String() string { return markWords[m] }

// Marker tells whether it is no record of a producer.
func (m Mark) Marker() bool { return m >= CommitMarker }

// Header is one header of a record. Keys repeat, and may be any bytes.
type Header struct {
	Key   string
	Value []byte
}

// SeekKind is the way in which a Seek names a place.
type SeekKind int

// The kinds of Seek.
const (
	SeekEnd SeekKind = iota
	SeekStart
	SeekOffset
	SeekTime
	SeekLast
)

// Seek says where reading of a partition begins. The zero Seek is its end.
type Seek struct {
	Kind   SeekKind
	Offset int64     // SeekOffset: the first record wanted; SeekLast: how many before the end
	Time   time.Time // SeekTime: the first record at or after it; the end when there is none
}

// ReadSpec says what to read: a topic, or some of its partitions.
type ReadSpec struct {
	Topic      string
	Partitions []int32        // nil is all, also those that are added later
	From       Seek           // where each begins; partitions added later begin at their start
	Each       map[int32]Seek // where a partition begins elsewhere, such as at a group's commit
	Committed  bool           // read_committed: up to the last stable offset, without what was aborted
	Aborted    bool           // with Committed: also what was aborted, marked so
	Markers    bool           // also the markers at the ends of transactions
	Bytes      int            // of one answer of a broker; 0 is 4 MiB
	Raw        int            // bytes kept of a batch that cannot be read; 0 is 4 KiB
	// Over tells whether no more is wanted of a partition, which is not read any further then. It is asked before each
	// request, from several goroutines; nil: of all more is wanted.
	Over func(partition int32) bool
}

// ReadKind is what a ReadEvent tells.
type ReadKind int

// The kinds of ReadEvent.
const (
	ReadBegan    ReadKind = iota // reading begins at Next
	ReadProgress                 // Records were read, maybe none; it clears an earlier failure
	ReadSkipped                  // From was not in the log any more, or not yet, or not readable (Err; Records is one that is marked Corrupt): reading goes on at Next
	ReadFailed                   // Err; it is tried again, and nothing is lost
)

// ReadEvent is what happened in one partition while reading it. Offsets in it are those of the log.
type ReadEvent struct {
	TopicPartition // Partition is -1 when no partition could be named
	Kind           ReadKind
	Records        []Record // in the order of offsets; they and their bytes are the reader's, to be copied before returning
	From           int64    // ReadSkipped: where reading stood
	Next           int64    // the next offset to read, but for ReadFailed
	End            int64    // high watermark, with Committed the last stable offset; but for ReadFailed
	CaughtUp       bool     // nothing is left to read at present
	Err            error
}
