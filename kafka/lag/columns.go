package lag

import (
	"sort"
	"time"
)

// columns holds the samples of every series on one time axis: a row is a poll, a cell of the row
// belongs to a series by its slot. Thinning drops whole rows, so a series costs four bytes a row
// and nothing else, and any sample is read without decoding its neighbours.
//
// A cell is an offset from the slot's base; the series moves its base when a value does not fit.
type columns struct {
	rows  []row // oldest first
	base  []int64
	born  []uint32 // by slot: the first row whose cell belongs to the present series
	free  []int32
	spare [][]uint32 // cells of dropped rows, to be used again
	seq   uint32     // of the newest row
	tiers []Tier
}

type row struct {
	at    int64 // unix nanoseconds
	seq   uint32
	cells []uint32 // shorter than base in rows older than the newest slots
}

const (
	gap    uint32 = 0       // no sample
	middle int64  = 1 << 31 // the cell of a value that equals the base
	most   int64  = 1<<32 - 1
)

// begin opens a row; at must be after that of the newest row.
func (c *columns) begin(at int64) {
	c.thin(at)
	c.seq++
	c.rows = append(c.rows, row{at: at, seq: c.seq, cells: c.blank()})
}

// blank is a row of gaps, from a dropped row where one is large enough.
func (c *columns) blank() []uint32 {
	n := len(c.base)
	for len(c.spare) > 0 {
		last := len(c.spare) - 1
		cells := c.spare[last]
		c.spare[last] = nil
		c.spare = c.spare[:last]
		if cap(cells) >= n {
			cells = cells[:n]
			clear(cells)
			return cells
		}
	}
	return make([]uint32, n, n+n/16+16)
}

// thin drops the rows that their age no longer entitles to be kept.
func (c *columns) thin(now int64) {
	if len(c.rows) == 0 {
		return
	}
	kept := c.rows[:0]
	for i, r := range c.rows {
		step, live := c.step(time.Duration(now - r.at))
		between := i+1 < len(c.rows) && len(kept) > 0
		if !live || between && c.rows[i+1].at-kept[len(kept)-1].at <= int64(step) {
			if len(c.spare) < 2 {
				c.spare = append(c.spare, r.cells)
			}
			continue
		}
		kept = append(kept, r)
	}
	clear(c.rows[len(kept):])
	c.rows = kept
}

// step is how far apart rows of an age are kept; live is false for those older than every tier.
func (c *columns) step(age time.Duration) (step time.Duration, live bool) {
	for _, t := range c.tiers {
		if age <= t.Age {
			return t.Step, true
		}
	}
	return 0, false
}

// take gives a slot to a new series.
func (c *columns) take() int32 {
	if n := len(c.free); n > 0 {
		slot := c.free[n-1]
		c.free = c.free[:n-1]
		c.restart(slot)
		return slot
	}
	c.base = append(c.base, 0)
	c.born = append(c.born, c.seq)
	newest := &c.rows[len(c.rows)-1]
	newest.cells = append(newest.cells, gap)
	return int32(len(c.base) - 1) //nolint:gosec // slots are counted in thousands
}

// release takes the slot back from a series that vanished.
func (c *columns) release(slot int32) {
	c.restart(slot)
	c.free = append(c.free, slot)
}

// restart forgets the series' samples; its next one may have any value.
func (c *columns) restart(slot int32) {
	c.born[slot] = c.seq
	c.rows[len(c.rows)-1].cells[slot] = gap
}

// put samples v in the newest row.
func (c *columns) put(slot int32, v int64) {
	newest := &c.rows[len(c.rows)-1]
	if c.born[slot] == c.seq {
		c.base[slot] = v
	}
	cell := v - c.base[slot] + middle
	if cell <= int64(gap) || cell > most {
		c.rebase(slot, v)
		cell = middle
	}
	newest.cells[slot] = uint32(cell) //nolint:gosec // within 1 to most
}

// rebase moves the slot's base to v. Samples more than two thousand million away become gaps.
func (c *columns) rebase(slot int32, v int64) {
	shift := v - c.base[slot]
	c.base[slot] = v
	for i := range c.rows {
		cells := c.rows[i].cells
		if int(slot) >= len(cells) || cells[slot] == gap {
			continue
		}
		if moved := int64(cells[slot]) - shift; moved > int64(gap) && moved <= most {
			cells[slot] = uint32(moved)
		} else {
			cells[slot] = gap
		}
	}
}

// get reads a sample; ok is false for a gap and for a row older than the series.
func (c *columns) get(i int, slot int32) (v int64, ok bool) {
	r := &c.rows[i]
	if !c.has(r, slot) {
		return 0, false
	}
	return int64(r.cells[slot]) - middle + c.base[slot], true
}

// has tells whether a slot was sampled in a row.
func (c *columns) has(r *row, slot int32) bool {
	return int(slot) < len(r.cells) && r.cells[slot] != gap && r.seq >= c.born[slot]
}

// from is the index of the first row that is not older than at.
func (c *columns) from(at int64) int {
	return sort.Search(len(c.rows), func(i int) bool { return c.rows[i].at >= at })
}

// first is the oldest sample of a slot in the rows from i on, its row -1 when there is none.
func (c *columns) first(i int, slot int32) (at int, v int64) {
	for ; i < len(c.rows); i++ {
		if v, ok := c.get(i, slot); ok {
			return i, v
		}
	}
	return -1, 0
}

// last is the newest sample of a slot in the rows from i on, its row -1 when there is none.
func (c *columns) last(i int, slot int32) (at int, v int64) {
	for k := len(c.rows) - 1; k >= i; k-- {
		if v, ok := c.get(k, slot); ok {
			return k, v
		}
	}
	return -1, 0
}

// rate is the change a second of a slot between its oldest and newest sample in the rows from i on.
func (c *columns) rate(i int, slot int32) (perSecond float64, ok bool) {
	a, va := c.first(i, slot)
	if a < 0 {
		return 0, false
	}
	b, vb := c.last(a+1, slot)
	if b < 0 {
		return 0, false
	}
	return float64(vb-va) / time.Duration(c.rows[b].at-c.rows[a].at).Seconds(), true
}
