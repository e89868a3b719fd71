package app

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/act"
	"lagtop/kafka/alert"
	"lagtop/kafka/audit"
	"lagtop/kafka/demo"
	"lagtop/kafka/doctor"
	"lagtop/kafka/timeline"
	"lagtop/ui/command"
	"lagtop/ui/pane/panetest"
)

// monkey presses keys and clicks without sense, while the cluster changes as it likes.
type monkey struct {
	*rig
	rnd   *rand.Rand
	world *world
	names []string
	w, h  int
	did   []string // newest last
}

// endless is a log that always has records of any content.
type endless struct{}

func (endless) Follow(ctx context.Context, spec kafka.ReadSpec, on func(kafka.ReadEvent)) {
	parts := spec.Partitions
	if len(parts) == 0 {
		parts = []int32{0, 1}
	}
	for _, p := range parts {
		tp := kafka.TopicPartition{Topic: spec.Topic, Partition: p}
		from, end := spec.From.Offset, spec.From.Offset+50
		on(kafka.ReadEvent{TopicPartition: tp, Kind: kafka.ReadBegan, From: from, Next: from, End: end})
		var rs []kafka.Record
		for i, v := range []string{"plain", "", `{"level":"error","msg":"a\u001b[2Jb","n":12.5}`, "\x1b]52;c;aGk=\x07", "level=warn msg=\"x y\"", "漢字かな\u202e", "\xff\xfe\x00"} {
			rs = append(rs, kafka.Record{TopicPartition: tp, Offset: from + int64(i), Timestamp: panetest.Now().Add(time.Duration(i-3) * time.Hour), Key: []byte(v), Value: []byte(v), Headers: []kafka.Header{{Key: v, Value: []byte(v)}}})
		}
		on(kafka.ReadEvent{TopicPartition: tp, Kind: kafka.ReadProgress, Records: rs, Next: end, End: end, CaughtUp: true})
	}
	<-ctx.Done()
}

func newMonkey(t *testing.T, seed uint64) *monkey {
	m := &monkey{rnd: rand.New(rand.NewPCG(seed, 7)), w: 120, h: 40}
	m.world = newWorld(kafka.StateEmpty)
	m.rig = newRig(t, m.snapshot(), m.world)
	s := &stage{scene: demo.Scene{}}
	m.deps.Stage, m.deps.Fleet, m.deps.Tailer = s, s, endless{}
	m.deps.Timeline = timeline.New(timeline.Options{})
	m.env.Timeline = m.deps.Timeline
	past := panetest.LongPast(panetest.Typical())
	m.deps.History, m.env.History = past, past
	m.lookup = newLookup(m.ctx, &facts{}, time.Now) // that of the bubble: others read it too
	m.deps.Clusters = []Cluster{{Name: "a"}, {Name: "b"}}
	file := audit.New(filepath.Join(t.TempDir(), "audit.jsonl"), m.src.snap.Cluster.ID)
	m.deps.Audit = func(string) act.Recorder { return file }
	m.deps.Trail = func(string) Trail { return file }
	m.do(m.openTrail())
	m.deps.Examine = func(context.Context, func(string)) doctor.Report { return doctor.Report{Name: "x"} }
	m.deps.Alerting.Rules = []alert.Rule{stalled()}
	m.alerts = alert.New(m.deps.Alerting.Rules)
	m.env.Lookup = m.lookup
	m.env.Stamps = newStamps(m.lookup, stamper{&facts{}})
	for _, c := range command.All() {
		if c.ID != command.Abort && c.ID != command.Refresh {
			m.names = append(m.names, c.Keys...)
		}
	}
	m.names = append(m.names, "enter", "enter", "enter", "esc", "tab", "down", "right", "backspace", "漢", "n", "u", "ctrl+u", "0")
	return m
}

