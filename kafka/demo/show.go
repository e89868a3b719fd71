package demo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"lagtop/kafka"
)

// reading is how long a caption stays at least.
const reading = 6 * time.Second

// Scene is what there is to tell about the scenario that runs. The zero Scene is none.
type Scene struct {
	Scenario string // its name
	Group    string // that it is about, as the cluster calls it
	Step     int    // from 1 on
	Steps    int
	Caption  string
	Waiting  string // for what, empty when only for the reader
	Look     string // what to look at, set in the end
	Err      string // why the step's action failed, empty when it did not
	Paused   bool
	Done     bool
	Marks    map[string]float64 // what its steps measured
}

// show is the scenario that runs. The goroutine of direct owns all but the scene.
type show struct {
	hurried bool
	orders  chan cue
	news    chan *kafka.Snapshot // size one, keeps the newest

	mu    sync.Mutex
	scene Scene
}

type cue func(ctx context.Context, d *Demo, p *play) *play

// play is one performance of a scenario.
type play struct {
	*Scenario
	stage   *stage
	at      int // index of the step
	entered time.Time
	seen    int // snapshots since then
	paused  bool
	done    bool
	caption string
	waiting string
	err     error
}

// nextLook is a wait that is too short to be told.
const nextLook = "the next look at the cluster"

func newShow(hurried bool) *show {
	return &show{hurried: hurried, orders: make(chan cue, 8), news: make(chan *kafka.Snapshot, 1)}
}

// Play starts a scenario from its beginning. It goes on as snapshots come by Observe.
func (d *Demo) Play(name string) error {
	sc, err := scenarioNamed(name)
	if err != nil {
		return err
	}
	if sc.embedded && d.cluster == nil {
		return fmt.Errorf("scenario %s: %w", name, ErrNotEmbedded)
	}
	return d.cue(func(ctx context.Context, d *Demo, _ *play) *play { return d.begin(ctx, sc) })
}

// Stop ends the scenario and takes back what it did.
func (d *Demo) Stop() error {
	return d.cue(func(ctx context.Context, d *Demo, p *play) *play {
		if p != nil {
			d.show.tell(&Scene{Scenario: p.Name, Caption: "The scenario ends; the fleet goes back to its start."})
			if err := d.restore(ctx); err != nil {
				d.log.Warn("restore the fleet", "err", err)
			}
		}
		return nil
	})
}

// Pause holds the scenario at its step, or lets it go on. The fleet works on.
func (d *Demo) Pause() error {
	return d.cue(func(_ context.Context, _ *Demo, p *play) *play {
		if p != nil {
			p.paused = !p.paused
		}
		return p
	})
}

// Next goes to the next step without waiting for the end of this one.
func (d *Demo) Next() error {
	return d.cue(func(ctx context.Context, d *Demo, p *play) *play {
		if p != nil && !p.done {
			d.advance(ctx, p)
		}
		return p
	})
}

// Again starts the scenario from its beginning.
func (d *Demo) Again() error {
	return d.cue(func(ctx context.Context, d *Demo, p *play) *play {
		if p == nil {
			return nil
		}
		return d.begin(ctx, p.Scenario)
	})
}

func (d *Demo) cue(o cue) error {
	select {
	case <-d.ctx.Done():
		return ErrClosed
	case d.show.orders <- o:
		return nil
	default:
		return errors.New("the scenario is still busy with the keys before")
	}
}

// Observe shows the scenario a snapshot. It never waits.
func (d *Demo) Observe(s *kafka.Snapshot) {
	seen := *s // what is derived later is not raced with
	select {
	case <-d.show.news:
	default:
	}
	select {
	case d.show.news <- &seen:
	default:
	}
}

// Scene is where the scenario is.
func (d *Demo) Scene() Scene {
	d.show.mu.Lock()
	defer d.show.mu.Unlock()
	return d.show.scene
}

func (s *show) tell(scene *Scene) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scene = *scene
}

// direct carries out orders and lets the scenario go on, until the fleet stops.
func (d *Demo) direct() {
	var p *play
	t := time.NewTicker(statusEvery)
	defer t.Stop()
	var now *kafka.Snapshot
	for {
		select {
		case <-d.ctx.Done():
			return
		case o := <-d.show.orders:
			p = o(d.ctx, d, p)
		case now = <-d.show.news:
			if p != nil {
				p.seen++
			}
		case <-t.C:
		}
		if p != nil && now != nil {
			d.follow(p, now)
		}
		d.show.tell(p.scene(d.prefix))
	}
}

func (d *Demo) begin(ctx context.Context, sc *Scenario) *play {
	p := &play{Scenario: sc, stage: &stage{Demo: d, marks: map[string]float64{}, owners: map[string]map[kafka.TopicPartition]string{}}, caption: "The fleet goes back to its start.", at: -1}
	d.show.tell(p.scene(d.prefix))
	waitFor(d.seeded, emptyWithin)
	if p.err = d.restore(ctx); p.err == nil {
		p.err = d.enter(ctx, sc)
	}
	if p.err != nil {
		p.done = true
		return p
	}
	d.advance(ctx, p)
	return p
}

// advance goes to the next step and does what it says.
func (d *Demo) advance(ctx context.Context, p *play) {
	if p.at++; p.at == len(p.steps) {
		p.at, p.done, p.waiting = p.at-1, true, ""
		return
	}
	st := &p.steps[p.at]
	p.caption, p.waiting, p.err, p.entered = st.caption, "", nil, time.Now()
	d.show.tell(p.scene(d.prefix))
	if st.do != nil {
		p.err = st.do(ctx, p.stage)
	}
	p.seen = 0
}

// follow goes on when the step is over. The first snapshot after the action may have begun before it.
func (d *Demo) follow(p *play, now *kafka.Snapshot) {
	if p.done || p.at < 0 || p.err != nil {
		return
	}
	st := &p.steps[p.at]
	p.waiting = ""
	if st.until != nil {
		if p.waiting = nextLook; p.seen >= 2 {
			p.waiting = st.until(p.stage, now)
		}
	}
	if p.waiting != "" {
		return
	}
	if st.told != nil && p.caption == st.caption { // a new caption, to be read as long
		p.caption, p.entered = st.told(p.stage), time.Now()
	}
	if !p.paused && (d.show.hurried || time.Since(p.entered) >= reading) {
		d.advance(d.ctx, p)
	}
}

func (p *play) scene(prefix string) *Scene {
	if p == nil {
		return &Scene{}
	}
	s := &Scene{Scenario: p.Name, Group: prefix + p.Focus, Step: p.at + 1, Steps: len(p.steps), Caption: p.caption, Waiting: p.waiting, Paused: p.paused, Done: p.done, Marks: maps.Clone(p.stage.marks)}
	if s.Waiting == nextLook {
		s.Waiting = ""
	}
	if p.err != nil {
		s.Err = p.err.Error()
	}
	if p.done && p.err == nil {
		s.Look = p.Look
	}
	return s
}
