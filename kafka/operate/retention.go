package operate

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
)

// The configurations of a topic that say how long its records are kept.
const (
	RetentionMS    = "retention.ms"
	RetentionBytes = "retention.bytes"
)

// Unlimited is the value of both that keeps records for good.
const Unlimited = -1

// Retention is the plan to keep the records of a topic for another time or up to another size.
type Retention struct {
	Action   Action
	Topic    string
	Settings []Setting // those that are changed
	Other    *Setting  `json:",omitempty"` // the limit that stays; nil when both are changed
	Policy   string    // cleanup.policy
	Unread   *Unread   `json:",omitempty"` // what it is done for; nil when that is not known
	At       time.Time // when the settings were read
	Since    []string  `json:",omitempty"` // of an undo: what was changed since, in words
}

// Setting is one limit.
type Setting struct {
	Name   string
	Before int64 // ms or bytes per partition; Unlimited
	Source kafka.ConfigSource
	After  int64
	Unset  bool // the topic's own value is taken away; After is what counted before it was set
	// Inherits is the source that counts after Unset.
	Inherits kafka.ConfigSource `json:",omitempty"`
}

// Unread is the oldest record that a group has not read.
type Unread struct {
	Group string
	kafka.TopicPartition
	Age kafka.Age
}

// Limits are the retention of a topic as it stands.
type Limits struct {
	Topic  string
	Time   Setting // Before and Source are set
	Size   Setting
	Policy string
}

// Wanted is what somebody asks for; what is unknown stays.
type Wanted struct {
	Time   kafka.Known[int64] // ms, or Unlimited
	Size   kafka.Known[int64] // bytes per partition, or Unlimited
	Unread *Unread
}

// ReadLimits reads the retention of a topic.
func ReadLimits(ctx context.Context, r Topics, topic string) (Limits, error) {
	out := Limits{Topic: topic}
	cs, err := r.TopicSettings(ctx, topic)
	if err != nil {
		return out, fmt.Errorf("read the retention of %s: %w", topic, err)
	}
	for _, want := range []struct {
		name string
		into *Setting
	}{{RetentionMS, &out.Time}, {RetentionBytes, &out.Size}} {
		i := slices.IndexFunc(cs, func(c kafka.Config) bool { return c.Name == want.name })
		if i < 0 {
			return out, fmt.Errorf("read the retention of %s: the broker does not tell %s", topic, want.name)
		}
		v, err := strconv.ParseInt(cs[i].Value, 10, 64)
		if err != nil {
			return out, fmt.Errorf("read the retention of %s: %s is %q, not a number", topic, want.name, cs[i].Value)
		}
		*want.into = Setting{Name: want.name, Before: v, Source: cs[i].Source}
	}
	if i := slices.IndexFunc(cs, func(c kafka.Config) bool { return c.Name == "cleanup.policy" }); i >= 0 {
		out.Policy = cs[i].Value
	}
	return out, nil
}

// PlanRetention decides what the wish changes. It wraps ErrNothing when all stands as wanted.
func PlanRetention(l Limits, w Wanted, now time.Time) (*Retention, error) {
	p := &Retention{Action: SetRetention, Topic: l.Topic, Policy: l.Policy, Unread: w.Unread, At: now.UTC().Round(0)}
	for _, one := range []struct {
		have Setting
		want kafka.Known[int64]
	}{{l.Time, w.Time}, {l.Size, w.Size}} {
		s := one.have
		switch {
		case !one.want.OK || one.want.V == s.Before:
			p.Other = &one.have
			continue
		case one.want.V < Unlimited || one.want.V == 0:
			return nil, fmt.Errorf("set the retention of %s: %s %d: give more than 0, or -1 for unlimited", l.Topic, s.Name, one.want.V)
		}
		s.After = one.want.V
		p.Settings = append(p.Settings, s)
	}
	if len(p.Settings) == 0 {
		return nil, fmt.Errorf("set the retention of %s: it is that already: %w", l.Topic, ErrNothing)
	}
	return p, nil
}

// Reverse is the plan that leads back from p applied in full: a value of the topic's own is set again,
// one that was inherited before is inherited again.
func (p *Retention) Reverse() *Retention {
	r := *p
	r.Settings = nil
	for _, s := range p.Settings {
		back := Setting{Name: s.Name, Before: s.After, Source: kafka.SourceTopic, After: s.Before}
		if s.Unset {
			back.Source = s.Inherits
		}
		if s.Source != kafka.SourceTopic {
			back.Unset, back.Inherits = true, s.Source
		}
		r.Settings = append(r.Settings, back)
	}
	return &r
}

// Shortens tells whether records are deleted that would have stayed.
func (p *Retention) Shortens() bool {
	return slices.ContainsFunc(p.Settings, func(s Setting) bool { return limit(s.After) < limit(s.Before) })
}

// limit orders unlimited behind all others.
func limit(v int64) int64 {
	if v == Unlimited {
		return math.MaxInt64
	}
	return v
}

// Does implements Plan.
func (p *Retention) Does() Action { return SetRetention }

// Object implements Plan.
func (p *Retention) Object() string { return p.Topic }

// Effect implements Plan.
func (p *Retention) Effect() string {
	var parts []string
	for _, s := range p.Settings {
		if s.Name == RetentionMS {
			parts = append(parts, fmt.Sprintf("for %s instead of %s", Words(s.Name, s.After), Words(s.Name, s.Before)))
		} else {
			parts = append(parts, fmt.Sprintf("up to %s per partition instead of %s", Words(s.Name, s.After), Words(s.Name, s.Before)))
		}
	}
	s := fmt.Sprintf("records of topic %s are kept %s", p.Topic, strings.Join(parts, ", and "))
	if p.Unread != nil {
		s += "; " + p.unread()
	}
	return s
}

