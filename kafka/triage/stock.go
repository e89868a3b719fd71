package triage

import (
	"cmp"
	"strconv"
	"strings"

	"lagtop/kafka"
	"lagtop/kafka/safe"
)

// Stock is the command of the stock tools that shows the finding or mends it, quoted for a POSIX shell; empty
// when there is none. BOOTSTRAP stands for an empty bootstrap.
func Stock(f *kafka.Finding, bootstrap []string) string {
	command, placed := "", false
	if f.Subject.Kind == kafka.SubjectGroup {
		command = describeGroup
	}
	for _, c := range Checks() {
		if c.ID == f.Rule {
			command, placed = c.Stock, c.Placed
		}
	}
	tool, rest, _ := strings.Cut(command, " ")
	if tool == "" {
		return ""
	}
	words := []string{tool, "--bootstrap-server " + safe.Quote(cmp.Or(strings.Join(bootstrap, ","), "BOOTSTRAP")), rest}
	if f.Subject.Kind == kafka.SubjectGroup {
		words = append(words, option("--group", f.Subject.Group))
	}
	if placed && f.Subject.Partition.OK {
		words = append(words, option("--topic", f.Subject.Topic), "--partition "+strconv.Itoa(int(f.Subject.Partition.V)))
	}
	return strings.Join(words, " ")
}

// option is quoted. A value that begins with a dash would be read as another option.
func option(name, value string) string {
	if strings.HasPrefix(value, "-") {
		return name + "=" + safe.Quote(value)
	}
	return name + " " + safe.Quote(value)
}
