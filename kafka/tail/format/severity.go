package format

import "bytes"

// Severity is how bad a log record says it is.
type Severity uint8

// The severities, from "says nothing" to the worst.
const (
	None Severity = iota
	Debug
	Info
	Warn
	Error
	Fatal
)

var severityWords = [...]string{"", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}

// String is a word of at most five letters; empty for none.
func (s Severity) String() string { return severityWords[s] }

// ParseSeverity knows the words of the usual logging libraries, in capitals or small letters.
func ParseSeverity(word string) (Severity, bool) {
	s := levelOf(word)
	return s, s != None
}

// Of finds the severity in the beginning of a value: the level of a JSON object, the severity of CEF, the
// priority of a syslog line, the status of a web access line, or the first word such as ERROR or level=warn.
// It is a hint for the eye, so it prefers none to a guess.
func Of(value []byte) Severity {
	value = Payload(value)
	v := bytes.TrimLeft(value[:min(len(value), peek)], " \t\r\n")
	if len(v) == 0 {
		return None
	}
	if v[0] == '{' {
		return jsonSeverity(v)
	}
	if i := cefAt(v); i >= 0 {
		return cefSeverity(v[i:])
	}
	if v[0] == '<' {
		if s := syslogSeverity(v); s != None {
			return s
		}
	}
	if s := wordSeverity(v[:min(len(v), 256)]); s != None {
		return s
	}
	return accessSeverity(v)
}

// syslogSeverity reads the priority of RFC 3164 and 5424: <facility*8 + severity>.
func syslogSeverity(v []byte) Severity {
	n, _, ok := priority(v)
	if !ok {
		return None
	}
	return [8]Severity{Fatal, Fatal, Fatal, Error, Warn, Info, Info, Debug}[n%8]
}

// accessSeverity reads the status that follows the quoted request in web access lines.
func accessSeverity(v []byte) Severity {
	i := bytes.Index(v, []byte(`" `))
	if i < 0 || len(v) < i+6 || v[i+5] != ' ' || !digits(v[i+2:i+5]) {
		return None
	}
	switch v[i+2] {
	case '5':
		return Error
	case '4':
		return Warn
	case '1', '2', '3':
		return Info
	}
	return None
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
		if len(word) < 3 || len(word) > 11 {
			continue
		}
		bracketed := from > 0 && v[from-1] == '[' && i < len(v) && v[i] == ']'
		if s := levelOf(string(word)); s != None && (upper(word) || bracketed || labelled(v[:from])) {
			return s
		}
	}
	return None
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

// firstOfLevel are the letters with which the words of levelOf begin.
var firstOfLevel = [256]bool{'t': true, 'd': true, 'v': true, 'f': true, 'i': true, 'n': true, 'w': true, 'e': true, 's': true, 'p': true, 'c': true, 'a': true}

// levelOf knows the words of the usual logging libraries, in capitals or small letters.
func levelOf(word string) Severity {
	if len(word) < 3 || len(word) > 11 || !firstOfLevel[word[0]|0x20] {
		return None
	}
	var low [11]byte
	for i := range len(word) {
		low[i] = word[i] | 0x20
	}
	switch string(low[:len(word)]) {
	case "trace", "debug", "verbose", "finest":
		return Debug
	case "info", "information", "notice":
		return Info
	case "warn", "warning":
		return Warn
	case "err", "error", "severe":
		return Error
	case "fatal", "panic", "crit", "critical", "alert", "emerg", "emergency":
		return Fatal
	}
	return None
}
