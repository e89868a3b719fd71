package cli

import (
	"context"
	"os"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"lagtop/kafka/conn"
	"lagtop/kafka/doctor"
	"lagtop/theme"
	"lagtop/ui/config"
	"lagtop/ui/start"
)

// startScreen is for a start that names no cluster: it offers the demo or asks for one. Without a
// terminal it says the same in three lines.
func (r *run) startScreen(ctx context.Context) error {
	settings, err := r.settings()
	if err != nil {
		return err
	}
	if err := r.needTerminal(); err != nil {
		r.say("lagtop demo             an embedded cluster, no Kafka needed")
		r.say("lagtop -b host:port     watch a cluster")
		if names := settings.Names(); len(names) > 0 {
			r.say("lagtop --context NAME   watch one of: " + strings.Join(names, ", "))
		}
		return err
	}
	th, err := theme.New(theme.Options{Palette: r.flags.palette, ASCII: r.flags.ascii, Profile: colorprofile.Env(os.Environ())})
	if err != nil {
		return usageError{err}
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	m := start.New(ctx, start.Deps{Theme: th, Contexts: r.offer(settings), Parse: conn.ParseBootstrap, Test: r.test})
	if _, err := tea.NewProgram(m, tea.WithContext(ctx), tea.WithoutSignalHandler()).Run(); err != nil {
		if ctx.Err() != nil {
			return nil // a signal asked us to leave
		}
		return err
	}
	switch {
	case m.Choice.Demo:
		return r.demo(ctx, demoFlags{seed: 1})
	case m.Choice.Context != "":
		r.flags.context = m.Choice.Context
		return r.watch(ctx)
	case m.Choice.Bootstrap != "":
		r.flags.bootstrap = m.Choice.Bootstrap
		return r.watch(ctx)
	}
	return nil
}

// offer lists the contexts of the file.
func (r *run) offer(c *config.Config) []start.Context {
	var out []start.Context
	for i := range c.Contexts {
		t := r.apply(c, c.Contexts[i])
		out = append(out, start.Context{Name: t.Name, Detail: t.detail(), Color: t.Color})
	}
	return out
}

// test goes the way to the addresses.
func (r *run) test(ctx context.Context, addrs []string) doctor.Report {
	name := strings.Join(addrs, ",")
	cfg, err := r.apply(&config.Config{}, config.Context{Bootstrap: addrs, ClientID: r.flags.clientID}).conn()
	if err != nil {
		return doctor.Unusable(name, err)
	}
	return doctor.Examine(ctx, cfg, doctor.Options{Name: name})
}
