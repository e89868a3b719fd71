package cli

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/offsets"
	"lagtop/kafka/safe"
)

// planOutput writes plans and what came of them.
type planOutput struct {
	format string // table, csv or json
	w      io.Writer
	now    time.Time
}

func (o *planOutput) plan(p *offsets.Plan) error {
	switch o.format {
	case "csv":
		return offsets.WriteCSV(o.w, p.AfterRows(), false)
	case "json":
		return o.json(p, nil, nil)
	}
	return o.table(p, nil)
}

func (o *planOutput) outcome(out *offsets.Outcome, failed error) error {
	switch o.format {
	case "csv":
		return offsets.WriteCSV(o.w, stored(out), false)
	case "json":
		return o.json(&out.Plan, out, failed)
	}
	return o.table(&out.Plan, out)
}

// stored are the offsets that stand where the plan wanted them.
func stored(out *offsets.Outcome) []offsets.Row {
	var rows []offsets.Row
	for _, r := range out.Results {
		if r.Want.OK && r.Err == "" {
			rows = append(rows, offsets.Row{Group: out.Plan.Group, TopicPartition: r.TopicPartition, Offset: r.Want.V})
		}
	}
	return rows
}

// table writes a line a partition. Results are in the order of the changes.
func (o *planOutput) table(p *offsets.Plan, out *offsets.Outcome) error {
	rows := [][]string{{"TOPIC", "PARTITION", "BEFORE", "AFTER", "DELTA", "AGAIN", "SKIPPED", "SKIPPED-AGE", "NOTE"}}
	for i := range p.Changes {
		c := &p.Changes[i]
		after, delta := number(c.After), "-"
		if c.Remove {
			after = "removed"
		}
		if c.Delta.OK {
			delta = fmt.Sprintf("%+d", c.Delta.V)
		}
		notes := []string{c.Clamp, c.Note, c.Err}
		if out != nil {
			notes = []string{c.Clamp, c.Note, cmp.Or(out.Results[i].Err, "done")}
		}
		rows = append(rows, []string{
			c.Topic, strconv.Itoa(int(c.Partition)), number(c.Before), after, delta, number(c.Again), number(c.Skipped), o.ages(c), joined(notes),
		})
	}
	return writeColumns(o.w, rows)
}

// joined puts together what is not empty.
func joined(notes []string) string {
	var out []string
	for _, n := range notes {
		if n != "" {
			out = append(out, n)
		}
	}
	if len(out) == 0 {
		return "-"
	}
	return strings.Join(out, "; ")
}

// ages are how old the first and the last skipped record are.
func (o *planOutput) ages(c *offsets.Change) string {
	if c.Skipped.V == 0 {
		return "-"
	}
	from, to := o.age(c.SkippedFrom), o.age(c.SkippedTo)
	if from == to {
		return from
	}
	return from + ".." + to
}

func (o *planOutput) age(stamp kafka.Known[time.Time]) string {
	a := kafka.ExactAge(stamp.V, o.now)
	switch {
	case !a.OK:
		return "?"
	case a.V.Kind == kafka.AgeFuture:
		return "future"
	}
	return human.Duration(a.V.Min)
}

// writeColumns pads the columns of rows but for the last one. The cells need not be safe.
func writeColumns(w io.Writer, rows [][]string) error {
	wide := make([]int, len(rows[0]))
	for _, row := range rows {
		for i := range row {
			row[i] = safe.Line(row[i])
			wide[i] = max(wide[i], safe.Width(row[i]))
		}
	}
	out := bufio.NewWriter(w)
	for _, row := range rows {
		for i, cell := range row {
			_, _ = out.WriteString(cell) // the error stays until Flush
			if i < len(row)-1 {
				_, _ = out.WriteString(strings.Repeat(" ", wide[i]+2-safe.Width(cell)))
			}
		}
		_ = out.WriteByte('\n')
	}
	return out.Flush()
}

