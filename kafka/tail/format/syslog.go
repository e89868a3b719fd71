package format

import (
	"strconv"
	"strings"
	"time"
)

// priority reads <facility*8 + severity> of RFC 3164 and 5424.
func priority[T string | []byte](v T) (pri int, rest T, ok bool) {
	for i := 1; i < len(v) && i < 5; i++ {
		if v[i] == '>' && i > 1 {
			n, err := strconv.Atoi(string(v[1:i]))
			return n, v[i+1:], err == nil && n >= 0 && n <= 191
		}
		if v[i] < '0' || v[i] > '9' {
			break
		}
	}
	return 0, rest, false
}

// syslogKind is CEF or a syslog, Text where v has no priority in front.
func syslogKind(v []byte) Kind {
	_, rest, ok := priority(v)
	switch {
	case !ok:
		return Text
	case cefAt(rest) >= 0:
		return CEF
	case len(rest) > 2 && rest[0] >= '1' && rest[0] <= '9' && (rest[1] == ' ' || rest[1] <= '9' && rest[1] >= '0' && rest[2] == ' '):
		return Syslog5424
	}
	return Syslog3164
}

// oldStamp tells whether v begins with the timestamp of RFC 3164, as syslog daemons write it into files.
func oldStamp(v []byte) bool {
	_, err := time.Parse(time.Stamp, string(v[:15]))
	return err == nil && v[15] == ' '
}

func withoutPriority(v []byte) Kind {
	if cefAt(v) >= 0 {
		return CEF
	}
	return Syslog3164
}

func (e *Event) facility(pri int) {
	e.add("facility", strconv.Itoa(pri/8))
	e.add("severity", strconv.Itoa(pri%8))
}

// syslog3164 reads <PRI>Mmm dd hh:mm:ss HOST TAG[PID]: MSG. Senders leave out what they like, so that each
// part is taken only where it is like itself.
func (e *Event) syslog3164(s string, at time.Time) {
	if pri, rest, ok := priority(s); ok {
		e.facility(pri)
		s = rest
	}
	if len(s) > 15 {
		if t, err := time.Parse(time.Stamp, s[:15]); err == nil {
			e.Time = yearOf(t, at)
			s = strings.TrimPrefix(s[15:], " ")
			if host, rest, ok := strings.Cut(s, " "); ok && !strings.HasSuffix(host, ":") {
				e.add("host", host)
				s = rest
			}
		}
	}
	if tag, rest, ok := tagOf(s); ok {
		app, pid, found := strings.Cut(strings.TrimSuffix(tag, "]"), "[")
		e.add("app", app)
		if found {
			e.add("pid", pid)
		}
		s = strings.TrimPrefix(rest, " ")
	}
	e.Message = s
}

// tagOf cuts off TAG or TAG[PID]. A colon ends it, but rsyslog forwards what came in as RFC 5424 with a blank
// behind the bracket.
func tagOf(s string) (tag, rest string, ok bool) {
	if tag, rest, ok = strings.Cut(s, ":"); !ok || strings.ContainsAny(tag, " \t\"{}") {
		tag, rest, ok = strings.Cut(s, "] ")
		if !ok || !strings.Contains(tag, "[") || strings.ContainsAny(tag, " \t\"{}") {
			return "", s, false
		}
		tag += "]"
	}
	return tag, rest, tag != "" && tag[0] != '[' && len(tag) < 64
}

// yearOf gives a timestamp without a year that of the record, or the one before where it would be in the future.
func yearOf(t, at time.Time) time.Time {
	year := at.Year()
	if at.IsZero() || year < 0 || year > 9999 {
		return time.Time{}
	}
	date := func(y int) time.Time {
		return time.Date(y, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	}
	if d := date(year); !d.After(at.AddDate(0, 0, 2)) {
		return d
	}
	return date(year - 1)
}

// syslog5424 reads <PRI>VERSION TIME HOST APP PROCID MSGID STRUCTURED-DATA MSG.
func (e *Event) syslog5424(s string) {
	pri, rest, ok := priority(s)
	if !ok {
		e.text(s)
		return
	}
	e.facility(pri)
	parts := strings.SplitN(rest, " ", 7)
	for i, name := range []string{"", "", "host", "app", "pid", "msgid"} {
		switch {
		case i >= len(parts):
			return
		case i == 1:
			e.Time, _ = parseTime(parts[i])
		case name != "" && parts[i] != "-":
			e.add(name, parts[i])
		}
	}
	if len(parts) == 7 {
		e.Message = strings.TrimPrefix(e.structured(parts[6]), "\ufeff")
	}
}

// structured reads - or [id name="value" ...]... and returns what stands behind it.
func (e *Event) structured(s string) string {
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		return strings.TrimPrefix(rest, " ")
	}
	for strings.HasPrefix(s, "[") {
		id, rest, ok := strings.Cut(s[1:], " ")
		if end := strings.IndexByte(s, ']'); end >= 0 && (!ok || end <= len(id)) { // without parameters
			s = s[end+1:]
			continue
		}
		for {
			name, value, after, ok := pair(rest)
			if !ok {
				break
			}
			e.add(id+"."+name, value)
			if rest = after; strings.HasPrefix(rest, "]") {
				break
			}
		}
		if !strings.HasPrefix(rest, "]") {
			return s
		}
		s = rest[1:]
	}
	return strings.TrimPrefix(s, " ")
}
