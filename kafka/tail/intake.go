package tail

import (
	"context"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/tail/filter"
	"lagtop/kafka/tail/order"
)

const (
	tick    = 50 * time.Millisecond // between two looks at what waits for its order, and at the time
	silence = 3 * time.Second       // a partition of which nothing is heard for so long holds up no other
)

// ending is why nothing more is read.
type ending int

const (
	going   ending = iota
	atEnd          // all was read that was asked for
	full           // Spec.Most was read
	stopped        // by Stop
)

// expect names the partitions that are known before they are read.
func (t *Tail) expect(now time.Time) {
	if t.spec.Merge > 0 && !t.spec.Until.Stops() {
		for _, tp := range t.spec.Expect {
			t.progress.Add(tp, now)
		}
	}
	for i := range t.spec.Reads {
		for _, p := range t.spec.Reads[i].Partitions {
			t.progress.Add(kafka.TopicPartition{Topic: t.spec.Reads[i].Topic, Partition: p}, now)
		}
	}
}

// claim is what of an event concerns the Tail: the partition, nil when its records are not wanted, and those that are.
func (t *Tail) claim(e *kafka.ReadEvent) (p *order.Part, records []kafka.Record, over bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ending != going || e.Partition < 0 {
		return nil, nil, false
	}
	now := time.Now()
	if !t.spec.Until.Stops() {
		t.progress.Add(e.TopicPartition, now)
	}
	if p, _ = t.progress.Begin(e, now); p == nil {
		return nil, nil, false
	}
	records, over = p.Wanted(e.Records)
	if t.spec.Most > 0 {
		records = records[:min(int64(len(records)), t.spec.Most-t.claimed)]
		t.claimed += int64(len(records))
	}
	return p, records, over
}

// take is called by the source. Records wait here while the Tail is paused.
func (t *Tail) take(ctx context.Context, e kafka.ReadEvent) {
	p, records, over := t.claim(&e)
	read := len(records)
	records, unsure := t.passing(records)
	t.mu.Lock()
	for t.paused && len(e.Records) > 0 {
		resumed := t.resumed
		t.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-resumed:
		}
		t.mu.Lock()
	}
	defer t.mu.Unlock()
	if ctx.Err() != nil || t.ending != going {
		return
	}
	t.note(&e, p)
	if p != nil {
		before := p.Newest()
		t.progress.End(p, &e, over)
		t.add(records, before)
	}
	t.read += int64(read)
	t.unsure += unsure
	t.rate.add(time.Now(), read)
	t.settle()
	t.changed()
}

// passing are the records that pass Spec.Keep; unsure counts those that were judged without their schemas. It is
// called without mu held: a filter may take its time.
func (t *Tail) passing(records []kafka.Record) (out []kafka.Record, unsure int64) {
	if t.spec.Keep.Empty() {
		return records, 0
	}
	for i := range records {
		passes, sure := t.spec.Keep.Judge(&records[i], filter.Cut{})
		if !sure {
			unsure++
		}
		if passes {
			out = append(out, records[i])
		}
	}
	return out, unsure
}

// add keeps records, at once where there is nothing to wait for. before is the timestamp of the one before them. It is
// called with mu held, as all that follow are.
func (t *Tail) add(records []kafka.Record, before time.Time) {
	if t.spec.Merge == 0 || t.progress.Len() < 2 && t.merged.Len() == 0 {
		for i := range records {
			t.ring.take(&records[i])
		}
		return
	}
	now := time.Now()
	for i := range records {
		e := t.ring.keep(&records[i])
		if !e.Timestamp.IsZero() {
			before = e.Timestamp
		}
		t.merged.Add(e, before, e.cost(), now)
		for t.merged.Full() {
			e, late, _ := t.merged.Pop()
			t.order(e, late)
		}
	}
}

// release keeps what no older record can come before any more.
func (t *Tail) release(now time.Time) {
	if t.merged.Len() == 0 {
		return
	}
	reached := t.progress.Reached(now, silence)
	for {
		e, late, ok := t.merged.Next(reached, now)
		if !ok {
			return
		}
		t.order(e, late)
	}
}

func (t *Tail) order(e Entry, late bool) {
	e.Late = late
	if late {
		t.late++
	}
	t.ring.add(e)
}

// settle ends the Tail when all was read. While paused nothing changes.
func (t *Tail) settle() {
	switch {
	case t.paused:
	case t.progress.Done():
		t.end(atEnd)
	case t.spec.Most > 0 && t.read >= t.spec.Most:
		t.end(full)
	}
}

func (t *Tail) end(why ending) {
	if t.ending != going {
		return
	}
	t.ending = why
	for {
		e, late, ok := t.merged.Pop()
		if !ok {
			break
		}
		t.order(e, late)
	}
	t.cancel()
}

// watch does what is due without an event.
func (t *Tail) watch(ctx context.Context) {
	clock := time.NewTicker(tick)
	defer clock.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-clock.C:
			t.due(now)
		}
	}
}

func (t *Tail) due(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.paused || t.ending != going {
		return
	}
	before := t.ring.seq
	t.release(now)
	t.progress.Due(now)
	t.settle()
	if t.ring.seq != before || t.ending != going {
		t.changed()
	}
}

// note keeps what an event says of its partition. Of what comes behind the end that was asked for it keeps nothing.
func (t *Tail) note(e *kafka.ReadEvent, wanted *order.Part) {
	if e.Partition < 0 {
		t.errs[e.Topic] = e.Err
		return
	}
	delete(t.errs, e.Topic)
	if wanted == nil && e.Kind != kafka.ReadFailed {
		return
	}
	p := t.parts[e.TopicPartition]
	if p == nil {
		p = &Partition{TopicPartition: e.TopicPartition}
		t.parts[e.TopicPartition] = p
	}
	if t.progress.Ended(e.TopicPartition) {
		return
	}
	if e.Kind == kafka.ReadFailed {
		p.Err = e.Err
		if p.Since.IsZero() {
			p.Since = time.Now()
		}
		return
	}
	p.read(e)
}
