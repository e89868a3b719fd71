package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"lagtop/kafka/act"
	"lagtop/kafka/audit"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/ui/app"
	"lagtop/ui/component"
)

// auditLog is the audit file of this person for a cluster, as the configuration file has it.
func (r *run) auditLog(cluster, name string) *audit.Log {
	path, optional := "", false
	if r.loaded != nil {
		path, optional = r.loaded.Audit.File, r.loaded.Audit.Optional
	}
	l := audit.New(path, cluster)
	l.Name = name
	if optional {
		l.Optional = r.unaudited
	}
	return l
}

// unaudited tells that an action goes on without its record: the screen where there is one, else standard
// error. The newest wins.
func (r *run) unaudited(err error) {
	if r.auditFailures == nil {
		r.say("lagtop: the action goes on without a record: " + safe.Line(err.Error()))
		return
	}
	select {
	case <-r.auditFailures:
	default:
	}
	select {
	case r.auditFailures <- err:
	default:
	}
}

// audited is a session whose actions are recorded.
func (r *run) audited(s app.Session) app.Session {
	s.Audit = func(cluster string) act.Recorder { return r.auditLog(cluster, s.Name) }
	s.Trail = func(cluster string) app.Trail { return r.auditLog(cluster, s.Name) }
	return s
}

// windDownTime is how long an action may go on after a signal: between its intent and its outcome it would be
// left half told.
const windDownTime = 10 * time.Second

// carefully is ctx for an action that records with rec: a signal stops it before its intent, and later only
// after a while.
func carefully(ctx context.Context, rec act.Recorder) (context.Context, act.Recorder, context.CancelFunc) {
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(windDownTime, cancel) })
	return late, stoppable{rec, ctx}, func() { stop(); cancel() }
}

// stoppable begins nothing once its context has ended.
type stoppable struct {
	act.Recorder
	ctx context.Context
}

// Begin records the intent.
func (s stoppable) Begin(action, group string, plan any) (func(any, error) error, error) {
	if err := context.Cause(s.ctx); err != nil {
		return nil, err
	}
	return s.Recorder.Begin(action, group, plan)
}

func (r *run) auditCommand() *cobra.Command {
	var output string
	var open bool
	var limit int
	c := &cobra.Command{
		Use:   "audit",
		Short: "List the actions of the past, newest first",
		Long: "List the actions of the past, newest first: when, who, where, what and what came of it.\n" +
			"It reads the audit file alone and asks no cluster.",
		Example: "  lagtop audit\n  lagtop audit --open -o json",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			switch {
			case output != "table" && output != "json":
				return usageError{fmt.Errorf("--output %q: use table or json", output)}
			case limit < 0:
				return usageError{fmt.Errorf("--limit %d: want 0 (all) or more", limit)}
			}
			if _, err := r.settings(); err != nil {
				return err
			}
			return r.listAudit(output, open, limit)
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "table", "`format`: table, or json with one action a line")
	c.Flags().BoolVar(&open, "open", false, "only actions that were cut short: without an outcome, and nobody left who could write one")
	c.Flags().IntVar(&limit, "limit", 0, "at most so many `actions` (0: all)")
	return c
}

// listAudit prints the actions while it reads them.
func (r *run) listAudit(output string, open bool, limit int) (err error) {
	out := bufio.NewWriterSize(r.out, 1<<16)
	defer func() { err = errors.Join(err, out.Flush()) }()
	print := printAuditJSON
	if output == "table" {
		print = printAuditLine
		if _, err := fmt.Fprintln(out, auditLine("WHEN", "WHO", "CLUSTER", "ACTION", "GROUP", "RESULT", "TOOK", "ID")); err != nil {
			return err
		}
	}
	who, now, n := audit.Here(), time.Now(), 0
	for a, err := range audit.Actions(r.auditLog("", "").Path) {
		if err != nil {
			return err
		}
		cut := a.CutShort(who, now)
		if open && !cut {
			continue
		}
		if n++; limit > 0 && n > limit {
			return nil
		}
		if err := print(out, &a, cut); err != nil {
			return fmt.Errorf("write the audit: %w", err)
		}
	}
	return nil
}

func auditLine(when, who, cluster, action, group, result, took, id string) string {
	fit := func(s string, cells int) string { return component.Fit(safe.Line(s), cells, false) + " " }
	return fit(when, 19) + fit(who, 20) + fit(cluster, 22) + fit(action, 20) + fit(group, 30) + fit(result, 10) + fit(took, 6) + id
}

func printAuditLine(w io.Writer, a *audit.Action, cut bool) error {
	took := "-"
	if d, ok := a.Took(); ok {
		took = human.Duration(d)
	}
	name := a.Name
	if name == "" {
		name = a.Cluster
	}
	action, group, id := a.Action, a.Group, a.ID
	if a.Undo() {
		action += " (undo)"
	}
	if a.Phase == audit.Unreadable {
		group = a.Error
	}
	_, err := fmt.Fprintln(w, auditLine(a.Time.Local().Format("2006-01-02 15:04:05"), a.User+"@"+a.Host, name, action, group,
		resultWord(a, cut), took, safe.Line(id)))
	return err
}

// resultWord tells an action under way from one that was cut short.
func resultWord(a *audit.Action, cut bool) string {
	if r := a.Result(); r != audit.Open || cut {
		return string(r)
	}
	return "running"
}

func printAuditJSON(w io.Writer, a *audit.Action, cut bool) error {
	line, err := json.Marshal(struct {
		Result   string       `json:"result"`
		CutShort bool         `json:"cut_short"`
		Intent   audit.Entry  `json:"intent"`
		End      *audit.Entry `json:"end"` // null when there is none
	}{resultWord(a, cut), cut, a.Entry, a.End})
	if err != nil {
		return err
	}
	_, err = w.Write(append(asciiJSON(line), '\n'))
	return err
}
