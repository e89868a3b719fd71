package conn

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
)

// twice reads a log until what cannot be read is passed over.
func twice(t *testing.T, spec kafka.ReadSpec, from int64, batches ...[]byte) (text string, skipped []kafka.ReadEvent, c *readCursor) {
	t.Helper()
	c = &readCursor{next: from, corrupt: -1}
	for range 6 {
		var left [][]byte
		for _, b := range batches { // a broker answers from the place on
			if len(left) > 0 || int64(binary.BigEndian.Uint64(b)) >= c.next || b[0] == 0x70 {
				left = append(left, b)
			}
		}
		got := readPart(t, spec, c, nil, true, left...)
		text += got.text
		for _, e := range got.events {
			if e.Kind == kafka.ReadSkipped {
				skipped = append(skipped, e)
			}
		}
	}
	return strings.ReplaceAll(text, "|", ""), skipped, c
}

func TestReadingGoesOnBehindWhateverIsWrongWithABatch(t *testing.T) {
	before, after := log{first: 4, records: values("a")}.bytes(), log{first: 7, records: values("d", "e")}.bytes()
	for name, c := range map[string]struct {
		spoil func([]byte) []byte
		why   string
	}{
		"a record":           {func(b []byte) []byte { b[len(b)-3] ^= 1; return b }, "its checksum is wrong"},
		"the checksum":       {func(b []byte) []byte { b[18] ^= 1; return b }, "its checksum is wrong"},
		"the attributes":     {func(b []byte) []byte { b[22] ^= 7; return b }, "its checksum is wrong"},
		"the count":          {func(b []byte) []byte { b[57] ^= 0x40; return b }, "its checksum is wrong"},
		"too far an end":     {func(b []byte) []byte { b[26] ^= 8; return b }, "its checksum is wrong"},
		"an end that cannot": {func(b []byte) []byte { b[23] ^= 0x80; return b }, "its checksum is wrong"},
		"an offset":          {func(b []byte) []byte { b[0] = 0x70; b[len(b)-3] ^= 1; return b }, "its checksum is wrong"},
		"the format":         {func(b []byte) []byte { b[magicAt] = 9; return b }, "magic 9, 77 bytes"},
		"no length":          {func(b []byte) []byte { b[11] = 0; return b }, "a length of 0 bytes"},
		"a negative length":  {func(b []byte) []byte { b[8] = 0xff; return b }, "a length of -16777151 bytes"},
		"too long":           {func(b []byte) []byte { b[10] = 0x40; return b }, "it is cut off"},
		"half of it":         {func(b []byte) []byte { return b[:68] }, "its checksum is wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := c.spoil(log{first: 5, records: values("b", "c")}.bytes())
			text, skipped, cursor := twice(t, kafka.ReadSpec{}, 4, before, bad, after)
			if text != "4=a 7=d 8=e " || cursor.next != 9 || len(skipped) != 1 {
				t.Fatalf("%q, next %d, %d skips", text, cursor.next, len(skipped))
			}
			e := skipped[0]
			if e.From != 5 || e.Next != 7 || len(e.Records) != 1 {
				t.Fatalf("%+v", e)
			}
			r := e.Records[0]
			if b := r.Broken; r.Mark != kafka.Corrupt || r.Offset != 5 || b.From != 5 || b.Next != 7 || b.Size != len(bad) || string(b.Raw) != string(bad) || !strings.HasPrefix(b.Why, c.why) {
				t.Errorf("%+v %+v", r, b)
			}
		})
	}
}

// A broker that believes such a header sends the batch to who asks for what is behind it.
func TestABrokenBatchThatReachesTooFarHidesNothingBehindIt(t *testing.T) {
	bad, after := log{first: 5, records: values("b", "c")}.bytes(), log{first: 7, records: values("d", "e")}.bytes()
	bad[26] ^= 8
	c := &readCursor{next: 7, corrupt: -1}
	if got := readLog(t, kafka.ReadSpec{}, c, nil, bad, after); got.err == nil || c.next != 7 {
		t.Errorf("%+v, next %d", got, c.next)
	}
	if got := readLog(t, kafka.ReadSpec{}, c, nil, bad, after); got.err != nil || got.text != "7=d 8=e |" || c.next != 9 {
		t.Errorf("%+v, next %d", got, c.next)
	}
}

