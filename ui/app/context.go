package app

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/act"
	"lagtop/kafka/lag"
	"lagtop/kafka/safe"
	"lagtop/kafka/tail"
	"lagtop/kafka/tail/format"
	"lagtop/kafka/timeline"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane/requests"
)

// Session is one cluster as the screen is wired to it. Everything in it belongs to that cluster alone and
// ends with Close.
type Session struct {
	Name      string      // of the cluster, as the user calls it
	Color     theme.Token // how the name looks; theme.Text: like any other
	ReadOnly  string      // why nothing may be changed, empty when it may
	Protected bool        // a change takes typing Name
	Unsafe    string      // what is not checked about the connection, in capitals; empty: nothing to warn of
	Source    Source
	History   *lag.History
	Timeline  *timeline.Log  // rebalances; nil: none are shown
	Schemas   format.Schemas // decode records; nil: none
	GroupLog  GroupLog       // the exact source of them; nil: not read
	Interval  time.Duration
	Actor     Actor // carries out plans
	Audit     func(cluster string) act.Recorder
	Trail     func(cluster string) Trail // reads what Audit wrote; nil: not read
	Facts     Facts                      // slow facts for the details; nil: not read
	Stamps    StampReader                // for the age of the record at the commit in focus; nil: not read
	Tailer    tail.Source
	Requests  requests.Source // what was asked of the brokers; nil: nobody counts
	Examine   Examiner        // the way to the cluster and our rights there; nil: nobody looks
	Fleet     Fleet           // nil outside the demo
	Stage     Stage           // what a presenter does to it; nil outside the demo
	AutoTail  bool            // follow the focused topic from the start
	Close     func()          // waits for everything that the session runs; nil: nothing to wait for
}

func (s *Session) close() {
	if s.Close != nil {
		s.Close()
	}
}

// Cluster is one that can be shown.
type Cluster struct {
	Name   string
	Detail string // one line: where it is, how it is marked
	Open   func(context.Context) (Session, error)
}

// Switcher is the root of the program: it shows one cluster at a time, each with a Model of its own. What
// an earlier Model still has to say is dropped.
type Switcher struct {
	ctx   context.Context
	deps  Deps
	model *Model

	work    sync.WaitGroup // sessions that open or close
	opening bool

	mu    sync.Mutex
	ready *Session // opened, not yet shown
}

type (
	// modelMsg is a message of one Model to itself.
	modelMsg struct {
		of  *Model
		msg tea.Msg
	}
	// switchMsg asks for another cluster, by its index in Deps.Clusters.
	switchMsg struct{ to int }
	openedMsg struct {
		to  int
		err error
	}
)

// NewSwitcher opens the one of the clusters that d.Shown says. Close ends it after the program stopped.
func NewSwitcher(ctx context.Context, d Deps) (*Switcher, error) {
	s := &Switcher{ctx: ctx, deps: d}
	first, err := d.Clusters[d.Shown].Open(ctx)
	if err != nil {
		return nil, err
	}
	d.Session = first
	if s.model, err = New(ctx, d); err != nil {
		first.close()
		return nil, err
	}
	return s, nil
}

// Close ends what is shown and waits for all sessions.
func (s *Switcher) Close() {
	s.retire(s.model)
	s.work.Wait()
	if ready := s.claim(); ready != nil {
		ready.close()
	}
}

// retire ends a model and its session outside the event loop: closing waits for connections.
func (s *Switcher) retire(m *Model) {
	s.work.Go(func() {
		m.Close()
		m.deps.close()
	})
}

// Init implements tea.Model.
func (s *Switcher) Init() tea.Cmd { return s.tag(s.model.Init()) }

// View implements tea.Model.
func (s *Switcher) View() tea.View { return s.model.View() }

// Update implements tea.Model.
func (s *Switcher) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if own, ok := msg.(modelMsg); ok {
		if own.of != s.model {
			return s, nil
		}
		msg = own.msg
	}
	switch msg := msg.(type) {
	case switchMsg:
		return s, s.open(msg.to)
	case openedMsg:
		return s, s.show(msg)
	}
	_, cmd := s.model.Update(msg)
	return s, s.tag(cmd)
}

// tag marks the messages that a command of the present model leads to. Those of Bubble Tea are its own.
func (s *Switcher) tag(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	of := s.model
	return func() tea.Msg { return tagged(of, cmd()) }
}

