package operate

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
)

// topic answers with a retention.
type topic struct{ time, size kafka.Config }

func (t topic) Topics(context.Context, ...string) ([]kafka.Topic, error) { return nil, nil }

func (t topic) TopicSettings(context.Context, string) ([]kafka.Config, error) {
	return []kafka.Config{t.time, t.size}, nil
}

func config(name, value string, from kafka.ConfigSource) kafka.Config {
	return kafka.Config{Name: name, Value: value, Source: from}
}

func TestRetentionIsTakenBackAsTheTopicStandsNow(t *testing.T) {
	const own, inherited = kafka.SourceTopic, kafka.SourceDefault
	size := config(RetentionBytes, "-1", inherited)
	for name, c := range map[string]struct {
		before Setting      // of the time limit, which was set to 1000 ms
		now    kafka.Config // of it
		want   string       // what the request would say
		since  string
	}{
		"an own value is set again":          {Setting{Name: RetentionMS, Before: 500, Source: own}, config(RetentionMS, "1000", own), "--add-config retention.ms=500", ""},
		"an inherited one is inherited":      {Setting{Name: RetentionMS, Before: 500, Source: inherited}, config(RetentionMS, "1000", own), "--delete-config retention.ms", ""},
		"changed since":                      {Setting{Name: RetentionMS, Before: 500, Source: own}, config(RetentionMS, "2000", own), "--add-config retention.ms=500", "was left at 1000 (1 s, topic) and is 2000 (2 s, topic) now"},
		"taken away since, and was own":      {Setting{Name: RetentionMS, Before: 500, Source: own}, config(RetentionMS, "500", inherited), "--add-config retention.ms=500", "changed since"},
		"it has the value of before already": {Setting{Name: RetentionMS, Before: 500, Source: own}, config(RetentionMS, "500", own), "", ""},
		"it is inherited already":            {Setting{Name: RetentionMS, Before: 500, Source: inherited}, config(RetentionMS, "700", inherited), "", ""},
	} {
		set := c.before
		set.After = 1000
		p := &Retention{Action: SetRetention, Topic: "orders", Settings: []Setting{set}, Unread: &Unread{Group: "then"}}
		u, err := p.TakeBack(t.Context(), topic{c.now, size}, time.Now())
		if c.want == "" {
			if !errors.Is(err, ErrNothing) {
				t.Errorf("%s: %+v, %v, want nothing to change", name, u, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := u.Command(""); !strings.HasSuffix(got, c.want) {
			t.Errorf("%s: %s", name, got)
		}
		if warned := strings.Join(u.Warnings(), "; "); c.since == "" && len(u.Since) > 0 || !strings.Contains(warned, c.since) {
			t.Errorf("%s: %s", name, warned)
		}
		if u.Settings[0].Before == set.After != (c.now.Value == "1000") || u.Unread != nil || u.Other == nil || u.Other.Name != RetentionBytes {
			t.Errorf("%s: %+v is not of the present world", name, u)
		}
		if !p.TakesBack(u) || p.TakesBack(p) {
			t.Errorf("%s: it does not know its own way back", name)
		}
	}
}

func TestRecordedOutcomeIsReadAgain(t *testing.T) {
	p := &Deletion{Action: DeleteGroup, Group: "payments", Type: kafka.Classic, Commits: []Commit{{Offset: 7}}}
	o := Outcome{Plan: p, record: record{BeforeFile: "before.csv", Sent: true, Results: []Result{{What: "group payments", Want: gone}}}}
	plan, outcome := encode(t, p), encode(t, o.record)
	got, err := ReadOutcome(plan, outcome)
	if d, ok := got.Plan.(*Deletion); err != nil || !ok || d.Group != "payments" || got.BeforeFile != "before.csv" || !got.Sent || len(got.Results) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := ReadOutcome(plan, nil); err != nil || got.Sent || got.BeforeFile != "" {
		t.Errorf("cut short: %+v, %v", got, err)
	}
	if _, err := ReadOutcome(plan, json.RawMessage(`{"Results":3}`)); err == nil {
		t.Error("an outcome of another form is read")
	}
}

func TestOnlyWhatHasAWayBackCanBeUndone(t *testing.T) {
	for want, plans := range map[string][]Plan{
		"":               {&Retention{}, &Deletion{Type: kafka.Classic, Commits: make([]Commit, 1)}},
		"no request":     {&Election{}},
		"had no commits": {&Deletion{Type: kafka.Consumer}},
		"consumer group": {&Deletion{Type: kafka.Share}},
	} {
		for _, p := range plans {
			if got := NoUndo(p); (got == "") != (want == "") || !strings.Contains(got, want) {
				t.Errorf("%T: %q, want %q", p, got, want)
			}
		}
	}
}

func encode(t *testing.T, v any) json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
