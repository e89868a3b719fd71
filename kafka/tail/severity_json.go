package tail

import (
	"bytes"
	"strconv"
)

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
				return SeverityNone
			}
			key := v[i+1 : end]
			i = end
			if depth == 1 && levelKey(key) {
				if s := jsonLevel(v[end+1:]); s != SeverityNone {
					return s
				}
			}
		}
	}
	return SeverityNone
}

// quoteEnd is the place of the quote that ends the string beginning at from, negative when there is none.
func quoteEnd(v []byte, from int) int {
	for i := from; i < len(v); i++ {
		switch v[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

func levelKey(key []byte) bool {
	switch string(bytes.ToLower(key[:min(len(key), 20)])) {
	case "level", "severity", "lvl", "loglevel", "log_level", "log.level", "levelname", "@l", "severity_text", "severitytext":
		return true
	}
	return false
}

// jsonLevel reads what follows the key: a colon and a word, or a number of pino and bunyan (10 to 60).
func jsonLevel(v []byte) Severity {
	v = bytes.TrimLeft(v, " \t")
	if len(v) == 0 || v[0] != ':' {
		return SeverityNone
	}
	v = bytes.TrimLeft(v[1:], " \t")
	if len(v) > 0 && v[0] == '"' {
		if end := quoteEnd(v, 1); end > 0 {
			return levelOf(string(v[1:end]))
		}
		return SeverityNone
	}
	end := 0
	for end < len(v) && end < 4 && v[end] >= '0' && v[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(string(v[:end]))
	switch {
	case err != nil || n < 10 || n > 69:
		return SeverityNone
	case n < 30:
		return SeverityDebug
	case n < 40:
		return SeverityInfo
	case n < 50:
		return SeverityWarn
	case n < 60:
		return SeverityError
	}
	return SeverityFatal
}
