package timeline

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/kafka/timeline"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
)

// clock is a time of today by the clock, another by its day.
func clock(now, at time.Time) string {
	at = at.In(now.Location())
	if at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return at.Format("15:04:05")
	}
	return at.Format("Jan 02")
}

// full is a time with its day.
func full(now, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(now.Location()).Format("2006-01-02 15:04:05")
}

// steps is how generation or epoch went on: 41 → 42.
func steps(th *theme.Theme, r *timeline.Rebalance) string {
	switch {
	case !r.To.OK:
		return th.Glyphs.Unknown
	case !r.From.OK || r.From == r.To:
		return strconv.Itoa(int(r.To.V))
	}
	return fmt.Sprintf("%d %s %d", r.From.V, th.Glyphs.Arrow, r.To.V)
}

// length is how long the group was not Stable: exact with a decimal, what polls saw as the least.
func length(th *theme.Theme, r *timeline.Rebalance) string {
	switch d := r.Unstable; {
	case !d.OK:
		return th.Glyphs.Unknown
	case !r.AtLeast && d.V < 10*time.Second:
		return strconv.FormatFloat(d.V.Seconds(), 'f', 1, 64) + "s"
	case !r.AtLeast:
		return human.Duration(d.V)
	case d.V > 0:
		return th.Glyphs.AtLeast + human.Duration(d.V)
	case r.Most.OK && !r.Open():
		return "<" + human.Duration(r.Most.V+time.Second-1)
	}
	return th.Glyphs.AtLeast + "0s"
}

// piled is how much lag grew meanwhile, with its sign.
func piled(th *theme.Theme, r *timeline.Rebalance) string {
	n := r.Piled()
	switch {
	case !n.OK:
		return th.Glyphs.Unknown
	case n.V > 0:
		return "+" + human.Count(n.V)
	}
	return human.Count(n.V)
}

// what says in few words what happened.
func what(r *timeline.Rebalance) string {
	var parts []string
	add := func(n int, word string) {
		if n > 0 {
			parts = append(parts, strconv.Itoa(n)+" "+word)
		}
	}
	if r.Fresh {
		return human.Plural(r.Members[1], "member")
	}
	add(r.Joined, "joined")
	add(r.Left, "left")
	add(r.Returned, "back")
	if !r.Open() {
		add(r.Moved, "moved")
	}
	switch s := strings.Join(parts, ", "); {
	case r.Open() && s == "":
		return "goes on"
	case r.Open():
		return "goes on: " + s
	case s == "":
		return "nothing moved"
	default:
		return s
	}
}

// name is a member as people know it.
func name(p *timeline.Person) string {
	return cell.Owner(&kafka.Member{ID: p.ID, ClientID: p.ClientID, Host: p.Host, InstanceID: p.InstanceID})
}

// seenBy says how much of a rebalance is known.
func seenBy(r *timeline.Rebalance) string {
	if r.Source == timeline.FromLog {
		return "exact, from the group's log in __consumer_offsets"
	}
	return "as polls saw it: at least this"
}

// detail is what is shown of the selected rebalance below the list.
func detail(e *pane.Env, r *timeline.Rebalance, w int) [][]component.Cell {
	g := &e.Theme.Glyphs
	out := [][]component.Cell{{{Text: strings.Repeat(g.Horizontal, max(w, 0)), Tok: theme.Border}}}
	head := []component.Cell{{Text: " " + string(r.Cause.Kind), Tok: causeTok(r)}}
	lines := cell.Wrap(safe.Line(r.Cause.Evidence), max(w-2, 1))
	out = append(out, append(head, component.Cell{Text: "  " + members(r), Tok: theme.Text}, component.Cell{Text: "  " + seenBy(r), Tok: theme.Muted}))
	for i, l := range lines {
		if i == detailLines-2 {
			break
		}
		out = append(out, []component.Cell{{Text: " " + l}})
	}
	return out
}

func members(r *timeline.Rebalance) string {
	if r.Fresh || r.Members[0] == r.Members[1] {
		return human.Plural(r.Members[1], "member")
	}
	return human.Plural(r.Members[1], "member") + ", were " + strconv.Itoa(r.Members[0])
}

// causeTok is the look of a cause: loops are trouble, what people do is not.
func causeTok(r *timeline.Rebalance) theme.Token {
	switch r.Cause.Kind {
	case timeline.CauseCrashLoop, timeline.CausePollInterval:
		return theme.Danger
	case timeline.CauseStopped, timeline.CauseScaleIn, timeline.CauseRestart, timeline.CauseCoordinator:
		return theme.Lagging
	case timeline.CauseUnknown, timeline.CauseUnseen:
		return theme.Muted
	case timeline.CauseOperator:
		return theme.Accent
	}
	return theme.Info
}