func TestWhatTheHeaderOfABrokenBatchSaysIsTakenWhereItCanBeTrue(t *testing.T) {
	at := time.UnixMilli(1_700_000_000_000)
	batch := func() []byte {
		return log{first: 5, at: at, producer: 4711, attributes: int16(kafka.CodecGzip), records: values(strings.Repeat("b", 9000), "c")}.bytes()
	}
	after := log{first: 7, records: values("d")}.bytes()
	bad := batch()
	bad[len(bad)-1] ^= 1
	_, skipped, _ := twice(t, kafka.ReadSpec{}, 5, bad, after)
	b := skipped[0].Records[0].Broken
	if b.Base != kafka.Some[int64](5) || b.Records != kafka.Some(2) || b.Codec != kafka.Some(kafka.CodecGzip) || b.ProducerID != kafka.Some[int64](4711) ||
		!b.Time.Equal(at.Add(99*time.Millisecond)) || b.Intact() || !b.Computed.OK || b.Stored == b.Computed || b.Length != kafka.Some(len(bad)) {
		t.Errorf("%+v", b)
	}
	bad = batch()
	bad[22], bad[35], bad[57] = 7, 0x7f, 0x40
	_, skipped, _ = twice(t, kafka.ReadSpec{}, 5, bad, after)
	if b = skipped[0].Records[0].Broken; b.Codec.OK || b.Records.OK || !b.Time.IsZero() || !b.ProducerID.OK {
		t.Errorf("what cannot be true is taken: %+v", b)
	}
}

func TestOnlyTheBeginningOfABrokenBatchIsKept(t *testing.T) {
	bad := log{first: 5, records: values(strings.Repeat("b", 9000), "c")}.bytes()
	bad[len(bad)-1] ^= 1
	for raw, want := range map[int]int{0: rawBytes, 100: 100, 1 << 20: len(bad)} {
		_, skipped, _ := twice(t, kafka.ReadSpec{Raw: raw}, 5, bad)
		b := skipped[0].Records[0].Broken
		if len(b.Raw) != want || b.Size != len(bad) || string(b.Raw) != string(bad[:want]) {
			t.Errorf("%d: %d of %d bytes", raw, len(b.Raw), b.Size)
		}
	}
}

func TestAnIntactBatchThatDoesNotDecompressIsSaidToBeIntact(t *testing.T) {
	huge := log{first: 5, attributes: int16(kafka.CodecZstd), records: []logged{{value: strings.Repeat("\x00", 1<<20+1)}}}.bytes()
	_, skipped, _ := twice(t, kafka.ReadSpec{}, 5, huge)
	if b := skipped[0].Records[0].Broken; !b.Intact() || b.Says() != "offset 5 cannot be read: zstd: it decompresses to more than 100 MiB" {
		t.Errorf("%+v: %s", b, b.Says())
	}
}

// Without anything intact behind it, and with a header that cannot be, nobody knows where to go on.
func TestReadingStaysWhereNothingSaysHowToGoOn(t *testing.T) {
	bad := log{first: 5, records: values("b", "c")}.bytes()
	bad[0] = 0x70
	bad[len(bad)-1] ^= 1
	_, skipped, c := twice(t, kafka.ReadSpec{}, 5, bad)
	if len(skipped) != 0 || c.next != 5 {
		t.Errorf("next %d, %+v", c.next, skipped)
	}
}

func TestACutOffBatchIsBrokenOnlyWhereTheBrokerGivesAllOfIt(t *testing.T) {
	bad := log{first: 5, records: values("b", "c")}.bytes()
	for whole, want := range map[bool]int64{true: 7, false: 5} {
		c := &readCursor{next: 5, corrupt: 5}
		got := readPart(t, kafka.ReadSpec{}, c, nil, whole, bad[:len(bad)-2])
		if got.err != nil || c.next != want {
			t.Errorf("whole %v: next %d, %v", whole, c.next, got.err)
		}
	}
}