func tagged(of *Model, msg tea.Msg) tea.Msg {
	batch, ok := msg.(tea.BatchMsg)
	if !ok {
		if msg == nil || !strings.HasPrefix(reflect.TypeOf(msg).PkgPath(), "lagtop/") {
			return msg
		}
		return modelMsg{of, msg}
	}
	out := make(tea.BatchMsg, 0, len(batch))
	for _, cmd := range batch {
		if cmd != nil {
			out = append(out, func() tea.Msg { return tagged(of, cmd()) })
		}
	}
	return out
}

// open opens a cluster outside the event loop; the present one stays until that succeeded.
func (s *Switcher) open(to int) tea.Cmd {
	if s.opening {
		return nil
	}
	s.opening = true
	opened := make(chan openedMsg, 1)
	s.work.Go(func() {
		next, err := s.deps.Clusters[to].Open(s.ctx)
		if err == nil {
			s.mu.Lock()
			s.ready = &next
			s.mu.Unlock()
		}
		opened <- openedMsg{to, err}
	})
	return func() tea.Msg { return <-opened }
}

// claim takes the session that was opened.
func (s *Switcher) claim() *Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	ready := s.ready
	s.ready = nil
	return ready
}

// show replaces the present cluster with the one that was opened, unless an action began meanwhile.
func (s *Switcher) show(msg openedMsg) tea.Cmd {
	s.opening = false
	old, next := s.model, s.claim()
	if msg.err != nil || next == nil {
		old.failed(msg.err)
		return nil
	}
	d := s.deps
	d.Session, d.Shown, d.Theme = *next, msg.to, old.deps.Theme
	if old.task != nil {
		s.work.Go(next.close)
		old.toast(component.ToastWarn, "stays here: "+old.task.title+" is under way")
		return nil
	}
	m, err := New(s.ctx, d)
	if err != nil {
		s.work.Go(next.close)
		old.failed(err)
		return nil
	}
	m.w, m.h = old.w, old.h
	s.model = m
	s.retire(old)
	return s.tag(m.Init())
}

// badges say what holds for the whole cluster. They stand before its name, which may be long and is cut
// where the window is narrow.
func (m *Model) badges() []span {
	var out []span
	add := func(word string) { out = append(out, span{theme.Text, " "}, span{theme.Badge, " " + word + " "}) }
	if m.deps.ReadOnly != "" {
		add("READ-ONLY")
	}
	if m.deps.Protected {
		add("PROTECTED")
	}
	if m.deps.Unsafe != "" {
		add(m.deps.Unsafe)
	}
	return out
}

// nameLook is how the name of the cluster looks.
func (m *Model) nameLook() theme.Token {
	if m.deps.Color != theme.Text {
		return m.deps.Color
	}
	return theme.Title
}

// contextBox is the list behind c of the clusters that can be shown.
type contextBox struct {
	*component.Palette
	clusters []component.Item
}

func (m *Model) askContext() tea.Cmd {
	items := make([]component.Item, len(m.deps.Clusters))
	for i, c := range m.deps.Clusters {
		items[i] = component.Item{ID: c.Name, Title: safe.Line(c.Name), Detail: safe.Line(c.Detail)}
		if i == m.deps.Shown {
			items[i].Why = "shown now: " + items[i].Detail
		}
	}
	m.openModal(&contextBox{component.NewPalette("Contexts", items), items})
	return nil
}

func (b *contextBox) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	item, state := b.Update(k)
	switch state {
	case component.Cancelled:
		m.closeModal()
	case component.Done:
		m.closeModal()
		for i := range b.clusters {
			if b.clusters[i].ID == item.ID {
				m.toast(component.ToastInfo, "opening "+item.ID)
				return func() tea.Msg { return switchMsg{i} }
			}
		}
	}
	return nil
}

func (b *contextBox) paste(_ *Model, text string)      { b.Update(tea.PasteMsg{Content: text}) }
func (b *contextBox) view(m *Model, w, h int) []string { return b.View(m.theme, w, h) }

// proof is what is typed before a change: in a protected context its name, and behind it what else is to
// be typed, so that the text names both the cluster and the object.
func (m *Model) proof(confirm string) string {
	name := safe.Line(m.deps.Name)
	switch {
	case !m.deps.Protected:
		return confirm
	case confirm == "":
		return name
	}
	return name + "/" + confirm
}
