package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"lagtop/kafka"
	"lagtop/kafka/human"
)

// The controls of a presenter, as ids of Act.
const (
	ActKill   = "kill"
	ActFreeze = "freeze"
	ActSlow   = "slow"
	ActAssign = "assignor"
	ActStatic = "static"
	ActDeploy = "deploy"
	ActFaster = "faster"
	ActSlower = "slower"
	ActSkew   = "skew"
	ActPoison = "poison"
	ActBroker = "broker"
	ActPlay   = "play:" // and the name of a scenario
	ActPause  = "pause"
	ActNext   = "next"
	ActAgain  = "again"
	ActStop   = "stop"
)

// Target is what a control acts on: what is selected on the screen. Its parts may be empty.
type Target struct {
	Group     string
	Client    string // client id of a member; empty: the newest consumer of the group
	Topic     string
	Partition kafka.Known[int32]
	Broker    kafka.Known[int32]
}

// Control is something that a presenter can do now.
type Control struct {
	ID    string
	Label string // two words, with what it would do next
	Why   string // why it cannot be done, empty when it can
}

// Controls are what can be done to the target, apart from adding and removing consumers. It does not wait.
func (d *Demo) Controls(t Target) []Control {
	return append(d.groupControls(t), d.topicControls(t)...)
}

func (d *Demo) groupControls(t Target) []Control {
	out := []Control{{ID: ActKill, Label: "kill -9"}, {ID: ActFreeze, Label: "freeze"}, {ID: ActSlow, Label: "slow"},
		{ID: ActAssign, Label: "assignor"}, {ID: ActStatic, Label: "static"}, {ID: ActDeploy, Label: "deploy"}}
	deny := func(why string) []Control {
		for i := range out {
			out[i].Why = why
		}
		return out
	}
	g, err := d.find(t.Group)
	switch {
	case t.Group == "":
		return deny("select a group first")
	case err != nil:
		return deny(err.Error())
	case !g.mu.TryLock():
		return deny("the group is changing")
	}
	defer g.mu.Unlock()
	if c, err := g.pick(t.Client); err != nil {
		for i := range out[:3] { // the others are about the group
			out[i].Why = err.Error()
		}
	} else {
		if c.frozen {
			out[1].Label = "thaw"
		}
		if c.slow {
			out[2].Label = "full speed"
		}
	}
	out[3].Label = "to " + string(g.protocol.next())
	out[4].Label = "static on"
	if g.static {
		out[4].Label = "static off"
	}
	if len(g.crew) == 0 {
		out[5].Why = errNobody.Error()
	}
	if g.protocol == ShareGroup {
		out[3].Label, out[3].Why, out[4].Why = "assignor", "share groups have no assignor", "share groups have no static members"
	}
	return out
}

func (d *Demo) topicControls(t Target) []Control {
	out := []Control{{ID: ActFaster, Label: "faster"}, {ID: ActSlower, Label: "slower"}, {ID: ActSkew, Label: "skew keys"}, {ID: ActPoison, Label: "poison"}}
	err := d.sourceOf("", t.Topic, func(s *source) {
		if s.hot {
			out[2].Label = "even keys"
		}
		switch {
		case s.topic.rate == 0:
			out[0].Why, out[1].Why = "its records come from consumers", "its records come from consumers"
		case s.factor >= fastest*d.speed:
			out[0].Why = "as fast as it gets"
		case s.factor <= slowest*d.speed:
			out[1].Why = "as slow as it gets"
		}
		if s.topic.write == nil {
			out[2].Why, out[3].Why = out[0].Why, out[0].Why
		}
	})
	for i := range out {
		if t.Topic == "" {
			out[i].Why = "select a topic first"
		} else if err != nil {
			out[i].Why = "it is not one of the demo's topics"
		}
	}
	b := Control{ID: ActBroker, Label: "stop a broker"}
	if t.Broker.OK {
		b.Label = fmt.Sprintf("stop broker %d", t.Broker.V)
	}
	switch id, down := d.Down(); {
	case d.cluster == nil:
		b.Why = ErrNotEmbedded.Error()
	case down:
		b.Label = fmt.Sprintf("start broker %d", id)
	case !t.Broker.OK:
		b.Why = "select a broker first"
	}
	return append(out, b)
}

