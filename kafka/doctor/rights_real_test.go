package doctor_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/doctor"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/operate"
)

func says(t *testing.T, what string, err error, want string) {
	t.Helper()
	t.Logf("%s: %v", what, err)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

func TestRealKafkaWithFewRightsShowsWhatIsAllowed(t *testing.T) {
	g := newGuarded(t, "few", "nobody", "lister", "lagtop")
	boot := g.Bootstrap()
	for _, topic := range []string{"orders", "hidden"} {
		kafkatest.CreateTopic(t, boot, topic, 2, 1)
		kafkatest.Produce(t, boot, topic, 10)
	}
	kafkatest.Member(t, boot, "seen", "orders", kafkatest.KgoRange)
	kafkatest.Member(t, boot, "both", "hidden", kafkatest.KgoRange)
	kafkatest.Commit(t, boot, "idle", map[kafka.TopicPartition]int64{tp("orders", 0): 2})
	kafkatest.Commit(t, boot, "unseen", map[kafka.TopicPartition]int64{tp("orders", 0): 2})
	for _, group := range []string{"seen", "both"} {
		kafkatest.WaitGroup(t, boot, group, kafka.StateStable, 1)
	}
	for _, group := range []string{"seen", "both", "idle"} {
		g.grant("few", "--operation", "Describe", "--group", group)
	}
	g.grant("few", "--operation", "Describe", "--topic", "orders")
	g.grant("lister", "--operation", "Describe", "--cluster")

	t.Run("poll", func(t *testing.T) { fewSee(t, g) })
	t.Run("denied", func(t *testing.T) { fewMayNot(t, g) })
	t.Run("doctor", func(t *testing.T) { doctorTells(t, g) })
	t.Run("documented", func(t *testing.T) { documentSuffices(t, g) })
}

func fewSee(t *testing.T, g *guarded) {
	s := g.until("few", "three groups", func(s *kafka.Snapshot) bool {
		return len(s.Groups) == 3 && s.Group("seen").Lag.Complete() && len(s.Group("seen").Partitions) == 2 && len(s.Group("both").Hidden) == 1
	})
	if s.Group("unseen") != nil || s.Topic("hidden") != nil || s.Topic("orders") == nil {
		t.Errorf("%+v", s)
	}
	if both := s.Group("both"); both.Hidden[0] != "hidden" || both.Lag.Complete() {
		t.Errorf("a topic that is out of sight: %+v", both)
	}
	if idle := s.Group("idle").Partition(tp("orders", 0)); idle == nil || !idle.Lag.OK {
		t.Errorf("%+v", s.Group("idle"))
	}
	for _, f := range s.Faults {
		t.Errorf("no right that is missing is a fault: %s", f.String())
	}
	for _, f := range s.Findings {
		t.Logf("finding: %+v", f)
	}
	lister := g.until("lister", "names alone", func(s *kafka.Snapshot) bool { return len(s.Groups) == 4 })
	if got := strings.Join(lister.Denied(), " "); got != "both idle seen unseen" || lister.Group("idle").Err != "not authorized: DESCRIBE on group idle" || lister.Group("idle").Lag.Known > 0 {
		t.Errorf("%q %+v", got, lister.Group("idle"))
	}
	nobody := g.until("nobody", "an empty snapshot", func(s *kafka.Snapshot) bool { return true })
	if len(nobody.Groups)+len(nobody.Topics) > 0 || len(nobody.Brokers) != 1 {
		t.Errorf("%+v", nobody)
	}
}

func fewMayNot(t *testing.T, g *guarded) {
	a := g.admin("few")
	_, err := a.TopicConfigs(t.Context(), "orders")
	says(t, "topic configs", err, "not authorized: DESCRIBE_CONFIGS on topic orders")
	_, err = a.BrokerConfigs(t.Context(), 1)
	says(t, "broker configs", err, "not authorized: DESCRIBE_CONFIGS on broker 1")
	_, err = a.LogDirs(t.Context(), 1)
	says(t, "log dirs", err, "not authorized: DESCRIBE on the cluster")
	_, err = a.Group(t.Context(), "unseen")
	says(t, "group", err, "unseen")
	says(t, "reset", g.reset("few", "idle"), "not authorized: READ on group idle")
	_, err = operate.PlanDeletion(t.Context(), a, "idle")
	t.Logf("plan of a deletion: %v", err)
	says(t, "delete", a.DeleteGroup(t.Context(), "idle"), "not authorized: DELETE on group idle")
	says(t, "retention", a.AlterTopic(t.Context(), "orders", []kafka.ConfigChange{{Name: "retention.ms", Value: "1000000"}}), "not authorized: ALTER_CONFIGS on topic orders")
	_, err = a.ElectPreferred(t.Context(), []kafka.TopicPartition{tp("orders", 0)})
	says(t, "elect", err, "not authorized: ALTER on the cluster")
	says(t, "leave", a.LeaveGroup(t.Context(), "seen", "x", "", "test"), "not authorized: READ on group seen")
	says(t, "probe", a.ParkJoin(t.Context(), "seen", "range", "test"), "not authorized: READ on group seen")
	if e := g.first("few", "orders"); e.Kind != kafka.ReadFailed {
		t.Errorf("tail: %+v", e)
	} else {
		says(t, "tail", e.Err, "not authorized: READ on topic orders")
	}
	var last error
	conn.NewReader(g.as("few")).FollowGroup(t.Context(), "seen", func(e kafka.GroupLogEvent) { last = e.Err })
	says(t, "log of a group", last, "not authorized: READ on __consumer_offsets")
}

func doctorTells(t *testing.T, g *guarded) {
	r := doctor.Examine(t.Context(), g.as("few"), doctor.Options{Name: "few", Rights: true})
	text := ""
	for _, row := range r.Rows() {
		text += string(row.Outcome) + " " + row.What + " " + row.Text + "\n"
	}
	t.Log(text)
	if r.Verdict != doctor.Sound {
		t.Errorf("missing rights are no failure: %s", r.Verdict)
	}
	for _, want := range []string{
		"rights of User:few", "ok SASL login the listener offers PLAIN\n", " PLAIN as few\n", "warning connection the login travels unencrypted",
		"missing all groups no DESCRIBE on the cluster\n", "missing broker settings no DESCRIBE_CONFIGS on the cluster\n",
		"missing records no READ on topic orders\n", "--allow-principal User:few --operation Read --topic orders\n",
		"missing rebalance log no READ on topic __consumer_offsets\n",
		"ok groups DESCRIBE on all 3 visible groups\n", "missing act on groups READ on 0 of 3 groups, not on both, idle, seen\n", "--operation Read --group both\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(text+fmt.Sprintf("%+v", r), word) {
		t.Error("a secret is told")
	}
	all := doctor.Examine(t.Context(), conn.Config{Bootstrap: g.Bootstrap()}, doctor.Options{Name: "all", Rights: true})
	for _, p := range all.Parts {
		for _, l := range p.Lines {
			if l.Outcome != doctor.OK {
				t.Errorf("the administrator: %+v", l)
			}
		}
	}
}

// documentedACLs are the arguments of each command of the README, by the comment above it.
func documentedACLs(t *testing.T) map[string][][]string {
	t.Helper()
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][][]string{}
	part := ""
	for _, line := range strings.Split(string(b), "\n") {
		if name, ok := strings.CutPrefix(line, "# to "); ok {
			part, _, _ = strings.Cut(name, ":")
		}
		if args, ok := strings.CutPrefix(line, "acl --"); ok {
			out[part] = append(out[part], strings.Fields("--"+args))
		}
	}
	return out
}

