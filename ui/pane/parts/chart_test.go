package parts

import (
	"testing"
	"time"

	"lagtop/kafka/human"
	"lagtop/ui/component/chart"
	"lagtop/ui/pane"
	"lagtop/ui/pane/panetest"
)

func TestWindowFitsWhatThereIs(t *testing.T) {
	for span, want := range map[time.Duration]time.Duration{
		0: 2 * time.Minute, 2 * time.Minute: 2 * time.Minute, 4 * time.Minute: 15 * time.Minute, 20 * time.Minute: 15 * time.Minute, 90 * time.Minute: 2 * time.Hour, 9 * time.Hour: 2 * time.Hour,
	} {
		if got := Fit(span).Duration(); got != want {
			t.Errorf("%v: %v, want %v", span, got, want)
		}
	}
	var w Window
	w.Move(-1)
	if w.Duration() != 2*time.Minute {
		t.Errorf("below the shortest: %v", w.Duration())
	}
	for range 5 {
		w.Move(1)
	}
	if w.Duration() != 2*time.Hour {
		t.Errorf("above the longest: %v", w.Duration())
	}
}

func TestChartsWithoutRoomAreLeftOut(t *testing.T) {
	e := panetest.Env(t, panetest.Typical())
	a := chart.Span(e.Theme, panetest.Now(), 2*time.Minute, 40)
	for h := range 30 {
		first, second := &chart.Chart{Title: "first", Word: human.Number}, &chart.Chart{Title: "second", Word: human.Number}
		lines := Charts(e.Theme, &a, 40, h, first, second)
		panetest.Exact(t, lines, 40, h)
	}
}

func TestADrawnChartIsKeptUntilSomethingChanges(t *testing.T) {
	s := panetest.Typical()
	e := panetest.Env(t, s)
	e.History = panetest.Past(s)
	var d Drawn[string]
	drawn := 0
	view := func(what string, w Window, width int, e *pane.Env) {
		d.View(e, what, w, width, 9, func(*chart.Axis) []*chart.Chart {
			drawn++
			return []*chart.Chart{{Word: human.Number}}
		})
	}
	for i, change := range []func(){
		func() { view("a", Window{}, 40, e) },
		func() { view("b", Window{}, 40, e) },
		func() { view("b", Window{1}, 40, e) },
		func() { view("b", Window{1}, 41, e) },
		func() { e.History.Observe(panetest.Later(s, 2*time.Second)); view("b", Window{1}, 41, e) },
		func() { e.Theme = panetest.Env(t, s).Theme; view("b", Window{1}, 41, e) },
	} {
		change()
		e.Now = e.Now.Add(time.Second)
		view([]string{"a", "b"}[min(i, 1)], Window{min(i/2, 1)}, 40+i/3, e)
		if drawn != i+1 {
			t.Fatalf("after change %d drawn %d times", i, drawn)
		}
	}
}