// snapshot is any cluster, with parts of it gone.
func (m *monkey) snapshot() *kafka.Snapshot {
	scenes := []func() *kafka.Snapshot{panetest.Typical, panetest.Stale, panetest.Rebalancing, panetest.Empty, panetest.Connect,
		panetest.Streams, panetest.Share, panetest.Odd, panetest.Waiting, func() *kafka.Snapshot { return panetest.Hostile() }, panetest.Typical, found, found}
	s := scenes[m.rnd.IntN(len(scenes))]()
	if m.rnd.IntN(2) == 0 {
		return s
	}
	s.Groups = thinned(m.rnd, s.Groups)
	s.Topics = thinned(m.rnd, s.Topics)
	s.Brokers = thinned(m.rnd, s.Brokers)
	for i := range s.Groups {
		g := &s.Groups[i]
		g.Partitions, g.Members = thinned(m.rnd, g.Partitions), thinned(m.rnd, g.Members)
	}
	for i := range s.Topics {
		s.Topics[i].Partitions = thinned(m.rnd, s.Topics[i].Partitions)
	}
	return s
}

func thinned[T any](rnd *rand.Rand, in []T) []T {
	switch rnd.IntN(6) {
	case 0:
		return nil
	case 1:
		return in[:min(1, len(in))]
	case 2, 3:
		var out []T
		for _, v := range in {
			if rnd.IntN(2) == 0 {
				out = append(out, v)
			}
		}
		return out
	}
	return in
}

// act does one thing and settles what it led to.
func (m *monkey) act() {
	m.now = m.now.Add(time.Duration(m.rnd.IntN(1500)) * time.Millisecond)
	switch n := m.rnd.IntN(100); {
	case n < 70:
		m.press()
	case n < 78:
		m.src.snap = m.snapshot()
		m.deps.Timeline.Observe(m.src.snap)
		m.note("snapshot")
		m.do(m.send(snapshotMsg{}))
	case n < 84:
		m.resize()
	case n < 92:
		at := tea.Mouse{X: m.rnd.IntN(m.w + 2), Y: m.rnd.IntN(m.h + 2), Button: tea.MouseLeft}
		m.note(fmt.Sprintf("click %d,%d", at.X, at.Y))
		m.do(m.send(tea.MouseClickMsg(at)))
	case n < 96:
		at := tea.Mouse{X: m.rnd.IntN(m.w + 2), Y: m.rnd.IntN(m.h + 2), Button: tea.MouseWheelDown}
		if m.rnd.IntN(2) == 0 {
			at.Button = tea.MouseWheelUp
		}
		m.note("wheel")
		m.do(m.send(tea.MouseWheelMsg(at)))
	case n < 98:
		m.note("paste")
		m.do(m.send(tea.PasteMsg{Content: "pay\x1b[2J\n漢"}))
	default:
		m.note("tick")
		m.send(tickMsg(m.now))
	}
	if m.task == nil && m.rnd.IntN(20) == 0 {
		m.world.group = newWorld(kafka.StateEmpty).group
		if m.rnd.IntN(3) == 0 {
			m.world.group = newWorld(kafka.StateStable, "payments-1", "payments-3").group
		}
	}
	synctest.Wait()
	if m.rnd.IntN(4) > 0 {
		m.settleTask()
	}
	m.do(func() tea.Msg { return tailMsg{m.tail.id} })
	m.send(lookupMsg{})
}

// press is most often a key that does something where it is pressed.
func (m *monkey) press() {
	key, n := m.names[m.rnd.IntN(len(m.names))], m.rnd.IntN(10)
	switch {
	case m.front() != nil && n < 3:
		key = "esc"
	case m.front() != nil && n < 7:
		m.agree()
		return
	case m.typing != nil && n < 6:
		key = []string{"enter", "esc"}[n%2]
	case m.front() == nil && m.typing == nil && n == 8 && len(m.details) > 0:
		key = "esc"
	case m.front() == nil && m.typing == nil && n < 8:
		cs := command.In(m.top().Place())
		c := cs[m.rnd.IntN(len(cs))]
		for range 3 { // what can be done anywhere is not to drown the rest
			if c.Where == command.Anywhere && !c.Hidden {
				c = cs[m.rnd.IntN(len(cs))]
			}
		}
		if c.ID == command.Abort || c.ID == command.Quit && len(m.details) == 0 {
			return
		}
		m.note("command " + string(c.ID))
		m.do(m.run(c))
		return
	}
	if key == "q" && m.front() == nil && m.typing == nil {
		return
	}
	m.note("key " + key)
	m.do(m.send(pressAny(key)))
}

