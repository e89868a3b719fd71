package safe

import (
	"fmt"
	"strings"
)

// Quote is s as one word of a POSIX shell command, safe to show and to paste. Words of letters, digits
// and _@%+=:,./- stand bare; other printable text in single quotes; what Line would escape in $'...' with
// octal escapes, byte for byte (POSIX 2024; bash, zsh, ksh). No shell can pass a NUL, so a name
// with one cannot be given on a command line.
func Quote(s string) string {
	if s != "" && strings.IndexFunc(s, notBare) < 0 {
		return s
	}
	if Line(s) == s {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	w := writer{out: []byte("$'"), escape: octal, special: `'\`}
	w.write(s)
	return string(append(w.out, '\''))
}

func notBare(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_@%+=:,./-", r)
}

// octal appends each byte of raw as an escape of fixed length: a hexadecimal one would swallow the
// digits behind it in some shells.
func octal(dst []byte, raw string) []byte {
	switch raw {
	case "\n":
		return append(dst, `\n`...)
	case "\r":
		return append(dst, `\r`...)
	case "\t":
		return append(dst, `\t`...)
	}
	for i := 0; i < len(raw); i++ {
		dst = fmt.Appendf(dst, `\%03o`, raw[i])
	}
	return dst
}
