package command

import "lagtop/kafka"

// The command ids.
const (
	Quit       ID = "quit"
	Abort      ID = "abort"
	Help       ID = "help"
	Palette    ID = "palette"
	Back       ID = "back"
	Open       ID = "open"
	Filter     ID = "filter"
	Sort       ID = "sort"
	Reverse    ID = "reverse"
	Zoom       ID = "zoom"
	Next       ID = "next-pane"
	Prev       ID = "previous-pane"
	FocusOne   ID = "focus-groups"
	FocusTwo   ID = "focus-partitions"
	FocusThree ID = "focus-topics"
	FocusFour  ID = "focus-brokers"
	FocusFive  ID = "focus-tail"
	Up         ID = "up"
	Down       ID = "down"
	Left       ID = "left"
	Right      ID = "right"
	PageUp     ID = "page-up"
	PageDown   ID = "page-down"
	First      ID = "first"
	Last       ID = "last"
	Mark       ID = "mark"
	ShowTail   ID = "tail"
	AtCommit   ID = "record-at-commit"
	TailFrom   ID = "tail-from"
	TailFormat ID = "tail-format"
	TailRaw    ID = "tail-raw"
	TailWrap   ID = "tail-wrap"
	TailStamp  ID = "tail-time"
	TailFold   ID = "tail-fold"
	TailAround ID = "tail-around"
	Highlight  ID = "highlight"
	FindOlder  ID = "find-older"
	FindNewer  ID = "find-newer"
	Scan       ID = "scan"
	Live       ID = "live"
	Save       ID = "save"
	Bookmark   ID = "bookmark"
	ToMark     ID = "to-bookmark"
	Pause      ID = "pause"
	Rebalance  ID = "rebalance"
	Kick       ID = "kick"
	Roll       ID = "rolling-kick"
	Offsets    ID = "offsets"
	Delete     ID = "delete"
	Elect      ID = "elect"
	Retention  ID = "retention"
	Copy       ID = "copy"
	Refresh    ID = "refresh"
	NextFault  ID = "next-trouble"
	ShowFound  ID = "findings"
	ShowAlerts ID = "alerts"
	Contexts   ID = "contexts"
	Presenter  ID = "presenter"
	Explain    ID = "explain"
	ShowAudit  ID = "audit"
	ShowTimes  ID = "timeline"
	AskWhatIf  ID = "what-if"
	ShowAsked  ID = "requests"
	Undo       ID = "undo"
	AddMember  ID = "add-consumer"
	DropMember ID = "remove-consumer"
	Palettes   ID = "palette-next"
	Doctor     ID = "doctor"
)

