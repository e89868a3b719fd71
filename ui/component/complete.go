package component

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// complete extends the text of a field by what all values share that begin with it. It reports false when
// that is nothing.
func (fl *field) complete() bool {
	if fl.Complete == nil {
		return false
	}
	shared := common(fl.Complete(fl.input.Value()))
	if len(shared) <= len(fl.input.Value()) {
		return false
	}
	fl.input.SetValue(shared)
	fl.input.CursorEnd()
	fl.err = nil
	return true
}

// common is the longest text that all values begin with.
func common(values []string) string {
	if len(values) == 0 {
		return ""
	}
	shared := values[0]
	for _, v := range values[1:] {
		for !strings.HasPrefix(v, shared) {
			_, n := utf8.DecodeLastRuneInString(shared)
			shared = shared[:len(shared)-n]
		}
	}
	return shared
}

// candidates are the values that the text of a field may become, as a hint; empty when nothing is to be said.
func (fl *field) candidates() string {
	if fl.Complete == nil {
		return ""
	}
	const most = 5
	all := fl.Complete(fl.input.Value())
	switch {
	case len(all) == 0 || len(all) == 1 && all[0] == fl.input.Value():
		return ""
	case len(all) > most:
		return "tab: " + strings.Join(all[:most], "  ") + "  and " + strconv.Itoa(len(all)-most) + " more"
	}
	return "tab: " + strings.Join(all, "  ")
}
