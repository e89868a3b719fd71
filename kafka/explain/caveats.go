package explain

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
)

func span(d time.Duration) string { return human.Span(d) }

// keptTopics is up to how many topics the settings are looked up for one explanation.
const keptTopics = 3

// lagCaveats are what makes a lag differ from the records that wait.
func (q *query) lagCaveats(parts []*kafka.GroupPartition) {
	lag := int64(0)
	for _, p := range parts {
		lag += p.Lag.V
	}
	if lag == 0 {
		return
	}
	if q.group.Type == kafka.Share {
		q.mind("Records that members hold and have not acknowledged yet count as lag; how many those are brokers do not tell.")
		return
	}
	q.compacted(topicsOf(parts), "lag")
	q.openTransactions(q.logsOf(parts))
	if n := readAlready(parts); n > 0 {
		q.mind(fmt.Sprintf("A commit comes after the reading: with the stock auto-commit every 5 s up to about %s of it may be read already (5 s of OUT/s), and polls see commits in steps.", human.Count(n)))
	}
}

// readAlready is what may be read and not yet committed by consumers that commit every 5 s.
func readAlready(parts []*kafka.GroupPartition) int64 {
	n := int64(0)
	for _, p := range parts {
		if p.Lag.OK && p.Out.OK {
			n += min(p.Lag.V, int64(p.Out.V*5))
		}
	}
	return n
}

func topicsOf(parts []*kafka.GroupPartition) []string {
	var out []string
	for _, p := range parts {
		if len(out) == 0 || out[len(out)-1] != p.Topic {
			out = append(out, p.Topic)
		}
	}
	return out
}

// compacted says whether offsets are fewer records than they seem.
func (q *query) compacted(topics []string, what string) {
	if len(topics) > keptTopics {
		q.mind("Offsets are not records: gaps of compaction and transaction markers count. Choose a partition to see its cleanup.policy.")
		return
	}
	for _, t := range topics {
		policy, why := q.setting(t, "cleanup.policy")
		switch {
		case strings.Contains(policy, "compact"):
			q.mind(fmt.Sprintf("%s has cleanup.policy=%s: offsets that compaction removed count too, so fewer records may wait than the %s says.", name(t), line(policy), what))
		case policy == "" && why != nil:
			q.mind(fmt.Sprintf("Whether %s is compacted is not known (%s): if it is, fewer records may wait than the %s says.", name(t), line(why.Error()), what))
		}
	}
	q.mind("Each transaction marker takes an offset and counts as a record, where producers use transactions.")
}

// setting is a setting of a topic, empty with the reason when it is not known.
func (q *query) setting(topic, of string) (string, error) {
	var f Facts
	if q.Kept != nil {
		f = q.Kept(topic)
	}
	for _, c := range f.Values {
		if c.Name == of {
			return c.Value, nil
		}
	}
	return "", f.reason()
}

// openTransactions says where read_committed consumers cannot read on. The high watermark is what lag is
// measured by, whatever the isolation level of the consumers is, which no API tells.
func (q *query) openTransactions(logs []*kafka.Partition) {
	held, unasked := 0, 0
	var worst *kafka.StableOffset
	for _, l := range logs {
		switch s := l.Stable; {
		case s == nil && l.End.OK && l.End != l.Start:
			unasked++
		case s == nil || s.Seen == 0:
		default:
			held++
			if worst == nil || s.End-s.Offset > worst.End-worst.Offset {
				worst = s
			}
		}
	}
	if held > 0 {
		where := ""
		if len(logs) > 1 {
			where = " in " + human.Plural(held, "partition") + ", at worst"
		}
		q.mind(fmt.Sprintf("An open transaction%s: last stable offset %d, %d below the high watermark %d (ListOffsets read_committed, %s ago). Consumers with isolation.level=read_committed cannot read on there, so this lag is not theirs to shrink%s.",
			where, worst.Offset, worst.End-worst.Offset, worst.End, span(q.Now.Sub(worst.At)), producer(worst)))
		return
	}
	if unasked > 0 && len(logs) == 1 {
		q.mind("The end is the high watermark. Whether an open transaction keeps read_committed consumers from it is not known: the last stable offset is asked for every 30 s.")
	}
}

func producer(s *kafka.StableOffset) string {
	if s.Open == nil {
		return ""
	}
	return "; its producer id is " + strconv.FormatInt(s.Open.Producer, 10)
}

// retention says how records leave the log.
func (q *query) retention(topic string) {
	policy, why := q.setting(topic, "cleanup.policy")
	if policy == "" {
		if why != nil {
			q.mind(fmt.Sprintf("How long %s keeps records is not known: %s.", name(topic), line(why.Error())))
		}
		return
	}
	text := "cleanup.policy=" + line(policy)
	if ms, _ := q.setting(topic, "retention.ms"); ms != "" {
		text += ", retention.ms=" + line(ms) + inWords(ms)
	}
	if b, _ := q.setting(topic, "retention.bytes"); b != "" && b != "-1" {
		text += ", retention.bytes=" + line(b)
	}
	q.mind(name(topic) + " has " + text + ": the log start moves on when whole segments are past that, the active segment stays.")
}

func inWords(ms string) string {
	n, err := strconv.ParseInt(ms, 10, 64)
	if err != nil || n < 0 || n > int64(1<<62)/int64(time.Millisecond) {
		return ""
	}
	return " (" + span(time.Duration(n)*time.Millisecond) + ")"
}