// resize is most often to what can be used.
func (m *monkey) resize() {
	wide, high := []int{40, 41, 60, 80, 99, 100, 120, 200, 300}, []int{10, 11, 14, 24, 40, 60, 90}
	m.w, m.h = wide[m.rnd.IntN(len(wide))], high[m.rnd.IntN(len(high))]
	m.note(fmt.Sprintf("size %dx%d", m.w, m.h))
	if m.rnd.IntN(4) == 0 { // and back
		m.send(tea.WindowSizeMsg{Width: m.rnd.IntN(41), Height: m.rnd.IntN(12)})
		m.View()
		m.send(press("down"))
		m.send(tea.MouseClickMsg(tea.Mouse{Y: m.rnd.IntN(9), Button: tea.MouseLeft}))
	}
	m.do(m.send(tea.WindowSizeMsg{Width: m.w, Height: m.h}))
}

// agree takes the first choice that does something, whatever has to be typed for it.
func (m *monkey) agree() {
	m.now = m.now.Add(time.Second)
	confirm := ""
	switch b := m.front().(type) {
	case *dialogBox:
		confirm = b.Confirm
	case *planBox:
		confirm = b.Confirm
	case nil:
		return
	default:
		m.note("enter")
		m.do(m.send(press("enter")))
		return
	}
	m.note("agree")
	m.send(press("ctrl+u"))
	for _, c := range confirm {
		m.send(press(string(c)))
	}
	if confirm == "" {
		m.send(press("right"))
	}
	m.do(m.send(press("enter")))
}

// settleTask lets the task end, or cancels it.
func (m *monkey) settleTask() {
	for i := 0; m.task != nil; i++ {
		if i == 20 {
			m.cancelTask()
		}
		m.do(m.send(m.task.wait()))
	}
}

// do carries out at most the next message of a command that answers at once.
func (m *monkey) do(cmd tea.Cmd) {
	if cmd == nil || m.task != nil {
		return
	}
	out := make(chan tea.Msg, 1)
	go func() { out <- cmd() }()
	synctest.Wait()
	select {
	case msg := <-out:
		switch msg := msg.(type) {
		case tea.BatchMsg:
			for _, c := range msg {
				m.do(c)
			}
		case exportedMsg, savedMsg, agedMsg, trailMsg, closedMsg:
			m.send(msg)
		case tailMsg:
			if msg.id == m.tail.id && m.tail.live != nil {
				m.send(msg)
			}
		}
	default: // it ends with the model
	}
}

func (m *monkey) note(what string) {
	if m.did = append(m.did, what); len(m.did) > 60 {
		m.did = m.did[1:]
	}
}

func pressAny(name string) tea.KeyPressMsg {
	more := map[string]tea.KeyPressMsg{"pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown}, "home": {Code: tea.KeyHome}, "shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift}}
	if k, ok := more[name]; ok {
		return k
	}
	return press(name)
}

// The screen holds whatever is pressed, clicked and pasted while the cluster, and the window, change.
// LAGTOP_MONKEY=SEED,RUNS,STEPS plays for longer.
func TestNothingPressedInAnyOrderBreaksTheScreen(t *testing.T) {
	from, runs, steps := uint64(1), 10, 300
	if s := os.Getenv("LAGTOP_MONKEY"); s != "" {
		_, _ = fmt.Sscanf(s, "%d,%d,%d", &from, &runs, &steps)
	}
	for seed := from; seed < from+uint64(runs); seed++ {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Setenv("XDG_STATE_HOME", t.TempDir())
			synctest.Test(t, func(t *testing.T) { newMonkey(t, seed).play(steps) })
		})
	}
}

func (m *monkey) play(steps int) {
	defer func() {
		if v := recover(); v != nil {
			m.t.Errorf("%v\n%s", v, debug.Stack())
		}
		if m.t.Failed() {
			m.t.Logf("after %q", m.did)
		}
		m.Close()
		time.Sleep(time.Hour) // what waits for the clock ends too
	}()
	for range steps {
		m.act()
		m.View()
		if m.w > 0 && m.h > 0 {
			panetest.Exact(m.t, m.frame(), m.w, m.h)
		}
		if m.t.Failed() {
			return
		}
	}
}
