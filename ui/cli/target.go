package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"lagtop/kafka/conn"
	"lagtop/kafka/safe"
	"lagtop/ui/config"
)

// The environment names a cluster where no flag does. It wins over current-context of the file.
const (
	envContext   = "LAGTOP_CONTEXT"
	envBootstrap = "LAGTOP_BOOTSTRAP"
)

// defaultInterval is the time between polls where nobody says otherwise.
const defaultInterval = 2 * time.Second

// target is the cluster that an invocation is about: a context of the file, or bare addresses, which are
// their own name. Flags have been applied to it.
type target struct {
	config.Context
	readOnly string // why it may not be changed, empty when it may
	unusable error  // what is wrong with the flags about the login
}

// conn is the connection to the target.
func (t *target) conn() (conn.Config, error) {
	if t.unusable != nil {
		return conn.Config{}, t.unusable
	}
	cfg, err := t.Conn()
	if err != nil {
		return cfg, usageError{err}
	}
	cfg.ReadOnly = t.readOnly != ""
	return cfg, nil
}

// settings are those of the configuration file, read once.
func (r *run) settings() (*config.Config, error) {
	if r.loaded == nil {
		c, err := config.Load(r.flags.config)
		if err != nil {
			return nil, usageError{err}
		}
		r.loaded = c
	}
	return r.loaded, nil
}

// configFile is the file that settings reads.
func (r *run) configFile() string {
	if r.flags.config != "" {
		return r.flags.config
	}
	return config.DefaultPath()
}

// target finds the cluster: flags win over the environment, that over the file. It is nil when nothing
// names one.
func (r *run) target() (*target, error) {
	c, err := r.settings()
	if err != nil {
		return nil, err
	}
	named, err := r.byProperties()
	if err != nil {
		return nil, err
	}
	if named != nil {
		return r.apply(c, *named), nil
	}
	name, addrs, err := r.named(c)
	switch {
	case err != nil:
		return nil, err
	case addrs != "":
		list, err := conn.ParseBootstrap(addrs)
		if err != nil {
			return nil, usageError{err}
		}
		return r.apply(c, config.Context{Name: addrs, Bootstrap: list}), nil
	case name == "":
		return nil, nil
	}
	return r.contextNamed(c, name)
}

// named is the context or the addresses that are asked for, never both.
func (r *run) named(c *config.Config) (name, addrs string, err error) {
	if r.flags.context != "" && r.flags.bootstrap != "" {
		return "", "", usageError{errors.New("--context and --bootstrap both name a cluster: leave one of them out")}
	}
	if r.flags.context != "" || r.flags.bootstrap != "" {
		return r.flags.context, r.flags.bootstrap, nil
	}
	name, addrs = os.Getenv(envContext), os.Getenv(envBootstrap)
	if name != "" && addrs != "" {
		return "", "", usageError{fmt.Errorf("%s and %s both name a cluster: leave one of them out, or name it by a flag", envContext, envBootstrap)}
	}
	if name == "" && addrs == "" {
		name = c.Current
	}
	return name, addrs, nil
}

func (r *run) contextNamed(c *config.Config, name string) (*target, error) {
	x := c.Context(name)
	if x == nil {
		return nil, usageError{c.Unknown(name)}
	}
	return r.apply(c, *x), nil
}

// apply lets the flags win over what the file says of a cluster, but for one: nothing lifts read-only.
func (r *run) apply(c *config.Config, x config.Context) *target {
	unusable := r.login(&x)
	if r.flags.clientID != "" {
		x.ClientID = r.flags.clientID
	}
	switch {
	case r.flags.interval != 0:
		x.Interval = r.flags.interval
	case x.Interval == 0:
		x.Interval = defaultInterval
	}
	t := &target{Context: x, unusable: unusable}
	file := filepath.Base(r.configFile())
	switch {
	case r.flags.readOnly:
		t.readOnly = "read-only: started with --read-only"
	case c.ReadOnly:
		t.readOnly = "read-only: " + file + " says so for every cluster"
	case x.ReadOnly:
		t.readOnly = "read-only: context " + x.Name + " is marked read-only in " + file
	}
	return t
}

// errNoCluster is the answer to a command that needs a cluster and was given none.
var errNoCluster = errors.New("name the cluster with -b host:port or --context NAME, or try: lagtop demo")

// needTarget is target for commands that cannot do without.
func (r *run) needTarget() (*target, error) {
	t, err := r.target()
	if err == nil && t == nil {
		err = usageError{errNoCluster}
	}
	return t, err
}

// config is the connection to the cluster that the invocation names.
func (r *run) config() (conn.Config, error) {
	t, err := r.needTarget()
	if err != nil {
		return conn.Config{}, err
	}
	return t.conn()
}

// confirmProtected wants the name of a protected context before a command changes its cluster: given by
// --confirm, or typed where there is a terminal. All other clusters pass.
func (r *run) confirmProtected(ctx context.Context, t *target, confirm string) error {
	if !t.Protected || confirm == t.Name {
		return nil
	}
	refusal := usageError{fmt.Errorf("context %s is protected: nothing was changed; confirm with --confirm %s", t.Name, t.Name)}
	if confirm != "" || !isTerminal(r.in) || !isTerminal(r.err) {
		return refusal
	}
	_, _ = fmt.Fprintf(r.err, "context %s is protected; type its name to go on: ", safe.Line(t.Name))
	typed := make(chan string, 1)
	go func() { // ends with the process at the latest: nothing can end a read from a terminal
		line, _ := bufio.NewReader(r.in).ReadString('\n')
		typed <- strings.TrimSpace(line)
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case name := <-typed:
		if name == t.Name {
			return nil
		}
		return refusal
	}
}
