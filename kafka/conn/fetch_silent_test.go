package conn

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

// segment is the log of one partition as a broker has it on its disk.
type segment struct {
	log         []byte
	stable, end int64

	local   int64 // offsets below are in tiered storage
	awaited int   // answers that come without what is there
}

// disk answers as Apache Kafka does: it finds an offset by the lengths of the batches before it, and sends what is
// there unchecked.
type disk struct {
	mu      sync.Mutex
	parts   []segment
	session map[int32]kmsg.FetchRequestTopicPartition
	told    map[int32]int64 // ends, in the session
	topic   [16]byte        // its id; zero is any
}

// serve puts a disk in the place of a broker's own.
func (d *disk) serve(t *testing.T) []string {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(int32(len(d.parts)), "orders"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	c.ControlKey(int16(kmsg.Fetch), func(q kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		return d.fetch(q.(*kmsg.FetchRequest)), nil, true
	})
	c.ControlKey(int16(kmsg.ListOffsets), func(q kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		return d.list(q.(*kmsg.ListOffsetsRequest)), nil, true
	})
	return c.ListenAddrs()
}

func (d *disk) list(q *kmsg.ListOffsetsRequest) kmsg.Response {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := q.ResponseKind().(*kmsg.ListOffsetsResponse)
	for _, t := range q.Topics {
		rt := kmsg.NewListOffsetsResponseTopic()
		rt.Topic = t.Topic
		for _, p := range t.Partitions {
			rp := kmsg.NewListOffsetsResponseTopicPartition()
			rp.Partition, rp.Offset = p.Partition, 0
			switch p.Timestamp {
			case latest:
				rp.Offset = d.parts[p.Partition].end
			case earliestLocal:
				rp.Offset = d.parts[p.Partition].local
			}
			rt.Partitions = append(rt.Partitions, rp)
		}
		r.Topics = append(r.Topics, rt)
	}
	return r
}

func (d *disk) fetch(q *kmsg.FetchRequest) kmsg.Response {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := q.ResponseKind().(*kmsg.FetchResponse)
	rt := kmsg.NewFetchResponseTopic()
	var asked []kmsg.FetchRequestTopicPartition
	for _, t := range q.Topics {
		rt.Topic, rt.TopicID = t.Topic, t.TopicID
		asked = append(asked, t.Partitions...)
	}
	if inSession := q.SessionEpoch >= 0; inSession {
		asked = d.inSession(q.SessionEpoch == 0, asked)
		r.SessionID = 7
	}
	room, first := int(q.MaxBytes), true
	for _, p := range asked {
		rp := d.read(q, &p, room, first)
		if n := len(rp.RecordBatches); n > 0 {
			room, first = room-n, false
		}
		if q.SessionEpoch > 0 && len(rp.RecordBatches) == 0 && d.told[p.Partition] == rp.HighWatermark {
			continue
		}
		if q.SessionEpoch >= 0 {
			d.told[p.Partition] = rp.HighWatermark
		}
		rt.Partitions = append(rt.Partitions, rp)
	}
	r.Topics = append(r.Topics, rt)
	if first && len(rt.Partitions) == 0 {
		r.Topics = nil
	}
	return r
}

// inSession are all partitions of a fetch session (KIP-227).
func (d *disk) inSession(anew bool, news []kmsg.FetchRequestTopicPartition) (all []kmsg.FetchRequestTopicPartition) {
	if anew {
		d.session, d.told = map[int32]kmsg.FetchRequestTopicPartition{}, map[int32]int64{}
	}
	for _, p := range news {
		d.session[p.Partition] = p
	}
	for _, p := range d.session {
		all = append(all, p)
	}
	return all
}

// read answers for one partition. Only the first batch of an answer may go beyond its limits (KIP-74).
func (d *disk) read(q *kmsg.FetchRequest, p *kmsg.FetchRequestTopicPartition, room int, first bool) kmsg.FetchResponseTopicPartition {
	s := &d.parts[p.Partition]
	rp := kmsg.NewFetchResponseTopicPartition()
	if d.topic != [16]byte{} && d.topic != q.Topics[0].TopicID {
		rp.Partition, rp.ErrorCode = p.Partition, int16(codeUnknownTopicID)
		return rp
	}
	rp.Partition, rp.HighWatermark, rp.LastStableOffset, rp.LogStartOffset = p.Partition, s.end, s.stable, 0
	if p.FetchOffset < s.local && s.awaited > 0 {
		s.awaited--
		return rp
	}
	log := s.log
	if q.IsolationLevel == 1 {
		log = log[:s.before(s.stable)]
	}
	limit := min(int(p.PartitionMaxBytes), room)
	at := s.before(p.FetchOffset)
	if size := sizeAt(log, at); size > 0 && (first || size <= limit) {
		rp.RecordBatches = log[at:min(len(log), at+max(limit, size))]
	}
	return rp
}

// before is how many bytes are before the batch with an offset, or the one that follows it; all of them where the
// lengths do not lead there.
func (s *segment) before(offset int64) int {
	at := 0
	for size := sizeAt(s.log, at); size > 0; size = sizeAt(s.log, at) {
		if last := int64(binary.BigEndian.Uint64(s.log[at:])) + int64(binary.BigEndian.Uint32(s.log[at+23:])); last >= offset {
			return at
		}
		at += size
	}
	return len(s.log)
}

// sizeAt is the length of a batch, 0 where it is not all in the log.
func sizeAt(log []byte, at int) int {
	if at+logOverhead > len(log) {
		return 0
	}
	if size := int(binary.BigEndian.Uint32(log[at+8:])) + logOverhead; at+size <= len(log) {
		return size
	}
	return 0
}

func (d *disk) put(partition int, s segment) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.parts[partition] = s
}

