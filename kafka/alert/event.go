package alert

import (
	"encoding/json"
	"strings"
	"time"

	"lagtop/kafka"
)

// Alert is one that is open.
type Alert struct {
	Rule     string
	Group    string // unsanitised
	Since    time.Time
	Evidence string // with numbers, unsanitised
	Told     bool   // false: a quiet time holds it back
}

// Kind is what happened to an alert.
type Kind string

// The kinds of Event.
const (
	Fired   Kind = "fired"
	Cleared Kind = "cleared"
)

// Event is what somebody is to be told.
type Event struct {
	Kind     Kind
	Rule     string
	Group    string // unsanitised
	At       time.Time
	Since    time.Time // the rule began to hold
	Evidence string    // with numbers, unsanitised
	Facts    Facts     // of the group, from the last poll that could tell; zero when it is gone
	Notify   Notify

	index int // of the rule
}

// Facts are the numbers of a group that go with an event.
type Facts struct {
	State   kafka.GroupState
	Verdict kafka.VerdictKind
	Advice  string
	Lag     kafka.Known[int64] // records; of a sum that misses parts, what is known
	LagAll  bool               // the sum misses no parts
	Age     kafka.Known[kafka.Age]
}

func factsOf(g *kafka.Group) Facts {
	f := Facts{State: g.State, Verdict: g.Verdict.Kind, Advice: g.Verdict.Advice, Age: g.Age, LagAll: g.Lag.Complete()}
	if !g.Lag.Unknown() {
		f.Lag = kafka.Some(g.Lag.V)
	}
	return f
}

func (e *Engine) event(k key, t *track, now time.Time) Event {
	r := &e.rules[k.rule]
	ev := Event{
		Kind: Cleared, Rule: r.Name, Group: k.group, At: now, Since: t.since, Evidence: t.evidence,
		Facts: t.group, Notify: r.Notify, index: k.rule,
	}
	if t.open {
		ev.Kind = Fired
	}
	return ev
}

// payload is an Event for programs. Unknown numbers are null.
type payload struct {
	Event       Kind               `json:"event"`
	Rule        string             `json:"rule"`
	Group       string             `json:"group"`
	Cluster     string             `json:"cluster"`
	At          time.Time          `json:"at"`
	Since       time.Time          `json:"since"`
	Evidence    string             `json:"evidence"`
	Advice      string             `json:"advice"`
	State       kafka.GroupState   `json:"state"`
	Verdict     string             `json:"verdict"`
	Lag         kafka.Known[int64] `json:"lag"`
	LagComplete bool               `json:"lag_complete"`
	Age         *ageSeconds        `json:"age_seconds"`
}

type ageSeconds struct {
	Min  float64              `json:"min"`
	Max  kafka.Known[float64] `json:"max"`
	Kind string               `json:"kind"`
}

// JSON is the event as one line of JSON with a newline. Text is as the cluster has it, with controls
// escaped as JSON does and bytes that are not UTF-8 replaced by U+FFFD.
func (e *Event) JSON(cluster string) ([]byte, error) {
	p := payload{
		Event: e.Kind, Rule: e.Rule, Group: e.Group, Cluster: cluster, At: e.At, Since: e.Since,
		Evidence: e.Evidence, Advice: e.Facts.Advice, State: e.Facts.State,
		Verdict: strings.ToLower(e.Facts.Verdict.String()), Lag: e.Facts.Lag, LagComplete: e.Facts.LagAll,
	}
	if a := e.Facts.Age; a.OK {
		p.Age = &ageSeconds{Min: a.V.Min.Seconds(), Kind: a.V.Kind.String()}
		if a.V.Bounded() {
			p.Age.Max = kafka.Some(a.V.Max.Seconds())
		}
	}
	line, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	return append(line, '\n'), nil
}
