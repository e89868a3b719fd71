package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// scene is one run of the demo, in which several pictures are taken.
type scene struct {
	args  []string // of lagtop demo
	steps []step
}

// step waits for text on the screen, lets the demo go on for a while, takes a picture, then types keys.
type step struct {
	// columns and rows are the terminal's from here on; 0 leaves them.
	columns, rows int

	wait string // a regular expression
	rest time.Duration
	shot string // the picture's name, empty takes none
	film string // a GIF of this name begins here and ends with the scene
	keys string
}

const (
	wide     = 120
	tall     = 40
	low      = 24 // for what has few lines to show
	moment   = time.Second
	patience = 2 * time.Minute // for what a step waits
)

// The keys that are not letters.
const (
	enter = "\r"
	esc   = "\x1b"
	tab   = "\t"
	down  = "\x1b[B"
	right = "\x1b[C"
	home  = "\x1b[H"
)

// trouble is the overview with a stopped, a stuck and a lagging group.
const trouble = `(?s)✖ nightly-report.*✖ payments.*! log-archiver`

var scenes = []scene{
	{steps: []step{
		{wait: trouble, rest: 40 * time.Second, shot: "overview", keys: "F"},
		{rows: low, wait: `too-few-members`, rest: moment, keys: down},
		{rest: moment, shot: "findings", keys: esc},
		{rows: tall, wait: trouble, rest: moment, keys: "o"},
		{wait: `Reset offsets`, keys: tab + down + enter},
		{wait: `BEFORE`, rest: moment, shot: "reset", keys: esc},
		{wait: trouble, rest: moment, keys: "n2" + home + down},
		{rows: 30, wait: `2 payments`, rest: moment, keys: "e"},
		{wait: `Where it comes from`, shot: "explain", keys: esc},
		{rows: tall, rest: moment, keys: "i"},
		{wait: `payments/3@`, rest: 2 * moment, shot: "record", keys: esc},
		{rest: moment, keys: "W"},
		{rows: 30, wait: `per poll`, rest: moment, shot: "requests", keys: esc},
		{rows: tall, wait: trouble, rest: moment, keys: "1" + enter},
		{rows: 30, wait: `Caught up in`, rest: moment, shot: "group", keys: esc},
		{rows: tall, wait: trouble, rest: moment, keys: "n"},
		{wait: `2 log-archiver`, rest: moment, keys: "w"},
		{rows: low, wait: `BEFORE`, rest: moment, keys: right + right + right + right},
		{rest: 2 * moment, shot: "what-if", keys: esc},
		{rows: tall, wait: trouble, rest: moment, keys: "5z"},
		{rows: 30, wait: `5 Tail app\.logs`, rest: moment, keys: "/level>=warn" + enter},
		{rest: 20 * moment, shot: "tail"},
	}},
	{args: []string{"--scenario", "flexibility"}, steps: []step{
		{wait: `step 1/.*`, rest: 4 * moment, keys: enter},
		{rows: low, wait: `Overview +Members +Partitions`, keys: tab + tab + tab},
		{wait: `(?s)web-indexer-6.*came that way`, shot: "matrix"},
		{wait: `done`, keys: esc},
		{rest: moment, keys: "H"},
		{wait: `4 left`, rest: moment, keys: down},
		{rest: moment, shot: "timeline"},
	}},
	{args: []string{"--scenario", "scale-out"}, steps: []step{
		{wait: `step 4/4`, keys: "P"},
		{wait: `Presenter`, rest: 4 * moment, shot: "presenter", keys: "P"},
		{rest: moment, keys: enter},
		{rows: 30, wait: `Overview +Members +Partitions`, keys: tab + tab + tab + tab},
		{wait: `done`, rest: 45 * moment, shot: "chart"},
	}},
	{args: []string{"--scenario", "fault-tolerance"}, steps: []step{
		{wait: `step 1/.*`, rest: 3 * moment, keys: enter},
		{columns: 106, rows: 18, wait: `Overview +Members +Partitions`, keys: tab + tab + tab},
		{wait: `CONSUMER +PARTS`, film: "rebalance"},
		{wait: `done`, rest: 2 * moment},
	}},
}

// names are those of the pictures that a scene makes.
func (sc *scene) names() []string {
	var out []string
	for _, st := range sc.steps {
		for _, name := range []string{st.shot, st.film} {
			if name != "" {
				out = append(out, name)
			}
		}
	}
	return out
}

// known refuses names that no scene makes.
func known(names []string) error {
	var all []string
	for _, sc := range scenes {
		all = append(all, sc.names()...)
	}
	for _, n := range names {
		if !slices.Contains(all, n) {
			return fmt.Errorf("no picture is called %q; there are %s", n, strings.Join(all, ", "))
		}
	}
	return nil
}
