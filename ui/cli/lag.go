package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf16"

	"github.com/spf13/cobra"

	"lagtop/kafka"
	"lagtop/kafka/poll"
	"lagtop/kafka/safe"
)

// exitIncomplete is the exit code of a snapshot with missing parts.
const exitIncomplete = 3

// errIncomplete ends the command with exitIncomplete; what is missing was printed.
var errIncomplete = errors.New("parts of the cluster did not answer")

func (r *run) lagCommand() *cobra.Command {
	var group, output string
	c := &cobra.Command{
		Use:   "lag",
		Short: "Print one complete snapshot of every group's lag and exit",
		Long: "Print one complete snapshot of every group's lag and exit.\n\n" +
			"Exit codes: 0 complete, 3 when parts are missing (named on standard error), 1 failure.\n" +
			"In JSON an unknown number is null, never 0 or -1.",
		Example: "  lagtop lag -b kafka-1:9092\n  lagtop lag -b kafka-1:9092 --group 'pay*' -o json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if output != "table" && output != "json" {
				return fmt.Errorf("%w: --output %q: use table or json", errUsage, output)
			}
			if _, err := path.Match(group, ""); err != nil {
				return fmt.Errorf("%w: --group %q: not a pattern (use *, ? and [a-z])", errUsage, group)
			}
			return r.lag(c.Context(), group, output)
		},
	}
	c.Flags().StringVar(&group, "group", "*", "only groups whose name matches this `pattern` (*, ?, [a-z])")
	c.Flags().StringVarP(&output, "output", "o", "table", "`format`: table or json")
	return c
}

func (r *run) lag(ctx context.Context, pattern, output string) error {
	cfg, err := r.config()
	if err != nil {
		return err
	}
	snap, err := poll.New(cfg, poll.Options{}).Once(ctx)
	if err != nil {
		return err
	}
	groups := matching(snap.Groups, pattern)
	if output == "json" {
		err = writeLagJSON(r.out, snap, groups)
	} else {
		err = writeLagTable(r.out, groups)
	}
	if err != nil {
		return fmt.Errorf("write the snapshot: %w", err)
	}
	if snap.Complete() {
		return nil
	}
	for i := range snap.Faults {
		r.say("lagtop: missing: " + safe.Line(snap.Faults[i].String()))
	}
	return errIncomplete
}

func matching(gs []kafka.Group, pattern string) []*kafka.Group {
	var out []*kafka.Group
	for i := range gs {
		if pattern == "*" {
			out = append(out, &gs[i])
		} else if ok, _ := path.Match(pattern, gs[i].Name); ok {
			out = append(out, &gs[i])
		}
	}
	return out
}

// The JSON document of lagtop lag. Its field names are a promise.
type (
	lagJSON struct {
		Cluster  string      `json:"cluster"`
		At       time.Time   `json:"at"`
		Complete bool        `json:"complete"`
		Groups   []groupJSON `json:"groups"`
	}
	groupJSON struct {
		Group       string             `json:"group"`
		Type        kafka.GroupType    `json:"type"`
		State       kafka.GroupState   `json:"state"`
		Protocol    string             `json:"protocol"`
		Coordinator kafka.Known[int32] `json:"coordinator"`
		Members     []memberJSON       `json:"members"`
		Lag         kafka.Known[int64] `json:"lag"`
		LagComplete bool               `json:"lag_complete"`
		Partitions  []lagPartitionJSON `json:"partitions"`
	}
	memberJSON struct {
		MemberID   string          `json:"member_id"`
		ClientID   string          `json:"client_id"`
		Host       string          `json:"host"`
		InstanceID *string         `json:"instance_id"`
		Partitions []partitionJSON `json:"partitions"`
	}
	partitionJSON struct {
		Topic     string `json:"topic"`
		Partition int32  `json:"partition"`
	}
	lagPartitionJSON struct {
		Topic     string             `json:"topic"`
		Partition int32              `json:"partition"`
		Start     kafka.Known[int64] `json:"start"`
		End       kafka.Known[int64] `json:"end"`
		Committed kafka.Known[int64] `json:"committed"`
		Lag       kafka.Known[int64] `json:"lag"`
		MemberID  *string            `json:"member_id"`
	}
)

