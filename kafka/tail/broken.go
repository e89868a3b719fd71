package tail

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
)

// Fact is one line about something; both are safe to print.
type Fact struct{ Name, Text string }

// BrokenLine says on one line what a batch that cannot be read keeps from us.
func BrokenLine(b *kafka.BrokenBatch) string { return safe.Line(b.Says()) + ", " + brokenSize(b) }

// BrokenNote is BrokenLine for a line that has its first offset already.
func BrokenNote(b *kafka.BrokenBatch) string {
	text := "corrupt"
	if b.Next > b.From+1 {
		text += " up to " + strconv.FormatInt(b.Next-1, 10)
	}
	return text + ": " + safe.Line(b.Why) + ", " + brokenSize(b)
}

func brokenSize(b *kafka.BrokenBatch) string {
	text := human.Bytes(int64(b.Size))
	if b.Codec.OK && b.Codec.V != kafka.CodecNone {
		text += " " + b.Codec.V.String()
	}
	return text
}

// DescribeBroken writes out what is known of a batch that cannot be read, and dumps its beginning.
func DescribeBroken(b *kafka.BrokenBatch) (facts []Fact, dump Body) {
	add := func(name, text string) { facts = append(facts, Fact{name, text}) }
	add("why", safe.Line(b.Why))
	add("offsets", fmt.Sprintf("%d to %d, %s; reading goes on at %d", b.From, b.Next-1, human.Count(b.Next-b.From)+" in all", b.Next))
	size := human.Bytes(int64(b.Size)) + " in the log"
	if b.Length.OK && b.Length.V != b.Size {
		size += ", by its header " + human.Bytes(int64(b.Length.V))
	}
	add("size", size)
	switch {
	case !b.Stored.OK:
		add("checksum", "none: this is no header of the present format")
	case b.Intact():
		add("checksum", fmt.Sprintf("%08x, right: these are the bytes that were sent", b.Stored.V))
	default:
		add("checksum", fmt.Sprintf("%08x in the header, %08x of its bytes: they changed", b.Stored.V, b.Computed.V))
	}
	if said := brokenHeader(b); said != "" {
		if !b.Intact() {
			said += " (if that has not changed too)"
		}
		add("header", said)
	}
	dump = Body{Form: FormBinary, Size: b.Size, Shown: min(len(b.Raw), maxHex)}
	dump.Lines = hexDump(b.Raw[:dump.Shown])
	return facts, dump
}

// hexDump is narrower than that of package hex, so that a dialog on 80 columns has room for it: 71 cells.
func hexDump(b []byte) (lines []string) {
	const row = 16
	for at := 0; at < len(b); at += row {
		part := b[at:min(at+row, len(b))]
		text := bytes.Clone(part)
		for i, c := range text {
			if c < ' ' || c > '~' {
				text[i] = '.'
			}
		}
		lines = append(lines, fmt.Sprintf("%04x  % -47x  %s", at, part, text))
	}
	return lines
}

// brokenHeader is what the header says, where that can be.
func brokenHeader(b *kafka.BrokenBatch) string {
	var said []string
	if b.Base.OK {
		said = append(said, "first offset "+strconv.FormatInt(b.Base.V, 10))
	}
	if b.Records.OK {
		said = append(said, human.Plural(b.Records.V, "record"))
	}
	if b.Codec.OK {
		said = append(said, "codec "+b.Codec.V.String())
	}
	if b.ProducerID.OK {
		said = append(said, "producer "+strconv.FormatInt(b.ProducerID.V, 10))
	}
	if !b.Time.IsZero() {
		said = append(said, "newest "+stamp(b.Time))
	}
	return strings.Join(said, ", ")
}
