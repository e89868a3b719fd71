package cli

import (
	"bufio"
	"strconv"

	"lagtop/kafka"
	"lagtop/kafka/safe"
)

// lagCells are one line of the table.
type lagCells [13]string

var lagHead = lagCells{"GROUP", "TYPE", "STATE", "MEMBERS", "LAG", "TOPIC", "PARTITION", "START", "END", "COMMITTED", "LAG", "CLIENT", "HOST"}

// writeLagTable writes one line a partition; a group without any has one line. The lines are made twice,
// first for the widths, because keeping them takes several times the memory of the snapshot. Errors stay
// in w.
func writeLagTable(w *bufio.Writer, groups []*kafka.Group) {
	var wide [len(lagHead)]int
	eachLagLine(groups, func(c *lagCells) {
		for i := range c {
			wide[i] = max(wide[i], safe.Width(c[i]))
		}
	})
	eachLagLine(groups, func(c *lagCells) {
		for i := range c {
			_, _ = w.WriteString(c[i])
			for n := safe.Width(c[i]); i < len(c)-1 && n < wide[i]+2; n++ {
				_ = w.WriteByte(' ')
			}
		}
		_ = w.WriteByte('\n')
	})
}

// eachLagLine calls do for the head and each line. The cells are safe, and do may not keep them.
func eachLagLine(groups []*kafka.Group, do func(*lagCells)) {
	c := lagHead
	do(&c)
	for _, g := range groups {
		c[0], c[1], c[2] = safe.Line(g.Name), safe.Line(string(g.Type)), safe.Line(string(g.State))
		c[3], c[4] = strconv.Itoa(len(g.Members)), totalText(g.Lag)
		if g.Unread() {
			c[3], c[4] = "-", "-"
		}
		if len(g.Partitions) == 0 {
			for i := 5; i < len(c); i++ {
				c[i] = "-"
			}
			do(&c)
		}
		for i := range g.Partitions {
			p := &g.Partitions[i]
			c[5], c[6] = safe.Line(p.Topic), strconv.Itoa(int(p.Partition))
			c[7], c[8], c[9], c[10] = number(p.Start), number(p.End), number(p.Committed), number(p.Lag)
			c[11], c[12] = "-", "-"
			if p.Owner.OK {
				m := &g.Members[p.Owner.V]
				c[11], c[12] = safe.Line(m.ClientID), safe.Line(m.Host)
			}
			do(&c)
		}
	}
}

// number is exact: the table is for scripts and tickets as much as for eyes.
func number(k kafka.Known[int64]) string {
	if !k.OK {
		return "-"
	}
	return strconv.FormatInt(k.V, 10)
}

func totalText(t kafka.Total) string {
	switch {
	case t.Unknown():
		return "-"
	case !t.Complete():
		return ">=" + strconv.FormatInt(t.V, 10)
	}
	return strconv.FormatInt(t.V, 10)
}