func documentSuffices(t *testing.T, g *guarded) {
	acls := documentedACLs(t)
	give := func(part string) {
		if len(acls[part]) == 0 {
			t.Fatalf("the README has no rights to %s: %v", part, acls)
		}
		for _, args := range acls[part] {
			g.grant("lagtop", args...)
		}
	}
	lacks := func(what ...string) {
		t.Helper()
		r := doctor.Examine(t.Context(), g.as("lagtop"), doctor.Options{Name: "x", Rights: true})
		var got []string
		for _, p := range r.Parts {
			for _, l := range p.Lines {
				if l.Outcome == doctor.Missing || l.Outcome == doctor.Failed {
					got = append(got, l.What)
				}
			}
		}
		if strings.Join(got, ", ") != strings.Join(what, ", ") {
			t.Errorf("missing %q, want %q", got, what)
		}
	}
	give("view")
	s := g.until("lagtop", "all groups", func(s *kafka.Snapshot) bool { return len(s.Groups) == 4 })
	if !s.Complete() || len(s.Group("both").Hidden) > 0 {
		t.Errorf("%+v", s.Faults)
	}
	a := g.admin("lagtop")
	_, e1 := a.TopicConfigs(t.Context(), "orders")
	_, e2 := a.BrokerConfigs(t.Context(), 1)
	_, e3 := a.LogDirs(t.Context(), 1)
	if err := errors.Join(e1, e2, e3); err != nil {
		t.Error(err)
	}
	lacks("elect leaders", "records", "change retention", "rebalance log", "act on groups", "delete groups")

	give("tail")
	if e := g.first("lagtop", "orders"); len(e.Records) == 0 {
		t.Errorf("tail: %+v", e)
	}
	ctx, stop := context.WithTimeout(t.Context(), 60*time.Second)
	defer stop()
	caught := false
	conn.NewReader(g.as("lagtop")).FollowGroup(ctx, "seen", func(e kafka.GroupLogEvent) {
		if caught = caught || e.CaughtUp; caught {
			stop()
		}
		if e.Err != nil && ctx.Err() == nil {
			t.Error(e.Err)
		}
	})
	if !caught {
		t.Error("the log of a group was not read")
	}
	says(t, "reset with the right to read alone", g.reset("lagtop", "idle"), "not authorized: READ on group idle")

	give("act")
	lacks()
	if err := g.reset("lagtop", "idle"); err != nil {
		t.Error(err)
	}
	if at := kafkatest.Committed(t, g.Bootstrap(), "idle"); at[tp("orders", 0)] != 0 {
		t.Errorf("%v", at)
	}
	if err := a.ParkJoin(t.Context(), "seen", "range", "test"); err != nil {
		t.Error(err)
	}
	if err := a.AlterTopic(t.Context(), "orders", []kafka.ConfigChange{{Name: "retention.ms", Value: "100000000"}}); err != nil {
		t.Error(err)
	}
	if _, err := a.ElectPreferred(t.Context(), []kafka.TopicPartition{tp("orders", 0)}); err != nil {
		t.Error(err)
	}
	if err := a.DeleteGroup(t.Context(), "idle"); err != nil {
		t.Error(err)
	}
}
