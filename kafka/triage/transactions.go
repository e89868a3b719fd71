package triage

import (
	"strconv"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
)

// longest is how long a transaction may last on brokers with stock settings (transaction.max.timeout.ms):
// the coordinator aborts it then. One that is older is no longer the coordinator's.
const longest = 15 * time.Minute

// hung is the partition whose last stable offset stands for longest, and for how many more it stands. One at
// the end of a quiet log keeps nobody waiting longer than a transaction may take.
func (l *Look) hung() (worst *kafka.Partition, others int) {
	for i := range l.Topic.Partitions {
		p := &l.Topic.Partitions[i]
		s := p.Stable
		switch {
		case s == nil || !s.Standing() || !p.End.OK || p.End.V <= s.Offset, p.End.V <= s.End && s.Stood() <= longest:
			continue
		case worst != nil:
			others++
		}
		if worst == nil || s.Since.Before(worst.Stable.Since) {
			worst = p
		}
	}
	return worst, others
}

func hungTransaction(l *Look) Answer {
	p, _ := l.hung()
	return when(p != nil)
}

func hungAt(l *Look) (kafka.TopicPartition, string) {
	p, _ := l.hung()
	return kafka.TopicPartition{Topic: l.Topic.Name, Partition: p.ID}, ""
}

func sayHungTransaction(l *Look) string {
	p, others := l.hung()
	s := p.Stable
	name := place(kafka.TopicPartition{Topic: l.Topic.Name, Partition: p.ID})
	out := "LSO of " + name + " stands at " + exact(s.Offset) + " for over " + human.Span(s.Stood())
	if grown := p.End.V - s.End; grown > 0 {
		out += " while the end moved on by " + human.Count(grown)
	} else {
		out += " with " + human.Count(p.End.V-s.Offset) + " behind it"
	}
	out += ": read_committed consumers wait"
	if s.Open != nil {
		out += "; " + sayOpen(s, l.Now)
	}
	if s.Stood() > longest {
		out += "; no transaction may take that long (transaction.max.timeout.ms, 15 min by default)"
	}
	if others > 0 {
		out += "; so do " + human.Plural(others, "more partition")
	}
	return out
}

// sayOpen names the producer. It wrote what is newest at the time that its clock told.
func sayOpen(s *kafka.StableOffset, now time.Time) string {
	out := "producer id " + exact(s.Open.Producer) + " epoch " + strconv.Itoa(int(s.Open.Epoch))
	since := now.Sub(s.Open.Wrote)
	switch {
	case s.Open.Wrote.IsZero() || since < -kafka.FutureSkew:
		out += " has it open"
	case since < s.Stood()/2:
		out += " still writes"
	default:
		out += " wrote last " + human.Span(since) + " ago"
	}
	return out
}
