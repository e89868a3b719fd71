package format

import "testing"

func TestFindsTheSeverity(t *testing.T) {
	for value, want := range map[string]Severity{
		``:                                    None,
		`hello`:                               None,
		`{"level":"error","msg":"x"}`:         Error,
		`{"msg":"level","level" : "WARNING"}`: Warn,
		`{"level":30,"msg":"pino"}`:           Info,
		`{"level":60}`:                        Fatal,
		`{"level":7}`:                         None,
		`{"a":{"level":"error"},"severity":"DEBUG"}`: Debug,
		`{"a":{"level":"error"}}`:                    None,
		`{"msg":"ERROR in text"}`:                    None,
		`{"le\"vel":"x","level":"info`:               None,
		`{"severityNumber": 9}`:                      Info,
		`{"severityNumber": 25}`:                     None,
		`CEF:0|a|b|c|d|e|5|`:                         Warn,
		"\x00\x00\x00\x00\x01{\"level\":\"warn\"}":   Warn,
		`{"@l":"Fatal"}`:                             Fatal,
		`<3>kernel: oops`:                            Error,
		`<165>1 2003-10-11T22:14:15Z host app`:       Info,
		`<999>no`:                                    None,
		`<html>`:                                     None,
		`2024-05-17 12:00:00 ERROR [main] x`:         Error,
		`INFO: all fine, no ERROR`:                   Info,
		`ts=1 level=warn msg=x`:                      Warn,
		`ts=1 level="error" msg=x`:                   Error,
		`[error] 12#0: x`:                            Error,
		`an error occurred`:                          None,
		`INFORMAL`:                                   None,
		`10.0.0.1 - - [17/May/2024:12:00:00 +0000] "GET / HTTP/1.1" 503 12 "-"`: Error,
		`10.0.0.1 - - [17/May/2024:12:00:00 +0000] "GET / HTTP/1.1" 200 12 "-"`: Info,
		`10.0.0.1 - - [17/May/2024:12:00:00 +0000] "GET / HTTP/1.1" 404 12 "-"`: Warn,
		`he said "hi" 999 times`: None,
	} {
		if got := Of([]byte(value)); got != want {
			t.Errorf("Of(%s) = %q, want %q", value, got, want)
		}
	}
}
