package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/human"
	"lagtop/kafka/limit"
	"lagtop/kafka/tail"
	"lagtop/kafka/tail/filter"
	"lagtop/kafka/tail/format"
	"lagtop/kafka/tail/stream"
)

// tailFlags are the flags of lagtop tail, as they were typed.
type tailFlags struct {
	partitions       []int32
	from, until      string
	follow, noFollow bool
	group            string
	filters, exclude []string
	isolation        string
	output, decode   string
	max              int64
	context          int
	merge            time.Duration
	aborted, markers bool
}

const (
	readCommitted   = "read_committed"
	readUncommitted = "read_uncommitted"
)

func (r *run) tailCommand() *cobra.Command {
	var f tailFlags
	c := &cobra.Command{
		Use:   "tail TOPIC...",
		Short: "Print the records of topics, for pipes: from where, until where, filtered",
		Long: "Print the records of topics and follow them until interrupted. It joins no group and commits nothing.\n" +
			"A topic may be a pattern (pay*), which stands for the topics that are there when it begins.\n\n" +
			"text is one line a record: time, topic/partition@offset, level, key and value, parted by tabs; what a terminal\n" +
			"would not print is escaped. raw is the values alone, byte for byte, each with a newline behind it (escaped only\n" +
			"where standard output is a terminal). json is one object a line.\n\n" +
			"With --registry, or schema-registry and decode in the file, text shows Avro, Protobuf and JSON Schema as JSON, and\n" +
			"json has it under decoded with schema, or under undecoded why not; keys likewise, under key_decoded and so on. Filters\n" +
			"see what was decoded too, raw stays as it is.\n\n" +
			"Exit codes: 0 done, or interrupted while following; 3 when partitions could not be read to the end; 130 when\n" +
			"interrupted before the end that --until, --no-follow or --max set; 1 failure; 2 a mistake in the arguments.\n" +
			"When the reader of the pipe leaves, it ends at once and without a word, as by SIGPIPE (141 in a shell).\n\n" +
			"Filters, in --filter and --exclude:\n" + filter.Syntax,
		Example: "  lagtop tail orders -b kafka-1:9092 --from 10m --filter 'level>=warn'\n" +
			"  lagtop tail orders -b kafka-1:9092 --from start --no-follow -o raw | wc -l\n" +
			"  lagtop tail orders -b kafka-1:9092 --from -100 -o json --filter 'jq: .amount > 10' | jq .value",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 && f.group == "" || slices.Contains(args, "") {
				return usageError{errors.New("name a topic, or a group with --group: lagtop tail TOPIC")}
			}
			for _, word := range args {
				if limit.Check(word) != nil {
					return usageError{fmt.Errorf("%q is no pattern such as pay*", word)}
				}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return r.tail(c.Context(), args, &f) },
	}
	f.add(c)
	return c
}

func (f *tailFlags) add(c *cobra.Command) {
	p := c.Flags()
	p.Int32SliceVar(&f.partitions, "partition", nil, "these `partitions` alone, parted by commas")
	p.StringVar(&f.from, "from", "end", "where to begin: end, start, an offset, -N (the last N of each partition), 10m (ago), or a time in RFC 3339")
	p.StringVar(&f.until, "until", "", "where to stop: now (the ends of the logs), or a time in RFC 3339")
	p.BoolVarP(&f.follow, "follow", "f", false, "go on until interrupted (the default)")
	p.BoolVar(&f.noFollow, "no-follow", false, "stop at the ends of the logs, as --until now")
	p.StringVar(&f.group, "group", "", "begin where this `group` reads next; where it has no commit, at --from. Without a topic: all that it reads")
	p.StringArrayVar(&f.filters, "filter", nil, "print what matches this `filter`; several must all match")
	p.StringArrayVar(&f.exclude, "exclude", nil, "leave out what matches this `filter`; any of several")
	p.StringVar(&f.isolation, "isolation", readUncommitted, readCommitted+" or "+readUncommitted)
	p.StringVarP(&f.output, "output", "o", "text", "`format`: text, json or raw")
	p.StringVar(&f.decode, "decode", "", "with json: what the value says, read as this `format` ("+strings.Join(format.Kinds(), ", ")+")")
	p.Int64Var(&f.max, "max", 0, "stop after `N` records")
	p.IntVar(&f.context, "around", 0, "also `N` records of the same partition before and behind each that matches")
	p.DurationVar(&f.merge, "merge", 0, "order the partitions by `time`: how long a record may wait for older ones, such as 1s")
	p.BoolVar(&f.aborted, "show-aborted", false, "with read_committed: also the records of aborted transactions, marked")
	p.BoolVar(&f.markers, "show-markers", false, "also the markers that end transactions")
}

