package cli

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/limit"
	"lagtop/ui/app"
	"lagtop/ui/config"
)

const twoContexts = `# mine
current-context: staging
contexts:
  - name: prod-eu
    bootstrap: [kafka-1:9092, kafka-2:9092]
    color: danger
    protected: true
    client-id: on-call
    interval: 5s
  - name: staging
    bootstrap: staging:9092
    read-only: true
`

func writeConfig(t *testing.T, text string) string {
	t.Helper()
	for _, name := range []string{envContext, envBootstrap} {
		t.Setenv(name, "")
	}
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// invoke runs the program without a terminal.
func invoke(args ...string) (code int, out, errs string) {
	var o, e strings.Builder
	code = Run(context.Background(), args, strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

func TestFlagsWinOverEnvironmentOverFile(t *testing.T) {
	for _, c := range []struct {
		flags    flags
		env      map[string]string
		want     string
		readOnly string
	}{
		{want: "staging", readOnly: "read-only: context staging is marked read-only in config.yaml"},
		{env: map[string]string{envContext: "prod-eu"}, want: "prod-eu"},
		{env: map[string]string{envBootstrap: "env:1"}, want: "env:1"},
		{flags: flags{context: "prod-eu"}, env: map[string]string{envBootstrap: "env:1"}, want: "prod-eu"},
		{flags: flags{bootstrap: "flag:1"}, env: map[string]string{envContext: "prod-eu"}, want: "flag:1"},
		{flags: flags{context: "prod-eu", readOnly: true}, want: "prod-eu", readOnly: "read-only: started with --read-only"},
		{flags: flags{context: "prod-ue"}, want: `no context is called "prod-ue"; did you mean "prod-eu"?`},
		{flags: flags{context: "prod-eu", bootstrap: "x:1"}, want: "--context and --bootstrap both name a cluster"},
		{env: map[string]string{envContext: "prod-eu", envBootstrap: "x:1"}, want: "LAGTOP_CONTEXT and LAGTOP_BOOTSTRAP both name a cluster"},
	} {
		c.flags.config = writeConfig(t, twoContexts)
		for k, v := range c.env {
			t.Setenv(k, v)
		}
		r := &run{flags: c.flags}
		got, err := r.target()
		switch {
		case err != nil && !strings.Contains(err.Error(), c.want):
			t.Errorf("%+v %v: %v", c.flags, c.env, err)
		case err == nil && (got.Name != c.want || got.readOnly != c.readOnly):
			t.Errorf("%+v %v: %s %q, want %s %q", c.flags, c.env, got.Name, got.readOnly, c.want, c.readOnly)
		}
	}
}

func TestFlagsWinOverWhatTheContextSaysButNothingLiftsReadOnly(t *testing.T) {
	path := writeConfig(t, "read-only: true\n"+twoContexts)
	r := &run{flags: flags{config: path, context: "prod-eu", clientID: "me"}}
	x, err := r.target()
	if err != nil || x.ClientID != "me" || x.Interval.String() != "5s" || x.readOnly != "read-only: config.yaml says so for every cluster" {
		t.Fatalf("%+v %v", x, err)
	}
	r = &run{flags: flags{config: path, bootstrap: "kafka-1:9092"}}
	cfg, err := r.config()
	if err != nil || !cfg.ReadOnly || cfg.Bootstrap[0] != "kafka-1:9092" {
		t.Errorf("%+v %v", cfg, err)
	}
}

func TestNoClusterIsWrongUsage(t *testing.T) {
	code, _, errs := invoke("lag", "--config", writeConfig(t, ""))
	if code != exitUsage || !strings.Contains(errs, "name the cluster with -b host:port or --context NAME") {
		t.Errorf("%d %s", code, errs)
	}
}

func TestContextsAreEditedFromTheCommandLine(t *testing.T) {
	path := writeConfig(t, twoContexts)
	step := func(want int, says string, args ...string) {
		t.Helper()
		code, out, errs := invoke(append(args, "--config", path)...)
		if code != want || !strings.Contains(out+errs, says) {
			t.Errorf("%v: exit %d, said %q, want %d %q", args, code, out+errs, want, says)
		}
	}
	step(exitOK, "added dr in ", "context", "add", "dr", "-b", "dr-1:9092,dr-2", "--protected", "--read-only", "--color", "warning", "--use")
	step(exitOK, "* dr       dr-1:9092,dr-2:9092        read-only, protected, warning\n", "context", "list")
	step(exitOK, "  prod-eu  kafka-1:9092,kafka-2:9092  protected, danger\n", "context", "list")
	step(exitOK, "read-only  yes: context dr is marked read-only in config.yaml", "context", "show")
	step(exitOK, "interval   5s", "context", "show", "prod-eu")
	step(exitOK, "current-context is prod-eu", "context", "use", "prod-eu")
	step(exitOK, "* prod-eu", "context", "list")
	step(exitOK, "removed prod-eu", "context", "remove", "prod-eu")
	step(exitUsage, "there is a context \"dr\" already", "context", "add", "dr", "-b", "x:1")
	step(exitUsage, "use letters", "context", "add", "a/b", "-b", "x:1")
	step(exitUsage, "no bootstrap address", "context", "add", "new")
	step(exitUsage, "--color \"red\": use good", "context", "add", "new", "-b", "x:1", "--color", "red")
	step(exitUsage, "name one context", "context", "use")
	step(exitUsage, "leave --context", "context", "show", "dr", "--context", "staging")
	text, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(text), "# mine\ncontexts:\n  - name: staging\n") {
		t.Errorf("%s", text)
	}
}

func TestContextTestSaysWhichAddressFailsAtWhichStep(t *testing.T) {
	f := kafkatest.NewFake(t)
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := dead.Addr().String()
	_ = dead.Close()
	path := writeConfig(t, "")
	for _, c := range []struct {
		name  string
		addrs []string
		code  int
		want  []string
	}{
		{"good", f.Bootstrap()[:1], exitOK, []string{f.Bootstrap()[0] + " (broker 0)", "✓ broker 1          " + f.Bootstrap()[1], "good can be watched"}},
		{"half", append([]string{addr}, f.Bootstrap()[0]), exitIncomplete, []string{addr + "\n  ✗ connect           connection refused\n                      → nothing listens there", f.Bootstrap()[0] + " (broker 0)"}},
		{"dead", []string{addr}, exitError, []string{"no address of dead lets us in"}},
	} {
		if err := config.Add(path, config.Written{Context: config.Context{Name: c.name, Bootstrap: c.addrs}}); err != nil {
			t.Fatal(err)
		}
		code, out, errs := invoke("context", "test", c.name, "--config", path)
		for _, w := range c.want {
			if code != c.code || !strings.Contains(out+errs, w) {
				t.Errorf("%s: exit %d (want %d), said\n%s%swant %q", c.name, code, c.code, out, errs, w)
			}
		}
	}
}

func TestShellCompletesTheNamesOfContexts(t *testing.T) {
	path := writeConfig(t, twoContexts)
	for _, args := range [][]string{{"context", "use", ""}, {"context", "test", ""}, {"lag", "--context", ""}} {
		_, out, _ := invoke(append([]string{cobra.ShellCompRequestCmd, "--config", path}, args...)...)
		if !strings.Contains(out, "prod-eu\tkafka-1:9092,kafka-2:9092\nstaging\tstaging:9092\n") {
			t.Errorf("%v: %q", args, out)
		}
	}
}

func TestConfigSchemaIsJSON(t *testing.T) {
	code, out, _ := invoke("config", "schema")
	var schema struct {
		Properties map[string]any `json:"properties"`
	}
	if err := json.Unmarshal([]byte(out), &schema); err != nil || code != exitOK || schema.Properties["contexts"] == nil || schema.Properties["alerts"] == nil {
		t.Errorf("%d %v\n%s", code, err, out)
	}
}

func TestProtectedContextsWantConfirmation(t *testing.T) {
	r := &run{in: strings.NewReader("prod-eu\n"), err: new(strings.Builder)}
	protected := &target{Context: config.Context{Name: "prod-eu", Protected: true}}
	for confirm, ok := range map[string]bool{"prod-eu": true, "": false, "prod": false, "yes": false} {
		err := r.confirmProtected(t.Context(), protected, confirm)
		if (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "confirm with --confirm prod-eu") {
			t.Errorf("--confirm %q: %v", confirm, err)
		}
	}
	if err := r.confirmProtected(t.Context(), &target{}, ""); err != nil {
		t.Errorf("a cluster without the mark: %v", err)
	}
}

func TestScreenOffersTheContextsAndWhatItBeganWith(t *testing.T) {
	r := &run{flags: flags{config: writeConfig(t, twoContexts)}}
	c, err := r.settings()
	if err != nil {
		t.Fatal(err)
	}
	for first, want := range map[string]string{"staging": "prod-eu staging", "x:1": "x:1 prod-eu staging"} {
		all, shown := r.clusters(c, app.Cluster{Name: first})
		var names []string
		for _, x := range all {
			names = append(names, x.Name)
		}
		if strings.Join(names, " ") != want || all[shown].Name != first {
			t.Errorf("%s: %v, shown %d", first, names, shown)
		}
	}
}

func TestSessionEndsWithItsPoller(t *testing.T) {
	f := kafkatest.NewFake(t)
	s, err := openSession(t.Context(), conn.Config{Bootstrap: f.Bootstrap()}, app.Session{Name: "x", Interval: config.MinInterval}, limit.Scope{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	<-s.Source.Updates()
	s.Close() // TestMain looks for goroutines that are left
	if _, err := s.Actor.Committed(context.Background(), "g"); err == nil {
		t.Error("the session answers after its end")
	}
}
