package kafka

import "time"

// StableOffset is the last stable offset of a log: consumers with isolation.level=read_committed read no
// further. It is the first record of the oldest open transaction, or the high watermark without one. It is asked
// for beside the polls, so it is older than the partition's End. Nobody changes it once it is published.
type StableOffset struct {
	Offset int64     // ListOffsets(-1) with read_committed
	At     time.Time // when it was asked for
	// Seen counts the answers in a row that told this offset while the end was beyond it already. 0: nothing
	// waits behind it.
	Seen  int
	Since time.Time        // the first of them
	End   int64            // the high watermark then
	Open  *OpenTransaction // whose first record it is; asked for where it stands, nil where nobody told
}

// Stood is how long the offset is known to stand. It may be longer.
func (s *StableOffset) Stood() time.Duration {
	if s.Seen == 0 {
		return 0
	}
	return s.At.Sub(s.Since)
}

// Standing tells whether it stands for so many answers that an ordinary transaction would have ended.
func (s *StableOffset) Standing() bool { return s.Seen > standing }

// standing is in periods between the answers: 90 s at the usual 30 s.
const standing = 3

// OpenTransaction is a transaction that has written to a log and was neither committed nor aborted
// (DescribeProducers, KIP-664).
type OpenTransaction struct {
	Producer int64     // producer id
	Epoch    int32     // of the producer
	Start    int64     // offset of its first record in the log
	Wrote    time.Time // timestamp of the newest record, as the producer wrote it; zero when it tells none
}