// write is one rebalance in full.
func write(e *pane.Env, r *timeline.Rebalance) [][]component.Cell {
	var out [][]component.Cell
	fact := func(title, text string, tok theme.Token) {
		if text != "" {
			out = append(out, []component.Cell{{Text: " " + component.Fit(title, 12, false), Tok: theme.Muted}, {Text: text, Tok: tok}})
		}
	}
	th := e.Theme
	fact("cause", string(r.Cause.Kind), causeTok(r))
	fact("", safe.Line(r.Cause.Evidence), theme.Text)
	fact("seen", seenBy(r), theme.Text)
	fact("began", full(e.Now, r.Begin), theme.Text)
	fact("ended", cmp.Or(full(e.Now, r.End), "it goes on"), theme.Text)
	fact("not Stable", length(th, r)+most(r), theme.Text)
	fact("states", states(e, r), theme.Text)
	fact(generations(r), steps(th, r)+skipped(r), theme.Text)
	fact("lag", lags(th, r), theme.Text)
	fact("assignor", changed(th, safe.Line(r.Protocol[0]), safe.Line(r.Protocol[1])), theme.Text)
	fact("leader", changed(th, person(r.Leader[0].ClientID, r.Leader[0].ID), person(r.Leader[1].ClientID, r.Leader[1].ID)), theme.Text)
	if r.Coord[0] != r.Coord[1] && r.Coord[0].OK && r.Coord[1].OK {
		fact("coordinator", changed(th, strconv.Itoa(int(r.Coord[0].V)), strconv.Itoa(int(r.Coord[1].V))), theme.Text)
	}
	if !r.Fresh && (len(r.Topics[0]) > 0 || len(r.Topics[1]) > 0) {
		fact("topics", changed(th, safe.Line(strings.Join(r.Topics[0], ", ")), safe.Line(strings.Join(r.Topics[1], ", "))), theme.Text)
	}
	out = append(out, nil, []component.Cell{{Text: " Members: " + members(r), Tok: theme.Header}})
	for i := range r.People {
		out = append(out, personLine(th, r, &r.People[i]))
	}
	if n := max(r.Members[1], r.Members[0]) - len(r.People); n > 0 {
		out = append(out, []component.Cell{{Text: "   and " + human.Plural(n, "more member"), Tok: theme.Muted}})
	}
	return append(out, moves(th, r)...)
}

func most(r *timeline.Rebalance) string {
	if !r.Unstable.OK {
		return " (a classic group's log tells the end alone, and nobody watched)"
	}
	if r.AtLeast && r.Most.OK && r.Unstable.V > 0 && !r.Open() {
		return ", at most " + human.Duration(r.Most.V)
	}
	return ""
}

func states(e *pane.Env, r *timeline.Rebalance) string {
	var parts []string
	for _, s := range r.States {
		parts = append(parts, safe.Line(string(s.State))+" "+clock(e.Now, s.At))
	}
	return strings.Join(parts, " "+e.Theme.Glyphs.Arrow+" ")
}

func generations(r *timeline.Rebalance) string {
	if r.Type == kafka.Classic {
		return "generation"
	}
	return "epoch"
}

func skipped(r *timeline.Rebalance) string {
	if r.Skipped <= 0 {
		return ""
	}
	return fmt.Sprintf(", %d in between are not in the log", r.Skipped)
}

func lags(th *theme.Theme, r *timeline.Rebalance) string {
	if !r.Lag[0].OK && !r.Lag[1].OK {
		return ""
	}
	s := cell.Exact(th, r.Lag[0]) + " " + th.Glyphs.Arrow + " " + cell.Exact(th, r.Lag[1])
	if n := r.Piled(); n.OK && n.V > 0 {
		s += ", " + human.Plural(int(n.V), "record") + " piled up"
	}
	return s
}

// changed is a value, or the one before and the one after.
func changed(th *theme.Theme, was, is string) string {
	if was == is || was == "" {
		return is
	}
	return was + " " + th.Glyphs.Arrow + " " + cmp.Or(is, th.Glyphs.Unknown)
}

func person(client, id string) string {
	if id == "" {
		return ""
	}
	return cell.Name(cmp.Or(client, id))
}

func personLine(th *theme.Theme, r *timeline.Rebalance, p *timeline.Person) []component.Cell {
	sign, tok, note := " ", theme.Text, ""
	switch p.Fate {
	case timeline.Joined:
		sign, tok, note = "+", theme.Good, "joined"
	case timeline.Left:
		sign, tok, note = "-", theme.Lagging, "left"
	case timeline.Returned:
		sign, tok, note = "~", theme.Info, "came back"
	}
	n := human.Plural(p.Has, "partition")
	switch {
	case r.Fresh || p.Fate == timeline.Joined:
	case p.Fate == timeline.Left:
		n = "had " + strconv.Itoa(p.Had)
	case p.Had != p.Has:
		n += ", had " + strconv.Itoa(p.Had)
	}
	if r.Fresh {
		sign, tok, note = " ", theme.Text, ""
	}
	return []component.Cell{
		{Text: " " + sign + " ", Tok: tok}, {Text: component.Fit(name(p), 44, false) + " "}, {Text: component.Fit(n, 20, false) + " "},
		{Text: component.Fit(note, 10, false), Tok: tok}, {Text: safe.Line(p.ID), Tok: theme.Muted},
	}
}

// moves is which partition went from whom to whom.
func moves(th *theme.Theme, r *timeline.Rebalance) [][]component.Cell {
	switch {
	case r.Fresh:
		return nil
	case r.Moved == 0:
		return [][]component.Cell{nil, {{Text: " Moved: nothing", Tok: theme.Header}}}
	}
	out := [][]component.Cell{nil, {{Text: " Moved: " + human.Plural(r.Moved, "partition"), Tok: theme.Header}}}
	at := func(i int) string {
		if i < 0 {
			return "nobody"
		}
		return name(&r.People[i])
	}
	for _, m := range r.Moves {
		out = append(out, []component.Cell{
			{Text: "   " + component.Fit(cell.Partition(m.TopicPartition), 24, false) + " ", Tok: theme.Accent},
			{Text: at(m.From) + " " + th.Glyphs.Arrow + " " + at(m.To)},
		})
	}
	if n := r.Moved - len(r.Moves); n > 0 {
		out = append(out, []component.Cell{{Text: "   and " + human.Plural(n, "more partition"), Tok: theme.Muted}})
	}
	return out
}