// tail prints what the flags ask for.
func (r *run) tail(ctx context.Context, topics []string, f *tailFlags) error {
	now := time.Now()
	o, err := f.options(now)
	if err != nil {
		return usageError{err}
	}
	from, err := tail.ParseFrom(f.from, now)
	if err != nil {
		return usageError{fmt.Errorf("--from: %w", err)}
	}
	kind, err := f.format()
	if err != nil {
		return usageError{err}
	}
	t, err := r.needTarget()
	if err != nil {
		return err
	}
	cfg, err := t.conn()
	if err != nil {
		return err
	}
	schemas, closeSchemas, err := r.schemas(t)
	if err != nil {
		return err
	}
	defer closeSchemas()
	cfg.ReadOnly = true
	ctx, stop := whileRead(ctx, r.out)
	defer stop()
	if o.Reads, err = f.reads(ctx, cfg, topics, from); err != nil {
		return tailEnd(ctx, err, true)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(tailGC)
	}
	w := newTailWriter(r.out, f.output, kind)
	w.warn = r.say
	o.Filter = o.Filter.With(w.read(schemas))
	_, err = stream.Run(ctx, conn.NewReader(cfg), o, w)
	if n := o.Filter.Slow(); n > 0 {
		r.say(fmt.Sprintf("lagtop: %s records were too large or too slow for the jq expression", human.Count(n)))
	}
	if errors.Is(err, stream.ErrIncomplete) {
		w.gaveUp()
	}
	return tailEnd(ctx, err, o.Until.Stops() || o.Max > 0)
}

// tailEnd is how the command ends. Whoever interrupts one that would have ended by itself did not get all of
// what was asked for.
func tailEnd(ctx context.Context, err error, bounded bool) error {
	switch {
	case errors.Is(err, syscall.EPIPE) || errors.Is(context.Cause(ctx), errReaderLeft):
		return errReaderLeft
	case ctx.Err() != nil && (err == nil || errors.Is(err, ctx.Err())):
		if bounded {
			return errInterrupted
		}
		return nil
	case errors.Is(err, stream.ErrIncomplete):
		return errIncomplete
	}
	return err
}

// tailGC lets the heap grow while answers of some MiB come and go.
const tailGC = 400

// tailBytes is one answer of a broker.
const tailBytes = 16 << 20

// maxContext bounds the records that are kept for the context of each partition.
const maxContext = 1000

func (f *tailFlags) options(now time.Time) (stream.Options, error) {
	o := stream.Options{Max: f.max, Context: f.context, Merge: f.merge, Added: f.partitions == nil && !f.noFollow && f.until == ""}
	switch {
	case f.follow && (f.noFollow || f.until != ""):
		return o, errors.New("--follow goes on for ever: leave --no-follow and --until out")
	case f.isolation != readCommitted && f.isolation != readUncommitted:
		return o, fmt.Errorf("--isolation %q: use %s or %s", f.isolation, readCommitted, readUncommitted)
	case f.aborted && f.isolation != readCommitted:
		return o, errors.New("--show-aborted: which records were aborted is told with --isolation read_committed alone")
	case f.max < 0 || f.context < 0 || f.context > maxContext || f.merge < 0 || f.merge > time.Minute:
		return o, fmt.Errorf("--max, --around (up to %d) and --merge (up to 1m) must not be negative", maxContext)
	}
	o.Until.End = f.noFollow || f.until == "now"
	if f.until != "" && f.until != "now" {
		t, err := tail.ParseMoment(f.until, now)
		if err != nil {
			return o, fmt.Errorf("--until: %w", err)
		}
		o.Until.Time = t
	}
	for _, text := range f.filters {
		one, err := filter.Parse(text)
		if err != nil {
			return o, fmt.Errorf("--filter: %w", err)
		}
		o.Filter = o.Filter.And(one)
	}
	for _, text := range f.exclude {
		one, err := filter.Parse(text)
		if err != nil {
			return o, fmt.Errorf("--exclude: %w", err)
		}
		o.Filter = o.Filter.And(one.Not())
	}
	return o, nil
}

