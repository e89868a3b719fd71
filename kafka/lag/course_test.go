package lag

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"lagtop/kafka"
)

// over are n steps that end where the newest poll of the world is.
func over(w *world, window time.Duration, n int) Buckets {
	return Buckets{From: w.now.Add(-window), Step: window / time.Duration(n), N: n}
}

func TestCourseOfAGroup(t *testing.T) {
	w := newWorld()
	w.steady(30, two, 100, 100) // a minute without lag
	w.steady(30, two, 200, 195) // lag rises to 300
	w.steady(30, two, 400, 400) // and stays
	for name, of := range map[string][]kafka.TopicPartition{"group": nil, "its only partition": {w.tp}} {
		c := w.h.Course("g", of, over(w, 3*time.Minute, 9))
		if draw(c.Lag) != "000123333" || draw(c.In) != "111222444" || draw(c.Out) != "111222444" {
			t.Errorf("%s: lag %s, in %s, out %s", name, draw(c.Lag), draw(c.In), draw(c.Out))
		}
	}
	if got := draw(w.h.Produced(OfTopic("orders"), over(w, 3*time.Minute, 9))); got != "111222444" {
		t.Errorf("produced %s", got)
	}
}

func TestCourseOfAMemberIsTheSumOfItsPartitions(t *testing.T) {
	w := newWorld()
	clicks, other := kafka.TopicPartition{Topic: "clicks"}, kafka.TopicPartition{Topic: "other"}
	for i := range int64(31) {
		for k, tp := range []kafka.TopicPartition{w.tp, clicks, other} {
			w.topics[tp.Topic] = &log{ends: []kafka.Known[int64]{some(1000 * i)}}
			w.group[tp] = some(max(1000*i-int64(100*(k+1)), 0))
		}
		w.poll(two)
	}
	b := over(w, 40*time.Second, 4)
	if c := w.h.Course("g", []kafka.TopicPartition{w.tp, clicks}, b); draw(c.Lag) != "3333" || draw(w.h.Lags("g", []kafka.TopicPartition{w.tp, clicks}, b)) != "3333" || !near(c.In[3], 1000) || !near(c.Out[3], 1000) {
		t.Errorf("two partitions: %+v", c)
	}
	if c := w.h.Course("g", nil, b); draw(c.Lag) != "6666" || !near(c.In[3], 1500) {
		t.Errorf("all: %+v", c)
	}
	if in, out := w.h.Flow("g", []kafka.TopicPartition{w.tp, clicks}, Short); !near(in.Known, 1000) || !out.OK {
		t.Errorf("flow of two: %v %v", in, out)
	}
}

func TestCourseDoesNotSumWhatMissesAPart(t *testing.T) {
	w := newWorld()
	clicks := kafka.TopicPartition{Topic: "clicks"}
	w.topics["clicks"] = &log{ends: []kafka.Known[int64]{some(500)}}
	w.group[clicks] = some(300)
	w.steady(10, two, 0, 0)
	w.topics["clicks"].ends[0] = unknown
	w.steady(10, two, 0, 0)
	w.topics["clicks"].ends[0] = some(500)
	w.steady(10, two, 0, 0)
	c := w.h.Course("g", []kafka.TopicPartition{w.tp, clicks}, over(w, time.Minute, 6))
	if got := draw(c.Lag); got != "22--22" || got != draw(w.h.Lags("g", []kafka.TopicPartition{w.tp, clicks}, over(w, time.Minute, 6))) {
		t.Errorf("lag %s, want a gap while clicks/0 is unknown", got)
	}
}

func TestCourseNeverShowsANegativeRate(t *testing.T) {
	w := newWorld()
	w.steady(30, two, 100, 100)
	end := w.topics["orders"].ends[0].V
	w.at(two, end+200, end-5000)
	w.steady(29, two, 100, 100)
	c := w.h.Course("g", nil, over(w, 2*time.Minute, 120))
	for i, v := range c.Out {
		if v.OK && (v.V < 0 || v.V > 110) {
			t.Errorf("step %d: %v", i, v.V)
		}
	}
	if !near(c.Out[119], 100) {
		t.Errorf("at last %v, want 100", c.Out[119])
	}
}

func TestCourseOfAShareGroup(t *testing.T) {
	w := newWorld()
	w.typ = kafka.Share
	for i := range int64(31) {
		w.topics["orders"].ends[0], w.group[w.tp] = some(1000*i), some(200*i)
		w.poll(two)
	}
	c := w.h.Course("g", []kafka.TopicPartition{w.tp}, over(w, 40*time.Second, 2))
	if !near(c.In[1], 500) || !near(c.Out[1], 400) || c.Lag[1] != kafka.Some(6000.0) {
		t.Errorf("%+v", c)
	}
}

