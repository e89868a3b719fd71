package offsets_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/offsets"
)

// logs makes a topic of two partitions on Apache Kafka. Partition 0 holds offsets 20 to 100, one record a
// second from began on; partition 1 is empty.
func logs(t *testing.T, real *kafkatest.Cluster, began time.Time) string {
	t.Helper()
	topic := kafkatest.Unique("resets")
	kafkatest.CreateTopic(t, real.Bootstrap(), topic, 2, 3)
	var rs []*kgo.Record
	for i := range 100 {
		rs = append(rs, &kgo.Record{Topic: topic, Value: []byte("v"), Timestamp: began.Add(time.Duration(i) * time.Second)})
	}
	kafkatest.ProduceRecords(t, real.Bootstrap(), rs...)
	var cut kadm.Offsets
	cut.AddOffset(topic, 0, 20, -1)
	adm := kadm.NewClient(kafkatest.Client(t, real.Bootstrap()))
	if rs, err := adm.DeleteRecords(t.Context(), cut); err != nil || rs.Error() != nil {
		t.Fatal(err, rs.Error())
	}
	return topic
}

func TestRealResetDoesWhatItsPreviewSaid(t *testing.T) {
	real := kafkatest.Real(t)
	began := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	topic := logs(t, real, began)
	a := admin(t, real.Bootstrap(), false)
	both := offsets.Scope{Topics: []string{topic}}
	for name, c := range map[string]struct {
		scenario offsets.Scenario
		scope    offsets.Scope
		want     int64 // of partition 0, from a commit at 50
		empty    bool  // partition 1 gets a commit, at 0
	}{
		"earliest":         {scenario: offsets.Earliest{}, want: 20},
		"earliest of both": {scenario: offsets.Earliest{}, scope: both, want: 20, empty: true},
		"latest":           {scenario: offsets.Latest{}, want: 100},
		"offset":           {scenario: offsets.ToOffset(70), scope: both, want: 70, empty: true},
		"offset too low":   {scenario: offsets.ToOffset(3), want: 20},
		"offset too high":  {scenario: offsets.ToOffset(1000), want: 100},
		"shift":            {scenario: offsets.ShiftBy(-7), scope: both, want: 43},
		"shift too far":    {scenario: offsets.ShiftBy(-700), want: 20},
		"time":             {scenario: offsets.ToTime{Time: began.Add(60 * time.Second)}, want: 60},
		"time of nothing":  {scenario: offsets.ToTime{Time: began.Add(time.Hour / 2)}, scope: both, want: 100, empty: true},
		"current":          {scenario: offsets.ToCurrent{}, want: 50},
	} {
		t.Run(name, func(t *testing.T) {
			group := kafkatest.Unique("reset")
			kafkatest.Commit(t, real.Bootstrap(), group, map[kafka.TopicPartition]int64{tp(topic, 0): 50})
			p := prepare(t, a, offsets.Spec{Group: group, Scenario: c.scenario, Scope: c.scope})
			out, err := offsets.Apply(t.Context(), a, p, options(t))
			if err != nil || !out.Proved {
				t.Fatalf("%v\n%s", err, p.String())
			}
			got := kafkatest.Committed(t, real.Bootstrap(), group)
			for _, ch := range p.Changes {
				stored, ok := got[ch.TopicPartition]
				if (kafka.Known[int64]{V: stored, OK: ok}) != ch.After && ch.Err == "" {
					t.Errorf("stored %d (%v)\n%s", stored, ok, p.String())
				}
			}
			if _, ok := got[tp(topic, 1)]; got[tp(topic, 0)] != c.want || ok != c.empty {
				t.Errorf("stored %v, want %d\n%s", got, c.want, p.String())
			}
			if u := out.Undo(); u.Commits() > 0 {
				if _, err := offsets.Apply(t.Context(), a, u, options(t)); err != nil {
					t.Fatal(err)
				}
				if got := kafkatest.Committed(t, real.Bootstrap(), group); got[tp(topic, 0)] != 50 {
					t.Errorf("after undo %v", got)
				}
			}
		})
	}
}

func TestRealBeforeStateIsTheStockExport(t *testing.T) {
	real := kafkatest.Real(t)
	topic := logs(t, real, time.Now().Add(-time.Hour))
	group := kafkatest.Unique("reset")
	kafkatest.Commit(t, real.Bootstrap(), group, map[kafka.TopicPartition]int64{tp(topic, 0): 50})
	out, err := real.Groups(t.Context(), "--group", group, "--reset-offsets", "--all-topics", "--to-current", "--dry-run", "--export")
	if err != nil {
		t.Fatal(err)
	}
	a := admin(t, real.Bootstrap(), false)
	res, err := offsets.Apply(t.Context(), a, prepare(t, a, offsets.Spec{Group: group, Scenario: offsets.Latest{}}), options(t))
	if err != nil {
		t.Fatal(err)
	}
	ours, err := os.ReadFile(res.BeforeFile)
	if err != nil || strings.TrimSpace(out) != strings.TrimSpace(string(ours)) {
		t.Fatalf("ours %q, stock %q, %v", ours, out, err)
	}
	// The stock tool takes our file back, by the command that the undo shows.
	if out, err = real.Groups(t.Context(), "--group", group, "--reset-offsets", "--from-file", res.BeforeFile, "--execute"); err != nil {
		t.Fatal(err, out)
	}
	if got := kafkatest.Committed(t, real.Bootstrap(), group); got[tp(topic, 0)] != 50 {
		t.Errorf("after the stock tool read our file: %v", got)
	}
}