// table is the one list of commands. A key means one thing in one place; a test checks it.
var table = []Command{
	{ID: Open, Keys: []string{"enter"}, Title: "open", Help: "open the detail of what is selected", Where: Panes | Findings | Audit | Timeline, Footer: 1},
	{ID: Filter, Keys: []string{"/"}, Title: "filter", Help: "filter the rows; state:empty lag:>10k topic:orders member:host narrow by field", Where: Groups | Partitions | Topics | Brokers | Tail | Findings | Audit | Requests | Timeline, Footer: 2},
	{ID: Sort, Keys: []string{"s"}, Title: "sort", Help: "sort by the next column", Where: Groups | Partitions | Topics | Brokers | Findings | Audit | Requests | Timeline, Footer: 3},
	{ID: Reverse, Keys: []string{"S"}, Title: "reverse", Help: "reverse the order", Where: Groups | Partitions | Topics | Brokers | Findings | Audit | Requests | Timeline},
	{ID: ShowTail, Keys: []string{"t"}, Title: "tail", Help: "follow the records of the selected topic or partition, or of the marked topics together", Where: Groups | Partitions | Topics | GroupDetail | TopicDetail | Findings, Footer: 4, Disabled: needTopic},
	{ID: AtCommit, Keys: []string{"i"}, Title: "next record", Help: "the record at the group's commit in the selected partition; skip it, skip to one that passes a filter, export it", Where: Partitions | GroupDetail | Findings, Disabled: whyNoRecord},
	{ID: Rebalance, Keys: []string{"r"}, Title: "rebalance", Help: "ask the group for a rebalance, nobody is kicked", Where: Groups | Partitions | GroupDetail | Findings, Danger: true, Footer: 5, Disabled: whyNoRebalance},
	{ID: Kick, Keys: []string{"x"}, Title: "kick", Help: "remove the selected consumer from its group; it rejoins", Where: Partitions | GroupDetail | Findings, Danger: true, Footer: 6, Disabled: whyNoKick},
	{ID: Offsets, Keys: []string{"o"}, Title: "offsets", Help: "reset the offsets of the group, a topic, a partition or the marked partitions", Where: Groups | Partitions | GroupDetail | Findings, Danger: true, Footer: 7, Disabled: whyNoReset},
	{ID: Roll, Keys: []string{"X"}, Title: "rolling kick", Help: "kick the marked consumers, or all, one after the other; stops at the first that does not settle", Where: Groups | Partitions | GroupDetail | Findings, Danger: true, Disabled: whyNoRebalance},
	{ID: Delete, Keys: []string{"D"}, Title: "delete", Help: "delete the group, or its offsets of the selected topic", Where: Groups | Partitions | GroupDetail | Findings, Danger: true, Disabled: needGroup},
	{ID: Elect, Keys: []string{"E"}, Title: "elect leaders", Help: "elect the preferred leaders: of the selected topic, elsewhere of the whole cluster", Where: Topics | Brokers | TopicDetail | BrokerDetail | Findings, Danger: true, Disabled: whyNoElect},
	{ID: Retention, Keys: []string{"C"}, Title: "retention", Help: "keep the records of the selected topic for longer, or up to another size", Where: Groups | Partitions | Topics | GroupDetail | TopicDetail | Findings, Danger: true, Disabled: needTopic},
	{ID: Mark, Keys: []string{"space"}, Title: "mark", Help: "mark the partition for the next offsets command, the consumer for a rolling kick, or the topic to follow it with others", Where: Partitions | GroupDetail | Topics},
	{ID: Pause, Keys: []string{"p"}, Title: "pause", Help: "pause or resume the tail, its place is kept", Where: Tail, Footer: 3},
	{ID: TailFrom, Keys: []string{"f"}, Title: "from", Help: "tail one or several topics from the end, the start, an offset, a time or the group's commit, up to now or a time; some partitions; committed records alone", Where: Tail | RecordDetail, Footer: 4},
	{ID: Highlight, Keys: []string{"*"}, Title: "highlight", Help: "mark what matches, as a filter is typed, and hide nothing; n and N go there", Where: Tail, Footer: 5},
	{ID: FindOlder, Keys: []string{"n"}, Title: "older match", Help: "go back to the next older record that is highlighted, or passes the filter", Where: Tail},
	{ID: FindNewer, Keys: []string{"N"}, Title: "newer match", Help: "go on to the next newer record that is highlighted, or passes the filter", Where: Tail},
	{ID: Scan, Keys: []string{"m"}, Title: "further back", Help: "search the log before what is in memory, for what is highlighted or passes the filter; esc stops, t goes back to what is followed", Where: Tail, Footer: 8},
	{ID: Live, Keys: []string{"t"}, Title: "live", Help: "back from a search of the log to what is followed, at its newest record", Where: Tail},
	{ID: TailFormat, Keys: []string{"v"}, Title: "format", Help: "read values as the next format: auto, text, json, logfmt, syslog, access, cef, schema, hex", Where: Tail, Footer: 6},
	{ID: TailRaw, Keys: []string{"V"}, Title: "raw", Help: "values alone as they are written, without columns; and back", Where: Tail},
	{ID: TailWrap, Keys: []string{"S"}, Title: "wrap", Help: "wrap long lines, or cut them and scroll sideways", Where: Tail},
	{ID: TailStamp, Keys: []string{"d"}, Title: "time", Help: "the time that the value says, or that of the record", Where: Tail},
	{ID: TailFold, Keys: []string{"u"}, Title: "fold repeats", Help: "one line for records in a row that say the same: x 214", Where: Tail},
	{ID: TailAround, Keys: []string{"a"}, Title: "around", Help: "show 2, 10 or no neighbours around what passes the filter", Where: Tail},
	{ID: Bookmark, Keys: []string{"b"}, Title: "bookmark", Help: "keep the record; the next one that is opened shows how it differs; again: let go of it", Where: Tail},
	{ID: ToMark, Keys: []string{"B"}, Title: "to bookmark", Help: "go back to the bookmarked record", Where: Tail},
	{ID: Save, Keys: []string{"s"}, Title: "save", Help: "write the kept records, or those that pass the filter, or the record, to a new file", Where: Tail | RecordDetail, Footer: 7},
	{ID: AddMember, Keys: []string{"+"}, Title: "add consumer", Help: "demo: start one more consumer of the selected group", Where: Groups | Partitions | GroupDetail, Footer: 8, Disabled: needDemo},
	{ID: DropMember, Keys: []string{"-"}, Title: "remove consumer", Help: "demo: stop the newest consumer of the selected group", Where: Groups | Partitions | GroupDetail, Footer: 9, Disabled: needDemo},
	{ID: Presenter, Keys: []string{"P"}, Title: "presenter", Help: "demo: break the fleet (kill, freeze, skew, poison, deploy ...) and direct its scenarios", Where: Anywhere, Disabled: needStage},
	{ID: NextFault, Keys: []string{"n"}, Title: "next trouble", Help: "go to the next group in trouble", Where: Panes &^ Tail, Disabled: needFault},
	{ID: ShowFound, Keys: []string{"F"}, Title: "findings", Help: "all that is wrong with groups, topics and brokers, worst first, and what to do", Where: Anywhere},
	{ID: ShowTimes, Keys: []string{"H"}, Title: "timeline", Help: "the rebalances of the selected group: who came and went, what moved, how long, why; tab: of all groups, and which rebalance most", Where: Anywhere},
	{ID: AskWhatIf, Keys: []string{"w"}, Title: "what if", Help: "what would become of the group with more or fewer consumers, another assignor or more partitions; changes nothing", Where: Groups | Partitions | GroupDetail | Findings | WhatIf, Disabled: needGroup},
	{ID: ShowAlerts, Keys: []string{"A"}, Title: "alerts", Help: "the open alerts of the rules in the configuration file", Where: Anywhere},
	{ID: ShowAudit, Keys: []string{"L"}, Title: "audit", Help: "all actions of the past: who, when, what, what came of it", Where: Anywhere},
	{ID: ShowAsked, Keys: []string{"W"}, Title: "requests", Help: "what was asked of which broker in the last minute, how long it took and what failed", Where: Anywhere},
	{ID: Undo, Keys: []string{"u"}, Title: "undo", Help: "take back the selected change of offsets or of a topic's retention, or bring the deleted group back, after a look at the present state", Where: Audit, Danger: true, Footer: 4, Disabled: func(s State) string { return s.NoUndo }},
	{ID: Explain, Keys: []string{"e"}, Title: "explain", Help: "where the numbers of the selected row come from, how old and how exact they are", Where: Panes | GroupDetail | TopicDetail | BrokerDetail | Findings, Footer: 10},
	{ID: Contexts, Keys: []string{"c"}, Title: "contexts", Help: "watch another cluster of the configuration file", Where: Anywhere, Disabled: whyNoSwitch},
	{ID: Copy, Keys: []string{"y"}, Title: "copy", Help: "copy the selected row or record to the clipboard (OSC 52)", Where: Anywhere},
	{ID: Refresh, Keys: []string{"ctrl+r", "R"}, Title: "refresh", Help: "ask the cluster now", Where: Anywhere},
	{ID: Zoom, Keys: []string{"z"}, Title: "zoom", Help: "the focused pane on the whole screen, and back", Where: Panes},
	{ID: FocusOne, Keys: []string{"1"}, Title: "groups", Help: "go to the groups", Where: Panes},
	{ID: FocusTwo, Keys: []string{"2"}, Title: "partitions", Help: "go to the partitions by consumer", Where: Panes},
	{ID: FocusThree, Keys: []string{"3"}, Title: "topics", Help: "go to the topics", Where: Panes},
	{ID: FocusFour, Keys: []string{"4"}, Title: "brokers", Help: "go to the brokers", Where: Panes},
	{ID: FocusFive, Keys: []string{"5"}, Title: "tail", Help: "go to the tail", Where: Panes},
	{ID: Next, Keys: []string{"tab"}, Title: "next pane", Help: "go to the next pane, or the next part of a detail", Where: Anywhere, Hidden: true},
	{ID: Prev, Keys: []string{"shift+tab"}, Title: "previous pane", Help: "go to the previous pane or part", Where: Anywhere, Hidden: true},
	{ID: Up, Keys: []string{"up", "k"}, Title: "up", Help: "one row up", Where: Anywhere, Hidden: true},
	{ID: Down, Keys: []string{"down", "j"}, Title: "down", Help: "one row down", Where: Anywhere, Hidden: true},
	{ID: Left, Keys: []string{"left", "h"}, Title: "left", Help: "fold a consumer, scroll left, or show a shorter time in a chart", Where: Anywhere, Hidden: true},
	{ID: Right, Keys: []string{"right", "l"}, Title: "right", Help: "unfold a consumer, scroll right, or show a longer time in a chart", Where: Anywhere, Hidden: true},
	{ID: PageUp, Keys: []string{"pgup", "ctrl+u"}, Title: "page up", Help: "one page up", Where: Anywhere, Hidden: true},
	{ID: PageDown, Keys: []string{"pgdown", "ctrl+d"}, Title: "page down", Help: "one page down", Where: Anywhere, Hidden: true},
	{ID: First, Keys: []string{"home", "g"}, Title: "first", Help: "the first row", Where: Anywhere, Hidden: true},
	{ID: Last, Keys: []string{"end", "G"}, Title: "last", Help: "the last row; in the tail: follow again", Where: Anywhere, Hidden: true},
	{ID: Doctor, Title: "doctor", Help: "go the way to the cluster step by step: name, TLS, login, versions, advertised addresses, and each right that we have", Where: Anywhere},
	{ID: Palettes, Keys: []string{"T"}, Title: "colours", Help: "the next palette: dark, light, high contrast, colour-blind safe, none", Where: Anywhere},
	{ID: Palette, Keys: []string{":", "ctrl+p"}, Title: "commands", Help: "find any command by name", Where: Anywhere, Footer: 20, Hidden: true},
	{ID: Help, Keys: []string{"?"}, Title: "help", Help: "all keys of this place and what the numbers mean", Where: Anywhere, Footer: 21},
	{ID: Back, Keys: []string{"esc"}, Title: "back", Help: "close, clear the filter, or go back", Where: Anywhere, Hidden: true},
	{ID: Quit, Keys: []string{"q"}, Title: "quit", Help: "quit; in a detail: back", Where: Anywhere},
	{ID: Abort, Keys: []string{"ctrl+c"}, Title: "quit now", Help: "quit from anywhere", Where: Anywhere, Hidden: true},
}

