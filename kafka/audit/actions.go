package audit

import (
	"cmp"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"time"
)

// Result is what came of an action.
type Result string

// The results. Open is an action without an outcome: it is under way, or was cut short.
const (
	Open    Result = "OPEN"
	Applied Result = "applied"
	Partly  Result = "partly"
	Refused Result = "refused" // nothing was changed
	Failed  Result = "failed"  // what was changed is not known, or not proved
	Closed  Result = "closed"  // it was cut short, and somebody has looked at it
	Unclear Result = "bad line"
)

// Action is an intent with what came of it.
type Action struct {
	Entry        // the intent; without a plan when that is no longer in the files
	End   *Entry // its outcome, or what was found later; nil when the action is open
}

// Recorded is the outcome that the action itself recorded, nil when it was cut short.
func (a *Action) Recorded() json.RawMessage {
	if a.End == nil || a.End.Phase != Outcome {
		return nil
	}
	return a.End.Outcome
}

// Actions are the actions of the files, newest first, read as they are asked for. See Entries for errors.
func Actions(path string) iter.Seq2[Action, error] {
	return func(yield func(Action, error) bool) {
		ends := map[string]*Entry{} // outcomes whose intents are still to come, further back
		for e, err := range Entries(path) {
			switch {
			case err != nil:
				yield(Action{}, err)
				return
			case e.Phase == Outcome, e.Phase == Recovered:
				// The action may have been closed while its process lived on, and ended after all.
				if was := ends[e.ID]; was == nil || was.Phase == Recovered {
					ends[e.ID] = &e
				}
				continue
			}
			a := Action{Entry: e, End: ends[e.ID]}
			delete(ends, e.ID)
			if !yield(a, nil) {
				return
			}
		}
		for _, a := range orphans(ends) {
			if !yield(a, nil) {
				return
			}
		}
	}
}

// orphans are outcomes whose intents were in a file that is gone, newest first.
func orphans(ends map[string]*Entry) []Action {
	var out []Action
	for _, e := range ends {
		a := Action{Entry: *e, End: e}
		a.Time, a.Outcome = e.Time.Add(-time.Duration(e.DurationMS)*time.Millisecond), nil
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b Action) int {
		return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// maxPage bounds the plans and outcomes of a page in bytes.
const maxPage = 16 << 20

// Page is the newest actions of the file.
type Page struct {
	Actions []Action // newest first
	More    bool     // there are older ones
}

// Recent reads at most so many actions, fewer where their plans are large.
func (l *Log) Recent(limit int) (Page, error) {
	var p Page
	size := 0
	for a, err := range Actions(l.Path) {
		if err != nil {
			return p, err
		}
		if size += a.size(); len(p.Actions) == limit || size > maxPage && len(p.Actions) > 0 {
			p.More = true
			break
		}
		p.Actions = append(p.Actions, a)
	}
	return p, nil
}

func (a *Action) size() int {
	n := len(a.Plan)
	if a.End != nil {
		n += len(a.End.Outcome)
	}
	return n
}

// Took is how long the action took; false when it is open or the time is not known.
func (a *Action) Took() (time.Duration, bool) {
	if a.End == nil || a.End.Phase != Outcome {
		return 0, false
	}
	return time.Duration(a.End.DurationMS) * time.Millisecond, true
}

// told are the fields of outcomes that tell whether something was changed. A field that is not there says
// nothing.
type told struct {
	Results json.RawMessage // a list; null or empty: nothing was sent
}

// Result reads from the outcome what came of the action.
func (a *Action) Result() Result {
	switch {
	case a.Phase == Unreadable:
		return Unclear
	case a.End == nil:
		return Open
	case a.End.Phase == Recovered:
		return Closed
	}
	var t told
	var rs []part
	_ = json.Unmarshal(a.End.Outcome, &t) // an outcome of another form says nothing
	_ = json.Unmarshal(t.Results, &rs)
	wrong, untouched := 0, 0
	for i := range rs {
		if rs[i].Err != "" {
			wrong++
		}
		if rs[i].untouched() {
			untouched++
		}
	}
	switch {
	case a.End.Error != "" && t.Results != nil && untouched == len(rs): // nothing was sent, or nothing taken
		return Refused
	case a.End.Error != "":
		return Failed
	case wrong == 0:
		return Applied
	case untouched == len(rs):
		return Refused
	case wrong == len(rs): // what was stored does not stand
		return Failed
	}
	return Partly
}

// part is what came of one partition or setting.
type part struct {
	Want    any // of an offset: nil where none was to be stored
	Remove  bool
	Refused bool // of an offset; else Err says so
	Err     string
}

// untouched tells whether the broker changed nothing there.
func (p *part) untouched() bool {
	return p.Refused || strings.HasPrefix(p.Err, "refused") || p.Want == nil && !p.Remove && p.Err != ""
}

// Undo tells whether the action was planned to take back another one, as far as its plan says so.
func (a *Action) Undo() bool {
	var p struct{ Scenario string } // of a plan for offsets
	_ = json.Unmarshal(a.Plan, &p)  // a plan of another form says nothing
	return strings.HasPrefix(p.Scenario, "undo ")
}

// Verdict is what was found of an action that was closed later, empty for any other.
func (a *Action) Verdict() string {
	var f Found
	if a.End != nil && a.End.Phase == Recovered {
		_ = json.Unmarshal(a.End.Outcome, &f)
	}
	return f.Verdict
}

// abroadAfter is when an open action of another host counts as cut short: whether its process lives cannot
// be seen from here, and none takes that long.
const abroadAfter = time.Hour

// CutShort tells whether an action has no outcome and nobody is left who could write one.
func (a *Action) CutShort(who Who, now time.Time) bool {
	if a.Phase != Intent || a.End != nil {
		return false
	}
	if a.Host != who.Host || a.PID == 0 { // also written before processes were recorded
		return now.Sub(a.Time) > abroadAfter
	}
	return !runs(a.PID, a.Started)
}
