package groups

import (
	"strings"
	"testing"

	"lagtop/kafka"
	"lagtop/ui/component"
	"lagtop/ui/pane/cell"
	"lagtop/ui/pane/panetest"
)

func TestGroupsThatWereNeverReadHaveNoNumberOfMembers(t *testing.T) {
	e := panetest.Env(t, panetest.Typical())
	g := &kafka.Group{Name: "g", Type: kafka.Classic, State: kafka.StateStable, Err: "not authorized: DESCRIBE on group g"}
	row := make([]component.Cell, 16)
	cells(e, g, row)
	if got := row[colMembers].Text; got != e.Theme.Glyphs.Unknown {
		t.Errorf("the row says %q", got)
	}
	if got := cell.Standing(e.Theme, g); strings.Contains(got, "member") {
		t.Errorf("the title says %q", got)
	}
}
