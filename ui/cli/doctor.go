package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"lagtop/kafka/conn"
	"lagtop/kafka/doctor"
	"lagtop/kafka/safe"
	"lagtop/ui/app"
	"lagtop/ui/component"
)

// errTold ends a command with exitError; the reason was printed.
var errTold = errors.New("the report says why")

func (r *run) doctorCommand() *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Go the way to a cluster step by step, say what fails, and what may be done there",
		Long: "Go the way to a cluster step by step: name, connection, TLS with the certificates, login with the\n" +
			"mechanisms that are offered, versions, the addresses that the brokers name; then each right that lagtop\n" +
			"can use, and what works without it. Every request only reads.\n\n" +
			"Exit codes: 0 nothing failed (rights that are missing are no failure), 3 the cluster can be watched and\n" +
			"something failed, 1 no address lets us in.",
		Example: "  lagtop doctor -b kafka-1:9092\n  lagtop doctor --context prod\n  lagtop doctor --properties client.properties -o json",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if output != "text" && output != "json" {
				return usageError{fmt.Errorf("--output %q: use text or json", output)}
			}
			t, err := r.needTarget()
			if err != nil {
				return err
			}
			return r.examine(c.Context(), t, output, true)
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "text", "`format`: text or json")
	return c
}

func writeReportJSON(w io.Writer, report doctor.Report) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(report); err != nil {
		return err
	}
	_, err := w.Write(asciiJSON(text.Bytes()))
	return err
}

// examine prints a report, and ends with what it says.
func (r *run) examine(ctx context.Context, t *target, output string, rights bool) error {
	cfg, err := t.conn()
	if err != nil {
		return err
	}
	report := doctor.Examine(ctx, cfg, doctor.Options{Name: t.Name, Rights: rights})
	out := bufio.NewWriter(r.out)
	if output == "json" {
		err = writeReportJSON(out, report)
	} else {
		writeReport(out, report)
	}
	if err == nil {
		err = out.Flush()
	}
	switch {
	case err != nil:
		return fmt.Errorf("write the report: %w", err)
	case ctx.Err() != nil:
		return ctx.Err()
	case report.Verdict == doctor.Closed:
		return errTold
	case report.Verdict == doctor.Partial:
		return errIncomplete
	}
	return nil
}

// reportSigns are those of a report on paper.
var reportSigns = map[doctor.Outcome]string{doctor.OK: "✓", doctor.Missing: "–", doctor.Warning: "!", doctor.Failed: "✗"}

// writeReport leaves failures of writing to Flush.
func writeReport(w io.Writer, report doctor.Report) {
	indent := strings.Repeat(" ", doctor.WhatWidth+5)
	for _, row := range report.Rows() {
		text := safe.Line(row.Text)
		switch row.Kind {
		case doctor.Thing:
			text = "  " + reportSigns[row.Outcome] + " " + component.Fit(row.What, doctor.WhatWidth, false) + " " + text
		case doctor.More:
			text = indent + text
		case doctor.Advice:
			text = indent + "→ " + text
		}
		_, _ = fmt.Fprintln(w, strings.TrimRight(text, " "))
	}
}

// words are how a target is logged in to; empty where the login cannot be read.
func (t *target) words() (login, proxy string, err error) {
	cfg, err := t.conn()
	if err != nil {
		return "", "", err
	}
	if cfg.Proxy != nil {
		proxy = cfg.Proxy.Addr
	}
	return cfg.Auth.Words(), proxy, nil
}

// examiner is the same for the screen.
func examiner(cfg conn.Config, name string) app.Examiner {
	return func(ctx context.Context, note func(string)) doctor.Report {
		return doctor.Examine(ctx, cfg, doctor.Options{Name: name, Rights: true, Note: note})
	}
}