func writeLagJSON(w io.Writer, s *kafka.Snapshot, groups []*kafka.Group) error {
	doc := lagJSON{Cluster: s.Cluster.ID, At: s.At, Complete: s.Complete(), Groups: []groupJSON{}}
	for _, g := range groups {
		doc.Groups = append(doc.Groups, groupDoc(g))
	}
	b, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(escapeJSON(b), '\n'))
	return err
}

func groupDoc(g *kafka.Group) groupJSON {
	d := groupJSON{Group: g.Name, Type: g.Type, State: g.State, Protocol: g.Protocol, Coordinator: g.Coordinator,
		LagComplete: g.Lag.Complete() && g.Err == "", Members: []memberJSON{}, Partitions: []lagPartitionJSON{}}
	if !g.Lag.Unknown() {
		d.Lag = kafka.Some(g.Lag.V)
	}
	for i := range g.Members {
		m := &g.Members[i]
		j := memberJSON{MemberID: m.ID, ClientID: m.ClientID, Host: m.Host, Partitions: []partitionJSON{}}
		if m.InstanceID != "" {
			j.InstanceID = &m.InstanceID
		}
		for _, tp := range m.Assigned {
			j.Partitions = append(j.Partitions, partitionJSON{tp.Topic, tp.Partition})
		}
		d.Members = append(d.Members, j)
	}
	for i := range g.Partitions {
		p := &g.Partitions[i]
		j := lagPartitionJSON{Topic: p.Topic, Partition: p.Partition, Start: p.Start, End: p.End, Committed: p.Committed, Lag: p.Lag}
		if p.Owner.OK {
			j.MemberID = &g.Members[p.Owner.V].ID
		}
		d.Partitions = append(d.Partitions, j)
	}
	return d
}

// escapeJSON writes every character that a terminal could obey as \uXXXX. encoding/json leaves C1,
// DEL and bidi controls as they are; outside of strings the document is ASCII.
func escapeJSON(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for _, r := range string(b) {
		if r == '\n' || r >= ' ' && r < 0x7f || r > 0x7f && safe.Line(string(r)) == string(r) {
			out = append(out, string(r)...)
			continue
		}
		if r <= 0xffff {
			out = fmt.Appendf(out, `\u%04x`, r)
			continue
		}
		hi, lo := utf16.EncodeRune(r)
		out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
	}
	return out
}

func writeLagTable(w io.Writer, groups []*kafka.Group) error {
	var b strings.Builder
	b.WriteString("GROUP\tTYPE\tSTATE\tMEMBERS\tLAG\tTOPIC\tPARTITION\tSTART\tEND\tCOMMITTED\tLAG\tCLIENT\tHOST\n")
	for _, g := range groups {
		head := fmt.Sprintf("%s\t%s\t%s\t%d\t%s", safe.Line(g.Name), g.Type, safe.Line(string(g.State)), len(g.Members), totalText(g.Lag))
		if len(g.Partitions) == 0 {
			fmt.Fprintf(&b, "%s\t-\t-\t-\t-\t-\t-\t-\t-\n", head)
		}
		for i := range g.Partitions {
			p := &g.Partitions[i]
			client, host := "-", "-"
			if p.Owner.OK {
				client, host = safe.Line(g.Members[p.Owner.V].ClientID), safe.Line(g.Members[p.Owner.V].Host)
			}
			fmt.Fprintf(&b, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", head, safe.Line(p.Topic), p.Partition,
				number(p.Start), number(p.End), number(p.Committed), number(p.Lag), client, host)
		}
	}
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	if _, err := io.WriteString(t, b.String()); err != nil {
		return err
	}
	return t.Flush()
}

// number is exact: the table is for scripts and tickets as much as for eyes.
func number(k kafka.Known[int64]) string {
	if !k.OK {
		return "-"
	}
	return strconv.FormatInt(k.V, 10)
}

func totalText(t kafka.Total) string {
	switch {
	case t.Unknown():
		return "-"
	case !t.Complete():
		return ">=" + strconv.FormatInt(t.V, 10)
	}
	return strconv.FormatInt(t.V, 10)
}
