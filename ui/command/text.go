package command

import "strings"

var placeWords = []struct {
	place Place
	word  string
}{
	{Groups, "groups"}, {Partitions, "partitions"}, {Topics, "topics"}, {Brokers, "brokers"}, {Tail, "tail"},
	{GroupDetail, "group detail"}, {TopicDetail, "topic detail"}, {BrokerDetail, "broker detail"}, {RecordDetail, "record detail"},
	{Findings, "findings"}, {Audit, "audit"}, {Requests, "requests"},
	{Timeline, "timeline"}, {RebalanceDetail, "rebalance detail"}, {WhatIf, "what if"},
}

// String says where a command applies: everywhere, in all panes, or the places by name.
func (p Place) String() string {
	switch p {
	case Anywhere:
		return "everywhere"
	case Panes:
		return "panes"
	}
	var words []string
	for _, w := range placeWords {
		if p&w.place != 0 {
			words = append(words, w.word)
		}
	}
	return strings.Join(words, ", ")
}

// KeyNames are all keys of the command as people read them, or what is typed for one that has none.
func (c *Command) KeyNames() string {
	if len(c.Keys) == 0 {
		return c.typed()
	}
	names := make([]string, len(c.Keys))
	for i, k := range c.Keys {
		names[i] = Pretty(k)
	}
	return strings.Join(names, " ")
}

// typed is how a command is reached by the palette.
func (c *Command) typed() string { return ":" + string(c.ID) }

// Markdown is the table of keys for the README.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| key | command | what it does | where |\n|---|---|---|---|\n")
	for i := range table {
		c := &table[i]
		var keys []string
		for _, k := range c.Keys {
			keys = append(keys, "`"+Pretty(k)+"`")
		}
		if len(keys) == 0 {
			keys = append(keys, "`"+c.typed()+"`")
		}
		help := c.Help
		if c.Danger {
			help += " (changes the cluster: preview first)"
		}
		b.WriteString("| " + strings.Join(keys, " ") + " | " + c.Title + " | " + help + " | " + c.Where.String() + " |\n")
	}
	return b.String()
}
