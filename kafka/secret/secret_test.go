package secret

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const canary = "cAnArY-5f1d"

func sources(t *testing.T) map[string]Value {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(canary+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("LAGTOP_TEST_SECRET", canary)
	return map[string]Value{
		"literal": Literal(canary), "file": File(path), "env": Env("LAGTOP_TEST_SECRET"), "command": Command([]string{"cat", path}),
	}
}

func TestEverySourceRevealsTheTextWithoutItsLineEnd(t *testing.T) {
	for name, v := range sources(t) {
		if s, err := v.Reveal(t.Context()); err != nil || s != canary {
			t.Errorf("%s: %q %v", name, s, err)
		}
	}
}

func TestNoWayOfPrintingShowsASecret(t *testing.T) {
	type outer struct {
		Exported Value
		hidden   Value
		Pointer  *Value
		Any      any
	}
	for name, v := range sources(t) {
		if _, err := v.Reveal(t.Context()); err != nil { // a command remembers
			t.Fatal(err)
		}
		o := outer{Exported: v, hidden: v, Pointer: &v, Any: []Value{v}}
		var out strings.Builder
		for _, x := range []any{v, &v, o, &o, []any{o}, map[string]Value{"k": v}} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%p"} {
				fmt.Fprintf(&out, verb+"\n", x)
			}
			b, err := json.Marshal(x)
			fmt.Fprintln(&out, string(b), err)
		}
		func() {
			defer func() { fmt.Fprint(&out, recover()) }()
			panic(fmt.Sprint(o))
		}()
		for _, leak := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%v", []byte(canary))} {
			if strings.Contains(out.String(), leak) {
				t.Errorf("%s leaks %q:\n%s", name, leak, out.String())
			}
		}
		if !strings.Contains(out.String(), masked) {
			t.Errorf("%s: nothing says that there is a secret", name)
		}
	}
}

func TestFailuresNameTheSourceAndNotTheSecret(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		v    Value
		want string
	}{
		"no file":      {File(filepath.Join(dir, "none")), "none"},
		"a folder":     {File(dir), dir},
		"empty file":   {File(empty), "the secret is empty"},
		"no variable":  {Env("LAGTOP_TEST_NONE"), "environment variable LAGTOP_TEST_NONE"},
		"no command":   {Command([]string{"/no/such/command", canary}), "/no/such/command"},
		"none at all":  {Command(nil), "empty"},
		"fails":        {Command([]string{"sh", "-c", "echo " + canary + "; echo " + canary + " >&2; exit 3"}), "command sh: exit status 3"},
		"says nothing": {Command([]string{"true"}), "the secret is empty"},
		"says a lot":   {Command([]string{"sh", "-c", "yes " + canary + " | head -c 3000000"}), "larger than 1 MiB"},
	} {
		s, err := c.v.Reveal(t.Context())
		if err == nil || !strings.Contains(err.Error(), c.want) || s != "" {
			t.Errorf("%s: %q %v", name, s, err)
			continue
		}
		if all := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(all, canary) {
			t.Errorf("%s leaks: %s", name, all)
		}
	}
}

func TestACommandRunsOnceUntilItsSecretIsForgotten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs")
	v := Command([]string{"sh", "-c", "echo run >> " + path + "; wc -l < " + path + " | tr -d ' '"})
	ask := func(want string) {
		t.Helper()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if s, err := v.Reveal(t.Context()); err != nil || s != want {
					t.Errorf("%q %v, want %q", s, err, want)
				}
			})
		}
		wg.Wait()
	}
	ask("1")
	v.Forget()
	ask("2")
}

func TestWhoeverGivesUpDoesNotEndTheCommandForOthers(t *testing.T) {
	release := make(chan struct{})
	v := Fetch(time.Minute, func(ctx context.Context) (string, time.Time, error) {
		select {
		case <-release:
			return canary, time.Time{}, nil
		case <-ctx.Done():
			return "", time.Time{}, ctx.Err()
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v.Reveal(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(release)
	if s, err := v.Reveal(t.Context()); err != nil || s != canary {
		t.Errorf("%q %v", s, err)
	}
}

func TestWhatIsFetchedIsFetchedAgainAtItsEndAndAfterAFailure(t *testing.T) {
	n := 0
	v := Fetch(time.Minute, func(context.Context) (string, time.Time, error) {
		n++
		if n == 2 {
			return "", time.Time{}, errors.New("down")
		}
		return fmt.Sprint(n), time.Now(), nil
	})
	for _, want := range []string{"1", "", "3", "4"} {
		if s, err := v.Reveal(t.Context()); s != want || (err != nil) != (want == "") {
			t.Errorf("%q %v, want %q", s, err, want)
		}
	}
}
