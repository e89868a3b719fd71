package cli

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/spf13/pflag"

	"lagtop/kafka/alert"
	"lagtop/theme"
	"lagtop/ui/app"
	"lagtop/ui/config"
	"lagtop/ui/notify"
)

func (r *run) screenFlags(f *pflag.FlagSet) {
	f.DurationVar(&r.flags.interval, "interval", 0, "`time` between polls (default 2s, in the demo 1s)")
	f.StringVar(&r.flags.palette, "palette", "", "`colours`: "+strings.Join(theme.Names(), ", ")+" (default dark)")
	f.BoolVar(&r.flags.ascii, "ascii", false, "draw with ASCII only")
	f.BoolVar(&r.flags.noMouse, "no-mouse", false, "leave the mouse to the terminal")
	f.BoolVar(&r.flags.tail, "tail", false, "follow the focused topic from the start")
}

// watch shows the cluster that flags, environment or file name; without one, it offers what there is.
func (r *run) watch(ctx context.Context) error {
	t, err := r.target()
	if err != nil {
		return err
	}
	if t == nil {
		return r.startScreen(ctx)
	}
	settings, err := r.prepare()
	if err != nil {
		return err
	}
	return r.screen(ctx, settings, r.cluster(t))
}

// prepare refuses what cannot work before anything is started: no terminal, flags and settings with a
// mistake in them.
func (r *run) prepare() (*config.Config, error) {
	if d := r.flags.interval; d != 0 && d < config.MinInterval {
		return nil, usageError{fmt.Errorf("--interval %s: at least %s", d, config.MinInterval)}
	}
	if _, err := theme.New(theme.Options{Palette: r.flags.palette}); err != nil {
		return nil, usageError{fmt.Errorf("--palette: %w", err)}
	}
	settings, err := r.settings()
	if err != nil {
		return nil, err
	}
	return settings, r.needTerminal()
}

// screen shows the first cluster until the person quits or ctx ends; the contexts of the file can be shown
// instead.
func (r *run) screen(ctx context.Context, settings *config.Config, first app.Cluster) error {
	r.auditFailures = make(chan error, 1)
	d := app.Deps{Mouse: !r.flags.noMouse, AuditOptional: settings.Audit.Optional, AuditFailures: r.auditFailures}
	d.Say = func(text string) { r.say("lagtop: " + text) }
	d.Clusters, d.Shown = r.clusters(settings, first)
	d.Theme = theme.Options{Palette: r.flags.palette, ASCII: r.flags.ascii, Profile: colorprofile.Env(os.Environ())}
	return runAlerting(ctx, d, settings.Alerts)
}

// runAlerting is runScreen with what carries alerts out of it.
func runAlerting(ctx context.Context, d app.Deps, rules []alert.Rule) error {
	runner := notify.New(ctx, notify.Options{})
	defer runner.Close()
	d.Alerting = app.Alerting{Rules: rules, Notifier: runner, Terminal: notify.TerminalOf(os.Environ())}
	return runScreen(ctx, d)
}

const (
	// framesPerSecond bounds how long a key waits for its frame: at Bubble Tea's 60 that is 11 ms in the middle and 19 at worst.
	framesPerSecond = 90
	// gcPercent keeps the peak for 2,000 groups below 80 MiB: a poll is a burst of garbage on a small heap.
	gcPercent = 50
)

func runScreen(ctx context.Context, d app.Deps) error {
	m, err := app.NewSwitcher(ctx, d)
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
