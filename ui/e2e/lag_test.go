package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/safe"
)

// printed runs a command that prints, and returns what it wrote and its exit code. It runs it again where the brokers
// in this process were too busy to answer in time.
func printed(t testing.TB, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	for range 10 {
		var out, errs bytes.Buffer
		cmd := exec.Command(binary, args...)
		cmd.Stdout, cmd.Stderr = &out, &errs
		code = exitCode(t, cmd.Run())
		if stdout, stderr = out.String(), errs.String(); !tooLate.MatchString(stderr) {
			break
		}
	}
	return stdout, stderr, code
}

// tooLate is what the program says of an answer that did not come in time.
var tooLate = regexp.MustCompile(`no answer within|i/o timeout`)

// triesAgain are the lines in which lagtop tail says that it goes on, as it does when a busy machine does not answer in
// time.
var triesAgain = regexp.MustCompile(`(?m)^lagtop: .*, trying again\r?\n`)

func TestLagPrintsTheDocumentedJSON(t *testing.T) {
	t.Parallel()
	f := smallCluster(t)
	b := f.Bootstrap()
	kafkatest.Commit(t, b, "half", map[kafka.TopicPartition]int64{{Topic: "orders"}: 4, {Topic: "orders", Partition: 1}: -1})
	kafkatest.Member(t, b, "live", "orders", kafkatest.KgoRange, kafkatest.As("worker"), kafkatest.Static("w-1"))
	kafkatest.WaitGroup(t, b, "live", kafka.StateStable, 1)
	kafkatest.Until(t, patience, func() error {
		if got := kafkatest.Committed(t, b, "live"); !reflect.DeepEqual(got, at(10, 2)) {
			return fmt.Errorf("commits of live: %v", got)
		}
		return nil
	})
	out, errs, code := printed(t, "lag", "-b", b[0], "-o", "json")
	if code != 0 || errs != "" {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	var doc map[string]any
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	if at, err := time.Parse(time.RFC3339, doc["at"].(string)); err != nil || time.Since(at) > time.Hour {
		t.Errorf("at is %v (%v)", doc["at"], err)
	}
	doc["at"] = "NOW"
	var want any
	if err := json.Unmarshal([]byte(wanted(t, doc)), &want); err != nil {
		t.Fatal(err)
	}
	if got := only(doc, want); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %s\nwant %s", indented(t, got), indented(t, want))
	}
	inOrder(t, out)
}

// only is got without the fields that want has not: fields may be added, and none taken away or changed.
func only(got, want any) any {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return got
		}
		out := map[string]any{}
		for k, v := range g {
			if _, ok := w[k]; ok {
				out[k] = only(v, w[k])
			}
		}
		return out
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return got
		}
		out := []any{}
		for i := range g {
			out = append(out, only(g[i], w[i]))
		}
		return out
	}
	return got
}

// wanted is the document, with what the cluster chooses taken from got.
func wanted(t *testing.T, got map[string]any) string {
	t.Helper()
	groups := got["groups"].([]any)
	coordinator := func(i int) any { return groups[i].(map[string]any)["coordinator"] }
	live := groups[3].(map[string]any)
	member, ok := live["members"].([]any)[0].(map[string]any)["member_id"].(string)
	host, _ := live["members"].([]any)[0].(map[string]any)["host"].(string)
	if !ok || member == "" || !strings.HasPrefix(host, "127.0.0.1") { // kfake adds the port
		t.Fatalf("the member lacks an id or a host: %s", indented(t, live))
	}
	part := func(p, start, end int, committed, lag, owner string) string {
		return fmt.Sprintf(`{"topic":"orders","partition":%d,"start":%d,"end":%d,"committed":%s,"lag":%s,"member_id":%s}`,
			p, start, end, committed, lag, owner)
	}
	group := func(i int, name, state, protocol, members, lag, complete string, parts ...string) string {
		return fmt.Sprintf(`{"group":%q,"type":"classic","state":%q,"protocol":%q,"coordinator":%v,"members":[%s],"lag":%s,"lag_complete":%s,"partitions":[%s]}`,
			name, state, protocol, coordinator(i), members, lag, complete, strings.Join(parts, ","))
	}
	worker := fmt.Sprintf(`{"member_id":%q,"client_id":"worker","host":%q,"instance_id":"w-1","partitions":[{"topic":"orders","partition":0},{"topic":"orders","partition":1}]}`, member, host)
	owner := fmt.Sprintf("%q", member)
	return fmt.Sprintf(`{"cluster":%q,"at":"NOW","complete":true,"groups":[%s]}`, got["cluster"], strings.Join([]string{
		group(0, "audit", "Empty", "", "", "0", "true", part(0, 0, 10, "10", "0", "null"), part(1, 0, 2, "2", "0", "null")),
		group(1, "billing", "Empty", "", "", "12", "true", part(0, 0, 10, "0", "10", "null"), part(1, 0, 2, "0", "2", "null")),
		group(2, "half", "Empty", "", "", "6", "false", part(0, 0, 10, "4", "6", "null"), part(1, 0, 2, "null", "null", "null")),
		group(3, "live", "Stable", "range", worker, "0", "true", part(0, 0, 10, "10", "0", owner), part(1, 0, 2, "2", "0", owner)),
	}, ","))
}

