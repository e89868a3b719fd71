package cli

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"lagtop/kafka/demo"
	"lagtop/kafka/tail/format"
	"lagtop/ui/config"
)

func said(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	var o, e bytes.Buffer
	code = Run(context.Background(), args, strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

func TestDemoListsItsScenarios(t *testing.T) {
	code, out, _ := said(t, "demo", "--list")
	if n := strings.Count(out, "\n"); code != exitOK || n != len(demo.Scenarios()) || !strings.Contains(out, "hot-key") {
		t.Errorf("%d, %d lines:\n%s", code, n, out)
	}
}

func TestDemoRefusesWhatItDoesNotKnow(t *testing.T) {
	if code, _, errs := said(t, "demo", "--scenario", "opera"); code != exitUsage || !strings.Contains(errs, "there are balance") {
		t.Errorf("%d: %s", code, errs)
	}
	if code, _, errs := said(t, "demo", "clean", "--yes", "--read-only", "-b", "127.0.0.1:1"); code != exitUsage || !strings.Contains(errs, "read-only") {
		t.Errorf("%d: %s", code, errs)
	}
	r := &run{out: &bytes.Buffer{}, err: &bytes.Buffer{}}
	r.flags.bootstrap, r.flags.readOnly = "127.0.0.1:1", true
	if _, _, err := r.startDemo(t.Context(), demoFlags{}); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("a demo on a read-only cluster: %v", err)
	}
}

func TestDemoBringsItsSchemas(t *testing.T) {
	r := &run{loaded: &config.Config{}, out: &bytes.Buffer{}, err: &bytes.Buffer{}}
	d, at, err := r.startDemo(t.Context(), demoFlags{})
	if err != nil {
		t.Fatal(err)
	}
	c := r.demoCluster(at, d)
	session, err := c.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := session.Schemas.Waiting().Read("clickstream", format.OfValue, []byte("\x00\x00\x00\x00\x01\x10s-000001\x00\x02/\x02\x00\x00"))
	if !strings.Contains(string(got.Text), `"session":"s-000001"`) || got.Note != "Avro shop.Click, schema 1" || !strings.Contains(c.Detail, d.Registry()) {
		t.Errorf("%s %+v of %s", got.Text, got, c.Detail)
	}
	session.Close()
	if err := d.Close(); err != nil { // TestMain looks for goroutines that are left
		t.Error(err)
	}
}

func TestCleanSparesRunsAtWork(t *testing.T) {
	runs := []demo.Run{
		{ID: "dead", Began: time.Now().Add(-time.Hour), Topics: []string{"lagtop-demo-dead-orders"}},
		{ID: "busy", Began: time.Now(), Groups: []string{"lagtop-demo-busy-payments"}, Members: 3},
	}
	for name, c := range map[string]struct {
		named, yes bool
		removed    string
		says       string
	}{
		"only listed": {says: "lagtop-demo-dead-orders\n"},
		"deleted":     {yes: true, removed: "dead", says: "left alone, it has 3 members (--run busy removes it)"},
		"named":       {yes: true, named: true, removed: "dead busy", says: "busy  began"},
	} {
		var out bytes.Buffer
		var removed []string
		r := &run{out: &out}
		err := r.cleanRuns(runs, c.named, c.yes, func(id string) error { removed = append(removed, id); return nil })
		if err != nil || strings.Join(removed, " ") != c.removed || !strings.Contains(out.String(), c.says) {
			t.Errorf("%s: removed %v, %v:\n%s", name, removed, err, out.String())
		}
	}
	r := &run{out: &bytes.Buffer{}}
	if err := r.cleanRuns(runs[:1], false, true, func(string) error { return errors.New("left are x") }); err == nil {
		t.Error("what was not removed is not told")
	}
}
