package audit

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"time"

	"github.com/adrg/xdg"
)

// Phase tells which half of an action an entry records.
type Phase string

// The phases. An intent without an outcome of the same ID is an action under way, or one that was cut
// short; Recovered closes the latter with what was found later. Unreadable stands for a line that could
// not be decoded.
const (
	Intent     Phase = "intent"
	Outcome    Phase = "outcome"
	Recovered  Phase = "recovered"
	Unreadable Phase = "unreadable"
)

// Entry is one line of the file.
type Entry struct {
	ID         string          `json:"id"` // the same for an intent and its outcome
	Time       time.Time       `json:"time"`
	Phase      Phase           `json:"phase"`
	User       string          `json:"user"`
	Host       string          `json:"host"`
	SSH        string          `json:"ssh_client,omitempty"`   // SSH_CLIENT or SSH_CONNECTION
	PID        int             `json:"pid,omitempty"`          // of the writer, on Host
	Started    string          `json:"started,omitempty"`      // tells processes of the same number apart, see Here
	Cluster    string          `json:"cluster"`                // cluster id
	Name       string          `json:"cluster_name,omitempty"` // as the person calls the cluster
	Action     string          `json:"action"`
	Group      string          `json:"group"` // or whatever else the action is about
	Plan       json.RawMessage `json:"plan,omitempty"`
	Outcome    json.RawMessage `json:"outcome,omitempty"`
	Error      string          `json:"error,omitempty"`
	DurationMS int64           `json:"duration_ms,omitempty"` // of the outcome, since its intent
}

// Who is the person at the keyboard as far as the system tells, and the process that acts for them.
type Who struct {
	User    string
	Host    string
	SSH     string // address the session came from, empty when it is local
	PID     int
	Started string
}

// Here reads Who from the system and the environment. It may wait for a directory service.
func Here() Who {
	w := Who{User: os.Getenv("USER"), PID: os.Getpid(), Started: started(os.Getpid())}
	if u, err := user.Current(); err == nil {
		w.User = u.Username
	}
	w.Host, _ = os.Hostname() // empty when the system does not tell
	for _, name := range []string{"SSH_CLIENT", "SSH_CONNECTION"} {
		if w.SSH == "" {
			w.SSH = os.Getenv(name)
		}
	}
	return w
}

// DefaultPath is the file in the user's state folder.
func DefaultPath() string { return filepath.Join(xdg.StateHome, "lagtop", "audit.jsonl") }

// ErrUnwritten is that of an outcome that is not in the audit although its action may have been carried out.
var ErrUnwritten = errors.New("the outcome was not written")

// Log appends to one file for one cluster. It is safe for concurrent use, also by several processes.
type Log struct {
	Path    string
	Cluster string           // cluster id
	Name    string           // of the cluster, as the person calls it; may be empty
	Who     Who              // zero: the person at the keyboard
	Now     func() time.Time // time.Now when nil
	// Optional is set where actions go on without an audit: it is told what could not be written.
	Optional func(error)
	// MaxSize is the size in bytes from which on a new file is begun, 5 MiB when 0.
	MaxSize int64
}

// New is the log at path for the person at the keyboard; an empty path is DefaultPath. It does no I/O: who that is
// may take a directory service seconds to tell, so the first entry asks.
func New(path, cluster string) *Log {
	if path == "" {
		path = DefaultPath()
	}
	return &Log{Path: path, Cluster: cluster}
}

// Begin records the intent and returns once it is on the disk; with an error the action must not be
// carried out. finish records what came of it, and is to be called exactly once.
func (l *Log) Begin(action, group string, plan any) (finish func(outcome any, failed error) error, err error) {
	e, err := l.intent(action, group, plan)
	if err == nil {
		err = l.append(e)
	}
	if err != nil {
		err = fmt.Errorf("audit %s %s: %w", action, group, err)
		if l.Optional == nil {
			return nil, err
		}
		l.Optional(err)
	}
	return func(outcome any, failed error) error {
		err := l.append(l.outcome(e, outcome, failed))
		if err == nil {
			return nil
		}
		err = fmt.Errorf("audit the outcome of %s %s: %w: %w", action, group, ErrUnwritten, err)
		if l.Optional == nil {
			return err
		}
		l.Optional(err)
		return nil
	}, nil
}

func (l *Log) intent(action, group string, plan any) (e Entry, err error) {
	id := make([]byte, 8)
	if _, err := rand.Read(id); err != nil {
		return e, err
	}
	e = l.entry(hex.EncodeToString(id), action, group)
	e.Phase = Intent
	if e.Plan, err = json.Marshal(plan); err != nil {
		return e, fmt.Errorf("encode the plan: %w", err)
	}
	return e, nil
}

func (l *Log) outcome(of Entry, outcome any, failed error) Entry {
	e := l.entry(of.ID, of.Action, of.Group)
	e.Phase = Outcome
	e.DurationMS = e.Time.Sub(of.Time).Milliseconds()
	if failed != nil {
		e.Error = failed.Error()
	}
	var err error
	if e.Outcome, err = json.Marshal(outcome); err != nil {
		e.Error = fmt.Sprintf("%s (outcome not encoded: %v)", e.Error, err)
	}
	return e
}

// Recover closes an action that was cut short, with what was found of it.
func (l *Log) Recover(a Action, found Found) error {
	e := l.entry(a.ID, a.Action, a.Group)
	e.Phase = Recovered
	var err error
	if e.Outcome, err = json.Marshal(found); err == nil {
		err = l.append(e)
	}
	if err != nil {
		return fmt.Errorf("close %s %s in the audit: %w", a.Action, a.Group, err)
	}
	return nil
}

// Found is what became of an action that was cut short, as far as the cluster tells later.
type Found struct {
	Verdict string // in words: "applied to 7 of 12 partitions"
}

func (l *Log) entry(id, action, group string) Entry {
	now := time.Now
	if l.Now != nil {
		now = l.Now
	}
	w := l.Who
	if w == (Who{}) {
		w = Here()
	}
	return Entry{
		ID: id, Time: now().UTC(), User: w.User, Host: w.Host, SSH: w.SSH, PID: w.PID, Started: w.Started,
		Cluster: l.Cluster, Name: l.Name, Action: action, Group: group,
	}
}
