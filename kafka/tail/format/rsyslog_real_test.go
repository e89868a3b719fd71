package format_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka/kafkatest"
	"lagtop/kafka/tail/format"
)

// omkafka is a configuration of rsyslog that writes what comes in over UDP to a topic for each template.
const omkafka = `global(workDirectory="%[1]s")
module(load="imudp")
module(load="omkafka")
template(name="json" type="list" option.jsonf="on") {
  property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="severity" name="syslogseverity-text" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
}
ruleset(name="out") {
  action(type="omkafka" broker=[%[2]s] topic="%[3]s-5424" template="RSYSLOG_SyslogProtocol23Format")
  action(type="omkafka" broker=[%[2]s] topic="%[3]s-3164" template="RSYSLOG_TraditionalForwardFormat")
  action(type="omkafka" broker=[%[2]s] topic="%[3]s-json" template="json")
}
input(type="imudp" address="127.0.0.1" port="%[4]d" ruleset="out")
`

// TestRealRsyslogIsRead sends messages through a real rsyslog and its omkafka to a real Kafka and reads what arrives.
// Without rsyslog the recorded samples of the table have to do.
func TestRealRsyslogIsRead(t *testing.T) {
	rsyslogd, err := exec.LookPath("rsyslogd")
	if err != nil {
		t.Skipf("real rsyslog skipped: %v (Debian: apt-get install rsyslog rsyslog-kafka)", err)
	}
	k := kafkatest.Real(t)
	prefix := kafkatest.Unique("rsyslog")
	topics := map[string]format.Kind{prefix + "-5424": format.Syslog5424, prefix + "-3164": format.Syslog3164, prefix + "-json": format.JSON}
	for topic := range topics {
		kafkatest.CreateTopic(t, k.Bootstrap(), topic, 1, 1)
	}
	send := syslogTo(t, rsyslogd, k.Bootstrap(), prefix)
	cl := kafkatest.Client(t, k.Bootstrap(), kgo.ConsumeTopics(prefix+"-5424", prefix+"-3164", prefix+"-json"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	got := map[string]*kgo.Record{}
	kafkatest.Until(t, time.Minute, func() error {
		send(`<11>1 2026-11-22T14:02:10.003Z web-1 checkout 42 - - card declined for order-991`)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for _, r := range cl.PollFetches(ctx).Records() {
			got[r.Topic] = r
		}
		if len(got) < len(topics) {
			return fmt.Errorf("records of %d of %d topics have come", len(got), len(topics))
		}
		return nil
	})
	for topic, kind := range topics {
		value := got[topic].Value
		e := format.Decode(format.Auto, value, got[topic].Timestamp)
		if e.Kind != kind || e.Severity != format.Error || !strings.Contains(e.Message, "card declined for order-991") || e.Time.IsZero() {
			t.Errorf("%s: %q is read as %s, %s, %q at %v", topic, value, e.Kind, e.Severity, e.Message, e.Time)
		}
	}
}

// syslogTo starts rsyslogd and returns what sends a message to it.
func syslogTo(t *testing.T, rsyslogd string, bootstrap []string, prefix string) (send func(message string)) {
	t.Helper()
	dir := t.TempDir()
	probe, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := probe.LocalAddr().(*net.UDPAddr).Port
	_ = probe.Close()
	conf := filepath.Join(dir, "rsyslog.conf")
	text := fmt.Sprintf(omkafka, dir, `"`+strings.Join(bootstrap, `","`)+`"`, prefix, port)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	cmd := exec.Command(rsyslogd, "-n", "-f", conf, "-i", filepath.Join(dir, "pid"))
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("rsyslogd said:\n%s", said.String())
		}
	})
	to, err := net.Dial("udp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = to.Close() })
	return func(message string) { _, _ = to.Write([]byte(message)) } // until rsyslogd listens it is refused
}