func TestRealActiveGroupIsRefusedByName(t *testing.T) {
	for _, kind := range []kafkatest.Kind{kafkatest.SaramaRange, kafkatest.KgoConsumer} {
		t.Run(string(kind), func(t *testing.T) {
			real := kafkatest.Real(t)
			topic, group := logs(t, real, time.Now().Add(-time.Hour)), kafkatest.Unique("reset")
			kafkatest.Member(t, real.Bootstrap(), group, topic, kind, kafkatest.As("payments-1"))
			kafkatest.WaitGroup(t, real.Bootstrap(), group, kafka.StateStable, 1)
			a := admin(t, real.Bootstrap(), false)
			p := prepare(t, a, offsets.Spec{Group: group, Scenario: offsets.Earliest{}, Scope: offsets.Scope{Topics: []string{topic}}})
			_, err := offsets.Apply(t.Context(), a, p, options(t))
			var active *offsets.ActiveError
			if !errors.As(err, &active) || len(active.Members) != 1 || active.Members[0].ClientID != "payments-1" || active.Members[0].Host != "127.0.0.1" {
				t.Errorf("%v", err)
			}
			// Without our check the broker refuses each partition.
			refused, err := a.Commit(t.Context(), group, map[kafka.TopicPartition]kafka.Commit{tp(topic, 0): {Offset: 20}})
			if err != nil || !errors.Is(refused[tp(topic, 0)], kafka.CodeUnknownMemberID) {
				t.Errorf("%v %v", refused, err)
			}
		})
	}
}

func TestRealMetadataIsKept(t *testing.T) {
	real := kafkatest.Real(t)
	topic, group := logs(t, real, time.Now().Add(-time.Hour)), kafkatest.Unique("reset")
	a := admin(t, real.Bootstrap(), false)
	if refused, err := a.Commit(t.Context(), group, map[kafka.TopicPartition]kafka.Commit{tp(topic, 0): {Offset: 50, Metadata: "owner=ann"}}); err != nil || len(refused) > 0 {
		t.Fatal(err, refused)
	}
	if _, err := offsets.Apply(t.Context(), a, prepare(t, a, offsets.Spec{Group: group, Scenario: offsets.Latest{}}), options(t)); err != nil {
		t.Fatal(err)
	}
	got, err := a.Committed(t.Context(), group)
	if want := (kafka.Commit{Offset: 100, Metadata: "owner=ann"}); err != nil || got[tp(topic, 0)] != want {
		t.Errorf("%v %v", got, err)
	}
}

// warning is what the stock tool says among the rows.
var warning = regexp.MustCompile("(?m)^Warn: .*$")

func back(t *testing.T, text string) offsets.ByDuration {
	t.Helper()
	d, err := offsets.ParseDuration(text, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func readFile(t *testing.T, path, group string) offsets.FromFile {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out, err := offsets.ReadFile(path, f, group)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRealShownCommandDoesTheSame(t *testing.T) {
	real := kafkatest.Real(t)
	began := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	topic, group := logs(t, real, began), kafkatest.Unique("reset")
	late := kgo.Record{Topic: topic, Value: []byte("v"), Timestamp: began.Add(30 * time.Minute)} // 100: back by 45 minutes
	kafkatest.ProduceRecords(t, real.Bootstrap(), &late)
	kafkatest.Commit(t, real.Bootstrap(), group, map[kafka.TopicPartition]int64{tp(topic, 0): 50})
	a := admin(t, real.Bootstrap(), false)
	file, several := filepath.Join(t.TempDir(), "one.csv"), filepath.Join(t.TempDir(), "several.csv")
	for path, text := range map[string]string{file: topic + ",0,33\n" + topic + ",1,7\n", several: group + "," + topic + ",0,77\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, spec := range map[string]offsets.Spec{
		"latest":              {Group: group, Scenario: offsets.Latest{}},
		"current":             {Group: group, Scenario: offsets.ToCurrent{}},
		"duration":            {Group: group, Scenario: back(t, "PT45M")},
		"duration to nothing": {Group: group, Scenario: back(t, "PT10M"), Scope: offsets.Scope{Topics: []string{topic}}},
		"file":                {Group: group, Scenario: readFile(t, file, group)},
		"file of several":     {Group: group, Scenario: readFile(t, several, group)},
		"shift forward":       {Group: group, Scenario: offsets.ShiftBy(7)},
		"earliest of a topic": {Group: group, Scenario: offsets.Earliest{}, Scope: offsets.Scope{Topics: []string{topic}}},
		"clamped offset":      {Group: group, Scenario: offsets.ToOffset(1000), Scope: offsets.Scope{Partitions: []kafka.TopicPartition{tp(topic, 0), tp(topic, 1)}}},
		"shift of all":        {Group: group, Scenario: offsets.ShiftBy(-7)},
		"time":                {Group: group, Scenario: offsets.ToTime{Time: began.Add(60 * time.Second)}},
	} {
		p := prepare(t, a, spec)
		words := strings.Fields(strings.ReplaceAll(p.Command(real.List()), "--execute", "--dry-run --export"))
		out, err := real.Tool(t.Context(), kafkatest.ConsumerGroupCommand, words[1:]...)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := offsets.ReadCSV(strings.NewReader(warning.ReplaceAllString(out, "")))
		if err != nil || len(rows) != p.Commits() {
			t.Errorf("%s: %d rows, %v\n%s\n%s", name, len(rows), err, out, p.String())
		}
		stock := map[kafka.TopicPartition]int64{}
		for _, r := range rows {
			stock[r.TopicPartition] = r.Offset
		}
		for _, c := range p.Changes {
			if stock[c.TopicPartition] != c.After.V {
				t.Errorf("%s: %s/%d: stock %d, ours %v", name, c.Topic, c.Partition, stock[c.TopicPartition], c.After)
			}
		}
	}
}
