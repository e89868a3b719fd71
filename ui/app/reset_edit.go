package app

import (
	"fmt"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/offsets"
	"lagtop/ui/component"
)

// editOffset asks for another offset of the chosen partition. The plan is made again with it.
func (m *Model) editOffset(b *planBox) tea.Cmd {
	c := b.plan.Changes[b.Row()]
	if !c.Start.OK || !c.End.OK {
		m.toast(component.ToastWarn, "the ends of its log are not known: "+c.Err)
		return nil
	}
	value := c.After
	if !value.OK {
		value = c.Before
	}
	unknown := m.theme.Glyphs.Unknown
	text := ""
	if value.OK {
		text = strconv.FormatInt(value.V, 10)
	}
	f := component.NewForm("Offset for "+place(c.TopicPartition), component.Field{
		Name: toOffset, Label: "offset", Value: text,
		Hint: fmt.Sprintf("the log goes from %d to %d, the group is at %s; what is outside of the log is clamped", c.Start.V, c.End.V, offsetText(c.Before, unknown)),
		Check: func(v string) error {
			_, err := offsets.ParseOffset(strings.TrimSpace(v))
			return err
		},
	})
	f.Submit = "change the plan"
	m.overModal(&formBox{f, func(m *Model, f *component.Form) (tea.Cmd, bool) {
		at, err := offsets.ParseOffset(strings.TrimSpace(f.Value(toOffset)))
		if err == nil {
			err = b.edit(m, c.TopicPartition, int64(at))
		}
		if err != nil {
			f.Fail(toOffset, err)
			return nil, false
		}
		return m.ageAgain(b), true
	}})
	return nil
}

// edit makes the plan again with an offset that a person chose. What was typed to confirm it is forgotten.
func (b *planBox) edit(m *Model, tp kafka.TopicPartition, offset int64) error {
	plan, err := b.plan.With(tp, offset)
	if err != nil {
		return err
	}
	b.plan = plan
	if b.spec != nil {
		spec := b.spec.With(tp, offset)
		b.spec = &spec
	}
	b.edition++
	b.Opened = m.env.Now
	b.write(m)
	return nil
}
