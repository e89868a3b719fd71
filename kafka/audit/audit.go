package audit

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"sync"
	"time"

	"github.com/adrg/xdg"
)

// Phase tells which half of an action an entry records.
type Phase string

// The phases. An intent without an outcome of the same ID is an action that was cut short.
// Unreadable stands for a line in the middle of the file that could not be decoded.
const (
	Intent     Phase = "intent"
	Outcome    Phase = "outcome"
	Unreadable Phase = "unreadable"
)

// Entry is one line of the file.
type Entry struct {
	ID         string          `json:"id"` // the same for an intent and its outcome
	Time       time.Time       `json:"time"`
	Phase      Phase           `json:"phase"`
	User       string          `json:"user"`
	Host       string          `json:"host"`
	SSH        string          `json:"ssh_client,omitempty"` // SSH_CLIENT or SSH_CONNECTION
	Cluster    string          `json:"cluster"`              // cluster id
	Action     string          `json:"action"`
	Group      string          `json:"group"`
	Plan       json.RawMessage `json:"plan,omitempty"`
	Outcome    json.RawMessage `json:"outcome,omitempty"`
	Error      string          `json:"error,omitempty"`
	DurationMS int64           `json:"duration_ms,omitempty"` // of the outcome, since its intent
}

// Who is the person at the keyboard as far as the system tells.
type Who struct {
	User string
	Host string
	SSH  string // address the session came from, empty when it is local
}

// Here reads Who from the system and the environment.
func Here() Who {
	w := Who{User: os.Getenv("USER")}
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

// Log appends to one file for one cluster. It is safe for concurrent use.
type Log struct {
	Path    string
	Cluster string // cluster id
	Who     Who
	Now     func() time.Time // time.Now when nil

	mu sync.Mutex
}

// New is the log at path for the person at the keyboard; an empty path is DefaultPath.
func New(path, cluster string) *Log {
	if path == "" {
		path = DefaultPath()
	}
	return &Log{Path: path, Cluster: cluster, Who: Here()}
}

// Begin records the intent and returns once it is on the disk; with an error the action must not be
// carried out. finish records what came of it, and is to be called exactly once.
func (l *Log) Begin(action, group string, plan any) (finish func(outcome any, failed error) error, err error) {
	id := make([]byte, 8)
	if _, err := rand.Read(id); err != nil {
		return nil, fmt.Errorf("audit %s %s: %w", action, group, err)
	}
	e := l.entry(hex.EncodeToString(id), action, group)
	e.Phase = Intent
	began := e.Time
	if e.Plan, err = json.Marshal(plan); err != nil {
		return nil, fmt.Errorf("audit %s %s: encode the plan: %w", action, group, err)
	}
	if err := l.append(e); err != nil {
		return nil, fmt.Errorf("audit %s %s: %w", action, group, err)
	}
	return func(outcome any, failed error) error {
		e := l.entry(hex.EncodeToString(id), action, group)
		e.Phase = Outcome
		e.DurationMS = e.Time.Sub(began).Milliseconds()
		if failed != nil {
			e.Error = failed.Error()
		}
		var err error
		if e.Outcome, err = json.Marshal(outcome); err != nil {
			e.Error = fmt.Sprintf("%s (outcome not encoded: %v)", e.Error, err)
		}
		if err := l.append(e); err != nil {
			return fmt.Errorf("audit the outcome of %s %s: %w", action, group, err)
		}
		return nil
	}, nil
}

func (l *Log) entry(id, action, group string) Entry {
	now := time.Now
	if l.Now != nil {
		now = l.Now
	}
	return Entry{
		ID: id, Time: now().UTC(), User: l.Who.User, Host: l.Who.Host, SSH: l.Who.SSH,
		Cluster: l.Cluster, Action: action, Group: group,
	}
}

// append writes one line in one write and waits until it is on the disk.
func (l *Log) append(e Entry) (err error) {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := os.MkdirAll(filepath.Dir(l.Path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(l.Path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	torn, err := endsTorn(f)
	if err != nil {
		return err
	}
	if torn { // a writer was cut short: do not glue our line to its piece
		line = append([]byte{'\n'}, line...)
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		return err
	}
	return f.Sync()
}

// endsTorn tells whether the file ends within a line.
func endsTorn(f *os.File) (bool, error) {
	st, err := f.Stat()
	if err != nil || st.Size() == 0 {
		return false, err
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, st.Size()-1); err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return last[0] != '\n', nil
}
