package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/spf13/pflag"

	"lagtop/kafka"
	"lagtop/kafka/alert"
	"lagtop/kafka/audit"
	"lagtop/kafka/conn"
	"lagtop/kafka/demo"
	"lagtop/kafka/lag"
	"lagtop/kafka/offsets"
	"lagtop/kafka/poll"
	"lagtop/kafka/triage"
	"lagtop/theme"
	"lagtop/ui/app"
	"lagtop/ui/config"
	"lagtop/ui/notify"
)

// demoInterval is shorter than on real clusters: the demo is for watching things move.
const demoInterval = time.Second

// minInterval keeps a slip of the finger from flooding a cluster.
const minInterval = 200 * time.Millisecond

func (r *run) screenFlags(f *pflag.FlagSet) {
	f.DurationVar(&r.flags.interval, "interval", 0, "`time` between polls (default 2s, in the demo 1s)")
	f.StringVar(&r.flags.palette, "palette", "", "`colours`: "+strings.Join(theme.Names(), ", ")+" (default dark)")
	f.StringVar(&r.flags.config, "config", "", "configuration `file` (default $XDG_CONFIG_HOME/lagtop/config.yaml)")
	f.BoolVar(&r.flags.ascii, "ascii", false, "draw with ASCII only")
	f.BoolVar(&r.flags.noMouse, "no-mouse", false, "leave the mouse to the terminal")
	f.BoolVar(&r.flags.tail, "tail", false, "follow the focused topic from the start")
}

// watch shows the cluster that the flags name; without one, it offers what there is.
func (r *run) watch(ctx context.Context) error {
	if r.flags.bootstrap == "" {
		return r.startScreen(ctx)
	}
	cfg, err := r.config()
	if err != nil {
		return err
	}
	settings, err := r.prepare()
	if err != nil {
		return err
	}
	return r.screen(ctx, cfg, settings, app.Deps{Name: r.flags.bootstrap, Interval: 2 * time.Second, AutoTail: r.flags.tail}, nil)
}

// prepare refuses what cannot work before anything is started: no terminal, flags and settings with a
// mistake in them.
func (r *run) prepare() (*config.Config, error) {
	if d := r.flags.interval; d != 0 && d < minInterval {
		return nil, usageError{fmt.Errorf("--interval %s: at least %s", d, minInterval)}
	}
	if _, err := theme.New(theme.Options{Palette: r.flags.palette}); err != nil {
		return nil, usageError{fmt.Errorf("--palette: %w", err)}
	}
	settings, err := config.Load(r.flags.config)
	if err != nil {
		return nil, usageError{err}
	}
	return settings, r.needTerminal()
}

// demo shows the embedded cluster.
func (r *run) demo(ctx context.Context) (err error) {
	if r.flags.bootstrap != "" {
		return usageError{errors.New("lagtop demo brings its own cluster, leave -b out")}
	}
	settings, err := r.prepare()
	if err != nil {
		return err
	}
	d, err := demo.Start(ctx, demo.Options{Seed: 1})
	if err != nil {
		return fmt.Errorf("start the demo: %w", err)
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	cfg := conn.Config{Bootstrap: d.Bootstrap(), ClientID: r.flags.clientID, ReadOnly: r.flags.readOnly}
	return r.screen(ctx, cfg, settings, app.Deps{Name: "demo", Interval: demoInterval, Fleet: d, AutoTail: true}, d.Seeded())
}

// screen wires a cluster to the screen and runs it until the person quits or ctx ends. Polling waits for
// ready, if there is one.
func (r *run) screen(ctx context.Context, cfg conn.Config, settings *config.Config, d app.Deps, ready <-chan struct{}) error {
	if r.flags.interval != 0 {
		d.Interval = r.flags.interval
	}
	d.History = lag.NewHistory(lag.Options{})
	judge := triage.New(d.History)
	poller := poll.New(cfg, poll.Options{
		Interval: d.Interval, Derive: []func(*kafka.Snapshot){d.History.Observe, judge.Judge}, Ages: d.History.Ages, Stable: poll.StableEvery,
	})
	admin, err := conn.OpenAdmin(cfg)
	if err != nil {
		return err
	}
	defer admin.Close()
	d.Source, d.Actor, d.Facts, d.Stamps, d.Tailer = poller, admin, admin, admin, conn.NewReader(cfg)
	d.Audit = auditOf
	d.ReadOnly, d.Mouse = r.flags.readOnly, !r.flags.noMouse
	d.Theme = theme.Options{Palette: r.flags.palette, ASCII: r.flags.ascii, Profile: colorprofile.Env(os.Environ())}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	polling := make(chan error, 1)
	go func() {
		if ready != nil {
			select {
			case <-ready:
			case <-ctx.Done():
			}
		}
		polling <- poller.Run(ctx)
	}()
	err = runAlerting(ctx, d, settings.Alerts)
	stop()
	<-polling
	return err
}

// runAlerting is runScreen with what carries alerts out of it.
func runAlerting(ctx context.Context, d app.Deps, rules []alert.Rule) error {
	runner := notify.New(ctx, notify.Options{})
	defer runner.Close()
	d.Alerting = app.Alerting{Rules: rules, Notifier: runner, Terminal: notify.TerminalOf(os.Environ())}
	return runScreen(ctx, d)
}

// auditOf is the audit file of this person, whatever cluster is watched.
func auditOf(cluster string) offsets.Recorder { return audit.New("", cluster) }

const (
	// framesPerSecond bounds how long a key waits for its frame: at Bubble Tea's 60 that is 11 ms in the middle and 19 at worst.
	framesPerSecond = 90
	// gcPercent keeps the peak for 2,000 groups below 80 MiB: a poll is a burst of garbage on a small heap.
	gcPercent = 50
)

func runScreen(ctx context.Context, d app.Deps) error {
	m, err := app.New(ctx, d)
	if err != nil {
		return err
	}
	defer m.Close()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	_, err = tea.NewProgram(m, tea.WithContext(ctx), tea.WithoutSignalHandler(), tea.WithFPS(framesPerSecond)).Run()
	if ctx.Err() != nil {
		return nil // a signal asked us to leave; the terminal is restored
	}
	return err
}
