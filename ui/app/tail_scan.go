package app

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/safe"
	"lagtop/kafka/tail"
	"lagtop/kafka/tail/filter"
	"lagtop/kafka/tail/format"
	"lagtop/kafka/tail/order"
	"lagtop/ui/command"
	"lagtop/ui/component"
)

// Fields of the form that asks for a look into the past.
const (
	fieldMatch = "match"
	fieldMost  = "most"
)

// mostScanned is how many records a scan reads unless more are asked for: some seconds on a cluster nearby.
const mostScanned = 1_000_000

// findOlder goes to the next older match. Asked again where there is none in memory, it offers to read the log.
func (m *Model) findOlder() tea.Cmd {
	m.tailPane().Do(&m.env, command.FindOlder)
	if !m.tailPane().Beyond() {
		return nil
	}
	return m.askScan()
}

func (m *Model) askScan() tea.Cmd {
	if m.tail.live == nil {
		m.toast(component.ToastWarn, "further back: nothing is followed, t in the topics follows one")
		return nil
	}
	look := m.tailPane().Highlight().Filter()
	if look == "" {
		look = m.tailPane().Filter()
	}
	f := component.NewForm("Search "+tailName(m.tail.spec.Topics())+" further back",
		component.Field{Name: fieldFrom, Label: "from", Value: "1h", Check: m.checkScanFrom,
			Hint: "1h ago, a date and time, an offset, -N of each partition, or start"},
		component.Field{Name: fieldMatch, Label: "for", Value: look, Check: checkMatch, Hint: "a filter: word, /regexp/, level>=warn, key:x, jq: .n > 9"},
		component.Field{Name: fieldMost, Label: "at most", Value: strconv.Itoa(mostScanned), Check: checkMost, Hint: "records that are read; the oldest first"},
	)
	f.Submit = "search"
	m.openModal(&formBox{f, (*Model).submitScan})
	return nil
}

func (m *Model) checkScanFrom(v string) error {
	if strings.TrimSpace(v) == "end" {
		return errors.New("the past does not begin at the end")
	}
	return m.checkFrom(v)
}

func checkMatch(v string) error {
	f, err := filter.Parse(v)
	if err == nil && f.Empty() {
		return errors.New("say what is searched for; f shows all records from some time on")
	}
	return err
}

func checkMost(v string) error { _, err := parseMost(v); return err }

func parseMost(v string) (int64, error) {
	n, err := strconv.ParseInt(strings.NewReplacer(",", "", "_", "", " ", "").Replace(v), 10, 64)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is not a number of records such as 1000000", v)
	}
	return n, nil
}

// submitScan reads the past of what is followed, up to where memory begins. The fields have passed their checks.
func (m *Model) submitScan(f *component.Form) (tea.Cmd, bool) {
	live := m.tail.live
	if live == nil {
		return nil, true
	}
	from, err := tail.ParseFrom(f.Value(fieldFrom), m.env.Now)
	if err != nil {
		f.Fail(fieldFrom, err)
		return nil, false
	}
	match, err := filter.Parse(f.Value(fieldMatch))
	if err != nil {
		f.Fail(fieldMatch, err)
		return nil, false
	}
	spec := tail.Spec{Until: order.Until{End: true}, Before: live.Begins(), Merge: m.tail.spec.Merge, Wake: tailWake}
	spec.Keep = match.With(format.Waiting(m.env.Schemas))
	spec.Most, _ = parseMost(f.Value(fieldMost))
	for _, read := range m.tail.spec.Reads {
		read.From, read.Each = from, nil
		if read.Partitions == nil {
			read.Partitions = m.knownParts(live, read.Topic)
		}
		spec.Reads = append(spec.Reads, read)
	}
	label := tailName(spec.Topics()) + " from " + safe.Line(strings.TrimSpace(f.Value(fieldFrom))) + ": " + safe.Line(match.String())
	m.drop(m.tail.scan)
	m.tail.scan = tail.Start(m.ctx, m.deps.Tailer, spec)
	m.focus, m.details = command.Tail, nil
	m.tailPane().Scan(m.tail.scan, label)
	return m.showOther(), true
}

// knownParts are the partitions of a topic that the snapshot or the tail knows.
func (m *Model) knownParts(live *tail.Tail, topic string) []int32 {
	ids := map[int32]bool{}
	for _, id := range m.partitionsOf(topic) {
		ids[id] = true
	}
	for _, p := range live.Partitions() {
		if p.Topic == topic {
			ids[p.Partition] = true
		}
	}
	return append([]int32{}, slices.Sorted(maps.Keys(ids))...)
}

// stopScan ends the reading of a scan that is shown; what was found stays. It reports false when none is under way.
func (m *Model) stopScan() bool {
	if m.tail.scan == nil || m.top().Place() != command.Tail || m.tail.scan.State().Phase == tail.Ended {
		return false
	}
	m.tail.scan.Stop()
	m.tailPane().Refresh(&m.env)
	return true
}

// backToLive shows what is followed again.
func (m *Model) backToLive() tea.Cmd {
	if m.tail.scan == nil {
		m.tailPane().Do(&m.env, command.Last)
		return nil
	}
	m.drop(m.tail.scan)
	m.tail.scan = nil
	m.tailPane().Live()
	return m.showOther()
}
