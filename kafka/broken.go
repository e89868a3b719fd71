package kafka

import (
	"fmt"
	"time"
)

// BrokenBatch is a batch of a log that nobody can read: its checksum is wrong, its length or offsets cannot be, or
// its records do not decompress. What its header says is here only where it can be true, and with a wrong checksum
// it may be wrong all the same. Nobody changes it.
type BrokenBatch struct {
	From, Next int64         // where reading stood, and the first offset behind the batch, where reading goes on
	Why        string        // may hold what came from the log
	Size       int           // bytes in the log, header included, up to where the log can be read again
	Length     Known[int]    // that its header says, header included; unknown where it cannot be
	Stored     Known[uint32] // the CRC-32C that its header says; unknown for what has no such header
	Computed   Known[uint32] // the CRC-32C of its bytes
	Base       Known[int64]  // offset of its first record, that it was written with
	Records    Known[int]
	Codec      Known[Codec]
	ProducerID Known[int64] // of idempotent and transactional producers
	Time       time.Time    // the newest timestamp in it; zero when it has none
	Raw        []byte       // its beginning, see ReadSpec.Raw
}

// Intact tells whether its checksum is right, so that its bytes are those that the producer sent.
func (b *BrokenBatch) Intact() bool { return b.Stored.OK && b.Stored == b.Computed }

// Says is what is missing, and why.
func (b *BrokenBatch) Says() string {
	if b.Next <= b.From+1 {
		return fmt.Sprintf("offset %d cannot be read: %s", b.From, b.Why)
	}
	return fmt.Sprintf("offsets %d to %d cannot be read: %s", b.From, b.Next-1, b.Why)
}