func needTopic(s State) string {
	if s.Topic == "" {
		return "select a topic or a partition first"
	}
	return ""
}

func whyNoRecord(s State) string {
	switch {
	case s.Group == nil:
		return "select a group first"
	case s.Busy != "":
		return "wait for: " + s.Busy
	case s.Group.Type == kafka.Share:
		return "share group: it has no commit, its members acknowledge record by record"
	case !s.Partition:
		return "select a partition first"
	}
	return ""
}

func needGroup(s State) string {
	if s.Group == nil {
		return "select a group first"
	}
	return ""
}

func whyNoElect(s State) string {
	if s.Where&(Topics|TopicDetail) != 0 {
		return needTopic(s)
	}
	return ""
}

func needDemo(s State) string {
	switch {
	case !s.Demo:
		return "only in the demo: lagtop demo"
	case s.Group == nil:
		return "select a group first"
	}
	return ""
}

func needStage(s State) string {
	if !s.Demo {
		return "only in the demo: lagtop demo"
	}
	return ""
}

func whyNoSwitch(s State) string {
	switch {
	case s.Busy != "":
		return "wait for: " + s.Busy
	case s.Clusters < 2:
		return "there is no other: lagtop context add NAME -b host:port"
	}
	return ""
}

func needFault(s State) string {
	if !s.Faults {
		return "no group is in trouble"
	}
	return ""
}

func whyNoRebalance(s State) string {
	g := s.Group
	switch {
	case g == nil:
		return "select a group first"
	case g.Type == kafka.Share:
		return "share group: brokers offer no rebalance, members share partitions"
	case g.Type == kafka.Streams:
		return "streams group: brokers refuse a rebalance from outside"
	case !g.IsConsumer():
		return "protocol type " + g.ProtocolType + ": rebalance it with its own tool"
	case len(g.Members) == 0:
		return "the group has no members"
	case g.State != kafka.StateStable:
		return "the group is " + string(g.State) + ", wait until it is Stable"
	}
	return ""
}

func whyNoKick(s State) string {
	if why := whyNoRebalance(s); why != "" {
		return why
	}
	if s.Member == nil {
		return "select a consumer or one of its partitions first"
	}
	return ""
}

func whyNoReset(s State) string {
	g := s.Group
	switch {
	case g == nil:
		return "select a group first"
	case g.Type == kafka.Share:
		return ""
	case g.Type == kafka.Streams:
		return "streams group: local state is not reset with offsets, use the application reset tool"
	case !g.IsConsumer():
		return "protocol type " + g.ProtocolType + " commits no offsets"
	}
	return ""
}