// Act does what a control says, and says what it did. It may take some seconds; scenarios are told at once.
func (d *Demo) Act(ctx context.Context, id string, t Target) (said string, err error) {
	switch id {
	case ActKill, ActFreeze, ActSlow:
		return d.actConsumer(id, t)
	case ActAssign, ActStatic, ActDeploy:
		return d.actGroup(ctx, id, t)
	case ActFaster, ActSlower, ActSkew, ActPoison:
		return d.actTopic(ctx, id, t)
	case ActBroker:
		return d.actBroker(ctx, t)
	}
	return "", d.actScenario(id)
}

func (d *Demo) actConsumer(id string, t Target) (string, error) {
	switch id {
	case ActKill:
		c, err := d.Kill(t.Group, t.Client)
		return c + " is gone without a word; its session has to time out", err
	case ActFreeze:
		c, on, err := d.Freeze(t.Group, t.Client)
		if on {
			return c + " is frozen: no heartbeat, no poll", err
		}
		return c + " goes on", err
	}
	c, on, err := d.Slow(t.Group, t.Client)
	if on {
		return fmt.Sprintf("%s does %d records/s at most", c, slowRate), err
	}
	return c + " is as fast as before", err
}

func (d *Demo) actGroup(ctx context.Context, id string, t Target) (string, error) {
	if id == ActDeploy {
		return "all consumers of " + t.Group + " were restarted, one after the other", d.Roll(ctx, t.Group)
	}
	g, err := d.find(t.Group)
	if err != nil {
		return "", fmt.Errorf("change the members of %s: %w", t.Group, err)
	}
	g.mu.Lock()
	p, static := g.protocol, g.static
	g.mu.Unlock()
	if id == ActAssign {
		p = p.next()
		return t.Group + " was restarted with " + string(p), d.Rejoin(ctx, t.Group, p, static)
	}
	word := map[bool]string{true: " with group.instance.id", false: " without group.instance.id"}[!static]
	return t.Group + " was restarted" + word, d.Rejoin(ctx, t.Group, p, !static)
}

func (d *Demo) actTopic(ctx context.Context, id string, t Target) (string, error) {
	switch id {
	case ActSkew:
		on, err := d.Skew(t.Topic)
		if on {
			return fmt.Sprintf("%d%% of the records of %s have one key now", int(hotPart*100), t.Topic), err
		}
		return "the keys of " + t.Topic + " spread evenly", err
	case ActPoison:
		p := int32(-1)
		if t.Partition.OK {
			p = t.Partition.V
		}
		at, in, err := d.Poison(ctx, t.Topic, p)
		return fmt.Sprintf("%s/%d has a record at %d that cannot be decoded", t.Topic, in, at), err
	}
	times := 2.0
	if id == ActSlower {
		times = 0.5
	}
	f, err := d.Rate(t.Topic, times)
	if f == 1 {
		return t.Topic + " gets its usual records", err
	}
	return t.Topic + " gets " + human.Number(f) + " times its usual records", err
}

func (d *Demo) actBroker(ctx context.Context, t Target) (string, error) {
	if _, down := d.Down(); down {
		id, err := d.StartBroker()
		return fmt.Sprintf("broker %d is back", id), err
	}
	if !t.Broker.OK {
		return "", errors.New("stop a broker: select one first")
	}
	return fmt.Sprintf("broker %d is gone", t.Broker.V), d.StopBroker(ctx, t.Broker.V)
}

func (d *Demo) actScenario(id string) error {
	if name, ok := strings.CutPrefix(id, ActPlay); ok {
		return d.Play(name)
	}
	if d.Scene().Scenario == "" {
		return errors.New("no scenario runs")
	}
	switch id {
	case ActPause:
		return d.Pause()
	case ActNext:
		return d.Next()
	case ActAgain:
		return d.Again()
	case ActStop:
		return d.Stop()
	}
	return fmt.Errorf("there is no %q", id)
}