// planJSON is the document of a plan; its field names are a promise. What is not known is null.
type planJSON struct {
	Action     string       `json:"action"`
	Group      string       `json:"group"`
	Type       string       `json:"type"`
	State      string       `json:"state"`
	Scope      string       `json:"scope"`
	Scenario   string       `json:"scenario"`
	At         *time.Time   `json:"at"` // of the plan
	Executed   bool         `json:"executed"`
	Applied    int          `json:"applied"` // partitions
	Proved     bool         `json:"proved"`  // read back twice
	BeforeFile string       `json:"before_file,omitempty"`
	Error      string       `json:"error,omitempty"`
	Members    []memberJSON `json:"members"` // that hold the group
	Changes    []changeJSON `json:"changes"`
}

type memberJSON struct {
	ID       string `json:"member_id"`
	ClientID string `json:"client_id"`
	Host     string `json:"host"`
	Instance string `json:"instance_id,omitempty"`
}

type changeJSON struct {
	Topic       string                 `json:"topic"`
	Partition   int32                  `json:"partition"`
	Before      kafka.Known[int64]     `json:"before"`
	After       kafka.Known[int64]     `json:"after"`
	Remove      bool                   `json:"remove"`
	Delta       kafka.Known[int64]     `json:"delta"`
	Start       kafka.Known[int64]     `json:"log_start"`
	End         kafka.Known[int64]     `json:"log_end"`
	Again       kafka.Known[int64]     `json:"again"`
	Skipped     kafka.Known[int64]     `json:"skipped"`
	SkippedFrom kafka.Known[time.Time] `json:"skipped_from"`
	SkippedTo   kafka.Known[time.Time] `json:"skipped_to"`
	Clamp       string                 `json:"clamp,omitempty"`
	Note        string                 `json:"note,omitempty"`
	Error       string                 `json:"error,omitempty"`
	ReadBack    *kafka.Known[int64]    `json:"read_back,omitempty"`
}

func (o *planOutput) json(p *offsets.Plan, out *offsets.Outcome, failed error) error {
	d := planJSON{
		Action: string(p.Action), Group: p.Group, Type: string(p.Type), State: string(p.State), Scope: p.Scope.String(), Scenario: p.Scenario,
		Members: []memberJSON{}, Changes: []changeJSON{},
	}
	if !p.At.IsZero() {
		d.At = &p.At
	}
	if out != nil {
		d.Executed, d.Applied, d.Proved, d.BeforeFile = true, out.Applied(), out.Proved, out.BeforeFile
	}
	if failed != nil {
		d.Error = failed.Error()
	}
	for _, h := range p.Holders {
		d.Members = append(d.Members, memberJSON{h.ID, h.ClientID, h.Host, h.InstanceID})
	}
	for i := range p.Changes {
		c := &p.Changes[i]
		row := changeJSON{
			Topic: c.Topic, Partition: c.Partition, Before: c.Before, After: c.After, Remove: c.Remove, Delta: c.Delta, Start: c.Start, End: c.End,
			Again: c.Again, Skipped: c.Skipped, SkippedFrom: c.SkippedFrom, SkippedTo: c.SkippedTo, Clamp: c.Clamp, Note: c.Note, Error: c.Err,
		}
		if out != nil {
			row.ReadBack, row.Error = &out.Results[i].Got, out.Results[i].Err
		}
		d.Changes = append(d.Changes, row)
	}
	return writeASCII(o.w, d)
}

// writeASCII writes indented JSON in which every character that a terminal could obey is escaped.
func writeASCII(w io.Writer, doc any) error {
	text, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		return fmt.Errorf("write the plan: %w", err)
	}
	if _, err := w.Write(append(asciiJSON(text), '\n')); err != nil {
		return fmt.Errorf("write the plan: %w", err)
	}
	return nil
}

// asciiJSON is a JSON document with all of its characters beyond ASCII escaped. encoding/json leaves those as they
// are that terminals obey: C1, DEL, bidi controls.
func asciiJSON(text []byte) []byte {
	out := make([]byte, 0, len(text)+1)
	for _, r := range string(text) { // beyond ASCII there are only strings
		switch {
		case r < 0x7f:
			out = append(out, byte(r))
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			out = appendUnit(appendUnit(out, hi), lo)
		default:
			out = appendUnit(out, r)
		}
	}
	return out
}
