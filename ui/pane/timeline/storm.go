package timeline

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/kafka/timeline"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/component/filter"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
	"lagtop/ui/pane/list"
)

// stormSpan is the time that groups are compared over: the last hour, or as long as anybody watches.
func stormSpan(e *pane.Env) time.Duration {
	if e.History == nil {
		return time.Hour
	}
	return min(max(e.History.Span(), time.Minute), time.Hour)
}

// restless is the part of its time from which a group that is not Stable is marked.
const restless = 0.05

// forRate is the least time that tells what an hour would bring.
const forRate = 10 * time.Minute

func newStorms() *list.List[timeline.Storm] {
	less := func(of func(*timeline.Storm) float64) func(a, b *timeline.Storm) bool {
		return func(a, b *timeline.Storm) bool {
			return cmp.Or(cmp.Compare(of(b), of(a)), strings.Compare(a.Group, b.Group)) < 0
		}
	}
	return list.New(list.Spec[timeline.Storm]{
		Columns: []component.Column{
			{Title: "GROUP", Cut: component.CutMiddle, Width: 16, Grow: 2},
			{Title: "UNSTABLE", Width: 9, Right: true},
			{Title: "PER HOUR", Width: 8, Right: true},
			{Title: "SEEN", Width: 5, Right: true},
			{Title: "MOVED", Width: 6, Right: true, Drop: 1},
			{Title: "CAME/WENT", Width: 9, Right: true},
			{Title: "CHURNS MOST", Width: 20, Grow: 2, Drop: 2},
			{Title: "MOST LIKELY", Width: 14, Grow: 1},
		},
		Empty: " no group has rebalanced in this time",
		Key:   func(s *timeline.Storm) string { return s.Group },
		Cells: fillStorm,
		Orders: []list.Order[timeline.Storm]{
			{Name: "most unstable first", Column: 1, Desc: true, Less: less((*timeline.Storm).Share)},
			{Name: "most rebalances first", Column: 2, Desc: true, Less: less((*timeline.Storm).PerHour)},
			{Name: "most moved first", Column: 4, Desc: true, Less: less(func(s *timeline.Storm) float64 { return float64(s.Moved) })},
			{Name: "most churn first", Column: 5, Desc: true, Less: less(func(s *timeline.Storm) float64 { return float64(s.Came + s.Went) })},
			{Name: "by group", Column: 0, Less: func(a, b *timeline.Storm) bool { return a.Group < b.Group }},
		},
		Fields: filter.Fields{"group": filter.Text, "cause": filter.Text, "member": filter.Text, "moved": filter.Number, "perhour": filter.Number, "unstable": filter.Number},
		Row:    func(s *timeline.Storm) filter.Row { return stormFields{s} },
	})
}

func fillStorm(e *pane.Env, s *timeline.Storm, c []component.Cell) {
	tok := theme.Text
	if s.Share() >= restless {
		tok = theme.Lagging
	}
	least := atLeast(e, s)
	c[0].Text = cell.Name(s.Group)
	c[1] = component.Cell{Text: share(e, s), Tok: tok}
	c[2] = component.Cell{Text: e.Theme.Glyphs.Unknown, Tok: tok}
	if s.Span >= forRate {
		c[2].Text = least + human.Number(s.PerHour())
	}
	c[3].Text = least + strconv.Itoa(s.Rebalances)
	c[4].Text = strconv.Itoa(s.Moved)
	c[5].Text = strconv.Itoa(s.Came) + "/" + strconv.Itoa(s.Went)
	if len(s.Churn) > 0 {
		c[6].Text = e.Theme.Glyphs.Times + strconv.Itoa(s.Churn[0].Times) + " " + churner(&s.Churn[0])
	}
	c[7].Text = string(s.Cause)
}

func atLeast(e *pane.Env, s *timeline.Storm) string {
	if s.AtLeast {
		return e.Theme.Glyphs.AtLeast
	}
	return ""
}

// share is how much of the time the group was not Stable; unknown where nobody saw how long any of it took.
func share(e *pane.Env, s *timeline.Storm) string {
	if s.Unclear == s.Rebalances {
		return e.Theme.Glyphs.Unknown
	}
	text := strconv.FormatFloat(100*s.Share(), 'f', 1, 64) + "%"
	if s.AtLeast || s.Unclear > 0 {
		return e.Theme.Glyphs.AtLeast + text
	}
	return text
}

func churner(c *timeline.Churner) string {
	return cell.Owner(&kafka.Member{ID: c.ID, ClientID: c.ClientID, Host: c.Host, InstanceID: c.InstanceID})
}

// stormDetail is what is shown of the selected group below the list.
func (m *Model) stormDetail(e *pane.Env, w int) [][]component.Cell {
	s := m.storms.Current()
	if s == nil {
		return nil
	}
	out := [][]component.Cell{
		{{Text: strings.Repeat(e.Theme.Glyphs.Horizontal, max(w, 0)), Tok: theme.Border}},
		{{Text: " " + cell.Name(s.Group), Tok: theme.Accent}, {Text: "  " + stormSum(e, s)}},
	}
	var all []string
	for i := range s.Churn {
		all = append(all, churner(&s.Churn[i])+" "+e.Theme.Glyphs.Times+strconv.Itoa(s.Churn[i].Times))
	}
	text := "nobody came or went"
	if len(all) > 0 {
		text = "came or went most: " + strings.Join(all, ", ")
	}
	for _, l := range cell.Wrap(text, max(w-2, 1)) {
		out = append(out, []component.Cell{{Text: " " + l}})
	}
	out = out[:min(len(out), detailLines-1)]
	return append(out, []component.Cell{{Text: " enter: its timeline", Tok: theme.Muted}})
}

// stormSum is a storm in one sentence.
func stormSum(e *pane.Env, s *timeline.Storm) string {
	text := fmt.Sprintf("%s%s in %s, not Stable for %s (%s); %d of %d: %s", atLeast(e, s), human.Plural(s.Rebalances, "rebalance"), human.Span(s.Span),
		human.Duration(s.Unstable), share(e, s), s.Causes, s.Rebalances, safe.Line(string(s.Cause)))
	if s.Unclear > 0 {
		text += fmt.Sprintf("; how long %d took is not known", s.Unclear)
	}
	return text
}

func stormText(e *pane.Env, s *timeline.Storm) string {
	return cell.Name(s.Group) + "  " + stormSum(e, s) + "  " + human.Plural(s.Moved, "partition") + " moved"
}

// Enter goes from the sums to the timeline of the selected group.
func (m *Model) Enter(e *pane.Env) {
	if m.storm && m.storms.Current() != nil {
		_, _ = m.Do(e, command.Next)
	}
}

// stormFields answers the filter for a group.
type stormFields struct{ s *timeline.Storm }

func (f stormFields) Number(field string) kafka.Known[float64] {
	switch field {
	case "moved":
		return kafka.Some(float64(f.s.Moved))
	case "perhour":
		return kafka.Some(f.s.PerHour())
	case "unstable":
		return kafka.Some(100 * f.s.Share())
	}
	return kafka.Known[float64]{}
}

func (f stormFields) Texts(field string) iter.Seq[string] {
	var out []string
	switch field {
	case "":
		out = []string{f.s.Group, string(f.s.Cause)}
	case "group":
		out = []string{f.s.Group}
	case "cause":
		out = []string{string(f.s.Cause)}
	case "member":
		for _, c := range f.s.Churn {
			out = append(out, c.ClientID, c.Host, c.InstanceID)
		}
	}
	return slices.Values(out)
}
