package tail

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	kafkatail "lagtop/kafka/tail"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	"lagtop/ui/pane/panetest"
)

// kept is a source with records in it that a test adds and drops.
type kept struct {
	state   kafkatail.State
	topic   string
	entries []kafkatail.Entry
	parts   []kafkatail.Partition
	looked  int // records that were handed out
}

func (k *kept) State() kafkatail.State {
	s := k.state
	s.Kept = len(k.entries)
	if s.Kept > 0 {
		s.First, s.Last = k.entries[0].Seq, k.entries[s.Kept-1].Seq
	}
	return s
}

func (k *kept) Spec() kafkatail.Spec {
	return kafkatail.Spec{Reads: []kafka.ReadSpec{{Topic: k.topic}}}
}
func (k *kept) Partitions() []kafkatail.Partition { return k.parts }
func (k *kept) Pause()                            { k.state.Paused, k.state.Phase = true, kafkatail.Paused }
func (k *kept) Resume()                           { k.state.Paused, k.state.Phase = false, kafkatail.Following }

func (k *kept) Window(last uint64, n int) []kafkatail.Entry {
	st := k.State()
	n = min(n, st.Kept)
	if n <= 0 {
		return nil
	}
	last = min(max(last, st.First+uint64(n)-1), st.Last)
	k.looked += n
	return k.entries[last-uint64(n)+1-st.First : last-st.First+1]
}

func (k *kept) Entry(seq uint64) (kafkatail.Entry, bool) {
	st := k.State()
	if seq < st.First || seq > st.Last || st.Kept == 0 {
		return kafkatail.Entry{}, false
	}
	return k.entries[seq-st.First], true
}

// add appends records with these values, one in three partitions after the other.
func (k *kept) add(values ...string) {
	for _, v := range values {
		seq := uint64(1)
		if n := len(k.entries); n > 0 {
			seq = k.entries[n-1].Seq + 1
		}
		k.entries = append(k.entries, entry(k.topic, seq, v))
	}
}

func (k *kept) drop(n int) { k.entries = k.entries[n:] }

func entry(topic string, seq uint64, value string) kafkatail.Entry {
	e := kafkatail.Entry{Seq: seq, ValueSize: len(value), Record: kafka.Record{
		TopicPartition: kafka.TopicPartition{Topic: topic, Partition: int32(seq % 3)},
		Offset:         1_284_300 + int64(seq), Timestamp: panetest.Now().Add(-time.Duration(1000-seq) * time.Millisecond),
		Key: fmt.Appendf(nil, "order-%d", 900+seq), Value: []byte(value),
	}}
	e.KeySize = len(e.Key)
	return e
}

func following() *kept {
	return &kept{topic: "orders", state: kafkatail.State{Phase: kafkatail.Following, Partitions: 3, Rate: kafka.Some(1800.0)}}
}

// numbered are n values that say their sequence number.
func numbered(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(`{"level":"info","n":%d}`, i+1)
	}
	return out
}

func show(t *testing.T, k *kept) (*Model, *pane.Env) {
	t.Helper()
	m, e := New(), panetest.Env(t, panetest.Typical())
	m.Show(k, k.topic)
	m.Refresh(e)
	m.View(e, 100, 5, true)
	return m, e
}

func do(t *testing.T, m *Model, e *pane.Env, ids ...command.ID) {
	t.Helper()
	for _, id := range ids {
		if _, ok := m.Do(e, id); !ok {
			t.Fatalf("%s is not known", id)
		}
	}
}

