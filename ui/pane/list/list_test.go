package list

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/component/filter"
	"lagtop/ui/pane"
	"lagtop/ui/pane/panetest"
	"lagtop/ui/pane/steady"
)

// item is a row of the list under test.
type item struct {
	name string
	size int
}

func (i item) Texts(string) iter.Seq[string] { return slices.Values([]string{i.name}) }

func (i item) Number(string) kafka.Known[float64] { return kafka.Some(float64(i.size)) }

func newList() *List[item] {
	return New(Spec[item]{
		Columns: []component.Column{{Title: "NAME", Width: 10, Grow: 1}, {Title: "SIZE", Width: 5, Right: true}},
		Empty:   "nothing here",
		Key:     func(i *item) string { return i.name },
		Cells: func(_ *pane.Env, i *item, c []component.Cell) {
			c[0].Text, c[1].Text = i.name, strconv.Itoa(i.size)
		},
		Orders: []Order[item]{
			{Name: "by size", Column: 1, Desc: true, Less: func(a, b *item) bool { return a.size > b.size }},
			{Name: "by name", Column: 0, Less: func(a, b *item) bool { return cmp.Less(a.name, b.name) }},
		},
		Fields: filter.Fields{"size": filter.Number, "name": filter.Text},
		Row:    func(i *item) filter.Row { return *i },
	})
}

func items() []item { return []item{{"apple", 3}, {"banana", 9}, {"cherry", 5}, {"date", 1}} }

func shown(t *testing.T, rows []item) (*List[item], *pane.Env) {
	t.Helper()
	l, e := newList(), panetest.Env(t, panetest.Empty())
	l.Show(e, rows)
	l.View(e, 30, 10, true)
	return l, e
}

// names are the rows in their order, the one under the cursor in brackets.
func names(l *List[item]) string {
	var out []string
	for i := range l.Len() {
		n := l.Key(i)
		if l.Current() != nil && l.Current().name == n {
			n = "[" + n + "]"
		}
		out = append(out, n)
	}
	return strings.Join(out, " ")
}

