package format

import "bytes"

// jsonSeverity reads the level field of the outermost object, of which v may be only the beginning.
func jsonSeverity(v []byte) Severity {
	depth := 0
	for i := 0; i < len(v); i++ {
		switch v[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			end := quoteEnd(v, i+1)
			if end < 0 {
				return None
			}
			key := v[i+1 : end]
			i = end
			if depth != 1 {
				continue
			}
			if s := jsonField(key, v[end+1:]); s != None {
				return s
			}
		}
	}
	return None
}

// jsonField is the severity that a field says, in what follows its name.
func jsonField(key, rest []byte) Severity {
	switch {
	case levelKey(key):
		return jsonLevel(rest)
	case bytes.EqualFold(key, []byte("severityNumber")) || string(key) == "severity_number":
		return otelLevel(rest)
	}
	return None
}

// otelLevel reads OpenTelemetry's numbers: 1 to 24, four for each of TRACE, DEBUG, INFO, WARN, ERROR, FATAL.
func otelLevel(v []byte) Severity {
	n, ok := numberAfter(v)
	if !ok || n < 1 || n > 24 {
		return None
	}
	return [6]Severity{Debug, Debug, Info, Warn, Error, Fatal}[(n-1)/4]
}

// numberAfter reads a colon and a whole number of up to four digits.
func numberAfter(v []byte) (int, bool) {
	v = bytes.TrimLeft(v, " \t")
	if len(v) == 0 || v[0] != ':' {
		return 0, false
	}
	v = bytes.TrimLeft(v[1:], " \t")
	n, digits := 0, 0
	for digits < len(v) && digits < 4 && v[digits] >= '0' && v[digits] <= '9' {
		n = 10*n + int(v[digits]-'0')
		digits++
	}
	return n, digits > 0
}

func levelKey(key []byte) bool {
	if len(key) < 2 || len(key) > 13 || key[0] != '@' && key[0]|0x20 != 'l' && key[0]|0x20 != 's' {
		return false // most keys: they cost no copy
	}
	switch string(bytes.ToLower(key)) {
	case "level", "severity", "lvl", "loglevel", "log_level", "log.level", "levelname", "@l", "severity_text", "severitytext":
		return true
	}
	return false
}

// jsonLevel reads what follows the key: a colon and a word, or a number of pino and bunyan (10 to 60).
func jsonLevel(v []byte) Severity {
	if n, ok := numberAfter(v); ok {
		if n < 10 || n > 69 {
			return None
		}
		return [6]Severity{Debug, Debug, Info, Warn, Error, Fatal}[n/10-1]
	}
	v = bytes.TrimLeft(v, " \t")
	if len(v) == 0 || v[0] != ':' {
		return None
	}
	v = bytes.TrimLeft(v[1:], " \t")
	if len(v) == 0 || v[0] != '"' {
		return None
	}
	end := quoteEnd(v, 1)
	if end < 0 {
		return None
	}
	return levelOf(string(v[1:end]))
}
