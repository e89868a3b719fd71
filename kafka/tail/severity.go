package tail

import (
	"bytes"
	"strconv"
)

// Severity is how bad a log record says it is.
type Severity int

// The severities, from "says nothing" to the worst.
const (
	SeverityNone Severity = iota
	SeverityDebug
	SeverityInfo
	SeverityWarn
	SeverityError
	SeverityFatal
)

var severityWords = [...]string{"", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}

// String is a word of at most five letters; empty for none.
func (s Severity) String() string { return severityWords[s] }

// Detect finds the severity in the beginning of a value: the level of a JSON object, the priority of
// a syslog line, the status of a web access line, or the first word such as ERROR or level=warn. It is
// a hint for the eye, so it prefers none to a guess.
func Detect(value []byte) Severity {
	const look = 1024
	v := bytes.TrimLeft(value[:min(len(value), look)], " \t\r\n")
	if len(v) == 0 {
		return SeverityNone
	}
	switch v[0] {
	case '{':
		return jsonSeverity(v)
	case '<':
		if s := syslogSeverity(v); s != SeverityNone {
			return s
		}
	}
	if s := wordSeverity(v[:min(len(v), 256)]); s != SeverityNone {
		return s
	}
	return accessSeverity(v)
}

// syslogSeverity reads the priority of RFC 3164 and 5424: <facility*8 + severity>.
func syslogSeverity(v []byte) Severity {
	end := bytes.IndexByte(v[:min(len(v), 5)], '>')
	if end < 2 {
		return SeverityNone
	}
	n, err := strconv.Atoi(string(v[1:end]))
	if err != nil || n < 0 || n > 191 {
		return SeverityNone
	}
	return [8]Severity{
		SeverityFatal, SeverityFatal, SeverityFatal, SeverityError, SeverityWarn, SeverityInfo, SeverityInfo, SeverityDebug,
	}[n%8]
}

// accessSeverity reads the status that follows the quoted request in web access lines.
func accessSeverity(v []byte) Severity {
	i := bytes.Index(v, []byte(`" `))
	if i < 0 || len(v) < i+6 || v[i+5] != ' ' || !digits(v[i+2:i+5]) {
		return SeverityNone
	}
	switch v[i+2] {
	case '5':
		return SeverityError
	case '4':
		return SeverityWarn
	case '1', '2', '3':
		return SeverityInfo
	}
	return SeverityNone
}

func digits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// wordSeverity takes the first word that names a level: in capitals anywhere, in small letters only
// behind level= or in square brackets.
func wordSeverity(v []byte) Severity {
	for i := 0; i < len(v); {
		if !letter(v[i]) {
			i++
			continue
		}
		from := i
		for i < len(v) && letter(v[i]) {
			i++
		}
		word := v[from:i]
		bracketed := from > 0 && v[from-1] == '[' && i < len(v) && v[i] == ']'
		if s := levelOf(string(word)); s != SeverityNone && (upper(word) || bracketed || labelled(v[:from])) {
			return s
		}
	}
	return SeverityNone
}

func labelled(before []byte) bool {
	before = bytes.TrimSuffix(before, []byte(`"`))
	for _, label := range []string{"level=", "lvl=", "severity="} {
		if bytes.HasSuffix(before, []byte(label)) {
			return true
		}
	}
	return false
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func upper(word []byte) bool {
	for _, c := range word {
		if c >= 'a' {
			return false
		}
	}
	return true
}

// levelOf knows the words of the usual logging libraries, in capitals or small letters.
func levelOf(word string) Severity {
	if len(word) < 3 || len(word) > 11 {
		return SeverityNone
	}
	var low [11]byte
	for i := range len(word) {
		low[i] = word[i] | 0x20
	}
	switch string(low[:len(word)]) {
	case "trace", "debug", "verbose", "finest":
		return SeverityDebug
	case "info", "information", "notice":
		return SeverityInfo
	case "warn", "warning":
		return SeverityWarn
	case "err", "error", "severe":
		return SeverityError
	case "fatal", "panic", "crit", "critical", "alert", "emerg", "emergency":
		return SeverityFatal
	}
	return SeverityNone
}
