package offsets

import (
	"cmp"
	"slices"
	"strings"

	"lagtop/kafka"
	"lagtop/kafka/safe"
)

// flag is an option with its value; a value that begins with a dash needs the form with =.
func flag(name, value string) []string {
	if strings.HasPrefix(value, "-") {
		return []string{name + "=" + value}
	}
	return []string{name, value}
}

// Command is the stock kafka-consumer-groups or kafka-share-groups command that does the same, quoted for a
// POSIX shell; two joined by && for an undo that also takes commits away. bootstrap is host:port, several
// separated by commas; BOOTSTRAP stands for an empty one. It is empty where the stock tools cannot do it.
// PLAN.csv and BEFORE.csv stand for files that hold AfterRows.
func (p *Plan) Command(bootstrap string) string {
	bootstrap = cmp.Or(bootstrap, "BOOTSTRAP")
	var out []string
	if p.Commits() > 0 || !p.Action.Deletes() && len(p.removals()) == 0 {
		words := p.resetWords()
		if words == nil {
			return ""
		}
		out = append(out, p.line(bootstrap, words))
	}
	if len(p.removals()) > 0 {
		out = append(out, p.line(bootstrap, p.deleteWords()))
	}
	return strings.Join(out, " && ")
}

func (p *Plan) line(bootstrap string, options []string) string {
	tool := "kafka-consumer-groups"
	if p.Action.Share() {
		tool = "kafka-share-groups"
	}
	words := append([]string{tool}, flag("--bootstrap-server", bootstrap)...)
	words = append(words, flag("--group", p.Group)...)
	words = append(words, options...)
	for i, w := range words {
		words[i] = safe.Quote(w)
	}
	return strings.Join(words, " ")
}

// resetWords are nil where the stock tool has no such reset.
func (p *Plan) resetWords() []string {
	fromFile := len(p.Flags) > 0 && strings.HasPrefix(p.Flags[0], "--from-file")
	options := p.Flags
	if p.Action.Share() {
		known := []string{"--to-earliest", "--to-latest", "--to-datetime"}
		if len(options) == 0 || !slices.Contains(known, options[0]) {
			return nil
		}
	}
	out := []string{"--reset-offsets"}
	switch {
	case fromFile: // which names its partitions itself
	case p.Scope.All():
		out = append(out, "--all-topics")
	default:
		out = append(out, topicFlags(p.Scope)...)
	}
	return append(append(out, options...), "--execute")
}

// deleteWords name what is removed: there is no --all-topics for it.
func (p *Plan) deleteWords() []string {
	scope := p.Scope
	if scope.All() || !p.Action.Deletes() {
		scope = Scope{Partitions: p.removals()}
	}
	if p.Action.Share() { // whose topics go as a whole
		scope = Scope{Topics: topicsOf(p.removals())}
	}
	return append([]string{"--delete-offsets"}, topicFlags(scope)...)
}

func topicFlags(s Scope) []string {
	var out []string
	for _, w := range s.words() {
		out = append(out, flag("--topic", w)...)
	}
	return out
}

// topicsOf are the topics of the partitions, sorted.
func topicsOf(tps []kafka.TopicPartition) []string {
	var out []string
	for _, tp := range tps {
		out = append(out, tp.Topic)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
