package kafka

import "time"

// Commit is a committed offset as the coordinator stores it. No commit is the absence of a Commit,
// not one with a special offset; the broker itself checks no range, so Offset may be any number but -1.
type Commit struct {
	Offset   int64  // the next offset to read
	Metadata string // whatever the committer attached, unsanitised; a commit replaces it
}

// OffsetAt names a place in a log that ListOffsets can find. The zero OffsetAt is 1970.
type OffsetAt struct {
	ms int64 // Unix milliseconds, or one of the protocol's negative codes
}

// AtStart is the log start offset.
func AtStart() OffsetAt { return OffsetAt{ms: -2} }

// AtEnd is the high watermark.
func AtEnd() OffsetAt { return OffsetAt{ms: -1} }

// AtTime is the first record with a timestamp at or after t. Times before 1970 count as 1970.
func AtTime(t time.Time) OffsetAt { return OffsetAt{ms: max(t.UnixMilli(), 0)} }

// Protocol is the timestamp field of the ListOffsets request.
func (a OffsetAt) Protocol() int64 { return a.ms }

// LogOffset is the answer for one partition. Without Err an unknown Offset means that the log holds no
// record at or after the time that was asked for.
type LogOffset struct {
	Offset Known[int64]
	Err    error
}