func TestCourseOfAPartitionWithoutACommitKnowsWhatIsProduced(t *testing.T) {
	w := newWorld()
	w.group[w.tp] = unknown
	for i := range int64(20) {
		w.topics["orders"].ends[0] = some(200 * i)
		w.poll(two)
	}
	c := w.h.Course("g", []kafka.TopicPartition{w.tp}, over(w, 20*time.Second, 2))
	if c.Lag[1].OK || c.Out[1].OK || !near(c.In[1], 100) {
		t.Errorf("%+v", c)
	}
}

func TestCoursePastStaysWhenPollsCome(t *testing.T) {
	w := newWorld()
	w.steady(40, two, 150, 120)
	b := Buckets{From: w.now.Truncate(time.Minute).Add(-time.Minute), Step: time.Second, N: 180}
	before := w.h.Course("g", nil, b)
	drawn := int(w.now.Sub(b.From) / b.Step)
	w.steady(3, two, 900, 10)
	after := w.h.Course("g", nil, b)
	for i := range drawn - 1 {
		if before.Lag[i] != after.Lag[i] || before.In[i] != after.In[i] || before.Out[i] != after.Out[i] {
			t.Fatalf("step %d of %d was %v %v %v and is %v %v %v", i, drawn,
				before.Lag[i], before.In[i], before.Out[i], after.Lag[i], after.In[i], after.Out[i])
		}
	}
	if ahead := int(w.now.Sub(b.From)/b.Step) + 1; slices.ContainsFunc(after.Lag[ahead:], known) || slices.ContainsFunc(after.In[ahead:], known) {
		t.Error("something is known of the time to come")
	}
}

func known(k kafka.Known[float64]) bool { return k.OK }

func TestCourseOfNothing(t *testing.T) {
	for name, w := range map[string]*world{"no poll": newWorld(), "polled": func() *world { w := newWorld(); w.steady(5, two, 1, 1); return w }()} {
		for _, b := range []Buckets{{}, {N: 3}, {Step: time.Second}, {N: -1, Step: 1}, {N: 3, Step: time.Second}, {From: w.now, N: 3, Step: time.Second}} {
			c := w.h.Course("gone", nil, b)
			if slices.ContainsFunc(c.Lag, known) || slices.ContainsFunc(w.h.Produced(OfTopic("gone"), b), known) {
				t.Errorf("%s: %+v", name, b)
			}
			w.h.Course("g", []kafka.TopicPartition{w.tp}, b)
			w.h.Course("g", []kafka.TopicPartition{}, b)
		}
		if in, out := w.h.Flow("gone", nil, Long); in.OK || out.OK {
			t.Errorf("%s: flow %v %v", name, in, out)
		}
	}
}

// BenchmarkCourse is what the charts of a group and of its topic ask for, and the rows of both, once a poll.
func BenchmarkCourse(b *testing.B) {
	for _, parts := range []int{12, 1000, 100_000} {
		s := large(1, parts, 1, parts)
		h := NewHistory(Options{})
		fill(h, s)
		buckets := Buckets{From: s.At.Add(-2 * time.Hour), Step: 2 * time.Hour / 200, N: 200}
		all := make([]kafka.TopicPartition, parts)
		for i := range all {
			all[i] = s.Groups[0].Partitions[i].TopicPartition
		}
		for name, ask := range map[string]func(){
			"group":  func() { h.Course("group-00000", nil, buckets) },
			"member": func() { h.Course("group-00000", all, buckets) },
			"lags":   func() { h.Lags("group-00000", all, buckets) },
			"topic":  func() { h.Produced(OfTopic("topic-0000"), buckets) },
			"trend":  func() { h.Trend(OfTopic("topic-0000"), 15*time.Minute, 8) },
			"flow":   func() { h.Flow("group-00000", nil, Long) },
		} {
			b.Run(fmt.Sprintf("%s/%d", name, parts), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					ask()
				}
			})
		}
	}
}

// BenchmarkObserveOfALargeGroup is one poll of a group with 100,000 partitions, and how long it keeps readers waiting.
func BenchmarkObserveOfALargeGroup(b *testing.B) {
	s := large(1, 100_000, 1, 100_000)
	h := NewHistory(Options{})
	fill(h, s)
	for b.Loop() {
		b.StopTimer()
		advance(s, 2*time.Second)
		b.StartTimer()
		h.Observe(s)
	}
}
