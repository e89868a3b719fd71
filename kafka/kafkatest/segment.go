package kafkatest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"

	"lagtop/kafka"
)

// Segment is the file in which a broker of RealOwn keeps the log of a partition from its start. The file is what
// consumers are sent: a broker checks a batch when it is produced, and never again.
type Segment struct {
	tb      testing.TB
	path    string
	Batches []StoredBatch // in the order of the file
}

// StoredBatch is one batch of a Segment.
type StoredBatch struct {
	At          int64 // position in the file
	Size        int   // bytes, its header of 61 included
	First, Last int64 // offsets
}

// OpenSegment finds the first segment of a partition, with one replica, and reads where its batches are.
func OpenSegment(tb testing.TB, bootstrap []string, tp kafka.TopicPartition) *Segment {
	tb.Helper()
	ctx, cl, done := brief(tb, bootstrap)
	defer done()
	var topics kadm.TopicsSet
	topics.Add(tp.Topic, tp.Partition)
	dirs, err := kadm.NewClient(cl).DescribeAllLogDirs(ctx, topics)
	if err != nil {
		tb.Fatalf("log dir of %v: %v", tp, err)
	}
	s := &Segment{tb: tb}
	dirs.Each(func(d kadm.DescribedLogDir) {
		if _, ok := d.Topics.Lookup(tp.Topic, tp.Partition); ok {
			s.path = filepath.Join(d.Dir, fmt.Sprintf("%s-%d", tp.Topic, tp.Partition), fmt.Sprintf("%020d.log", 0))
		}
	})
	log, err := os.ReadFile(s.path)
	if err != nil {
		tb.Fatalf("segment of %v: %v", tp, err)
	}
	for at := int64(0); at+61 <= int64(len(log)); {
		head := log[at:]
		b := StoredBatch{At: at, Size: int(binary.BigEndian.Uint32(head[8:])) + 12, First: int64(binary.BigEndian.Uint64(head))}
		b.Last = b.First + int64(binary.BigEndian.Uint32(head[23:]))
		s.Batches = append(s.Batches, b)
		at += int64(b.Size)
	}
	return s
}

// Flip changes bits of one byte of a batch, counted from its beginning, or from its end for a negative one.
func (s *Segment) Flip(batch, at int, bits byte) {
	s.tb.Helper()
	b := s.Batches[batch]
	if at < 0 {
		at += b.Size
	}
	f, err := os.OpenFile(s.path, os.O_RDWR, 0)
	if err != nil {
		s.tb.Fatal(err)
	}
	one := make([]byte, 1)
	_, err = f.ReadAt(one, b.At+int64(at))
	if err == nil {
		one[0] ^= bits
		_, err = f.WriteAt(one, b.At+int64(at))
	}
	if err = errors.Join(err, f.Close()); err != nil {
		s.tb.Fatal(err)
	}
}
