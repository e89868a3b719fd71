package cli

import (
	"context"
	"strings"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/demo"
	"lagtop/kafka/lag"
	"lagtop/kafka/limit"
	"lagtop/kafka/poll"
	"lagtop/kafka/timeline"
	"lagtop/kafka/triage"
	"lagtop/ui/app"
	"lagtop/ui/config"
)

// clusters are those that the screen can show, and which one it begins with: the contexts of the file, and
// before them the first where it is none of them.
func (r *run) clusters(c *config.Config, first app.Cluster) ([]app.Cluster, int) {
	var out []app.Cluster
	shown := -1
	for i := range c.Contexts {
		if c.Contexts[i].Name == first.Name {
			shown = i
		}
		out = append(out, r.cluster(r.apply(c, c.Contexts[i])))
	}
	if shown >= 0 {
		out[shown] = first
		return out, shown
	}
	return append([]app.Cluster{first}, out...), 0
}

func (r *run) cluster(t *target) app.Cluster {
	return app.Cluster{Name: t.Name, Detail: t.detail(), Open: func(ctx context.Context) (app.Session, error) {
		cfg, err := t.conn()
		if err != nil {
			return app.Session{}, err
		}
		s := r.audited(t.session(r.flags.tail))
		schemas, closeSchemas, err := r.schemas(t)
		if err != nil {
			return app.Session{}, err
		}
		s.Schemas = schemas
		return closing(closeSchemas)(openSession(ctx, cfg, s, r.scope(), nil))
	}}
}

// closing ends something with a session, or at once where the session could not be opened.
func closing(end func()) func(app.Session, error) (app.Session, error) {
	return func(s app.Session, err error) (app.Session, error) {
		if err != nil {
			end()
			return s, err
		}
		first := s.Close
		s.Close = func() { first(); end() }
		return s, nil
	}
}

// detail says in one line where the target is and how it is marked.
func (t *target) detail() string {
	return strings.Join(append([]string{strings.Join(t.Bootstrap, ",")}, t.marks()...), "  ")
}

// marks are the words for what keeps people from changing the target by mistake.
func (t *target) marks() []string {
	var out []string
	if t.readOnly != "" {
		out = append(out, "read-only")
	}
	if t.Protected {
		out = append(out, "protected")
	}
	return out
}

func (t *target) session(autoTail bool) app.Session {
	return app.Session{
		Name: t.Name, Color: t.Color, ReadOnly: t.readOnly, Protected: t.Protected, Interval: t.Interval, AutoTail: autoTail,
	}
}

// openSession wires a cluster and starts to poll it; with a demo once that has its history, which then sees every
// snapshot. Close of the session ends all of it.
func openSession(ctx context.Context, cfg conn.Config, s app.Session, in limit.Scope, d *demo.Demo) (app.Session, error) {
	log := conn.NewLog()
	cfg.Log = log
	admin, err := conn.OpenAdmin(cfg)
	if err != nil {
		return app.Session{}, err
	}
	cfg.Purpose = kafka.PurposeLookUp
	facts, err := conn.OpenAdmin(cfg)
	if err != nil {
		admin.Close()
		return app.Session{}, err
	}
	cfg.Purpose = kafka.PurposePoll
	s.Unsafe = cfg.Badge()
	s.History, s.Timeline = lag.NewHistory(lag.Options{}), timeline.New(timeline.Options{})
	judge := triage.New(s.History)
	derive := []func(*kafka.Snapshot){s.History.Observe, judge.Judge, s.Timeline.Observe}
	var ready <-chan struct{}
	if d != nil {
		s.Fleet, s.Stage, ready = d, d, d.Seeded()
		derive = append(derive, d.Observe)
	}
	poller := poll.New(cfg, poll.Options{
		Interval: s.Interval, Derive: derive, Ages: s.History.Ages, Stable: poll.StableEvery,
		Scope: in,
	})
	s.Source, s.Actor, s.Facts, s.Stamps, s.Tailer = poller, admin, facts, facts, conn.NewReader(cfg)
	s.GroupLog = conn.NewReader(cfg)
	s.Requests = log.Report
	s.Examine = examiner(cfg, s.Name)
	ctx, stop := context.WithCancel(ctx)
	polling := make(chan struct{})
	go func() {
		defer close(polling)
		if ready != nil {
			select {
			case <-ready:
			case <-ctx.Done():
			}
		}
		_ = poller.Run(ctx) // says only that ctx ended
	}()
	s.Close = func() {
		stop()
		<-polling
		admin.Close()
		facts.Close()
	}
	return s, nil
}
