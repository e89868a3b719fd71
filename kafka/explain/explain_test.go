package explain

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/lag"
	"lagtop/kafka/safe"
)

// words is an explanation on one line, for looking things up in it.
func words(e *Explanation) string {
	var b strings.Builder
	fmt.Fprintln(&b, e.Title)
	fmt.Fprintln(&b, e.Meaning)
	for _, s := range e.Sources {
		fmt.Fprintf(&b, "from %s", s.Text)
		if s.Old != "" {
			fmt.Fprintf(&b, " OLD %s", s.Old)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%s: %s\n", e.Quality, strings.Join(e.Why, "\n"))
	b.WriteString(strings.Join(e.Caveats, "\n"))
	return b.String()
}

func unknownCommit(w *World, why string) {
	p := &w.g().Partitions[0]
	p.Committed, p.Err = kafka.Known[int64]{}, why
	join(w)
}

func open(w *World) {
	w.log(0).Stable = &kafka.StableOffset{Offset: 950, At: noon.Add(-12 * time.Second), Seen: 4, Since: noon.Add(-2 * time.Minute), End: 990, Open: &kafka.OpenTransaction{Producer: 77, Start: 950}}
}

func age(kind kafka.AgeKind, from, to time.Duration) func(*World) {
	return func(w *World) {
		w.g().Partitions[0].Age = kafka.Some(kafka.Age{Min: from, Max: to, Kind: kind})
		w.log(0).Times = &kafka.LogTimes{Asked: noon.Add(-20 * time.Second), Points: make([]kafka.TimePoint, 6)}
	}
}

// course is what a row of the table looks at.
type course struct {
	ref     Ref
	change  func(*World)
	quality Quality
	has     []string
	not     []string
}

var (
	one   = OfGroupPartition("payments", tp("orders", 0))
	whole = OfGroup("payments")
)

func TestLagSaysWhereItComesFrom(t *testing.T) {
	check(t, map[string]course{
		"of one partition": {one.As(Lag), nil, Exact, []string{
			"lag of payments in orders/0", "committed 900: OffsetFetch from broker 2, coordinator of payments",
			"end 1000: ListOffsets(-1) from broker 1, leader of orders/0", "by lagtop",
		}, []string{"open transaction holds", "compaction removed", "OLD"}},
		"of a compacted topic": {one.As(Lag), func(w *World) { w.Kept = settings("cleanup.policy", "compact,delete") }, Exact,
			[]string{"orders has cleanup.policy=compact,delete", "compaction removed count too"}, nil},
		"with settings that were not read": {one.As(Lag), func(w *World) { w.Kept = nil }, Exact, []string{"Whether orders is compacted is not known (it is not read here)"}, nil},
		"behind an open transaction": {one.As(Lag), open, Exact, []string{
			"last stable offset 950, 40 below the high watermark 990", "12 s ago", "read_committed", "producer id is 77"}, nil},
		"while the group reads": {one.As(Lag), func(w *World) { p := &w.g().Partitions[0]; p.In, p.Out = kafka.Some(10.0), kafka.Some(12.0) }, Exact,
			[]string{"auto-commit every 5 s up to about 60 of it"}, nil},
		"of all read":         {OfGroupPartition("payments", tp("orders", 1)).As(Lag), nil, Exact, []string{"end 2000"}, []string{"transaction"}},
		"without a commit":    {one.As(Lag), func(w *World) { unknownCommit(w, "") }, Unknown, []string{"no commit", "offsets.retention.minutes"}, nil},
		"with a failed fetch": {one.As(Lag), func(w *World) { unknownCommit(w, "NOT_COORDINATOR") }, Unknown, []string{"commit not read, NOT_COORDINATOR"}, []string{"never committed"}},
		"without a leader": {one.As(Lag), func(w *World) { l := w.log(0); l.Leader, l.End = kafka.Known[int32]{}, kafka.Known[int64]{}; join(w) }, Unknown,
			[]string{"no leader, so no end", "it has none"}, nil},
		"of a deleted topic": {one.As(Lag), func(w *World) { w.Snapshot.Topics = nil; join(w) }, Unknown, []string{"not in Metadata", "not authorized: DESCRIBE"}, nil},
		"of lost records": {one.As(Lag), func(w *World) { w.log(0).Start = kafka.Some[int64](950); join(w) }, Exact,
			[]string{"50 records below the log start (950) are lost"}, nil},
		"of a commit beyond the end": {one.As(Lag), func(w *World) { w.log(0).End = kafka.Some[int64](880); join(w) }, Exact, []string{"20 beyond the end", "counts as 0"}, nil},
		"of a share group": {one.As(Lag), func(w *World) { w.g().Type = kafka.Share; w.g().Partitions[0].Lag = kafka.Some[int64](90) }, Exact,
			[]string{"DescribeShareGroupOffsets from broker 2", "the broker's own count"}, []string{"ListOffsets"}},
		"of the group":            {whole.As(Lag), nil, Exact, []string{"commits of 3 partitions: OffsetFetch", "leaders, brokers 1, 2, 3", "all 3 partitions are known"}, nil},
		"of a member":             {OfMember("payments", "m1").As(Lag), nil, Exact, []string{"lag of pay-1 in payments", "commits of 2 partitions"}, nil},
		"of what no member owns":  {OfUnowned("payments").As(Lag), nil, Exact, []string{"commits of 1 partition:"}, nil},
		"of the group in a topic": {OfGroupTopic("payments", "orders").As(Lag), nil, Exact, []string{"lag of payments in orders"}, nil},
		"that misses parts": {whole.As(Lag), func(w *World) {
			unknownCommit(w, "")
			w.log(2).End, w.log(2).Err = kafka.Known[int64]{}, "its leader, broker 3, does not answer"
			w.g().Hidden = []string{"secrets"}
			join(w)
		}, AtLeast, []string{"orders/0: no commit", "orders/2: end not read, its leader, broker 3", "secrets: not authorized: DESCRIBE"}, nil},
		"of which all is missing": {OfGroupTopic("payments", "orders").As(Lag), func(w *World) {
			for i := range w.g().Partitions {
				w.g().Partitions[i].Committed = kafka.Known[int64]{}
			}
			join(w)
		}, Unknown, []string{"orders/0, orders/1, orders/2: no commit"}, nil},
		"of a framework's group":  {whole.As(Lag), func(w *World) { w.g().ProtocolType, w.g().Partitions = "connect", nil }, Unknown, []string{"connect commits no offsets"}, nil},
		"of a group that is gone": {OfGroup("nobody").As(Lag), nil, Unknown, []string{"not in the newest answers"}, nil},
	})
}

func TestAStalePartSaysWhy(t *testing.T) {
	hang := func(w *World) {
		w.g().At = noon.Add(-10 * time.Second)
		w.Snapshot.Faults = []kafka.Fault{{Broker: kafka.Some[int32](2), Addr: "10.0.0.2:9092", Op: "OffsetFetch", Reason: "no answer within 3 s"}}
	}
	check(t, map[string]course{
		"coordinator hangs": {one.As(Lag), hang, Outdated, []string{"OLD broker 2 (10.0.0.2:9092): OffsetFetch: no answer within 3 s"}, nil},
		"one group denied": {one.As(Lag), func(w *World) {
			w.g().Partitions[0].Err = "GROUP_AUTHORIZATION_FAILED"
		}, Outdated, []string{"OLD GROUP_AUTHORIZATION_FAILED", "it was exact when"}, nil},
		"leader down": {one.As(LogEnd), func(w *World) { w.log(0).Err = "its leader, broker 1, does not answer" }, Outdated, []string{"OLD its leader, broker 1"}, nil},
		"gone":        {whole.As(GroupState), func(w *World) { w.g().Gone = true }, Unknown, []string{"in no broker's answer", "12 s"}, nil},
		"silently":    {whole.As(Members), func(w *World) { w.g().At = noon.Add(-time.Minute) }, Outdated, []string{"OLD not renewed"}, nil},
		"a broker": {OfBroker(2).As(BrokerState), func(w *World) { hang(w); w.Snapshot.Brokers[1].At = noon.Add(-10 * time.Second) }, Outdated,
			[]string{"OLD broker 2", "does not answer lagtop"}, nil},
		"metadata": {OfTopic("orders").As(InSync), func(w *World) {
			w.Snapshot.Faults = []kafka.Fault{{Op: "Metadata", Reason: "no broker answered", Since: noon.Add(-9 * time.Second)}}
		}, Outdated, []string{"OLD : Metadata: no broker answered"}, nil},
	})
}

func TestAgeSaysHowWellItIsKnown(t *testing.T) {
	check(t, map[string]course{
		"exact":        {one.As(Age), age(kafka.AgeExact, time.Hour, time.Hour), Exact, []string{"record at offset 900: Fetch from broker 1", "record's own timestamp"}, nil},
		"interpolated": {one.As(Age), age(kafka.AgeInterpolated, time.Minute, time.Minute), Interpolated, []string{"log end passed offset 900", "samples"}, nil},
		"bracket":      {one.As(Age), age(kafka.AgeBracket, time.Hour, 6*time.Hour), Bracketed, []string{"at least 1 h and at most 6 h", "ListOffsets by timestamp from broker 1", "every 30 s"}, nil},
		"open above":   {one.As(Age), age(kafka.AgeAtLeast, 24*time.Hour, 0), AtLeast, []string{"older than 24 h", "no upper border"}, nil},
		"future":       {one.As(Age), age(kafka.AgeFuture, 0, 0), Unknown, []string{"has not come yet"}, nil},
		"nothing unread": {OfGroupPartition("payments", tp("orders", 1)).As(Age), func(w *World) { w.g().Partitions[1].Age = kafka.Some(kafka.Age{}) }, Exact,
			[]string{"nothing is unread"}, nil},
		"too early": {one.As(Age), watch, Unknown, []string{"not enough history, lagtop has watched for 10 s", "every 30 s"}, nil},
		"no stamp": {one.As(Age), func(w *World) {
			age(kafka.AgeBracket, 1, 2)(w)
			w.Age = func(*kafka.GroupPartition) kafka.Known[kafka.Age] { return kafka.Known[kafka.Age]{} }
		}, Unknown, []string{"no timestamp"}, nil},
		"no commit": {one.As(Age), func(w *World) { unknownCommit(w, "") }, Unknown, []string{"no commit"}, nil},
		"of a group": {whole.As(Age), func(w *World) {
			age(kafka.AgeBracket, time.Hour, 6*time.Hour)(w)
			w.g().Partitions[1].Age, w.g().Partitions[2].Age = kafka.Some(kafka.Age{}), kafka.Some(kafka.Age{})
		}, Bracketed, []string{"oldest: orders/0", "ListOffsets by timestamp"}, nil},
		"of a group with gaps": {whole.As(Age), func(w *World) {
			age(kafka.AgeInterpolated, time.Hour, time.Hour)(w)
			w.g().Partitions[2].Committed = kafka.Known[int64]{}
			w.g().Partitions[1].Age = kafka.Some(kafka.Age{})
			join(w)
		}, AtLeast, []string{"1 h is the oldest that is known", "orders/2: no commit"}, nil},
		"of a group unknown": {whole.As(Age), nil, Unknown, []string{"may be the oldest", "not enough history"}, nil},
	})
}

func TestRatesSayWhatTheyAreMeasuredBy(t *testing.T) {
	rates := func(in, out bool) func(*World) {
		return func(w *World) {
			watch(w)
			for i := range w.g().Partitions {
				p := &w.g().Partitions[i]
				p.In, p.Out = kafka.Known[float64]{V: 5, OK: in}, kafka.Known[float64]{V: 7, OK: out}
				w.log(i).In = kafka.Known[float64]{V: 5, OK: in}
			}
		}
	}
	check(t, map[string]course{
		"in":             {one.As(In), rates(true, true), Exact, []string{"ListOffsets(-1) from broker 1", "last minute"}, nil},
		"out":            {one.As(Out), rates(true, true), Exact, []string{"OffsetFetch from broker 2", "commits rarely"}, []string{"ListOffsets"}},
		"in at first":    {one.As(In), nil, Unknown, []string{"watching, 2 s more"}, nil},
		"out at first":   {whole.As(Out), nil, Unknown, []string{"watching, 2 s more"}, nil},
		"later unknown":  {one.As(In), watch, Unknown, []string{"two good answers within a minute"}, nil},
		"in of a group":  {whole.As(In), rates(true, false), Unknown, nil, nil}, // it counts where both are known
		"in of a topic":  {OfTopic("orders").As(In), rates(true, true), Exact, []string{"leaders, brokers 1, 2, 3"}, nil},
		"in of a broker": {OfBroker(2).As(In), rates(true, true), Exact, []string{"broker 2, their leader", "the broker leads"}, nil},
		"in of a log":    {OfPartition(tp("orders", 2)).As(In), rates(true, true), Exact, []string{"end 3000"}, nil},
		"in with gaps": {OfTopic("orders").As(In), func(w *World) { rates(true, true)(w); w.log(1).In = kafka.Known[float64]{} }, AtLeast,
			[]string{"1 of 3 partitions"}, nil},
		"ETA":           {whole.As(ETA), rates(true, true), Interpolated, []string{"OUT/s 21/s, IN/s 15/s", "never"}, nil},
		"ETA at first":  {whole.As(ETA), nil, Unknown, []string{"a rate is unknown"}, nil},
		"ETA of a part": {whole.As(ETA), func(w *World) { rates(true, true)(w); unknownCommit(w, "") }, AtLeast, []string{"orders/0: no commit"}, nil},
		"ETA while a rate is unknown": {whole.As(ETA), func(w *World) { rates(true, true)(w); w.g().Partitions[1].In = kafka.Known[float64]{} }, Unknown,
			[]string{"the lag holds 1 partition whose rates are unknown"}, nil},
		"ETA while one stands still": {whole.As(ETA), func(w *World) { rates(true, true)(w); w.g().Partitions[1].Verdict.Kind = kafka.VerdictStalled }, Unknown,
			[]string{"some of it stands still"}, nil},
		"drain":          {whole.As(Drain), rates(true, true), Exact, []string{"OUT/s minus IN/s"}, nil},
		"trend":          {whole.As(LagTrend), rates(true, true), Exact, []string{"last 2 minutes"}, nil},
		"trend at first": {whole.As(LagTrend), nil, Unknown, []string{"not watched for two polls"}, nil},
		"topic's trend":  {OfTopic("orders").As(InTrend), watch, Exact, []string{"ListOffsets(-1)"}, nil},
	})
}

func TestOffsetsAndRecords(t *testing.T) {
	check(t, map[string]course{
		"commit":          {one.As(Committed), nil, Exact, []string{"commit 900: OffsetFetch", "OffsetFetch does not tell"}, nil},
		"no commit":       {one.As(Committed), func(w *World) { unknownCommit(w, "") }, Unknown, []string{"no commit"}, nil},
		"negative":        {one.As(Committed), func(w *World) { w.g().Partitions[0].Committed = kafka.Some[int64](-5); join(w) }, Exact, []string{"Brokers store any number"}, nil},
		"share's start":   {one.As(Committed), func(w *World) { w.g().Type = kafka.Share }, Exact, []string{"SPSO", "start offset 900: DescribeShareGroupOffsets"}, nil},
		"end":             {one.As(LogEnd), open, Exact, []string{"high watermark", "last stable offset 950"}, nil},
		"end unasked":     {one.As(LogEnd), nil, Exact, []string{"every 30 s"}, nil},
		"start":           {OfPartition(tp("orders", 0)).As(LogStart), func(w *World) { w.Kept = settings("cleanup.policy", "delete", "retention.ms", "604800000") }, Exact, []string{"ListOffsets(-2)", "retention.ms=604800000 (7 days)"}, nil},
		"start unread":    {OfPartition(tp("orders", 0)).As(LogStart), func(w *World) { w.log(0).Start = kafka.Known[int64]{} }, Unknown, nil, nil},
		"records":         {OfTopic("orders").As(Records), nil, Exact, []string{"ListOffsets(-2)", "end minus log start"}, nil},
		"records in gaps": {OfTopic("orders").As(Records), func(w *World) { w.log(1).End = kafka.Known[int64]{} }, AtLeast, []string{"partition 1: end not read"}, nil},
		"metadata":        {one.As(CommitMetadata), nil, Exact, []string{"OffsetFetch"}, nil},
	})
}

func TestVerdictSaysWhenItCanJudge(t *testing.T) {
	judge := func(v kafka.Verdict) func(*World) {
		return func(w *World) { w.g().Verdict, w.g().Partitions[0].Verdict = v, v }
	}
	check(t, map[string]course{
		"stalled": {whole.As(Verdict), judge(kafka.Verdict{Kind: kafka.VerdictStalled, Rule: "stalled", Since: noon.Add(-6 * time.Minute), Evidence: "orders/0 is flat"}), Judged,
			[]string{"rule stalled", "STALLED, for 6 min", "orders/0 is flat"}, nil},
		"watching":   {one.As(Verdict), judge(kafka.Verdict{Watching: 40 * time.Second}), Unknown, []string{"watching: rules that need history can judge in 40 s"}, nil},
		"a member's": {OfMember("payments", "m1").As(Verdict), judge(kafka.Verdict{Kind: kafka.VerdictLost, Rule: "lost"}), Judged, []string{"LOST"}, nil},
		"nothing":    {whole.As(Verdict), nil, Unknown, []string{"too little history"}, nil},
	})
}

func TestGroupsAndBrokersSayWhoToldIt(t *testing.T) {
	check(t, map[string]course{
		"state":            {whole.As(GroupState), nil, Exact, []string{"DescribeGroups from broker 2"}, nil},
		"state of KIP-848": {whole.As(GroupState), func(w *World) { w.g().Type = kafka.Consumer }, Exact, []string{"ConsumerGroupDescribe"}, nil},
		"rebalancing":      {OfMember("payments", "m1").As(Assigned), func(w *World) { w.g().AssignmentOld = true }, Exact, []string{"last known ones"}, nil},
		"opaque":           {OfMember("payments", "m1").As(Assigned), func(w *World) { w.g().Members[0].Opaque = "not decodable" }, Unknown, []string{"not decodable"}, nil},
		"no owner":         {OfGroupPartition("payments", tp("orders", 2)).As(Owner), nil, Exact, []string{"no member is assigned"}, nil},
		"no epoch":         {OfMember("payments", "m1").As(MemberEpoch), nil, Unknown, []string{"generation"}, nil},
		"controller":       {OfBroker(1).As(Controller), nil, Exact, []string{"DescribeQuorum", "node 1"}, nil},
		"leaders":          {OfBroker(1).As(Leads), nil, Exact, []string{"Metadata", "counted by lagtop"}, nil},
		"readers":          {OfTopic("orders").As(Readers), func(w *World) { w.g().Err = "denied" }, AtLeast, []string{"1 group could not be described"}, nil},
		"coordinates":      {OfBroker(2).As(Coordinates), nil, Exact, []string{"ListGroups from broker 2"}, nil},
		"a setting":        {OfTopicSetting("orders", "retention.ms").As(SettingValue), func(w *World) { w.Read = func(Ref) Facts { return Facts{At: noon} } }, Exact, []string{"DescribeConfigs"}, []string{"OLD"}},
		"a setting unread": {OfBrokerSetting(1, "x").As(SettingValue), nil, Unknown, []string{"not read here"}, nil},
		"free space":       {OfLogDir(1, "/data").As(DirFree), func(w *World) { w.Read = func(Ref) Facts { return Facts{At: noon.Add(-time.Minute)} } }, Exact, []string{"DescribeLogDirs from broker 1", "KIP-827"}, []string{"OLD"}},
		"a finding": {OfFinding(&kafka.Finding{Rule: "idle", Subject: kafka.Subject{Kind: kafka.SubjectGroup, Group: "payments"}}).As(Evidence), func(w *World) {
			w.Snapshot.Findings = []kafka.Finding{{Rule: "idle", Subject: kafka.Subject{Kind: kafka.SubjectGroup, Group: "payments", Topic: "orders"}, Evidence: "pay-1 idles", Since: noon.Add(-time.Minute)}}
		}, Judged, []string{"rule idle", "pay-1 idles", "held for 1 min"}, nil},
		"hidden topics": {whole.As(HiddenTopics), nil, Exact, []string{"DESCRIBE"}, nil},
	})
}

func check(t *testing.T, table map[string]course) {
	t.Helper()
	for what, c := range table {
		w := scene()
		if c.change != nil {
			c.change(w)
		}
		e := Of(w, c.ref)
		text := words(&e)
		if e.Quality != c.quality {
			t.Errorf("%s: %s, want %s\n%s", what, e.Quality, c.quality, text)
		}
		for _, has := range c.has {
			if !strings.Contains(text, has) {
				t.Errorf("%s: does not say %q\n%s", what, has, text)
			}
		}
		for _, not := range c.not {
			if strings.Contains(text, not) {
				t.Errorf("%s: says %q\n%s", what, not, text)
			}
		}
	}
}

func TestEveryQuantityIsExplainedWhereverItStands(t *testing.T) {
	places := []Ref{
		whole, OfMember("payments", "m1"), OfUnowned("payments"), OfGroupTopic("payments", "orders"), one, OfTopic("orders"),
		OfPartition(tp("orders", 0)), OfBroker(1), OfTopicSetting("orders", "x"), OfBrokerSetting(1, "x"), OfLogDir(1, "/d"), OfQuorum(1), OfTail("orders"),
		OfGroup("gone"), OfMember("payments", "gone"), OfGroupPartition("gone", tp("gone", 1)), OfTopic("gone"), OfPartition(tp("orders", 9)), OfBroker(9),
		OfFinding(&kafka.Finding{Rule: "x"}),
	}
	for q := None + 1; int(q) < len(book); q++ {
		if book[q].title == "" || book[q].meaning == "" || book[q].tell == nil {
			t.Errorf("quantity %d has no explanation", q)
		}
		for _, p := range scopesOf(q, places) {
			for what, w := range map[string]*World{"a scene": scene(), "nothing": {Snapshot: &kafka.Snapshot{}}} {
				e := Of(w, p.As(q))
				if e.Title == "" || e.Meaning == "" || len(e.Why) == 0 && len(e.Sources) == 0 {
					t.Errorf("%s of %+v in %s: %+v", book[q].title, p, what, e)
				}
			}
		}
	}
	if e := Of(scene(), whole); e.Meaning != "" {
		t.Errorf("a place is no number: %+v", e)
	}
}

// scopesOf are the places where a quantity can stand.
func scopesOf(q Quantity, all []Ref) []Ref {
	var out []Ref
	for _, p := range all {
		if book[q].at&(1<<p.Scope) != 0 {
			out = append(out, p)
		}
	}
	return out
}

func TestANumberInTheWrongPlaceHasNoExplanation(t *testing.T) {
	for _, r := range []Ref{whole.As(Committed), OfMember("payments", "m1").As(LogEnd), OfTopic("orders").As(Lag), OfBroker(1).As(Evidence), one.As(Quantity(len(book))), one.As(-1)} {
		if e := Of(scene(), r); e.Meaning != "" {
			t.Errorf("%+v: %+v", r, e)
		}
	}
}

func TestNothingFromTheClusterReachesTheScreenAsItIs(t *testing.T) {
	evil := "esc\x1b[31m\n\u202e"
	w := scene()
	g := w.g()
	g.Name, g.Err, g.Hidden, g.ProtocolType, g.State = evil, evil, []string{evil}, evil, kafka.GroupState(evil)
	g.Members[0].ClientID, g.Members[0].Opaque = evil, evil
	g.Partitions[0].Err, g.Partitions[0].Committed = evil, kafka.Known[int64]{}
	g.Verdict = kafka.Verdict{Kind: kafka.VerdictLost, Rule: evil, Evidence: evil}
	w.log(1).Err = evil
	w.Snapshot.Faults = []kafka.Fault{{Group: evil, Op: "OffsetFetch", Reason: evil}}
	w.Kept = settings("cleanup.policy", evil+"compact", "retention.ms", evil)
	lag.Join(g, w.Snapshot.Topic)
	places := []Ref{OfGroup(evil), OfMember(evil, "m1"), OfGroupPartition(evil, tp("orders", 0)), OfPartition(tp("orders", 1)), OfTopic("orders"), OfTopic(evil)}
	for q := None + 1; int(q) < len(book); q++ {
		for _, p := range scopesOf(q, places) {
			e := Of(w, p.As(q))
			for _, l := range strings.Split(words(&e), "\n") {
				if safe.Line(l) != l {
					t.Errorf("%s: %q", book[q].title, l)
				}
			}
		}
	}
}

func TestTheFirstNumberOfARowIsItsLag(t *testing.T) {
	row := []Ref{whole.As(GroupName), whole.As(In), whole.As(Lag)}
	if at := First(row); at != 2 {
		t.Errorf("first is %d", at)
	}
	if at := First(row[:2]); at != 1 {
		t.Errorf("without a lag first is %d", at)
	}
	if at := First(row[:1]); at != 0 {
		t.Errorf("without a number first is %d", at)
	}
}
