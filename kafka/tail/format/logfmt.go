package format

import "strings"

// isLogfmt tells whether a value begins with two pairs, key=value key="value".
func isLogfmt(v []byte) bool {
	s := string(v[:min(len(v), 256)])
	for range 2 {
		_, _, rest, ok := pair(s)
		if !ok {
			return false
		}
		s = rest
	}
	return true
}

func (e *Event) logfmt(s string) {
	for s != "" && len(e.Fields) < maxFields {
		name, value, rest, ok := pair(s)
		if !ok { // a word alone is a flag
			word, after, _ := strings.Cut(s, " ")
			name, value, rest = word, "", strings.TrimLeft(after, " ")
			if word == "" {
				return
			}
		}
		e.known(name, value)
		e.add(name, value)
		s = rest
	}
	if e.Message == "" && len(e.Fields) > 0 {
		if err, ok := e.Field("err"); ok {
			e.Message = err
		}
	}
}

// pair reads key=value or key="value with \" in it" at the beginning of s.
func pair(s string) (name, value, rest string, ok bool) {
	i := 0
	for i < len(s) && nameByte(s[i]) {
		i++
	}
	if i == 0 || i >= len(s) || s[i] != '=' {
		return "", "", "", false
	}
	name, s = s[:i], s[i+1:]
	if strings.HasPrefix(s, `"`) {
		end := quoteEnd(s, 1)
		if end < 0 {
			return name, s[1:], "", true // cut off
		}
		return name, unquote([]byte(s[1:end])), strings.TrimLeft(s[end+1:], " "), true
	}
	value, rest, _ = strings.Cut(s, " ")
	return name, value, strings.TrimLeft(rest, " "), true
}

func nameByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '-' || c == '@' || c == '/'
}
