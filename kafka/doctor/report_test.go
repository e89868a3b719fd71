package doctor_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/doctor"
)

func ops(list ...conn.Operation) kafka.Known[conn.Operations] {
	var bits conn.Operations
	for _, op := range list {
		bits |= 1 << op
	}
	return kafka.Some(bits)
}

func seen(version string) *conn.Seen {
	return &conn.Seen{Version: version, Mode: kafka.ModeKRaft, ClusterID: "c1", Controller: kafka.Some[int32](9), Brokers: []kafka.Broker{{ID: 1, Addr: "a:1"}, {ID: 2, Addr: "b:1"}}}
}

func broken(addr string, step conn.Step) *conn.StepError {
	return &conn.StepError{Addr: addr, Step: step, Err: errors.New("it fails"), Advice: "try this"}
}

// flat is a report in lines without what only arranges them.
func flat(r doctor.Report) string {
	var out strings.Builder
	for _, row := range r.Rows() {
		out.WriteString(strings.TrimSpace(string(row.Outcome)+" "+row.What+" "+row.Text) + "\n")
	}
	return out.String()
}

func TestVerdictSaysHowFarTheWayLeads(t *testing.T) {
	good := conn.Check{Addr: "a:1", Seen: seen("4.2")}
	for name, c := range map[string]struct {
		checks []conn.Check
		want   doctor.Verdict
		says   string
	}{
		"all answer":     {[]conn.Check{good}, doctor.Sound, "x can be watched and operated"},
		"one is dead":    {[]conn.Check{good, {Addr: "b:1", Err: broken("b:1", conn.StepConnect)}}, doctor.Partial, "but 1 thing failed"},
		"advertised bad": {[]conn.Check{good, {Addr: "b:1", Advertised: true, Err: broken("b:1", conn.StepResolve)}}, doctor.Partial, "failed broker 2 b:1: resolve the name: it fails\ntry this"},
		"no way in":      {[]conn.Check{{Addr: "a:1", Seen: seen("4.2"), Err: broken("a:1", conn.StepLogin)}}, doctor.Closed, "no address of x lets us in"},
		"nothing":        {nil, doctor.Closed, "no address of x lets us in"},
	} {
		for i := range c.checks {
			if c.checks[i].Advertised {
				c.checks[i].Broker = kafka.Some[int32](2)
			}
		}
		r := doctor.New(doctor.Evidence{Name: "x", Checks: c.checks}, time.Time{})
		if r.Verdict != c.want || !strings.Contains(flat(r), c.says) {
			t.Errorf("%s: %s\n%s", name, r.Verdict, flat(r))
		}
	}
}

func TestClusterPartSaysVersionsAndWhatIsMissing(t *testing.T) {
	old := seen("3.9")
	old.Missing = []conn.Feature{{Name: "share groups", Since: "4.1", Without: "there are none"}}
	text := flat(doctor.New(doctor.Evidence{
		Name: "x", Warnings: []string{"TLS unverified"},
		Checks:  []conn.Check{{Addr: "a:1", Seen: old}, {Addr: "b:1", Seen: seen("4.2")}},
		Cluster: &conn.ClusterInfo{Quorum: true, Controller: kafka.Some[int32](3)},
	}, time.Time{}))
	for _, want := range []string{
		"warning connection TLS unverified\n", "warning version 3.9, 4.2 KRaft: the brokers run different releases", "ok controller node 3\n",
		"missing not offered share groups (since 4.1): there are none\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if text = flat(doctor.New(doctor.Evidence{Checks: []conn.Check{{Addr: "a:1", Seen: seen("4.2")}}}, time.Time{})); strings.Contains(text, "controller") {
		t.Errorf("the random broker of Metadata is no controller:\n%s", text)
	}
}

func TestRightsSayWhatWorksWithoutThem(t *testing.T) {
	all := ops(conn.OpRead, conn.OpDelete, conn.OpAlter, conn.OpDescribe, conn.OpDescribeConfigs, conn.OpAlterConfigs)
	unknown := kafka.Known[conn.Operations]{}
	e := doctor.Evidence{Name: "x", Bootstrap: "a:1", Checks: []conn.Check{{Addr: "a:1", Seen: seen("4.2")}}}
	for name, c := range map[string]struct {
		rights    conn.Rights
		principal string
		want      []string
	}{
		"all": {conn.Rights{Cluster: all, Topics: map[string]kafka.Known[conn.Operations]{"t": all, "__consumer_offsets": all}, Groups: map[string]kafka.Known[conn.Operations]{"g": all, "h": all}}, "User:u",
			[]string{"rights of User:u\n", "ok records READ on topic t\n", "ok rebalance log READ on topic __consumer_offsets\n", "ok delete groups DELETE on all 2 visible groups\n", "watched and operated"}},
		"not told": {conn.Rights{Cluster: unknown, Topics: map[string]kafka.Known[conn.Operations]{"t": unknown}, Groups: map[string]kafka.Known[conn.Operations]{"g": unknown}}, "",
			[]string{"missing all groups DESCRIBE on the cluster: this broker does not tell\n", "missing records READ on topics: this broker does not tell\n", "missing act on groups READ on groups: this broker does not tell\n"}},
		"reading requests tell no ALTER": {conn.Rights{Cluster: ops(conn.OpDescribe), Tried: true}, "",
			[]string{"ok all groups DESCRIBE on the cluster\n", "missing broker settings no DESCRIBE_CONFIGS on the cluster\n", "missing elect leaders ALTER on the cluster: this broker does not tell\n"}},
		"nothing": {conn.Rights{Cluster: ops()}, "",
			[]string{"missing topics none is visible: ", "missing groups none is visible: ", "--allow-principal User:YOU --operation Describe --group '*'\n", "missing rebalance log no READ on topic __consumer_offsets\n"}},
		"names are quoted": {conn.Rights{Cluster: all, Groups: map[string]kafka.Known[conn.Operations]{"a; rm -rf": ops(conn.OpDescribe)}}, "User:CN=me, O=x",
			[]string{"--allow-principal 'User:CN=me, O=x' --operation Read --group 'a; rm -rf'\n"}},
		"some of many": {conn.Rights{Cluster: all, Topics: map[string]kafka.Known[conn.Operations]{"a": ops(), "b": ops(), "c": ops(), "d": ops(), "e": all}}, "",
			[]string{"missing records READ on 1 of 5 topics, not on a, b, c and 1 more\n"}},
		"broker is silent": {conn.Rights{Cluster: all, Errs: []error{errors.New("ListGroups b:1: no answer in time")}}, "",
			[]string{"failed not asked ListGroups b:1: no answer in time\n", "but 1 thing failed"}},
	} {
		e.Rights, e.Principal = &c.rights, c.principal
		text := flat(doctor.New(e, time.Time{}))
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", name, want, text)
			}
		}
	}
}
