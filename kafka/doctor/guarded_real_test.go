package doctor_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/lag"
	"lagtop/kafka/offsets"
	"lagtop/kafka/poll"
	"lagtop/kafka/secret"
	"lagtop/kafka/triage"
)

const word = "cAnArY-90aa"

// guarded is a broker with an authorizer. The plain listener is the administrator's; on the other one users
// log in who have no rights but those that a test gives them.
type guarded struct {
	*kafkatest.Cluster
	t     *testing.T
	login string // host:port of the users' listener
}

// lowPort is free, and below the ephemeral range.
func lowPort(t *testing.T) int {
	t.Helper()
	for p := 26100; p < 26900; p++ {
		if l, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", p)); err == nil {
			_ = l.Close()
			return p
		}
	}
	t.Fatal("no free port")
	return 0
}

func newGuarded(t *testing.T, users ...string) *guarded {
	t.Helper()
	g := &guarded{t: t, login: fmt.Sprintf("127.0.0.1:%d", lowPort(t))}
	jaas := "org.apache.kafka.common.security.plain.PlainLoginModule required"
	for _, u := range users {
		jaas += fmt.Sprintf(` user_%s="%s"`, u, word)
	}
	g.Cluster = kafkatest.RealOwn(t, kafkatest.Own{Nodes: 1, Props: map[string]string{
		"listeners":                                   "{default},LOGIN://" + g.login,
		"advertised.listeners":                        "{default},LOGIN://" + g.login,
		"listener.security.protocol.map":              "{default},LOGIN:SASL_PLAINTEXT",
		"listener.name.login.sasl.enabled.mechanisms": "PLAIN",
		"listener.name.login.plain.sasl.jaas.config":  jaas + ";",
		"authorizer.class.name":                       "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
		"super.users":                                 "User:ANONYMOUS",
	}})
	return g
}

// as is the way in of a user.
func (g *guarded) as(user string) conn.Config {
	return conn.Config{Bootstrap: []string{g.login}, Auth: conn.Auth{SASL: &conn.SASL{Mechanism: conn.Plain, User: user, Password: secret.Literal(word)}}}
}

func (g *guarded) admin(user string) *conn.Admin {
	g.t.Helper()
	a, err := conn.OpenAdmin(g.as(user))
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(a.Close)
	return a
}

// grant gives what the arguments of kafka-acls.sh say, without those that name cluster and user.
func (g *guarded) grant(user string, args ...string) {
	g.t.Helper()
	b := kadm.NewACLs().Allow("User:" + user).AllowHosts().ResourcePatternType(kadm.ACLPatternLiteral)
	var ops []kadm.ACLOperation
	for i := 0; i < len(args); i++ {
		value := ""
		if i+1 < len(args) {
			value = strings.Trim(args[i+1], "'")
		}
		switch args[i] {
		case "--operation":
			op, err := kadmOperation(value)
			if err != nil {
				g.t.Fatal(err)
			}
			ops = append(ops, op)
			i++
		case "--topic":
			b = b.Topics(value)
			i++
		case "--group":
			b = b.Groups(value)
			i++
		case "--cluster":
			b = b.Clusters()
		default:
			g.t.Fatalf("%q of %q", args[i], args)
		}
	}
	adm := kadm.NewClient(kafkatest.Client(g.t, g.Bootstrap()))
	rs, err := adm.CreateACLs(g.t.Context(), b.Operations(ops...))
	if err != nil {
		g.t.Fatal(err)
	}
	for _, r := range rs {
		if r.Err != nil {
			g.t.Fatal(r.Err)
		}
	}
}

func kadmOperation(word string) (kadm.ACLOperation, error) {
	op, ok := map[string]kadm.ACLOperation{
		"Describe": kadm.OpDescribe, "DescribeConfigs": kadm.OpDescribeConfigs, "Read": kadm.OpRead, "Delete": kadm.OpDelete,
		"Alter": kadm.OpAlter, "AlterConfigs": kadm.OpAlterConfigs,
	}[word]
	if !ok {
		return op, fmt.Errorf("operation %q", word)
	}
	return op, nil
}

// until polls as a user until the snapshot is as it should be.
func (g *guarded) until(user, what string, is func(*kafka.Snapshot) bool) *kafka.Snapshot {
	g.t.Helper()
	history := lag.NewHistory(lag.Options{})
	p := poll.New(g.as(user), poll.Options{Deadline: 10 * time.Second, Derive: []func(*kafka.Snapshot){history.Observe, triage.New(history).Judge}})
	ctx, cancel := context.WithTimeout(g.t.Context(), 60*time.Second)
	defer cancel()
	for {
		s, err := p.Once(ctx)
		if err == nil && is(s) {
			return s
		}
		if ctx.Err() != nil {
			g.t.Fatalf("%s: never %s: %v, %+v", user, what, err, s)
		}
	}
}

// first is the first event of reading a topic as a user that is no mere beginning.
func (g *guarded) first(user, topic string) kafka.ReadEvent {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(g.t.Context(), 60*time.Second)
	defer cancel()
	var got kafka.ReadEvent
	conn.NewReader(g.as(user)).Follow(ctx, kafka.ReadSpec{Topic: topic, From: kafka.Seek{Kind: kafka.SeekStart}}, func(e kafka.ReadEvent) {
		if ctx.Err() == nil && (e.Kind == kafka.ReadFailed || len(e.Records) > 0) {
			got = e
			cancel()
		}
	})
	return got
}

func tp(topic string, partition int32) kafka.TopicPartition {
	return kafka.TopicPartition{Topic: topic, Partition: partition}
}

type silent struct{}

func (silent) Begin(string, string, any) (func(any, error) error, error) {
	return func(any, error) error { return nil }, nil
}

// reset moves a group to the beginning as a user.
func (g *guarded) reset(user, group string) error {
	a := g.admin(user)
	p, err := offsets.Prepare(g.t.Context(), a, offsets.Spec{Group: group, Scenario: offsets.Earliest{}})
	if err != nil {
		return err
	}
	out, err := offsets.Apply(g.t.Context(), a, p, offsets.Options{Audit: silent{}, BeforeDir: g.t.TempDir()})
	var all []error
	for _, r := range out.Results {
		if r.Err != "" {
			all = append(all, errors.New(r.Err))
		}
	}
	return errors.Join(append(all, err)...)
}
