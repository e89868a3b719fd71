package offsets

import (
	"strings"

	"lagtop/kafka/safe"
)

// flag is an option with its value; a value that begins with a dash needs the form with =.
func flag(name, value string) []string {
	if strings.HasPrefix(value, "-") {
		return []string{name + "=" + value}
	}
	return []string{name, value}
}

// Command is the stock kafka-consumer-groups command that does the same, quoted for a POSIX shell.
// bootstrap is host:port, several separated by commas; BOOTSTRAP stands for an empty one.
func (p *Plan) Command(bootstrap string) string {
	if bootstrap == "" {
		bootstrap = "BOOTSTRAP"
	}
	words := []string{"kafka-consumer-groups"}
	words = append(words, flag("--bootstrap-server", bootstrap)...)
	words = append(words, flag("--group", p.Group)...)
	words = append(words, "--reset-offsets")
	words = append(words, p.scopeOptions()...)
	words = append(words, p.options...)
	words = append(words, "--execute")
	for i, w := range words {
		words[i] = safe.Quote(w)
	}
	return strings.Join(words, " ")
}

// scopeOptions are empty for a file, which names its partitions itself.
func (p *Plan) scopeOptions() []string {
	switch {
	case len(p.options) > 0 && strings.HasPrefix(p.options[0], "--from-file"):
		return nil
	case p.Scope.All():
		return []string{"--all-topics"}
	}
	var out []string
	for _, s := range p.Scope.words() {
		out = append(out, flag("--topic", s)...)
	}
	return out
}
