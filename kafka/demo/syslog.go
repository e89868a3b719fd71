package demo

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// The facilities that appear (RFC 5424, table 1).
const (
	facilityKern   = 0
	facilityDaemon = 3
	facilityAuth   = 10
	facilityCron   = 9
)

// The severities that appear (RFC 5424, table 2).
const (
	severityError   = 3
	severityWarning = 4
	severityInfo    = 6
)

// event is the part of a syslog line that a program decides.
type event struct {
	facility, severity int
	app, msgID, data   string
	msg                string
}

// syslogLine is a line in the form of RFC 5424; its key is the host.
func syslogLine(g *gen, at time.Time) message {
	host := fmt.Sprintf("%s-%02d.example.net", g.pick("web", "db", "cache", "edge"), 1+g.IntN(15))
	e := hostEvent(g)
	line := fmt.Sprintf("<%d>1 %s %s %s %d %s %s %s", e.facility*8+e.severity,
		at.UTC().Format("2006-01-02T15:04:05.000Z07:00"), host, e.app, 300+g.IntN(30_000), e.msgID, e.data, e.msg)
	return message{key: host, value: []byte(line), headers: []kgo.RecordHeader{
		header("content-type", "text/plain"),
		header("collector", fmt.Sprintf("rsyslog-%d", 1+g.IntN(2))),
	}}
}

func hostEvent(g *gen) event {
	switch n := g.IntN(100); {
	case n < 35:
		ip := visitor(g)
		return event{facilityAuth, severityInfo, "sshd", "AUTH", fmt.Sprintf(`[origin ip="%s"]`, ip),
			fmt.Sprintf("Accepted publickey for deploy from %s port %d ssh2", ip, 1024+g.IntN(60_000))}
	case n < 50:
		ip := visitor(g)
		return event{facilityAuth, severityWarning, "sshd", "AUTH", fmt.Sprintf(`[origin ip="%s"]`, ip),
			fmt.Sprintf("Failed password for invalid user %s from %s port %d ssh2", g.pick("admin", "oracle", "test", "ubuntu"), ip, 1024+g.IntN(60_000))}
	case n < 70:
		return event{facilityCron, severityInfo, "CRON", "-", "-", "(root) CMD (" + g.pick("/usr/lib/backup/run --incremental", "logrotate /etc/logrotate.conf", "fstrim --all") + ")"}
	case n < 90:
		return event{facilityDaemon, severityInfo, "systemd", "UNIT", "-", g.pick("Started", "Stopped", "Reloaded") + " " + g.pick("nginx.service", "node_exporter.service", "chronyd.service") + "."}
	case n < 97:
		return event{facilityKern, severityWarning, "kernel", "-", "-", fmt.Sprintf("TCP: request_sock_TCP: Possible SYN flooding on port %d. Sending cookies.", 443)}
	}
	return event{facilityKern, severityError, "kernel", "-", "-", fmt.Sprintf("Out of memory: Killed process %d (java) total-vm:%dkB", 300+g.IntN(30_000), 4_000_000+g.IntN(4_000_000))}
}
