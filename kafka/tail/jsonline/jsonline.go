// Package jsonline writes records as JSON, one object a line, for pipes and files alike. Which records, and what
// is said of them beside what they are, is its callers' concern.
package jsonline

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"lagtop/kafka"
	"lagtop/kafka/safe"
	"lagtop/kafka/tail/format"
)

// Append writes a record as an object without its closing brace: callers have members of their own. Every byte is in
// it: what is no UTF-8 stands as base64 in key_base64 or value_base64. What schemas made of key and value stands
// beside them as decoded with schema, or undecoded with the reason; of the key with key_ before the names.
func Append(dst []byte, r *kafka.Record, key, value format.Decoding) []byte {
	dst = AppendText(append(dst, `{"topic":`...), r.Topic)
	dst = strconv.AppendInt(append(dst, `,"partition":`...), int64(r.Partition), 10)
	dst = strconv.AppendInt(append(dst, `,"offset":`...), r.Offset, 10)
	dst = AppendTime(append(dst, `,"timestamp":`...), r.Timestamp)
	if r.Broken != nil {
		return appendBroken(dst, r)
	}
	dst = appendBytes(dst, "key", r.Key)
	dst = appendBytes(dst, "value", r.Value)
	dst = appendHeaders(dst, r.Headers)
	dst = appendDecoded(dst, format.OfKey, key)
	dst = appendDecoded(dst, format.OfValue, value)
	text := value.Text
	if text == nil {
		text = r.Value
	}
	if s := format.Of(text); s != format.None && !r.Mark.Marker() {
		dst = AppendText(append(dst, `,"level":`...), s.String())
	}
	if r.Mark != kafka.Plain {
		dst = AppendText(append(dst, `,"mark":`...), r.Mark.String())
	}
	return dst
}

func appendHeaders(dst []byte, hs []kafka.Header) []byte {
	if len(hs) == 0 {
		return dst
	}
	dst = append(dst, `,"headers":[`...)
	for i := range hs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendText(append(dst, `{"name":`...), hs[i].Key)
		dst = append(appendBytes(dst, "value", hs[i].Value), '}')
	}
	return append(dst, ']')
}

// AppendStamp is RFC 3339 in UTC with ms, or a dash.
func AppendStamp(dst []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(dst, '-')
	}
	t = t.UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return append(dst, "year>9999"...)
	}
	hour, minute, second := t.Clock()
	dst = digits(dst, year, 4)
	dst = digits(append(dst, '-'), int(month), 2)
	dst = digits(append(dst, '-'), day, 2)
	dst = digits(append(dst, 'T'), hour, 2)
	dst = digits(append(dst, ':'), minute, 2)
	dst = digits(append(dst, ':'), second, 2)
	dst = digits(append(dst, '.'), t.Nanosecond()/1e6, 3)
	return append(dst, 'Z')
}

func digits(dst []byte, n, width int) []byte {
	from := len(dst)
	for range width {
		dst = append(dst, '0')
	}
	for i := from + width - 1; i >= from; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
	return dst
}

// AppendTime is AppendStamp as a JSON string, null where there is no time or one that RFC 3339 cannot say.
func AppendTime(dst []byte, t time.Time) []byte {
	if t.IsZero() || t.UTC().Year() < 0 || t.UTC().Year() > 9999 {
		return append(dst, "null"...)
	}
	return append(AppendStamp(append(dst, '"'), t), '"')
}

// appendBytes is ,"name":"text", null, or ,"name_base64":"...".
func appendBytes(dst []byte, name string, b []byte) []byte {
	dst = append(append(dst, `,"`...), name...)
	switch {
	case b == nil:
		return append(dst, `":null`...)
	case !utf8.Valid(b):
		dst = append(dst, `_base64":"`...)
		return append(base64.StdEncoding.AppendEncode(dst, b), '"')
	}
	return AppendText(append(dst, `":`...), b)
}

// AppendText is a JSON string that a terminal can print: controls, and what safe would escape, stand as \u.
func AppendText[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		if c := s[i]; c >= ' ' && c <= '~' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[from:i]...)
		r, n := utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
		dst = appendEscaped(dst, r)
		i += n
		from = i
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}

func appendEscaped(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\n':
		return append(dst, `\n`...)
	case '\t':
		return append(dst, `\t`...)
	case '\r':
		return append(dst, `\r`...)
	}
	alone := string(r)
	if r != utf8.RuneError && safe.Line(alone) == alone {
		return append(dst, alone...)
	}
	if r > 0xffff {
		r -= 0x10000
		return fmt.Appendf(dst, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
	}
	return fmt.Appendf(dst, `\u%04x`, r)
}

// appendDecoded is ,"decoded":JSON,"schema":"by which", or ,"undecoded":"why not"; of a key with key_ before the names.
func appendDecoded(dst []byte, part format.Part, d format.Decoding) []byte {
	name := func(word string) {
		dst = append(dst, `,"`...)
		if part == format.OfKey {
			dst = append(dst, "key_"...)
		}
		dst = append(append(dst, word...), `":`...)
	}
	switch {
	case d.Text != nil:
		name("decoded")
		dst = appendHarmless(dst, d.Text)
		name("schema")
		return AppendText(dst, d.Note)
	case d.Note != "":
		name("undecoded")
		return AppendText(dst, d.Note)
	}
	return dst
}

// appendHarmless is JSON on one line, with \u for what a terminal must not get. Outside of strings JSON is ASCII.
func appendHarmless(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		if c := text[i]; c >= ' ' && c <= '~' {
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		dst = appendEscaped(dst, r)
		i += n
	}
	return dst
}
