package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"lagtop/kafka/audit"
	"lagtop/kafka/doctor"
	"lagtop/kafka/safe"
)

// A group or a broker may be named by anything, and output is read on terminals too.
func TestJSONOutputHoldsNothingThatATerminalObeys(t *testing.T) {
	const evil = "\u009b2J\u202e\x7f\U000e0001\x1b[31m<&>"
	plan, err := json.Marshal(map[string]string{"Group": evil})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := printAuditJSON(&out, &audit.Action{Entry: audit.Entry{Group: evil, Plan: plan}}, false); err != nil {
		t.Fatal(err)
	}
	var back struct {
		Intent struct {
			Group string
			Plan  struct{ Group string }
		}
	}
	check(t, out.Bytes(), &back)
	if back.Intent.Group != evil || back.Intent.Plan.Group != evil {
		t.Errorf("read back as %q", back)
	}
	out.Reset()
	if err := writeReportJSON(&out, doctor.Report{Name: evil}); err != nil {
		t.Fatal(err)
	}
	var report doctor.Report
	if check(t, out.Bytes(), &report); report.Name != evil {
		t.Errorf("read back as %q", report.Name)
	}
}

// check fails where a terminal could obey text, and decodes it.
func check(t *testing.T, text []byte, into any) {
	t.Helper()
	for line := range bytes.Lines(text) {
		if l := string(bytes.TrimSuffix(line, []byte("\n"))); safe.Line(l) != l {
			t.Errorf("a terminal could obey %q", l)
		}
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

func TestAnUndoIsCalledOneInTheTable(t *testing.T) {
	for plan, want := range map[string]string{
		`{"Scenario":"undo to earliest"}`: " reset offsets (undo) ",
		`{"Scenario":"to earliest"}`:      " reset offsets        ",
		``:                                " reset offsets        ",
		`[`:                               " reset offsets        ",
	} {
		var out strings.Builder
		a := &audit.Action{Entry: audit.Entry{Phase: audit.Intent, Action: "reset offsets", Group: "g", Plan: json.RawMessage(plan)}}
		if err := printAuditLine(&out, a, false); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %v %q", plan, err, out.String())
		}
	}
}
