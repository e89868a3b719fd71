package tail

import (
	"strconv"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/safe"
	"lagtop/kafka/tail/format"
)

// Options says how records are written.
type Options struct {
	Now      time.Time      // a record of another day shows its date
	Zone     *time.Location // nil is UTC
	MaxValue int            // bytes of key and value that are looked at; 0 is 4 KiB
}

func (o Options) max() int {
	if o.MaxValue <= 0 {
		return 4 << 10
	}
	return o.MaxValue
}

// Line is a record on one line, in pieces that are safe to print.
type Line struct {
	Time      string // TimeWidth cells
	Severity  format.Severity
	Place     string // topic/partition@offset
	Key       string
	Value     string
	HasKey    bool
	Tombstone bool // the value is null; Value says so in words
}

// TimeWidth is the width of Line.Time in cells.
const TimeWidth = 12

// NullValue stands in Line.Value for the value that a tombstone does not have.
const NullValue = "(null)"

// Format writes a record on one line. What must not reach a terminal is escaped; what is long ends in
// an ellipsis.
func Format(r *kafka.Record, o Options) Line {
	l := Line{
		Time:      Clock(r.Timestamp, o),
		Severity:  format.Of(r.Value),
		Place:     Place(r.TopicPartition, r.Offset),
		HasKey:    r.Key != nil,
		Tombstone: r.Value == nil,
		Key:       safe.Bytes(r.Key, o.max()),
		Value:     NullValue,
	}
	switch {
	case r.Broken != nil:
		l.Value, l.Tombstone = BrokenLine(r.Broken), false
	case !l.Tombstone:
		l.Value = safe.Bytes(r.Value, o.max())
	}
	return l
}

// Place names a record: orders/7@1042.
func Place(tp kafka.TopicPartition, offset int64) string {
	b := make([]byte, 0, len(tp.Topic)+16)
	b = append(b, safe.Line(tp.Topic)...)
	b = append(b, '/')
	b = strconv.AppendInt(b, int64(tp.Partition), 10)
	b = append(b, '@')
	return string(strconv.AppendInt(b, offset, 10))
}

// Clock writes the time of a record in TimeWidth cells: the time of day for today's, the date for
// others. Producers set timestamps as they like: none is a dash, and years beyond 9999 are named so.
func Clock(t time.Time, o Options) string {
	zone := o.Zone
	if zone == nil {
		zone = time.UTC
	}
	t, now := t.In(zone), o.Now.In(zone)
	switch {
	case t.IsZero():
		return "-           "
	case t.Year() > 9999 || t.Year() < 0:
		return "year > 9999 "
	case t.Year() != now.Year():
		return t.Format("2006-01-02  ")
	case t.YearDay() != now.YearDay():
		return t.Format("Jan _2 15:04")
	}
	return t.Format("15:04:05.000")
}