// unread says how much longer the oldest unread record lives. A segment goes when its newest record is
// old enough, so that a single record lives at least as long as its own age says.
func (p *Retention) unread() string {
	u := p.Unread
	name := fmt.Sprintf("the oldest record that %s has not read, in %s", u.Group, partitionName(u.TopicPartition))
	i := slices.IndexFunc(p.Settings, func(s Setting) bool { return s.Name == RetentionMS })
	if i < 0 || !u.Age.Bounded() {
		return name + ", is " + u.Age.String() + " old"
	}
	s := p.Settings[i]
	return fmt.Sprintf("%s, is %s old: it is safe for %s, was for %s", name, u.Age.String(), left(s.After, u.Age.Max), left(s.Before, u.Age.Max))
}

// left is how long a record of that age is safe from retention by time.
func left(ms int64, age time.Duration) string {
	if ms == Unlimited {
		return "ever"
	}
	d := time.Duration(min(ms, math.MaxInt64/int64(time.Millisecond))) * time.Millisecond
	if d <= age {
		return "no time"
	}
	return human.Span(d-age) + " more"
}

// Warnings implements Plan.
func (p *Retention) Warnings() []string {
	var out []string
	if p.Shortens() {
		out = append(out, "RECORDS ARE DELETED: what is beyond the new limit goes within minutes, read or unread, and no undo brings it back")
	}
	out = append(out, p.Since...)
	if p.Policy != "" && !strings.Contains(p.Policy, "delete") {
		out = append(out, "cleanup.policy is "+p.Policy+": nothing is deleted by retention, so this changes nothing until that is changed")
	}
	if o := p.Other; o != nil && o.Before != Unlimited {
		what := "records older than " + Words(o.Name, o.Before)
		if o.Name == RetentionBytes {
			what = "the oldest records of a partition larger than " + Words(o.Name, o.Before)
		}
		out = append(out, fmt.Sprintf("%s stays as it is: %s go all the same", o.Name, what))
	}
	if !p.Shortens() {
		out = append(out, "the brokers need the disk space for it, on every replica; look at their log dirs first")
	}
	return out
}

// Destroys implements Plan.
func (p *Retention) Destroys() string {
	if p.Shortens() {
		return "records beyond the new limit"
	}
	return ""
}

// Changes implements Plan.
func (p *Retention) Changes() []Change {
	out := make([]Change, 0, len(p.Settings))
	for _, s := range p.Settings {
		after := reading(s.Name, s.After, kafka.SourceTopic)
		if s.Unset {
			after = reading(s.Name, s.After, s.Inherits)
		}
		out = append(out, Change{What: s.Name, Before: reading(s.Name, s.Before, s.Source), After: after})
	}
	return out
}

// reading is a value with its meaning and where it was set.
func reading(name string, v int64, from kafka.ConfigSource) string {
	s := strconv.FormatInt(v, 10) + " (" + Words(name, v)
	if from != kafka.SourceUnknown {
		s += ", " + string(from)
	}
	return s + ")"
}

// Words is a retention as people say it: 7 days, 36 h, 1.1 GB, unlimited.
func Words(name string, v int64) string {
	switch {
	case v == Unlimited:
		return "unlimited"
	case name == RetentionBytes:
		return human.Bytes(v)
	case v > math.MaxInt64/int64(time.Millisecond):
		return "more than 292 years"
	}
	return human.Span(time.Duration(v) * time.Millisecond)
}

// Refused implements Plan.
func (p *Retention) Refused() error { return nil }

// Command implements Plan.
func (p *Retention) Command(bootstrap string) string {
	args := []string{"--alter", "--entity-type", "topics", "--entity-name", p.Topic}
	var set, unset []string
	for _, s := range p.Settings {
		if s.Unset {
			unset = append(unset, s.Name)
		} else {
			set = append(set, s.Name+"="+strconv.FormatInt(s.After, 10))
		}
	}
	if len(set) > 0 {
		args = append(args, "--add-config", strings.Join(set, ","))
	}
	if len(unset) > 0 {
		args = append(args, "--delete-config", strings.Join(unset, ","))
	}
	return command("kafka-configs", bootstrap, args...)
}

func (p *Retention) check(ctx context.Context, r Reader) error { return changed(ctx, r, p) }

func (p *Retention) send(ctx context.Context, c Client) (map[string]error, error) {
	var changes []kafka.ConfigChange
	for _, s := range p.Settings {
		k := kafka.ConfigChange{Name: s.Name, Unset: s.Unset}
		if !s.Unset {
			k.Value = strconv.FormatInt(s.After, 10)
		}
		changes = append(changes, k)
	}
	err := c.AlterTopic(ctx, p.Topic, changes)
	if !answered(err) {
		return nil, err
	}
	refused := map[string]error{} // one answer for all of them
	for _, s := range p.Settings {
		refused[s.Name] = err
	}
	return refused, nil
}

func (p *Retention) now(ctx context.Context, r Reader) (map[string]string, error) {
	l, err := ReadLimits(ctx, r, p.Topic)
	if err != nil {
		return nil, err
	}
	return map[string]string{
		RetentionMS:    reading(RetentionMS, l.Time.Before, l.Time.Source),
		RetentionBytes: reading(RetentionBytes, l.Size.Before, l.Size.Source),
	}, nil
}