func indented(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// inOrder checks that the fields come in the order that the documentation shows: people read it too.
func inOrder(t *testing.T, doc string) {
	t.Helper()
	at := 0
	for _, field := range []string{"cluster", "at", "complete", "groups", "group", "type", "state", "protocol", "coordinator",
		"members", "lag", "lag_complete", "partitions", "topic", "partition", "start", "end", "committed", "lag", "member_id"} {
		i := strings.Index(doc[at:], `"`+field+`":`)
		if i < 0 {
			t.Fatalf("field %s does not come where it should", field)
		}
		at += i + 1
	}
}

func TestLagSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	f := smallCluster(t)
	f.Leaderless(kafka.TopicPartition{Topic: "orders", Partition: 1})
	out, errs, code := printed(t, "lag", "-b", f.Bootstrap()[0], "-o", "json")
	if code != 3 {
		t.Errorf("exit code %d, want 3", code)
	}
	if !strings.Contains(errs, "missing: ") || !strings.Contains(errs, "orders") {
		t.Errorf("it does not say what is missing: %q", errs)
	}
	var doc struct {
		Complete bool
		Groups   []struct {
			Lag         *int64
			LagComplete bool `json:"lag_complete"`
			Partitions  []struct{ Start, End, Committed, Lag *int64 }
		}
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	g := doc.Groups[1]
	if p := g.Partitions[1]; doc.Complete || g.LagComplete || p.End != nil || p.Lag != nil || p.Committed == nil || *p.Committed != 0 {
		t.Errorf("unknown must be null, and only that: %s", out)
	}
	if g.Lag == nil || *g.Lag != 10 {
		t.Errorf("the lag that is known is missing: %s", out)
	}
	out, _, code = printed(t, "lag", "-b", f.Bootstrap()[0])
	if code != 3 || !strings.Contains(out, ">=10") {
		t.Errorf("exit code %d, table:\n%s", code, out)
	}
}

func TestLagFailsWithAReason(t *testing.T) {
	t.Parallel()
	addr := refusedAddr(t)
	for _, c := range []struct {
		args []string
		code int
		says []string
	}{
		{[]string{"lag", "-b", addr}, 1, []string{addr, "connection refused"}},
		{[]string{"lag"}, 2, []string{"-b host:port"}},
		{[]string{"lag", "-b", addr, "-o", "yaml"}, 2, []string{"table or json"}},
		{[]string{"lag", "-b", addr, "--group", "["}, 2, []string{"not a pattern"}},
		{[]string{"lag", "--nonsense"}, 2, []string{"nonsense"}},
	} {
		out, errs, code := printed(t, c.args...)
		if code != c.code || out != "" {
			t.Errorf("%v: exit code %d, want %d; output %q", c.args, code, c.code, out)
		}
		for _, want := range c.says {
			if !strings.Contains(errs, want) {
				t.Errorf("%v does not say %q: %s", c.args, want, errs)
			}
		}
	}
}

func TestLagChoosesGroupsByPattern(t *testing.T) {
	t.Parallel()
	f := smallCluster(t)
	for pattern, want := range map[string][]string{
		"bil*": {"billing"}, "*i*": {"audit", "billing"}, "audi?": {"audit"}, "[a-b]*": {"audit", "billing"}, "nobody": {},
	} {
		out, _, code := printed(t, "lag", "-b", f.Bootstrap()[0], "-o", "json", "--group", pattern)
		var doc struct{ Groups []struct{ Group string } }
		if err := json.Unmarshal([]byte(out), &doc); err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, g := range doc.Groups {
			got = append(got, g.Group)
		}
		if code != 0 || !slices.Equal(got, want) {
			t.Errorf("%s: exit code %d, groups %v, want %v", pattern, code, got, want)
		}
	}
}

// hostile names would move the cursor, colour the screen, ring, hide and turn text round.
var hostile = []string{
	"a\x1b[31mred", "b\x1b]0;title\x07", "c\u202egnp.exe", "d\u009b2J", "e\nline", "f\ttab\rback", "g\u200bzero\u2066", "h\x00nul\x7f",
}

func TestHostileGroupNamesDoNotReachTheTerminal(t *testing.T) {
	t.Parallel()
	f := smallCluster(t)
	for _, name := range hostile {
		kafkatest.Commit(t, f.Bootstrap(), name, at(1, 1))
	}
	table, _, code := printed(t, "lag", "-b", f.Bootstrap()[0])
	doc, _, code2 := printed(t, "lag", "-b", f.Bootstrap()[0], "-o", "json")
	if code != 0 || code2 != 0 {
		t.Fatalf("exit codes %d and %d", code, code2)
	}
	for _, out := range []string{table, doc} {
		for l := range strings.Lines(out) {
			if l = strings.TrimSuffix(l, "\n"); safe.Line(l) != l {
				t.Errorf("a line that a terminal would obey: %q", l)
			}
		}
	}
	var got struct{ Groups []struct{ Group string } }
	if err := json.Unmarshal([]byte(doc), &got); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, g := range got.Groups {
		names[g.Group] = true
	}
	for _, name := range hostile {
		if !names[name] {
			t.Errorf("JSON does not carry the name %q exactly", name)
		}
	}
	if n := strings.Count(table, "\n"); n != 1+2*(len(hostile)+2) {
		t.Errorf("the table has %d lines: a name broke one\n%s", n, table)
	}
	hostileOnTheScreen(t, f)
}

// hostileOnTheScreen checks what reaches the terminal beside the program's own sequences.
func hostileOnTheScreen(t *testing.T, f *kafkatest.Fake) {
	t.Helper()
	tm := start(t, 120, 40, "-b", f.Bootstrap()[0])
	tm.wait("groups", `billing.*\b12\b`)
	raw := string(tm.output())
	for _, bad := range []string{"\x1b[31mred", "\x1b]0;title", "\u202e", "\u009b", "\u200b", "\u2066", "\x7f", "\x00"} {
		if strings.Contains(raw, bad) {
			t.Errorf("%q reached the terminal", bad)
		}
	}
	if !strings.Contains(tm.text(), `a\x1b[31mred`) {
		t.Errorf("the name is not shown in a visible form:\n%s", tm.text())
	}
	tm.quit()
}
