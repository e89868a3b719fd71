package format

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

var cefNames = [...]string{"version", "vendor", "product", "device_version", "class", "name", "severity"}

// cefAt is where CEF:n| stands in the beginning of v, negative when it does not.
func cefAt(v []byte) int {
	v = v[:min(len(v), 256)]
	i := bytes.Index(v, []byte("CEF:"))
	if i < 0 || len(v) < i+6 || v[i+4] < '0' || v[i+4] > '9' || v[i+5] != '|' {
		return -1
	}
	return i
}

// cef reads CEF:VERSION|VENDOR|PRODUCT|VERSION|CLASS|NAME|SEVERITY|EXTENSION, with \| and \\ in the header.
func (e *Event) cef(s string, at time.Time) {
	i := cefAt([]byte(s[:min(len(s), 256)]))
	if i < 0 {
		e.text(s)
		return
	}
	if i > 0 {
		var outer Event
		outer.syslog3164(s[:i], at)
		e.Time = outer.Time
		e.Fields = append(e.Fields, outer.Fields...)
	}
	rest := s[i+len("CEF:"):]
	for _, name := range cefNames {
		var part string
		part, rest = upToPipe(rest)
		e.add(name, part)
		if name == "name" {
			e.Message = part
		}
	}
	e.extension(rest)
}

func upToPipe(s string) (part, rest string) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '|':
			return strings.NewReplacer(`\|`, "|", `\\`, `\`).Replace(s[:i]), s[i+1:]
		}
	}
	return s, ""
}

// extension reads key=value key=value, where values hold spaces and an equals sign has a backslash.
func (e *Event) extension(s string) {
	for s != "" && len(e.Fields) < maxFields {
		name, rest, ok := strings.Cut(s, "=")
		if !ok {
			return
		}
		end := valueOf(rest)
		value := strings.NewReplacer(`\=`, "=", `\n`, "\n", `\\`, `\`).Replace(strings.TrimRight(rest[:end], " "))
		name = strings.TrimSpace(name)
		e.add(name, value)
		switch name {
		case "rt", "start", "end":
			if t, ok := parseTime(value); ok && (e.Time.IsZero() || name == "rt") {
				e.Time = t
			}
		case "msg":
			e.Message += ": " + value
		}
		s = rest[end:]
	}
}

// valueOf is where the value at the beginning of s ends: at the word before the next equals sign.
func valueOf(s string) int {
	space := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case ' ':
			space = i
		case '=':
			return space
		}
	}
	return len(s)
}

// cefSeverity reads the seventh part of the header: 0 to 10, or a word.
func cefSeverity(v []byte) Severity {
	rest := string(v)
	for range 6 {
		_, rest = upToPipe(rest)
	}
	word, _ := upToPipe(rest)
	switch strings.ToLower(word) {
	case "low":
		return Info
	case "medium":
		return Warn
	case "high":
		return Error
	case "very-high":
		return Fatal
	}
	n, err := strconv.Atoi(word)
	switch {
	case err != nil || n < 0 || n > 10:
		return None
	case n <= 3:
		return Info
	case n <= 6:
		return Warn
	case n <= 8:
		return Error
	}
	return Fatal
}
