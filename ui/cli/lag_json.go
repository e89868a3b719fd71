package cli

import (
	"bufio"
	"strconv"
	"time"
	"unicode/utf16"

	"lagtop/kafka"
	"lagtop/kafka/safe"
)

// writeLagJSON writes the document of lagtop lag, whose field names are a promise. It does so by hand: for
// 24,000 partitions encoding/json takes longer than the cluster takes to answer, and twice the memory.
// Errors stay in w.
func writeLagJSON(w *bufio.Writer, s *kafka.Snapshot, groups []*kafka.Group) {
	d := document{w: w}
	d.text("{\n \"cluster\": ")
	d.str(s.Cluster.ID)
	d.text(",\n \"at\": ")
	d.str(s.At.Format(time.RFC3339Nano))
	d.text(",\n \"complete\": ")
	d.bool(s.Complete())
	d.text(",\n \"groups\": [")
	for i, g := range groups {
		d.next(i, "\n  ")
		d.group(g)
	}
	d.end(len(groups), "\n ]")
	d.text("\n}\n")
}

// document writes JSON into w. b is reused for what has to be put together.
type document struct {
	w *bufio.Writer
	b []byte
}

func (d *document) text(s string) { _, _ = d.w.WriteString(s) }

// next begins element i of a list on a line of its own.
func (d *document) next(i int, line string) {
	if i > 0 {
		d.text(",")
	}
	d.text(line)
}

// end closes a list of n elements; an empty one stays on its line.
func (d *document) end(n int, line string) {
	if n == 0 {
		line = "]"
	}
	d.text(line)
}

func (d *document) bool(v bool) { d.text(strconv.FormatBool(v)) }

func (d *document) num(v int64) {
	d.b = strconv.AppendInt(d.b[:0], v, 10)
	_, _ = d.w.Write(d.b)
}

// known writes null for what is not known.
func (d *document) known(k kafka.Known[int64]) {
	if !k.OK {
		d.text("null")
		return
	}
	d.num(k.V)
}

// str writes a string; every character that a terminal could obey is escaped.
func (d *document) str(s string) {
	d.b = appendJSON(d.b[:0], s)
	_, _ = d.w.Write(d.b)
}

func (d *document) group(g *kafka.Group) {
	d.text("{\n   \"group\": ")
	d.str(g.Name)
	d.text(",\n   \"type\": ")
	d.str(string(g.Type))
	d.text(",\n   \"state\": ")
	d.str(string(g.State))
	d.text(",\n   \"protocol\": ")
	d.str(g.Protocol)
	d.text(",\n   \"coordinator\": ")
	d.known(kafka.Known[int64]{V: int64(g.Coordinator.V), OK: g.Coordinator.OK})
	d.text(",\n   \"members\": [")
	for i := range g.Members {
		d.next(i, "\n    ")
		d.member(&g.Members[i])
	}
	d.end(len(g.Members), "\n   ]")
	d.text(",\n   \"lag\": ")
	d.known(kafka.Known[int64]{V: g.Lag.V, OK: !g.Lag.Unknown() && !g.Unread()})
	d.text(",\n   \"lag_complete\": ")
	d.bool(g.Lag.Complete() && g.Err == "")
	d.text(",\n   \"age_seconds\": ")
	d.age(g.Age)
	d.text(",\n   \"partitions\": [")
	for i := range g.Partitions {
		d.next(i, "\n    ")
		d.partition(g, &g.Partitions[i])
	}
	d.end(len(g.Partitions), "\n   ]")
	d.text("\n  }")
}

func (d *document) member(m *kafka.Member) {
	d.text("{\"member_id\": ")
	d.str(m.ID)
	d.text(", \"client_id\": ")
	d.str(m.ClientID)
	d.text(", \"host\": ")
	d.str(m.Host)
	d.text(", \"instance_id\": ")
	if m.InstanceID == "" {
		d.text("null")
	} else {
		d.str(m.InstanceID)
	}
	d.text(", \"partitions\": [")
	for i, tp := range m.Assigned {
		d.next(i, "\n     ")
		d.place(tp)
		d.text("}")
	}
	d.end(len(m.Assigned), "\n    ]")
	d.text("}")
}

// place begins an object with the name of a partition.
func (d *document) place(tp kafka.TopicPartition) {
	d.text("{\"topic\": ")
	d.str(tp.Topic)
	d.text(", \"partition\": ")
	d.num(int64(tp.Partition))
}

func (d *document) partition(g *kafka.Group, p *kafka.GroupPartition) {
	d.place(p.TopicPartition)
	d.text(", \"start\": ")
	d.known(p.Start)
	d.text(", \"end\": ")
	d.known(p.End)
	d.text(", \"committed\": ")
	d.known(p.Committed)
	d.text(", \"lag\": ")
	d.known(p.Lag)
	d.text(", \"member_id\": ")
	if p.Owner.OK {
		d.str(g.Members[p.Owner.V].ID)
	} else {
		d.text("null")
	}
	d.text(", \"age_seconds\": ")
	d.age(p.Age)
	d.text("}")
}

// age writes whole seconds, the bounds rounded outwards, and null for no upper bound.
func (d *document) age(a kafka.Known[kafka.Age]) {
	if !a.OK {
		d.text("null")
		return
	}
	d.text("{\"min\": ")
	d.num(int64(a.V.Min / time.Second))
	d.text(", \"max\": ")
	d.known(kafka.Known[int64]{V: int64((a.V.Max + time.Second - 1) / time.Second), OK: a.V.Bounded()})
	d.text(", \"kind\": ")
	d.str(a.V.Kind.String())
	d.text("}")
}

// appendJSON appends s as a JSON string that decodes to s, with U+FFFD for bytes that are not UTF-8.
// Beside what JSON asks for it escapes C1, DEL, bidi controls and the like.
func appendJSON(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r >= ' ' && r < 0x7f:
			b = append(b, byte(r))
		case r > 0x7f && safe.Line(string(r)) == string(r):
			b = append(b, string(r)...)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			b = appendUnit(appendUnit(b, hi), lo)
		default:
			b = appendUnit(b, r)
		}
	}
	return append(b, '"')
}

// appendUnit appends one UTF-16 unit as an escape.
func appendUnit(b []byte, r rune) []byte {
	const digits = "0123456789abcdef"
	return append(b, '\\', 'u', digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
}
