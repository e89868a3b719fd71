package conn

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"lagtop/kafka"
)

// connectBytes writes fields as Kafka Connect does: int16, int32, int64, strings, bytes (with a length of
// four), and arrays of connectors with their tasks; nil is a null array.
func connectBytes(fields ...any) []byte {
	var b []byte
	text := func(s string) {
		b = binary.BigEndian.AppendUint16(b, uint16(len(s)))
		b = append(b, s...)
	}
	for _, f := range fields {
		switch f := f.(type) {
		case int16:
			b = binary.BigEndian.AppendUint16(b, uint16(f))
		case int32:
			b = binary.BigEndian.AppendUint32(b, uint32(f))
		case int64:
			b = binary.BigEndian.AppendUint64(b, uint64(f))
		case string:
			text(f)
		case []byte:
			b = append(binary.BigEndian.AppendUint32(b, uint32(len(f))), f...)
		case nil:
			b = append(b, 0xff, 0xff, 0xff, 0xff)
		case []work:
			b = binary.BigEndian.AppendUint32(b, uint32(len(f)))
			for _, w := range f {
				text(w.connector)
				b = append(b, 0, 0, 0, 1)
				b = binary.BigEndian.AppendUint32(b, uint32(w.task))
			}
		default:
			panic(fmt.Sprintf("%T", f))
		}
	}
	return b
}

// orders is an assignment by the worker "lead", up to the array of what is assigned.
func orders(version, code int16, more ...any) []byte {
	return connectBytes(append([]any{version, code, "lead", "http://lead:8083/", int64(7)}, more...)...)
}

func state(version int16, more ...any) []byte {
	return connectBytes(append([]any{version, "http://w1:8083/", int64(7)}, more...)...)
}

func taskText(ts []kafka.Task) string {
	out := ""
	for _, t := range ts {
		out += string(t.Role) + " " + t.Name + ", "
	}
	return out
}

func TestConnectWorkerRunsWhatItHadAndWhatIsNew(t *testing.T) {
	had := orders(2, 0, []work{{"jdbc", -1}, {"jdbc", 10}, {"jdbc", 2}}, nil, int32(0))
	const old = "connector jdbc, task jdbc-2, task jdbc-10, "
	for name, c := range map[string]struct {
		metadata, assignment []byte
		tasks, opaque        string
	}{
		"v0 has the whole":            {metadata: state(0), assignment: orders(0, 0, []work{{"s3", 0}, {"s3", -1}}), tasks: "connector s3, task s3-0, "},
		"v1 joined without any":       {metadata: state(1, nil), assignment: orders(1, 0, []work{{"s3", 0}}, nil, int32(0)), tasks: "task s3-0, "},
		"v2 goes on as before":        {metadata: state(2, had), assignment: orders(2, 0, nil, nil, int32(0)), tasks: old},
		"v2 an empty list":            {metadata: state(2, had), assignment: orders(2, 0, []work{}, []work{}, int32(0)), tasks: old},
		"v2 fields are left out":      {metadata: state(2, had), assignment: orders(2, 0), tasks: old},
		"v2 gets one more":            {metadata: state(2, had), assignment: orders(2, 0, []work{{"s3", 0}}, nil, int32(0)), tasks: old + "task s3-0, "},
		"v2 gives one back":           {metadata: state(2, had), assignment: orders(2, 0, nil, []work{{"jdbc", 10}}, int32(60000)), tasks: "connector jdbc, task jdbc-2, "},
		"v2 gets what it has":         {metadata: state(2, had), assignment: orders(2, 0, []work{{"jdbc", 2}}, nil, int32(0)), tasks: old},
		"outside Stable":              {},
		"configurations differ":       {metadata: state(2, had), assignment: orders(2, 1, nil, nil, int32(0)), tasks: old, opaque: "the leader could not assign: the workers' configurations differ"},
		"not of Connect":              {metadata: []byte("x"), assignment: []byte("\x00\x01{not ours}"), opaque: "assignment not decodable: the bytes end too early"},
		"cut short":                   {metadata: state(2, had), assignment: orders(2, 0, []work{{"s3", 0}})[:50], opaque: "assignment not decodable: the bytes end too early"},
		"huge count":                  {metadata: state(2, had), assignment: orders(2, 0, int32(0x7fffffff)), opaque: "assignment not decodable: the bytes end too early"},
		"negative version":            {metadata: state(2, had), assignment: orders(-1, 0, nil), opaque: "assignment not decodable: the version is negative"},
		"holdings cut short":          {metadata: state(2, had)[:40], assignment: orders(2, 0, nil, nil, int32(0)), opaque: "what the worker holds is not decodable: the bytes end too early"},
		"bad metadata matters not v0": {metadata: []byte("x"), assignment: orders(0, 0, []work{{"s3", -1}}), tasks: "connector s3, "},
	} {
		m := kafka.Member{ID: "w1"}
		connectMember(&m, c.metadata, c.assignment)
		if got := taskText(m.Tasks); got != c.tasks || m.Opaque != c.opaque {
			t.Errorf("%s: %q, %q; want %q, %q", name, got, m.Opaque, c.tasks, c.opaque)
		}
	}
}

func TestConnectLeaderIsMarked(t *testing.T) {
	for id, want := range map[string]bool{"lead": true, "w1": false} {
		m := kafka.Member{ID: id}
		connectMember(&m, state(2, nil), orders(2, 0, nil, nil, int32(0)))
		if m.Leader != want || m.URL != "http://w1:8083/" {
			t.Errorf("%s: %+v", id, m)
		}
	}
}

func FuzzConnectMember(f *testing.F) {
	had := orders(2, 0, []work{{"jdbc", -1}, {"jdbc", 10}}, nil, int32(0))
	f.Add(state(2, had), orders(2, 0, []work{{"s3", 0}}, []work{{"jdbc", 10}}, int32(0)))
	f.Add(state(0), orders(0, 0, []work{{"", -1}}))
	f.Add(state(2, had), orders(2, 0, []work{{"s3", -453050368}}, nil, int32(0)))
	f.Add([]byte{0, 1, 0xff, 0xff}, []byte{0, 2, 0, 0, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, metadata, assignment []byte) {
		var m kafka.Member
		connectMember(&m, metadata, assignment)
		if len(m.Tasks) > (len(metadata)+len(assignment))/4 {
			t.Errorf("%d tasks out of %d and %d bytes", len(m.Tasks), len(metadata), len(assignment))
		}
		if m.Opaque != "" && !strings.HasPrefix(m.Opaque, "the leader") && m.Tasks != nil {
			t.Errorf("%q with %v", m.Opaque, m.Tasks)
		}
		first := slices.IndexFunc(m.Tasks, func(t kafka.Task) bool { return t.Role != kafka.TaskConnector })
		if first >= 0 && slices.ContainsFunc(m.Tasks[first:], func(t kafka.Task) bool { return t.Role == kafka.TaskConnector }) {
			t.Errorf("a connector behind tasks: %v", m.Tasks)
		}
	})
}