func (f *tailFlags) format() (format.Kind, error) {
	if f.output != "text" && f.output != "json" && f.output != "raw" {
		return format.Auto, fmt.Errorf("--output %q: use text, json or raw", f.output)
	}
	if f.decode == "" {
		return noDecode, nil
	}
	if f.output != "json" {
		return format.Auto, errors.New("--decode: only with --output json")
	}
	kind, err := format.ParseKind(f.decode)
	if err != nil {
		return kind, fmt.Errorf("--decode: %w", err)
	}
	return kind, nil
}

// topicsLike puts the topics that are there in the place of patterns. One finds no internal topic unless it begins
// as their names do.
func topicsLike(ctx context.Context, a *conn.Admin, words []string) ([]string, error) {
	pattern := func(word string) bool { return strings.ContainsAny(word, `*?[`) }
	if !slices.ContainsFunc(words, pattern) {
		return words, nil
	}
	all, err := a.Topics(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, word := range words {
		if !pattern(word) {
			out = append(out, word)
			continue
		}
		n := len(out)
		for i := range all {
			if t := &all[i]; limit.Match(word, t.Name) && (!t.Internal || word[0] == '_') {
				out = append(out, t.Name)
			}
		}
		if len(out) == n {
			return nil, fmt.Errorf("no topic is like %s", word)
		}
	}
	return out, nil
}

// reads names the partitions of each topic, and where each begins.
func (f *tailFlags) reads(ctx context.Context, cfg conn.Config, topics []string, from kafka.Seek) ([]kafka.ReadSpec, error) {
	a, err := conn.OpenAdmin(cfg)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	each := map[string]map[int32]kafka.Seek{}
	if f.group != "" {
		commits, err := a.Committed(ctx, f.group)
		if err != nil {
			return nil, err
		}
		for tp, c := range commits {
			if each[tp.Topic] == nil {
				each[tp.Topic] = map[int32]kafka.Seek{}
			}
			each[tp.Topic][tp.Partition] = kafka.Seek{Kind: kafka.SeekOffset, Offset: c.Offset}
		}
		if len(topics) == 0 {
			for topic := range each {
				topics = append(topics, topic)
			}
			if slices.Sort(topics); len(topics) == 0 {
				return nil, fmt.Errorf("group %s has committed nothing: name a topic", f.group)
			}
		}
	}
	if topics, err = topicsLike(ctx, a, topics); err != nil {
		return nil, err
	}
	all, err := a.Partitions(ctx, topics)
	if err != nil {
		return nil, err
	}
	var out []kafka.ReadSpec
	for _, topic := range slices.Compact(slices.Sorted(slices.Values(topics))) {
		s := kafka.ReadSpec{
			Topic: topic, Partitions: all[topic], From: from, Each: each[topic], Bytes: tailBytes,
			Committed: f.isolation == readCommitted, Aborted: f.aborted, Markers: f.markers,
		}
		if f.partitions != nil {
			for _, p := range f.partitions {
				if !slices.Contains(s.Partitions, p) {
					return nil, fmt.Errorf("topic %s has no partition %d, it has %d", topic, p, len(s.Partitions))
				}
			}
			s.Partitions = slices.Compact(slices.Sorted(slices.Values(f.partitions)))
		}
		out = append(out, s)
	}
	return out, nil
}
