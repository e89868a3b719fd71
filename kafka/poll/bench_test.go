package poll

import (
	"runtime"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
)

// BenchmarkOnce compares a whole snapshot, connections included, with kadm.Lag on the same cluster in
// the same run: x-kadm is our time divided by kadm's.
func BenchmarkOnce(b *testing.B) {
	for _, f := range []kafkatest.Fleet{{Groups: 500, Topics: 100}, {Groups: 2000, Topics: 400}} {
		b.Run(f.String(), func(b *testing.B) {
			k := kafkatest.NewFake(b)
			f.Seed(b, k.Bootstrap())
			onceBesideKadm(b, f, k.Bootstrap())
		})
	}
}

// BenchmarkReal is BenchmarkOnce and BenchmarkPoll on a real Kafka of three brokers, which it starts and
// fills first.
func BenchmarkReal(b *testing.B) {
	f := kafkatest.Fleet{Groups: 2000, Topics: 400}
	k := kafkatest.RealOwn(b, kafkatest.Own{})
	f.Seed(b, k.Bootstrap())
	b.Run("Once", func(b *testing.B) { onceBesideKadm(b, f, k.Bootstrap()) })
	b.Run("Poll", func(b *testing.B) { pollAgain(b, f, k.Bootstrap()) })
}

func onceBesideKadm(b *testing.B, f kafkatest.Fleet, bootstrap []string) {
	var ours, theirs time.Duration
	var mine, other uint64
	requests := 0
	b.ReportAllocs()
	for b.Loop() {
		from, bytes := time.Now(), allocated()
		s := once(b, conn.Config{Bootstrap: bootstrap[:1]})
		ours += time.Since(from)
		mine += allocated() - bytes
		if !s.Complete() || len(s.Groups) != f.Groups {
			b.Fatalf("%d groups, faults %v", len(s.Groups), s.Faults)
		}
		requests = s.Requests
		b.StopTimer()
		from, bytes = time.Now(), allocated()
		kadmLag(b, bootstrap, f.Groups)
		theirs += time.Since(from)
		other += allocated() - bytes
		b.StartTimer()
	}
	b.ReportMetric(float64(ours)/float64(theirs), "x-kadm")
	b.ReportMetric(float64(mine)/float64(other), "x-kadm-bytes")
	b.ReportMetric(float64(requests), "requests")
}

// BenchmarkPoll is one poll of a poller that is connected already.
func BenchmarkPoll(b *testing.B) {
	for _, f := range []kafkatest.Fleet{{Groups: 500, Topics: 100}, {Groups: 2000, Topics: 400}} {
		b.Run(f.String(), func(b *testing.B) {
			k := kafkatest.NewFake(b)
			f.Seed(b, k.Bootstrap())
			pollAgain(b, f, k.Bootstrap())
		})
	}
}

func pollAgain(b *testing.B, f kafkatest.Fleet, bootstrap []string) {
	s := newSession(b.Context(), New(conn.Config{Bootstrap: bootstrap[:1]}, Options{}))
	defer s.close()
	if _, err := s.poll(time.Now()); err != nil {
		b.Fatal(err)
	}
	requests := 0
	b.ReportAllocs()
	for b.Loop() {
		snap, err := s.poll(time.Now())
		if err != nil || len(snap.Groups) != f.Groups {
			b.Fatal(err)
		}
		requests = snap.Requests
	}
	b.ReportMetric(float64(requests), "requests")
}

func kadmLag(b *testing.B, bootstrap []string, groups int) {
	b.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(bootstrap[0]))
	if err != nil {
		b.Fatal(err)
	}
	defer cl.Close()
	lags, err := kadm.NewClient(cl).Lag(b.Context())
	if err != nil || len(lags) != groups {
		b.Fatal(len(lags), err)
	}
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
