package demo

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// logBudget is what all topics of the fleet may keep, in bytes. In memory it is about twice that.
const logBudget = 42 << 20

func TestLogsOfALongDemoAreBounded(t *testing.T) {
	sum := 0
	for _, s := range topicSpecs {
		sum += int(s.partitions) * s.retain
	}
	if sum > logBudget {
		t.Errorf("the topics keep up to %d bytes, want at most %d", sum, logBudget)
	}
}

// A person or a scenario stops a group for some minutes, and care looks once a minute.
func TestRetainedRecordsLastTenMinutes(t *testing.T) {
	const watched = 20 * time.Minute
	d := fastForward(t, watched)
	trimmed := 0
	for _, s := range d.sources {
		for _, p := range d.cluster.PartitionInfos(s.name) {
			if p.NumBytes > int64(s.topic.retain) {
				t.Errorf("%s keeps %d bytes of a partition, want at most %d", s.name, p.NumBytes, s.topic.retain)
			}
			if p.LogStartOffset == 0 {
				continue
			}
			trimmed++
			kept := time.Duration(float64(p.HighWatermark-p.LogStartOffset) / float64(p.HighWatermark) * float64(watched))
			if kept < 10*time.Minute*9/10 { // keys are not spread evenly
				t.Errorf("%s keeps %v of a partition", s.name, kept)
			}
		}
	}
	if trimmed == 0 {
		t.Error("nothing was trimmed: it was not long enough to tell")
	}
}

// fastForward writes what the producers of the fleet write in a time, in batches as they send them, and applies
// retention.
func fastForward(t *testing.T, span time.Duration) *Demo {
	t.Helper()
	d := newDemo(t.Context(), Options{})
	var err error
	if d.cluster, d.net, err = startCluster(defaultBrokers); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.cluster.Close)
	d.bootstrap = d.cluster.ListenAddrs()
	for i := range d.sources {
		d.sources[i] = d.newSource(d.sources[i].topic)
	}
	if err := d.clients(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, cl := range []*kgo.Client{d.control, d.batched, d.single} {
			cl.Close()
		}
	})
	if err := d.create(t.Context(), d.sources, nil); err != nil {
		t.Fatal(err)
	}
	end, step := time.Now(), 0
	for at := end.Add(-span); at.Before(end); at = at.Add(linger) {
		var records []*kgo.Record
		for _, r := range d.due(at, at.Add(linger)) {
			records = append(records, r.Record)
		}
		if err := d.batched.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if step++; step%150 == 0 { // a minute
			d.cluster.ApplyRetention()
		}
	}
	return d
}
