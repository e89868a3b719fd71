package alert

import (
	"fmt"
	"strings"
	"time"
)

// Quiet is a time of the week in which nobody is told anything, by the clock on the wall: where the
// clock is set forward or back, it lasts an hour less or more.
type Quiet struct {
	Days [7]bool       // by time.Weekday; a time across midnight belongs to the day on which it begins
	From time.Duration // since midnight
	To   time.Duration // at or below From: on the next day
}

const day = 24 * time.Hour

// Contains tells whether t, in its own location, lies in the quiet time. From belongs to it, To does not.
func (q Quiet) Contains(t time.Time) bool {
	h, m, s := t.Clock()
	at := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
	today, yesterday := q.Days[t.Weekday()], q.Days[(t.Weekday()+6)%7]
	if q.From < q.To {
		return today && at >= q.From && at < q.To
	}
	return today && at >= q.From || yesterday && at < q.To
}

var dayNames = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// ParseQuiet reads "22:00-07:00", "mon-fri 22:00-07:00", "sat,sun" or "fri-mon 20:00-24:00". Without
// hours it is whole days, without days every day.
func ParseQuiet(text string) (Quiet, error) {
	q := Quiet{To: day}
	words := strings.Fields(strings.ToLower(text))
	if n := len(words); n == 0 || n > 2 {
		return Quiet{}, fmt.Errorf("quiet time %q: write it like mon-fri 22:00-07:00", text)
	}
	if last := words[len(words)-1]; strings.Contains(last, ":") {
		var err error
		if q.From, q.To, err = parseHours(last); err != nil {
			return Quiet{}, fmt.Errorf("quiet time %q: %w", text, err)
		}
		words = words[:len(words)-1]
	}
	switch len(words) {
	case 0:
		q.Days = [7]bool{true, true, true, true, true, true, true}
	case 1:
		if err := parseDays(&q.Days, words[0]); err != nil {
			return Quiet{}, fmt.Errorf("quiet time %q: %w", text, err)
		}
	default:
		return Quiet{}, fmt.Errorf("quiet time %q: %q is not a time like 22:00-07:00", text, words[1])
	}
	return q, nil
}

func parseHours(text string) (from, to time.Duration, err error) {
	a, b, _ := strings.Cut(text, "-")
	if from, err = parseClock(a); err != nil {
		return 0, 0, err
	}
	if to, err = parseClock(b); err != nil {
		return 0, 0, err
	}
	if from == to || from == day {
		return 0, 0, fmt.Errorf("%q is no time at all; leave the hours out for whole days", text)
	}
	return from, to, nil
}

func parseClock(text string) (time.Duration, error) {
	if text == "24:00" {
		return day, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a time from 00:00 to 24:00", text)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

func parseDays(days *[7]bool, text string) error {
	for _, span := range strings.Split(text, ",") {
		a, b, isSpan := strings.Cut(span, "-")
		first, ok := dayOf(a)
		last := first
		if ok && isSpan {
			last, ok = dayOf(b)
		}
		if !ok {
			return fmt.Errorf("%q is not a day; the days are mon tue wed thu fri sat sun", span)
		}
		for d := first; ; d = (d + 1) % 7 {
			days[d] = true
			if d == last {
				break
			}
		}
	}
	return nil
}

func dayOf(name string) (int, bool) {
	for i, d := range dayNames {
		if d == name {
			return i, true
		}
	}
	return 0, false
}
