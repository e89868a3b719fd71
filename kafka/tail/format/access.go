package format

import (
	"bytes"
	"strings"
	"time"
)

const accessTime = "02/Jan/2006:15:04:05 -0700"

// isAccess tells HOST IDENT USER [dd/Mmm/yyyy:hh:mm:ss zone] "REQUEST" STATUS SIZE.
func isAccess(v []byte) bool {
	i := bytes.Index(v[:min(len(v), 256)], []byte(" ["))
	if i <= 0 || len(v) < i+2+len(accessTime)+3 || bytes.Count(v[:i], []byte(" ")) < 2 {
		return false
	}
	t := v[i+2:]
	return t[2] == '/' && t[6] == '/' && t[11] == ':' && t[len(accessTime)] == ']' && bytes.HasPrefix(t[len(accessTime)+1:], []byte(` "`))
}

func (e *Event) access(s string) {
	if !isAccess([]byte(s[:min(len(s), peek)])) {
		e.text(s)
		return
	}
	who, rest, _ := strings.Cut(s, " [")
	names := []string{"host", "ident", "user"}
	for i, part := range strings.SplitN(who, " ", 3) {
		if part != "-" {
			e.add(names[i], part)
		}
	}
	e.Time, _ = time.Parse(accessTime, rest[:len(accessTime)])
	rest = rest[len(accessTime)+2:]
	request, rest := quoted(rest)
	e.Message = request
	e.add("request", request)
	numbers := strings.SplitN(rest, " ", 3)
	for i, name := range []string{"status", "bytes"} {
		if i < len(numbers) && numbers[i] != "-" && numbers[i] != "" {
			e.add(name, numbers[i])
		}
	}
	if len(numbers) == 3 {
		rest = numbers[2]
		for _, name := range []string{"referer", "agent"} {
			var value string
			if value, rest = quoted(rest); value != "" && value != "-" {
				e.add(name, value)
			}
		}
	}
	if status, ok := e.Field("status"); ok {
		e.Message += " " + status
	}
}

// quoted reads "text" at the beginning; a quote in it has a backslash.
func quoted(s string) (text, rest string) {
	s = strings.TrimPrefix(s, " ")
	if !strings.HasPrefix(s, `"`) {
		return "", s
	}
	end := quoteEnd(s, 1)
	if end < 0 {
		return s[1:], ""
	}
	return s[1:end], strings.TrimPrefix(s[end+1:], " ")
}
