package triage

import (
	"cmp"
	"strings"

	"lagtop/kafka"
	"lagtop/kafka/safe"
)

// Stock is the command of the stock tools that shows the finding or mends it, quoted for a POSIX shell; empty
// when there is none. BOOTSTRAP stands for an empty bootstrap.
func Stock(f *kafka.Finding, bootstrap []string) string {
	command := ""
	if f.Subject.Kind == kafka.SubjectGroup {
		command = describeGroup
	}
	for _, c := range Checks() {
		if c.ID == f.Rule {
			command = c.Stock
		}
	}
	tool, rest, _ := strings.Cut(command, " ")
	if tool == "" {
		return ""
	}
	words := []string{tool, "--bootstrap-server " + safe.Quote(cmp.Or(strings.Join(bootstrap, ","), "BOOTSTRAP")), rest}
	if f.Subject.Kind == kafka.SubjectGroup {
		group := safe.Quote(f.Subject.Group)
		if strings.HasPrefix(f.Subject.Group, "-") {
			words = append(words, "--group="+group) // a value that begins with a dash would be read as an option
		} else {
			words = append(words, "--group "+group)
		}
	}
	return strings.Join(words, " ")
}
