package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/ui/command"
	"lagtop/ui/pane/panetest"
)

// found is a cluster with one finding of each kind of place: group, broker, topic, cluster.
func found() *kafka.Snapshot {
	s := panetest.Typical()
	since := s.At.Add(-time.Minute)
	s.Findings = []kafka.Finding{
		{
			Rule: "poison-record", Severity: kafka.SeverityWorst, Since: since, Evidence: "orders/7 stands at 1000000", Advice: "Step over it.", Command: "offsets",
			Subject: kafka.Subject{Kind: kafka.SubjectGroup, Group: "shipping", Member: "ship-a-id", Topic: "clicks", Partition: kafka.Some[int32](1)},
		},
		{Rule: "under-replicated", Since: since, Subject: kafka.Subject{Kind: kafka.SubjectBroker, Broker: 3}, Evidence: "5 replicas"},
		{Rule: "hot-key", Since: since, Subject: kafka.Subject{Kind: kafka.SubjectTopic, Topic: "audit"}, Evidence: "3 times the mean"},
		{Rule: "no-controller", Since: since, Evidence: "nobody leads"},
	}
	return s
}

func TestFindingsAreCountedAndShownFromEverywhere(t *testing.T) {
	for _, keys := range [][]string{nil, {"2"}, {"3"}, {"4"}, {"5"}, {"enter"}, {"3", "enter"}, {"z"}} {
		r := newRig(t, found(), nil)
		r.see("4 findings F")
		r.keys(keys...)
		before := r.screen()
		r.keys("F")
		r.see("Findings", "poison-record", "Step over it.", "go to clicks/1 in group shipping")
		r.keys("esc")
		if got := r.screen(); got != before {
			t.Errorf("after %v, F and esc:\n%s\nwas\n%s", keys, got, before)
		}
		r.keys("F", "F")
		r.seeNot("Step over it.")
	}
}

func TestNoFindingsNoCount(t *testing.T) {
	r := newRig(t, panetest.Typical(), nil)
	r.seeNot("finding")
	r.keys("F")
	r.see("nothing was found")
}

func TestFindingsCountMoreThanTheClock(t *testing.T) {
	for w, want := range map[int]string{40: "✖ 4 findings F", 60: "✖ 4 findings F  14:02:11", 80: "✖ 4 findings F   every 2s  14:02:11"} {
		r := newRig(t, found(), nil)
		r.send(tea.WindowSizeMsg{Width: w, Height: 24})
		if head, _, _ := strings.Cut(r.screen(), "\n"); !strings.HasSuffix(head, want) {
			t.Errorf("%d cells: %q does not end in %q", w, head, want)
		}
	}
}

func TestEnterGoesToThePlaceOfTheFinding(t *testing.T) {
	r := newRig(t, found(), nil)
	r.keys("F", "enter")
	if r.env.Focus.Group != "shipping" || len(r.details) > 0 || r.focus != command.Partitions || r.env.Focus.Topic != "clicks" || r.env.Focus.Partition != kafka.Some[int32](1) {
		t.Errorf("focus %+v with %d details", r.env.Focus, len(r.details))
	}
	r.keys("F", "down", "enter")
	r.see("Broker 3")
	r.keys("esc")
	r.see("5 replicas")
	r.keys("down", "enter")
	r.see("Topic audit")
	r.keys("esc", "down", "enter")
	r.see("no place to go to")
}

func TestEnterSaysWhenTheFilterHidesTheGroup(t *testing.T) {
	r := newRig(t, found(), nil)
	r.keys("/")
	r.typed("payments")
	r.keys("enter", "F", "enter")
	r.see("the filter hides group shipping")
}

func TestKeysActOnWhatTheFindingIsAbout(t *testing.T) {
	r := newRig(t, found(), nil)
	r.keys("F")
	if st := r.state(); st.Group == nil || st.Group.Name != "shipping" || st.Member == nil || st.Member.ID != "ship-a-id" || st.Topic != "clicks" {
		t.Errorf("state %+v", st)
	}
	r.keys("o")
	r.see("Reset offsets of shipping", "partition clicks/1")
	r.keys("esc", "down", "r")
	r.see("select a group first")
	r.keys("esc")
	if r.env.Focus.Group != "payments" {
		t.Errorf("back in the overview the group is %q", r.env.Focus.Group)
	}
}

func TestTailFromAFindingBeginsAtTheRecordThatTheGroupDoesNotPass(t *testing.T) {
	r := newRig(t, found(), nil)
	r.keys("F", "t")
	spec := r.tail.spec.Reads[0]
	if fmt.Sprint(spec.Partitions) != "[1]" || spec.Each[1] != (kafka.Seek{Kind: kafka.SeekOffset, Offset: 5_100_000}) || r.focus != command.Tail {
		t.Errorf("tail %+v", spec)
	}
}

func TestMovingThroughFindingsStartsNoTail(t *testing.T) {
	r := newRig(t, found(), nil)
	r.keys("t")
	topic := r.tail.spec.Reads[0].Topic
	r.keys("1", "F", "down", "down")
	if cmd := r.followFocus(); cmd != nil || !r.tail.follows(topic) {
		t.Errorf("the tail goes to %v", r.tail.spec.Topics())
	}
}

func TestFilterOfFindings(t *testing.T) {
	r := newRig(t, found(), nil)
	r.keys("F", "/")
	r.typed("broker:3")
	r.keys("enter")
	r.see("under-replicated", "1 of 4  /broker:3")
	r.seeNot("poison-record")
}

// Marks are of the group where they were made: the offsets of the finding's group have nothing to do with them.
func TestMarksOfAnotherGroupAreNoScopeForAFinding(t *testing.T) {
	r := newRig(t, found(), newWorld(kafka.StateEmpty))
	r.keys("2", "space")
	if len(r.marked()) == 0 {
		t.Fatal("nothing is marked")
	}
	r.keys("F", "o")
	r.see("Reset offsets of shipping", "partition clicks/1")
	r.seeNot("marked partition")
	r.keys("esc", "F", "o")
	r.see("Reset offsets of payments", "marked partition")
}
