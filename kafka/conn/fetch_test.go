package conn

import (
	"math"
	"testing"

	"lagtop/kafka"
)

func TestFirstPlaceIsInTheLog(t *testing.T) {
	const start, end = 100, 200
	for _, c := range []struct {
		seek  kafka.Seek
		at    int64
		asked int64
		next  int64
	}{
		{kafka.Seek{}, 0, end, end},
		{kafka.Seek{Kind: kafka.SeekStart}, 0, start, start},
		{kafka.Seek{Kind: kafka.SeekOffset, Offset: 150}, 0, 150, 150},
		{kafka.Seek{Kind: kafka.SeekOffset, Offset: 200}, 0, 200, 200},
		{kafka.Seek{Kind: kafka.SeekOffset, Offset: 7}, 0, 7, start},
		{kafka.Seek{Kind: kafka.SeekOffset, Offset: -5}, 0, -5, start},
		{kafka.Seek{Kind: kafka.SeekOffset, Offset: 999}, 0, 999, end},
		{kafka.Seek{Kind: kafka.SeekTime}, 170, 170, 170},
		{kafka.Seek{Kind: kafka.SeekTime}, -1, end, end},
		{kafka.Seek{Kind: kafka.SeekLast, Offset: 30}, 0, 170, 170},
		{kafka.Seek{Kind: kafka.SeekLast, Offset: math.MaxInt64}, 0, start, start},
		{kafka.Seek{Kind: kafka.SeekLast, Offset: -3}, 0, end, end},
	} {
		if asked, next := first(c.seek, start, end, c.at); asked != c.asked || next != c.next {
			t.Errorf("%+v: asked %d, next %d; want %d, %d", c.seek, asked, next, c.asked, c.next)
		}
	}
}

func TestPlaceAfterTheOldOneWasLost(t *testing.T) {
	for _, c := range []struct{ next, start, end, want int64 }{
		{50, 100, 200, 100}, // retention
		{300, 0, 20, 0},     // made anew
		{150, 100, 200, 150},
		{200, 100, 200, 200},
	} {
		if got := again(c.next, c.start, c.end); got != c.want {
			t.Errorf("again(%d, %d, %d) = %d, want %d", c.next, c.start, c.end, got, c.want)
		}
	}
}
