package conn

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"lagtop/kafka"
)

// The formats here are ConnectProtocol v0 and IncrementalCooperativeConnectProtocol v1 and v2 of Kafka
// Connect's workers. As with consumers, any bytes may arrive.

// work is a connector, or one of its tasks.
type work struct {
	connector string
	task      int32 // connectorItself, or from 0
}

const connectorItself = -1

// kind puts connectors first.
func (w work) kind() int {
	if w.task == connectorItself {
		return 0
	}
	return 1
}

// workerState is what a worker said of itself when it joined: its metadata in DescribeGroups.
type workerState struct {
	url   string
	holds []work // since v1: what it ran when it joined, and keeps unless it is revoked
}

// workerOrders is what the leader sent to one worker: its assignment in DescribeGroups.
type workerOrders struct {
	version  int16
	failed   bool   // the workers disagree on the configuration: nobody runs anything new
	leader   string // member id
	assigned []work // since v1 what is new alone
	revoked  []work
}

// connectMember fills in what a worker runs. Since v1 that is what it had when it joined, less what was
// revoked from it, and what was assigned: the assignment alone is empty for a worker that goes on as before.
func connectMember(m *kafka.Member, metadata, assignment []byte) {
	state, err := decodeWorkerState(metadata)
	m.URL = state.url
	orders, err2 := decodeOrders(assignment)
	switch {
	case err2 != nil:
		m.Opaque = "assignment not decodable: " + err2.Error()
		return
	case err != nil && orders.version > 0:
		m.Opaque = "what the worker holds is not decodable: " + err.Error()
		return
	case orders.failed:
		m.Opaque = "the leader could not assign: the workers' configurations differ"
	}
	m.Leader = orders.leader != "" && orders.leader == m.ID
	all := slices.Clone(orders.assigned)
	if orders.version > 0 {
		all = append(all, slices.DeleteFunc(state.holds, func(w work) bool { return slices.Contains(orders.revoked, w) })...)
	}
	m.Tasks = connectTasks(all)
}

// connectTasks are the connectors, then the tasks by connector and number.
func connectTasks(all []work) []kafka.Task {
	slices.SortFunc(all, func(a, b work) int {
		return cmp.Or(cmp.Compare(a.kind(), b.kind()), strings.Compare(a.connector, b.connector), cmp.Compare(a.task, b.task))
	})
	var out []kafka.Task
	for _, w := range slices.Compact(all) {
		if w.task == connectorItself {
			out = append(out, kafka.Task{Role: kafka.TaskConnector, Name: w.connector})
			continue
		}
		out = append(out, kafka.Task{Role: kafka.TaskWork, Name: w.connector + "-" + strconv.Itoa(int(w.task))})
	}
	return out
}

var errVersion = errors.New("the version is negative")

// decodeWorkerState reads the metadata: version, url, config offset, and since v1 an assignment in bytes.
func decodeWorkerState(b []byte) (workerState, error) {
	if len(b) == 0 { // outside Stable
		return workerState{}, nil
	}
	c := &cursor{b: b}
	version := c.int16()
	s := workerState{url: c.string()}
	c.int64() // config offset
	switch {
	case c.err != nil:
		return workerState{}, c.err
	case version < 0:
		return workerState{}, errVersion
	case version == 0 || len(c.b) == 0:
		return s, nil
	}
	n := c.int32()
	if n < 0 { // null: it ran nothing
		return s, c.err
	}
	held, err := decodeOrders(c.take(int(n)))
	s.holds = held.assigned
	return s, cmp.Or(c.err, err)
}

// decodeOrders reads an assignment. What follows the leader may be missing since v1, and counts as empty.
func decodeOrders(b []byte) (workerOrders, error) {
	if len(b) == 0 {
		return workerOrders{}, nil
	}
	c := &cursor{b: b}
	o := workerOrders{version: c.int16()}
	o.failed = c.int16() != 0
	o.leader = c.string()
	c.string() // the leader's url, which its own metadata has as well
	c.int64()  // config offset
	o.assigned = c.works()
	if o.version > 0 {
		o.revoked = c.works()
	}
	switch {
	case c.err != nil:
		return workerOrders{}, c.err
	case o.version < 0:
		return workerOrders{}, errVersion
	}
	return o, nil
}

// works reads a nullable array of connectors with their tasks.
func (c *cursor) works() []work {
	if c.err != nil || len(c.b) == 0 {
		return nil
	}
	if len(c.b) >= 4 && binary.BigEndian.Uint32(c.b) == math.MaxUint32 { // -1: null
		c.take(4)
		return nil
	}
	var out []work
	for range c.count(6) {
		name := c.string()
		for range c.count(4) {
			out = append(out, work{name, c.int32()})
		}
		if c.err != nil {
			return nil
		}
	}
	return out
}
