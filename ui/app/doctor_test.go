package app

import (
	"context"
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/doctor"
	"lagtop/ui/pane/panetest"
)

// ill is a report with every kind of line, and with text that means harm.
func ill() doctor.Report {
	return doctor.Report{Name: "prod-eu", Verdict: doctor.Partial, Parts: []doctor.Part{
		{Title: "kafka-1:9093 (broker 1)", Lines: []doctor.Line{
			{What: "resolve the name", Outcome: doctor.OK, Facts: []string{"kafka-1 is 10.0.0.1"}},
			{What: "TLS handshake", Outcome: doctor.OK, Facts: []string{"TLS 1.3, 12ms", "certificate: CN=kafka\x1b[31m, issued by CN=ca, valid 2026-01-01 to 2026-12-01 (8 days left)", "for kafka-1"}},
			{What: "TLS handshake", Outcome: doctor.Warning, Facts: []string{"the certificate CN=kafka ends in 8 days"}},
		}},
		{Title: "addresses that the brokers name", Lines: []doctor.Line{
			{What: "broker 2", Outcome: doctor.Failed, Facts: []string{"kafka-2:9093: resolve the name: no such host"}, Try: "broker 2 tells clients to come to kafka-2:9093, a name that is unknown here: --map kafka-2:9093=127.0.0.1:PORT"},
		}},
		{Title: "rights of User:oncall", Lines: []doctor.Line{
			{What: "records", Outcome: doctor.Missing, Facts: []string{"READ on 2 of 5 topics, not on orders", "there is no tail of those topics"}},
		}},
	}}
}

func TestDoctorFrames(t *testing.T) {
	for _, size := range []struct{ w, h int }{{80, 24}, {120, 40}, {200, 60}} {
		r := newRig(t, panetest.Typical(), nil)
		r.deps.Examine = func(_ context.Context, note func(string)) doctor.Report { note("rights"); return ill() }
		r.send(tea.WindowSizeMsg{Width: size.w, Height: size.h})
		r.keys(":")
		r.typed("doctor")
		r.finish(r.keys("enter"))
		panetest.Exact(t, r.frame(), size.w, size.h)
		panetest.Golden(t, fmt.Sprintf("doctor-%dx%d", size.w, size.h), r.screen())
		r.keys("esc")
		r.seeNot("doctor: prod-eu")
	}
}

func TestCancelledDoctorShowsNoReport(t *testing.T) {
	r := newRig(t, panetest.Typical(), nil)
	r.deps.Examine = func(ctx context.Context, note func(string)) doctor.Report {
		note("name, connection, TLS, login")
		<-ctx.Done()
		return ill()
	}
	r.keys(":")
	r.typed("doctor")
	r.keys("enter")
	r.send(r.task.wait())
	r.see("doctor: name, connection, TLS, login")
	r.keys("esc")
	r.finish(nil)
	r.see("doctor: cancelled")
	r.seeNot("resolve the name")
}

func TestDoctorIsAtHandWhereNothingAnswers(t *testing.T) {
	r := newRig(t, nil, nil)
	r.deps.Examine = func(context.Context, func(string)) doctor.Report { return ill() }
	r.src.status.Err = stepError{}
	r.send(snapshotMsg{})
	r.see(":doctor")
	r.keys(":")
	r.typed("doctor")
	r.finish(r.keys("enter"))
	r.see("kafka-1 is 10.0.0.1")
}

func TestMissingRightsAreSaidOnceAndQuietly(t *testing.T) {
	s := panetest.Typical()
	for _, g := range []string{"a", "b"} {
		for _, op := range []string{"DescribeGroups", "OffsetFetch"} {
			s.Faults = append(s.Faults, kafka.Fault{Group: g, Op: op, Reason: "not authorized: DESCRIBE on group " + g, Denied: true, Since: panetest.Now().Add(-time.Minute)})
		}
	}
	r := newRig(t, s, nil)
	r.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	r.see("limited view: 2 groups not visible")
	r.seeNot("not authorized")
	s.Faults = append(s.Faults, kafka.Fault{Broker: kafka.Some[int32](2), Op: "ListGroups", Reason: "no answer within 3 s"})
	r.send(snapshotMsg{})
	r.see("ListGroups: no answer within 3 s")
	r.seeNot("and 4 more")
}

func TestNothingIsCalledWellThatWeMayNotSee(t *testing.T) {
	s := calm()
	r := newRig(t, s, nil)
	r.see("no group is in trouble")
	r.seeNot("among")
	s.Faults = []kafka.Fault{{Group: s.Groups[0].Name, Op: "DescribeGroups", Denied: true}}
	r.send(snapshotMsg{})
	r.see("no group is in trouble among those that we may DESCRIBE")
	for i := range s.Groups[1:] {
		s.Faults = append(s.Faults, kafka.Fault{Group: s.Groups[1+i].Name, Op: "DescribeGroups", Denied: true})
	}
	r.send(snapshotMsg{})
	r.see("not known whether a group is in trouble: we may DESCRIBE none")
	r.seeNot("no group is in trouble")
	s.Groups, s.Faults = nil, nil
	r.send(snapshotMsg{})
	r.see("no consumer group to see: there is none, or we may DESCRIBE none")
	s.Limit.GroupsOut = 3
	r.send(snapshotMsg{})
	r.see("every consumer group is left out, as was asked for")
}