func check(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func do(t *testing.T, l *List[item], e *pane.Env, ids ...command.ID) {
	t.Helper()
	for _, id := range ids {
		if _, ok := l.Do(e, id); !ok {
			t.Fatalf("%s is not known", id)
		}
	}
}

func TestRowsAreSortedByTheFirstOrder(t *testing.T) {
	l, _ := shown(t, items())
	check(t, "rows", names(l), "[banana] cherry apple date")
	check(t, "note", l.Note(), "4, by size")
}

func TestSortAndReverseKeepTheCursorOnItsRow(t *testing.T) {
	l, e := shown(t, items())
	do(t, l, e, command.Down)
	do(t, l, e, command.Sort)
	check(t, "by name", names(l), "apple banana [cherry] date")
	do(t, l, e, command.Reverse)
	check(t, "reversed", names(l), "date [cherry] banana apple")
	check(t, "note", l.Note(), "4, by name, reversed")
	do(t, l, e, command.Sort)
	check(t, "round, the natural way", names(l), "banana [cherry] apple date")
}

func TestOrderStaysWhileThePersonMoves(t *testing.T) {
	l, e := shown(t, items())
	do(t, l, e, command.Down)
	rows := items()
	rows[3].size = 100 // date is the largest now
	rows = append(rows, item{"elder", 50})
	e.Now = e.Now.Add(steady.Pause - 1)
	l.Show(e, rows)
	check(t, "while moving", names(l), "banana [cherry] apple date elder")
	e.Now = e.Now.Add(1)
	l.Show(e, rows)
	check(t, "after a rest", names(l), "date elder banana [cherry] apple")
}

func TestEveryMovementHoldsTheOrder(t *testing.T) {
	for name, move := range map[string]func(*List[item], *pane.Env){
		"down":      func(l *List[item], e *pane.Env) { l.Do(e, command.Down) },
		"page down": func(l *List[item], e *pane.Env) { l.Do(e, command.PageDown) },
		"last":      func(l *List[item], e *pane.Env) { l.Do(e, command.Last) },
		"click":     func(l *List[item], e *pane.Env) { l.Click(e, 1, 2) },
		"wheel":     func(l *List[item], e *pane.Env) { l.Wheel(e, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			l, e := shown(t, items())
			move(l, e)
			rows := items()
			rows[3].size = 100
			l.Show(e, rows)
			if got := strings.NewReplacer("[", "", "]", "").Replace(names(l)); got != "banana cherry apple date" {
				t.Errorf("rows %q", got)
			}
		})
	}
}

func TestSortingEndsTheHold(t *testing.T) {
	l, e := shown(t, items())
	do(t, l, e, command.Down, command.Sort)
	rows := items()
	rows[0].name = "zebra"
	l.Show(e, rows)
	check(t, "rows", names(l), "banana [cherry] date zebra")
}

func TestEqualRowsStandAsInTheSnapshot(t *testing.T) {
	rows := []item{{"c", 1}, {"a", 1}, {"b", 1}}
	l, e := shown(t, rows)
	do(t, l, e, command.Sort, command.Sort)
	check(t, "at once", names(l), "[c] a b")
	l.Show(e, rows)
	check(t, "later", names(l), "[c] a b")
}

func TestAnotherFilterEndsTheHold(t *testing.T) {
	l, e := shown(t, items())
	_ = l.SetFilter("a")
	l.Show(e, items())
	do(t, l, e, command.Down)
	_ = l.SetFilter("")
	l.Show(e, items())
	check(t, "rows", names(l), "banana cherry [apple] date")
}

func TestCursorGoesToTheNearestRowWhenItsOwnIsGone(t *testing.T) {
	l, e := shown(t, items())
	do(t, l, e, command.Last)
	l.Show(e, items()[:2])
	check(t, "rows", names(l), "banana [apple]")
	l.Show(e, nil)
	if l.Current() != nil {
		t.Error("a row is selected where there are none")
	}
	check(t, "screen", strings.TrimSpace(strings.Split(panetest.Screen(l.View(e, 30, 3, true)), "\n")[1]), "nothing here")
}

func TestSelectKey(t *testing.T) {
	l, _ := shown(t, items())
	if !l.SelectKey("date") || l.Current().name != "date" {
		t.Errorf("rows %q", names(l))
	}
	if l.SelectKey("fig") || l.Current().name != "date" {
		t.Errorf("rows %q after a name that is not there", names(l))
	}
}

func TestFilterIsInTheNote(t *testing.T) {
	l, e := shown(t, items())
	if err := l.SetFilter("size:>3 "); err != nil {
		t.Fatal(err)
	}
	l.Show(e, items())
	check(t, "rows", names(l), "[banana] cherry")
	check(t, "note", l.Note(), "2 of 4  /size:>3")
	check(t, "filter", l.Filter(), "size:>3")
	if err := l.SetFilter(""); err != nil {
		t.Fatal(err)
	}
	l.Show(e, items())
	check(t, "note", l.Note(), "4, by size")
}

func TestFilterWithAnUnknownFieldNamesItAndChangesNothing(t *testing.T) {
	l, e := shown(t, items())
	if err := l.SetFilter("an"); err != nil {
		t.Fatal(err)
	}
	err := l.SetFilter("an colour:red")
	if err == nil || !strings.Contains(err.Error(), `"colour"`) || !strings.Contains(err.Error(), "size:") {
		t.Errorf("error %v", err)
	}
	l.Show(e, items())
	check(t, "rows", names(l), "[banana]")
	check(t, "filter", l.Filter(), "an")
}

func TestMovementBeforeTheFirstRows(t *testing.T) {
	l, e := newList(), panetest.Env(t, panetest.Empty())
	l.Click(e, 1, 1)
	l.Wheel(e, 2)
	do(t, l, e, command.Up, command.Down, command.PageUp, command.PageDown, command.First, command.Last, command.Sort, command.Reverse)
	do(t, l, e, command.Down)
	l.Show(e, items())
	if l.Len() != 4 || l.Current() == nil {
		t.Errorf("rows %q", names(l))
	}
	if _, ok := l.Do(e, command.Kick); ok {
		t.Error("a list kicks nobody")
	}
}

func TestHoldEndsByItself(t *testing.T) {
	l, e := shown(t, items())
	do(t, l, e, command.Down)
	rows := items()
	rows[0].size = 7
	for range 4 {
		e.Now = e.Now.Add(time.Second)
		l.Show(e, rows)
	}
	check(t, "rows", names(l), "banana apple [cherry] date")
}
