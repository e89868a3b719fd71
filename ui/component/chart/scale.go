package chart

import (
	"math"
	"strconv"
	"strings"

	"lagtop/kafka/human"
)

// scale is what the lowest and the highest dot of a plot mean.
type scale struct{ base, top float64 }

// scaleOf holds values from low to high between round numbers. It begins at 0 unless low is more than
// half of high, and spans at least a tenth of high, so that noise on a large number looks flat. No value
// lies at the top, nor at a base above 0.
func scaleOf(low, high float64) scale {
	high *= 1.01
	if low <= high/2 {
		return scale{0, round(high)}
	}
	unit := round(max(high-low, high/10))
	for {
		base := math.Floor((low-unit/8)/unit*2) * unit / 2
		if base+unit >= high {
			return scale{base, base + unit}
		}
		unit = round(unit * 1.01)
	}
}

// round is the next number of 1, 2, 3, 4, 5, 6 or 8 times a power of ten whose half is short, too.
func round(v float64) float64 {
	if v < 1e-9 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, n := range []float64{1, 2, 3, 4, 5, 6, 8} {
		if v <= n*power*(1+1e-9) {
			return n * power
		}
	}
	return 10 * power
}

// short words a round number with up to three digits in at most five cells.
func short(v float64) string {
	unit := -1
	const units = "kMGTPE"
	for v >= 999.5 && unit < len(units)-1 {
		v /= 1000
		unit++
	}
	if v >= 999.5 || math.IsNaN(v) {
		return human.None
	}
	text := strconv.FormatFloat(v, 'f', 2, 64)
	if v >= 10 {
		text = strconv.FormatFloat(v, 'f', 1, 64)
	}
	if v >= 100 {
		text = strconv.FormatFloat(v, 'f', 0, 64)
	}
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if unit >= 0 {
		text += units[unit : unit+1]
	}
	return text
}
