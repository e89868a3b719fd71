package demo

import (
	"encoding/json"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func records(topic int, seed int64) []*kgo.Record {
	return newSource(topicSpecs[topic], seed).history(noon)
}

func same(a, b *kgo.Record) bool {
	return string(a.Key) == string(b.Key) && string(a.Value) == string(b.Value) && a.Partition == b.Partition &&
		a.Timestamp.Equal(b.Timestamp) && slices.EqualFunc(a.Headers, b.Headers, func(x, y kgo.RecordHeader) bool {
		return x.Key == y.Key && string(x.Value) == string(y.Value)
	})
}

func TestContentFollowsFromTheSeed(t *testing.T) {
	for i, spec := range topicSpecs {
		a, b, other := records(i, 7), records(i, 7), records(i, 8)
		if !slices.EqualFunc(a, b, same) {
			t.Errorf("%s: the same seed gave other records", spec.name)
		}
		if slices.EqualFunc(a, other, same) {
			t.Errorf("%s: another seed gave the same records", spec.name)
		}
	}
}

func TestHistoryFillsEveryPartitionInOrder(t *testing.T) {
	for i, spec := range topicSpecs {
		last := make(map[int32]time.Time)
		for _, r := range records(i, 1) {
			if r.Timestamp.Before(last[r.Partition]) || r.Timestamp.After(noon) || r.Timestamp.Before(noon.Add(-historySpan)) {
				t.Fatalf("%s/%d: timestamp %v after %v", spec.name, r.Partition, r.Timestamp, last[r.Partition])
			}
			if len(r.Key) == 0 || len(r.Headers) == 0 {
				t.Fatalf("%s: a record without key or headers", spec.name)
			}
			last[r.Partition] = r.Timestamp
		}
		if len(last) != int(spec.partitions) {
			t.Errorf("%s: records in %d of %d partitions", spec.name, len(last), spec.partitions)
		}
	}
}

func TestOnePaymentIsPoison(t *testing.T) {
	for seed := range int64(20) {
		n := 0
		for i := range topicSpecs {
			for _, r := range records(i, seed) {
				if decode(r.Value) != nil {
					n++
					if r.Partition != poisonPartition {
						t.Errorf("seed %d: the poison is in partition %d", seed, r.Partition)
					}
				}
			}
		}
		if n != 1 {
			t.Errorf("seed %d: %d poison records, want 1", seed, n)
		}
	}
}

func eachValue(t *testing.T, topic string, check func(value []byte)) {
	t.Helper()
	for i, spec := range topicSpecs {
		if spec.name == topic {
			for _, r := range records(i, 3) {
				check(r.Value)
			}
			return
		}
	}
	t.Fatalf("no topic %s", topic)
}

func TestAccessLinesAreInCombinedFormat(t *testing.T) {
	form := regexp.MustCompile(`^(\S+) - - \[([^\]]+)\] "(GET|POST) (/\S*) HTTP/1\.1" (\d{3}) (\d+) "([^"]*)" "([^"]+)"$`)
	statuses := make(map[string]int)
	eachValue(t, "web.access", func(v []byte) {
		m := form.FindSubmatch(v)
		if m == nil {
			t.Fatalf("not an access line: %s", v)
		}
		if _, err := netip.ParseAddr(string(m[1])); err != nil {
			t.Fatal(err)
		}
		if _, err := time.Parse("02/Jan/2006:15:04:05 -0700", string(m[2])); err != nil {
			t.Fatal(err)
		}
		statuses[string(m[5])]++
	})
	if statuses["200"] == 0 || statuses["404"] == 0 || statuses["500"] == 0 {
		t.Errorf("statuses %v, want some of each", statuses)
	}
}

func TestAppLogsAreJSONWithLevels(t *testing.T) {
	levels := make(map[string]int)
	eachValue(t, "app.logs", func(v []byte) {
		var r appRecord
		if err := json.Unmarshal(v, &r); err != nil {
			t.Fatalf("%s: %v", v, err)
		}
		if _, err := time.Parse(time.RFC3339, r.TS); err != nil || r.Msg == "" || len(r.TraceID) != 32 {
			t.Fatalf("incomplete: %s (%v)", v, err)
		}
		levels[r.Level]++
	})
	for _, l := range []string{"DEBUG", "INFO", "WARN", "ERROR"} {
		if levels[l] == 0 {
			t.Errorf("no %s in %v", l, levels)
		}
	}
}

func TestSyslogLinesAreRFC5424(t *testing.T) {
	form := regexp.MustCompile(`^<(\d{1,3})>1 (\S+) (\S{1,255}) (\S{1,48}) (\d{1,128}) (\S{1,32}) (-|\[[^\]]+\]) (.+)$`)
	eachValue(t, "syslog", func(v []byte) {
		m := form.FindSubmatch(v)
		if m == nil {
			t.Fatalf("not a syslog line: %s", v)
		}
		if pri, err := strconv.Atoi(string(m[1])); err != nil || pri > 191 {
			t.Fatalf("priority %s", m[1])
		}
		if _, err := time.Parse(time.RFC3339Nano, string(m[2])); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRateFollowsTheClock(t *testing.T) {
	for i, spec := range topicSpecs {
		s, n := newSource(spec, 1), 0
		const span = 90 * time.Second // one swing
		for at := noon; at.Before(noon.Add(span)); at = at.Add(tick) {
			n += len(s.between(at, at.Add(tick), float64(i)))
		}
		if rate := float64(n) / span.Seconds(); rate < spec.rate*0.98 || rate > spec.rate*1.02 {
			t.Errorf("%s: %.1f records/s, want %.1f", spec.name, rate, spec.rate)
		}
	}
	s := newSource(topicSpecs[0], 1)
	if n := len(s.between(noon, noon.Add(time.Hour), 0)); n > 200 {
		t.Errorf("%d records owed after an hour's sleep", n)
	}
}

func TestPacerSpacesReservations(t *testing.T) {
	p := paced(20)
	for i, want := range []time.Duration{0, 50, 100} {
		if got := p.reserve(noon); got != want*time.Millisecond {
			t.Errorf("reservation %d waits %v, want %v", i, got, want*time.Millisecond)
		}
	}
	if p.batch() != 10 || paced(0).batch() != 0 {
		t.Errorf("batches of %d, want half a second's", p.batch())
	}
	if got := p.reserve(noon.Add(time.Second)); got != 0 {
		t.Errorf("an idle pacer waits %v", got)
	}
}