// seqs are the sequence numbers on screen, the one under the cursor in brackets.
func seqs(m *Model) string {
	var out []string
	top, cursor := m.position()
	for i := top; i < min(top+m.rows, m.lines()); i++ {
		s := fmt.Sprint(m.seq(i))
		if i == cursor {
			s = "[" + s + "]"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func check(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func note(m *Model, e *pane.Env) string {
	_, n := m.Head(e)
	return n
}

func TestFollowsTheNewestRecord(t *testing.T) {
	k := following()
	k.add(numbered(8)...)
	m, e := show(t, k)
	check(t, "first", seqs(m), "4 5 6 7 [8]")
	k.add("nine")
	m.Refresh(e)
	check(t, "next", seqs(m), "5 6 7 8 [9]")
	if cur, ok := m.Current(); !ok || string(cur.Value) != "nine" {
		t.Errorf("current %q %v", cur.Value, ok)
	}
	check(t, "note", note(m, e), "following · showing 1 of 36 · 3 partitions · 1.8k/s")
}

func TestMovementLeavesFollowingAndKeepsThePlace(t *testing.T) {
	k := following()
	k.add(numbered(8)...)
	m, e := show(t, k)
	do(t, m, e, command.Up)
	check(t, "up", seqs(m), "4 5 6 [7] 8")
	k.add(numbered(100)...)
	m.Refresh(e)
	check(t, "while records arrive", seqs(m), "4 5 6 [7] 8")
	check(t, "note", note(m, e), "following · G follows · 3 partitions · 1.8k/s")
	do(t, m, e, command.PageUp)
	check(t, "page up", seqs(m), "[3] 4 5 6 7")
	do(t, m, e, command.First)
	check(t, "first", seqs(m), "[1] 2 3 4 5")
	do(t, m, e, command.PageDown, command.Down)
	check(t, "down", seqs(m), "2 3 4 5 [6]")
	k.drop(20)
	m.Refresh(e)
	check(t, "the place is gone", seqs(m), "[21] 22 23 24 25")
	do(t, m, e, command.Last)
	check(t, "last", seqs(m), "104 105 106 107 [108]")
	k.add("x")
	m.Refresh(e)
	check(t, "follows again", seqs(m), "105 106 107 108 [109]")
}

func TestClickAndWheelLeaveFollowing(t *testing.T) {
	k := following()
	k.add(numbered(20)...)
	m, e := show(t, k)
	m.Click(e, 3, 1)
	check(t, "click", seqs(m), "16 [17] 18 19 20")
	m.Wheel(e, -3)
	check(t, "wheel", seqs(m), "13 14 15 16 [17]")
	m.Wheel(e, -99)
	check(t, "to the top", seqs(m), "1 2 3 4 [5]")
	m.Wheel(e, 99)
	check(t, "to the bottom", seqs(m), "[16] 17 18 19 20")
	m.Click(e, 3, 99)
	check(t, "click beside", seqs(m), "[16] 17 18 19 20")
}

func TestPauseSaysWhatWaits(t *testing.T) {
	k := following()
	k.add("a")
	k.parts = []kafkatail.Partition{
		{TopicPartition: panetest.TP("orders", 0), Next: kafka.Some[int64](912_300), End: kafka.Some[int64](912_300)}, // the snapshot knows 912,400
		{TopicPartition: panetest.TP("orders", 1), Next: kafka.Some[int64](879_886), End: kafka.Some[int64](879_900)}, // 880,000
		{TopicPartition: panetest.TP("orders", 99), Next: kafka.Some[int64](5), End: kafka.Some[int64](9)},
	}
	m, e := show(t, k)
	do(t, m, e, command.Pause)
	check(t, "paused", note(m, e), "paused · 218 waiting · 3 partitions")
	do(t, m, e, command.Pause)
	check(t, "resumed", note(m, e), "following · 3 partitions · 1.8k/s")
}

func TestNoteSaysWhatIsMissing(t *testing.T) {
	k := following()
	k.add(numbered(5)...)
	k.state.Failing, k.state.Dropped, k.state.Skipped, k.state.Corrupt = 1, 7, 1500, 2
	m, e := show(t, k)
	check(t, "note", note(m, e), "following · 1 failing · 3 partitions · 1.8k/s · 2 corrupt batches · newest 5 kept · 1.5k gone unread")
	k.state.Err = errors.New("Fetch orders/2: cannot be read\x1b[2J from offset 80 on")
	m.Refresh(e)
	check(t, "why", note(m, e), `following · 1 failing: Fetch orders/2: cannot be read\x1b[2J from offset 80 on · 3 partitions · 1.8k/s · 2 corrupt batches · newest 5 kept · 1.5k gone unread`)
	k.state.Phase, k.state.Err = kafkatail.Failed, errors.New("Fetch orders: TOPIC\x1b[31m_AUTHORIZATION_FAILED")
	k.state.Dropped, k.state.Skipped, k.state.Corrupt, k.state.Rate = 0, 0, 0, kafka.Known[float64]{}
	m.Refresh(e)
	check(t, "note", note(m, e), `failed: Fetch orders: TOPIC\x1b[31m_AUTHORIZATION_FAILED · 3 partitions`)
}

func TestScrollsSidewaysNoFurtherThanTheText(t *testing.T) {
	k := following()
	k.add("0123456789abcdefghijklmnopqrstuvwxyz")
	m, e := show(t, k)
	view := func() string { return strings.TrimSpace(panetest.Screen(m.View(e, 70, 1, false))) }
	check(t, "unscrolled", view(), "14:02:10.001       orders/1@1284301 order-901 0123456789abcdefghijklm…")
	do(t, m, e, command.Right)
	check(t, "scrolled", view(), "14:02:10.001       orders/1@1284301 order-901 ghijklmnopqrstuvwxyz")
	do(t, m, e, command.Right)
	check(t, "no further", view(), "14:02:10.001       orders/1@1284301 order-901 ghijklmnopqrstuvwxyz")
	do(t, m, e, command.Left, command.Left)
	check(t, "back", view(), "14:02:10.001       orders/1@1284301 order-901 0123456789abcdefghijklm…")
}

func TestSaysWhyThereIsNothing(t *testing.T) {
	m, e := New(), panetest.Env(t, panetest.Typical())
	first := func() string { return strings.TrimSpace(panetest.Screen(m.View(e, 90, 2, true))) }
	m.Refresh(e)
	check(t, "no topic", first(), "nothing is followed: select a topic, t follows it")
	e.Focus.Topic = "orders\n"
	check(t, "no source", first(), `t follows orders\n`)
	k := &kept{topic: "orders"}
	m.Show(k, "orders")
	for _, c := range []struct {
		state kafkatail.State
		want  string
	}{
		{kafkatail.State{Phase: kafkatail.Starting}, "looking for the place to begin"},
		{kafkatail.State{Phase: kafkatail.CaughtUp}, "no record yet: following from the end, f begins elsewhere"},
		{kafkatail.State{Phase: kafkatail.Paused, Paused: true}, "paused before the first record, p goes on"},
		{kafkatail.State{Phase: kafkatail.Failed, Err: errors.New("dial 10.0.0.1:9092: refused")}, "✖ dial 10.0.0.1:9092: refused, trying again"},
	} {
		k.state = c.state
		m.Refresh(e)
		check(t, c.state.Phase.String(), first(), c.want)
	}
}

func TestNothingPanicsWithoutRecordsOrRoom(t *testing.T) {
	for _, k := range []*kept{nil, {}, following()} {
		m, e := New(), panetest.Env(t, panetest.Waiting())
		if k != nil {
			k.add("x")
			m.Show(k, "orders")
		}
		m.Refresh(e)
		for _, z := range [][2]int{{0, 0}, {0, 3}, {1, 1}, {7, 2}, {30, 1}, {100, 0}} {
			panetest.Exact(t, m.View(e, z[0], z[1], true), z[0], z[1])
		}
		do(t, m, e, command.Up, command.Down, command.PageUp, command.PageDown, command.First, command.Last,
			command.Left, command.Right, command.Pause, command.Pause)
		m.Click(e, 0, 0)
		m.Wheel(e, 3)
		m.Copy(e)
		m.Current()
		if _, ok := m.Do(e, command.Sort); ok {
			t.Error("a tail has one order")
		}
	}
}

func TestCopyIsTheWholeLine(t *testing.T) {
	k := following()
	k.add(strings.Repeat("x", 10_000) + "\x1b]0;")
	m, e := show(t, k)
	want := "14:02:10.001 orders/1@1284301 order-901 " + strings.Repeat("x", 10_000) + `\x1b]0;`
	if got := m.Copy(e); got != want {
		t.Errorf("%d bytes: %.80s", len(got), got)
	}
}
