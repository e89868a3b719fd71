// Package doctor turns what was seen on the way to a cluster, and what may be done there, into a report that
// says of each thing whether it works, by what evidence, and what to try. Reports are pure; Examine alone asks
// brokers, through kafka/conn.
package doctor

import (
	"context"
	"time"

	"lagtop/kafka/conn"
)

// Outcome is what became of a thing.
type Outcome string

// The outcomes, best first. Missing is no failure: the rest works without it.
const (
	OK      Outcome = "ok"
	Missing Outcome = "missing"
	Warning Outcome = "warning"
	Failed  Outcome = "failed"
)

// Line is one thing with its evidence. All texts are unsanitised.
type Line struct {
	What    string   `json:"what"`
	Outcome Outcome  `json:"outcome"`
	Facts   []string `json:"facts"`
	Try     string   `json:"try,omitempty"`
}

// Part is a title and the lines below it.
type Part struct {
	Title string `json:"title"`
	Lines []Line `json:"lines"`
}

// Verdict is the whole in one word.
type Verdict string

// The verdicts.
const (
	Sound   Verdict = "ok"      // nothing failed
	Partial Verdict = "partial" // the cluster can be watched, and something failed
	Closed  Verdict = "failed"  // no address lets us in
)

// Report is what an examination found.
type Report struct {
	Name    string    `json:"name"`
	At      time.Time `json:"at"`
	Verdict Verdict   `json:"verdict"`
	Parts   []Part    `json:"parts"`
}

// Evidence is what a report is made of.
type Evidence struct {
	Name      string
	Bootstrap string // for commands that a person pastes
	Principal string // who we probably are to the authorizer, such as User:alice; empty when that is not known
	Warnings  []string
	Checks    []conn.Check
	Cluster   *conn.ClusterInfo // nil when nobody was asked
	Rights    *conn.Rights      // nil when nobody was asked
}

// Options say what Examine looks at.
type Options struct {
	Name   string       // of the cluster, as the person calls it
	Rights bool         // ask what we may do, too
	Note   func(string) // is told what is looked at now; nil: nobody is
}

// Examine goes the way to a cluster and asks for our rights there, by requests that only read. Each
// address takes at most 8 s, eight of them at a time, and longer only while a password is asked for.
func Examine(ctx context.Context, cfg conn.Config, o Options) Report {
	note := o.Note
	if note == nil {
		note = func(string) {}
	}
	e := Evidence{Name: o.Name, Warnings: cfg.Warnings(), Principal: principal(cfg)}
	if len(cfg.Bootstrap) > 0 {
		e.Bootstrap = cfg.Bootstrap[0]
	}
	note("name, connection, TLS, login")
	e.Checks = conn.Diagnose(ctx, cfg)
	if at := answering(e.Checks); at != nil && o.Rights && ctx.Err() == nil {
		note("rights")
		e.Bootstrap = at.Addr
		e.Cluster = cluster(ctx, cfg, at)
		r := conn.ReadRights(ctx, cfg, reachable(e.Checks, at))
		e.Rights = &r
	}
	return New(e, time.Now())
}

// answering is the first address that let us in, nil when none did.
func answering(checks []conn.Check) *conn.Check {
	for i := range checks {
		if checks[i].Err == nil && checks[i].Seen != nil {
			return &checks[i]
		}
	}
	return nil
}

const clusterTime = 5 * time.Second

func cluster(ctx context.Context, cfg conn.Config, at *conn.Check) *conn.ClusterInfo {
	ctx, cancel := context.WithTimeout(ctx, clusterTime)
	defer cancel()
	b := conn.NewBroker(cfg, at.Addr, nil)
	defer b.Close()
	info, err := b.ReadCluster(ctx, at.Broker.V)
	if err != nil && info.Version == "" && info.Mode == "" {
		return nil
	}
	return &info
}

// principal is a guess by the default rules of Kafka: what follows from a token, a ticket or a mapped
// certificate is known to the brokers alone.
func principal(cfg conn.Config) string {
	if s := cfg.Auth.SASL; s != nil && s.User != "" {
		return "User:" + s.User
	}
	if cfg.Auth.SASL == nil && (cfg.Auth.TLS == nil || cfg.Auth.TLS.Cert.IsZero()) {
		return "User:ANONYMOUS"
	}
	return ""
}
