package filter

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/itchyny/gojq"

	"lagtop/kafka"
	"lagtop/kafka/safe"
	"lagtop/kafka/tail/format"
)

// What one record may cost.
const (
	searched = 1 << 20               // bytes of a value that are looked at
	patience = 50 * time.Millisecond // for one jq expression
)

// needle is a text to be found. Without a capital in it, it matches both cases.
type needle struct {
	text  string
	fold  bool // text is in small letters
	ascii bool
	shown bool // it names an escape of package safe: \x1b
}

func newNeedle(text string) needle {
	n := needle{text: text, fold: strings.IndexFunc(text, unicode.IsUpper) < 0, shown: strings.Contains(text, `\`)}
	n.ascii = strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
	return n
}

func (n *needle) inBytes(b []byte) bool {
	b = b[:min(len(b), searched)]
	switch {
	case !n.fold:
		if bytes.Contains(b, []byte(n.text)) {
			return true
		}
	case n.ascii:
		if containsFold(b, n.text) {
			return true
		}
	case bytes.Contains(bytes.ToLower(b), []byte(n.text)):
		return true
	}
	return n.shown && n.inShown(b)
}

// inJSON looks into what a schema made of bytes, nil where none did.
func (n *needle) inJSON(text []byte) bool { return text != nil && n.inBytes(text) }

// inShown looks into what the screen shows for bytes that it does not print.
func (n *needle) inShown(b []byte) bool {
	s := safe.Bytes(b, searched/8)
	if n.fold {
		s = strings.ToLower(s)
	}
	return strings.Contains(s, n.text)
}

func (n *needle) in(s string) bool {
	if n.fold && n.ascii {
		return containsFold(s, n.text)
	}
	if n.fold {
		s = strings.ToLower(s)
	}
	return strings.Contains(s, n.text)
}

// containsFold tells whether the ASCII text low, in small letters, is in b in any case.
func containsFold[T string | []byte](b T, low string) bool {
	if low == "" {
		return true
	}
	first := low[0]
	capital := first
	if first >= 'a' && first <= 'z' {
		capital -= 'a' - 'A'
	}
	for i := 0; i+len(low) <= len(b); i++ {
		if c := b[i]; (c == first || c == capital) && equalFold(b[i+1:i+len(low)], low[1:]) {
			return true
		}
	}
	return false
}

func equalFold[T string | []byte](b T, low string) bool {
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != low[i] {
			return false
		}
	}
	return true
}

func appendPlace(dst []byte, r *kafka.Record) []byte {
	dst = append(dst, r.Topic...)
	dst = strconv.AppendInt(append(dst, '/'), int64(r.Partition), 10)
	return strconv.AppendInt(append(dst, '@'), r.Offset, 10)
}

// expr is a regular expression; Go's take time in proportion to the text.
type expr struct{ re *regexp.Regexp }

func newExpr(src string) (*expr, error) {
	if !capital(src) {
		src = "(?i)" + src
	}
	re, err := regexp.Compile(src)
	if err != nil {
		return nil, err
	}
	return &expr{re}, nil
}

// capital tells whether a regular expression has a capital letter that is not an escape such as \S.
func capital(src string) bool {
	escaped := false
	for _, r := range src {
		if unicode.IsUpper(r) && !escaped {
			return true
		}
		escaped = r == '\\' && !escaped
	}
	return false
}

func (e *expr) in(b []byte) bool { return e.re.Match(b[:min(len(b), searched)]) }

func (e *expr) inJSON(text []byte) bool { return text != nil && e.in(text) }

// query is a jq expression.
type query struct {
	code *gojq.Code
	slow atomic.Int64
}

func compile(src string) (*query, error) {
	q, err := gojq.Parse(src)
	if err != nil {
		return nil, fmt.Errorf("jq: %w", err)
	}
	code, err := gojq.Compile(q)
	if err != nil {
		return nil, fmt.Errorf("jq: %w", err)
	}
	return &query{code: code}, nil
}

// holds tells whether any result is neither false nor null. What is no JSON, or makes the expression fail, does
// not hold; neither does what takes too long.
func (q *query) holds(value []byte) bool {
	value = format.Payload(value)
	if len(value) > searched {
		q.slow.Add(1)
		return false
	}
	var v any
	if len(value) == 0 || json.Unmarshal(value, &v) != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for results := q.code.RunWithContext(ctx, v); ; {
		r, ok := results.Next()
		if !ok {
			return false
		}
		if _, failed := r.(error); failed {
			if ctx.Err() != nil {
				q.slow.Add(1)
			}
			return false
		}
		if r != nil && r != false {
			return true
		}
	}
}
