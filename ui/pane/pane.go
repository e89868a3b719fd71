// Package pane is the contract between the root model and the panes. Each pane lives in a folder of its
// own below, knows the snapshot and the theme, and no other pane.
package pane

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/explain"
	"lagtop/kafka/lag"
	"lagtop/kafka/tail/format"
	"lagtop/kafka/timeline"
	"lagtop/theme"
	"lagtop/ui/command"
)

// Env is what a pane may know when it draws or acts. It is read-only for panes.
type Env struct {
	Theme    *theme.Theme
	Now      time.Time
	Snapshot *kafka.Snapshot // never nil; Seq 0 before the first poll
	History  *lag.History    // trends for the rows on screen; may be nil in tests
	Timeline *timeline.Log   // rebalances; may be nil in tests
	Schemas  format.Schemas  // decode records; nil: none, see format.Read
	Interval time.Duration   // of polling; a part older than three of them is stale
	Focus    Focus
	Lookup   Lookup // slow facts; nil where there are none
	Stamps   Stamps // timestamps of records; nil where none are read
}

// Lookup answers at once with what is known of facts that are slow to read. What is missing or old is
// read in the background; the screen is drawn again when it came.
type Lookup interface {
	// TopicConfigs and BrokerConfigs are the values that differ from the default, by name.
	TopicConfigs(topic string) Answer[[]kafka.Config]
	BrokerConfigs(id int32) Answer[[]kafka.Config]
	LogDirs(id int32) Answer[[]kafka.LogDir]
	// Sizes are those of the replicas of a topic that are told, by partition; Quorum is who keeps the metadata
	// of a KRaft cluster.
	Sizes(topic string) Answer[[]kafka.LogSize]
	Quorum() Answer[[]kafka.QuorumReplica]
	// TopicSettings are the values that decide about throughput, also those at their default; Batches are
	// the headers of the newest batches, by partition.
	TopicSettings(topic string) Answer[[]kafka.Config]
	Batches(topic string) Answer[[]kafka.NewestBatches]
}

// Stamps answers at once with the timestamp of the first record of a partition at or after an offset, the
// zero time for a record without. What is missing is read in the background.
type Stamps interface {
	Stamp(tp kafka.TopicPartition, offset int64) Answer[time.Time]
}

// Answer is what is known at present. V is that of the last read that succeeded.
type Answer[T any] struct {
	V       T
	At      time.Time // V was read; zero: never
	Err     error     // why the last read failed, nil when it did not
	Pending bool      // it is being read
}

// Stale tells whether a part read at that time is too old to be shown as present.
func (e *Env) Stale(at time.Time) bool {
	return e.Snapshot.Stale(at, e.Interval)
}

// Focus is what is selected on the whole screen. It is kept by name when rows move.
type Focus struct {
	Group     string
	Member    string // member id
	Topic     string
	Partition kafka.Known[int32] // of Topic
	Broker    kafka.Known[int32]
}

// Pane is one part of the screen. Its methods run in the event loop: no I/O, no waiting.
type Pane interface {
	Place() command.Place
	// Head is the frame's title and the note at its right end, both plain safe text.
	Head(e *Env) (title, note string)
	// Refresh takes over a new snapshot, focus, filter or order. The selection is kept by name.
	Refresh(e *Env)
	// View draws the inside of the frame: h lines of exactly w cells, escape sequences included.
	View(e *Env, w, h int, focused bool) []string
	// Do carries out a command that belongs to the pane: movement, sort, mark, fold, pause.
	// It reports false for a command that it does not know.
	Do(e *Env, id command.ID) (tea.Cmd, bool)
	// Click selects what is at a cell of the inside, Wheel scrolls by rows.
	Click(e *Env, x, y int)
	Wheel(e *Env, rows int)
	// Select writes what is selected here into the focus; a pane writes only its own fields.
	Select(f *Focus)
	// Copy is the selected row or record as plain text, empty when nothing is selected.
	Copy(e *Env) string
}

// Filterer is a pane whose rows can be filtered. The filter is applied while it is typed.
type Filterer interface {
	SetFilter(text string) error // the error names the term that cannot be understood
	Filter() string
}

// Marker is a pane where partitions can be marked.
type Marker interface {
	Marked() []kafka.TopicPartition
	ClearMarks()
}

// Explainer is a pane whose numbers can be explained.
type Explainer interface {
	// Cells are the cells of the selected row, or the lines of a page of facts; empty when nothing is selected.
	Cells(e *Env) []CellRef
}

// CellRef is a cell that is on screen, and what it holds.
type CellRef struct {
	Title string // of the column or the line, safe
	Value string // as it is drawn, safe
	Ref   explain.Ref
}