// batches are five of two records each, offsets 0 to 9.
func batches() (all [][]byte) {
	for i := range int64(5) {
		all = append(all, log{first: 2 * i, records: values(strings.Repeat("v", 100), "w")}.bytes())
	}
	return all
}

// tooLong makes the length of a batch point beyond the end of the log.
func tooLong(all [][]byte, batch int) segment {
	all[batch][9] ^= 0x10
	return segment{log: slices.Concat(all...), stable: 10, end: 10}
}

// heard is what a reader told of one partition.
type heard struct {
	read    []int64
	caught  bool // at any time
	failure string
	healed  bool
	next    int64
}

// listener is told by a reader, and waited for by a test.
type listener struct {
	mu    sync.Mutex
	parts map[int32]*heard
	news  chan struct{}
}

func listen(t *testing.T, bootstrap []string, spec kafka.ReadSpec) *listener {
	t.Helper()
	l := &listener{parts: map[int32]*heard{}, news: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	spec.Topic = "orders"
	go func() { defer close(done); NewReader(Config{Bootstrap: bootstrap}).Follow(ctx, spec, l.take) }()
	t.Cleanup(func() { cancel(); <-done })
	return l
}

func (l *listener) take(e kafka.ReadEvent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := l.parts[e.Partition]
	if h == nil {
		h = &heard{}
		l.parts[e.Partition] = h
	}
	if e.Kind == kafka.ReadFailed {
		if strings.Contains(e.Err.Error(), "cannot be read") { // other failures pass
			h.failure = e.Err.Error()
		}
	} else {
		h.next, h.caught, h.healed = e.Next, h.caught || e.CaughtUp, h.failure != ""
	}
	for i := range e.Records {
		h.read = append(h.read, e.Records[i].Offset)
	}
	select {
	case l.news <- struct{}{}:
	default:
	}
}

// until waits until a partition is as it is wanted, and returns it.
func (l *listener) until(t *testing.T, partition int32, ok func(h *heard) bool) heard {
	t.Helper()
	for limit := time.NewTimer(time.Minute); ; {
		l.mu.Lock()
		h := l.parts[partition]
		var now heard
		if h != nil {
			now = *h
		}
		l.mu.Unlock()
		if h != nil && ok(&now) {
			return now
		}
		select {
		case <-l.news:
		case <-limit.C:
			t.Fatalf("partition %d: %+v", partition, now)
		}
	}
}

func failed(h *heard) bool { return h.failure != "" }

func offset(o int64) kafka.ReadSpec {
	return kafka.ReadSpec{From: kafka.Seek{Kind: kafka.SeekOffset, Offset: o}}
}

func TestALengthBeyondTheEndOfTheLogIsNoEndOfIt(t *testing.T) {
	for name, c := range map[string]struct {
		batch      int
		from, stay int64
		why        string
	}{
		"read up to the last batch":  {4, 0, 8, "corrupt batch: its length says 1048754 bytes, of which 178 are there"},
		"begun at the last batch":    {4, 8, 8, "the broker finds nothing there although the log goes on"},
		"begun in the middle of it":  {4, 9, 9, "the broker finds nothing there although the log goes on"},
		"begun at the first batch":   {0, 0, 0, "the broker finds nothing there although the log goes on"},
		"begun some batches further": {1, 7, 7, "the broker finds nothing there although the log goes on"},
	} {
		t.Run(name, func(t *testing.T) {
			d := &disk{parts: []segment{tooLong(batches(), c.batch)}}
			h := listen(t, d.serve(t), offset(c.from)).until(t, 0, failed)
			if h.caught || h.next != c.stay || len(h.read) != int(c.stay-c.from) {
				t.Errorf("%+v", h)
			}
			if want := "Fetch orders/0: cannot be read from offset "; !strings.HasPrefix(h.failure, want) || !strings.Contains(h.failure, c.why) {
				t.Error(h.failure)
			}
		})
	}
}

func TestReadingGoesOnOnceTheLengthIsRight(t *testing.T) {
	d := &disk{parts: []segment{tooLong(batches(), 4)}}
	l := listen(t, d.serve(t), offset(0))
	l.until(t, 0, failed)
	d.put(0, segment{log: slices.Concat(batches()...), stable: 10, end: 10}) // such as on the replica that leads next
	h := l.until(t, 0, func(h *heard) bool { return h.next == 10 })
	if !h.caught || !h.healed || len(h.read) != 10 {
		t.Errorf("%+v", h)
	}
}

// In a session a broker says nothing of the partitions where nothing is new.
func TestTheSilentOneAmongManyPartitionsIsNamed(t *testing.T) {
	d := &disk{parts: make([]segment, sessionFrom+10)}
	for p := range d.parts {
		d.parts[p] = segment{log: slices.Concat(batches()...), stable: 10, end: 10}
	}
	d.parts[3] = tooLong(batches(), 4)
	l := listen(t, d.serve(t), offset(0))
	if h := l.until(t, 3, failed); h.caught || h.next != 8 {
		t.Errorf("%+v", h)
	}
	for p := range d.parts {
		if p != 3 {
			if h := l.until(t, int32(p), func(h *heard) bool { return h.caught }); h.failure != "" || len(h.read) != 10 {
				t.Errorf("partition %d: %+v", p, h)
			}
		}
	}
}

// A batch that is larger than the limits comes where it is the first of an answer, and answers are cut off anywhere.
func TestWhatTheLimitsOfAnswersKeepBackIsNotCalledUnreadable(t *testing.T) {
	d := &disk{}
	for range 4 {
		var all [][]byte
		for i := range int64(20) {
			all = append(all, log{first: 2 * i, records: values(strings.Repeat("v", 3000*int(i%2)+900), "w")}.bytes())
		}
		d.parts = append(d.parts, segment{log: slices.Concat(all...), stable: 40, end: 40})
	}
	spec := offset(0)
	spec.Bytes = 8 << 10 // 1 KiB of a partition
	l := listen(t, d.serve(t), spec)
	for p := range int32(4) {
		if h := l.until(t, p, func(h *heard) bool { return h.caught }); h.failure != "" || len(h.read) != 40 {
			t.Errorf("partition %d: %+v", p, h)
		}
	}
}

// Compaction leaves nothing up to a transaction that is open, and what is in it is not for this reader.
func TestWhatCompactionEmptiedUpToAnOpenTransactionIsReadToItsEnd(t *testing.T) {
	all := batches()
	d := &disk{parts: []segment{{log: slices.Concat(all[0], all[4]), stable: 8, end: 10}}}
	spec := offset(0)
	spec.Committed = true
	l := listen(t, d.serve(t), spec)
	if h := l.until(t, 0, func(h *heard) bool { return h.caught }); h.failure != "" || h.next != 8 || len(h.read) != 2 {
		t.Errorf("%+v", h)
	}
}

// A broker answers with nothing where tiered storage is slow, or where there is a quota for it, however often.
func TestTieredStorageThatIsSlowIsNotCalledUnreadable(t *testing.T) {
	d := &disk{parts: []segment{{log: slices.Concat(batches()...), stable: 10, end: 10, local: 6, awaited: 2*silentTurns + 1}}}
	l := listen(t, d.serve(t), offset(0))
	if h := l.until(t, 0, func(h *heard) bool { return h.caught }); h.failure != "" || len(h.read) != 10 {
		t.Errorf("%+v", h)
	}
}
