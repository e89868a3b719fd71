package poll

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// fleet makes groups that have committed all 12 partitions of one of the topics.
func fleet(b *testing.B, groups, topics int) *fake {
	b.Helper()
	var names []string
	for i := range topics {
		names = append(names, fmt.Sprintf("topic-%04d", i))
	}
	f := newFake(b, kfake.SeedTopics(12, names...))
	f.admin(func(ctx context.Context, _ *kgo.Client, adm *kadm.Client) error {
		for i := range groups {
			os := kadm.Offsets{}
			for p := range int32(12) {
				os.AddOffset(names[i%topics], p, 0, -1)
			}
			if err := adm.CommitAllOffsets(ctx, fmt.Sprintf("group-%05d", i), os); err != nil {
				return err
			}
		}
		return nil
	})
	return f
}

// BenchmarkOnce compares a whole snapshot, connections included, with kadm.Lag on the same cluster in
// the same run: x-kadm is our time divided by kadm's.
func BenchmarkOnce(b *testing.B) {
	for _, size := range []struct{ groups, topics int }{{500, 100}, {2000, 400}} {
		b.Run(fmt.Sprintf("groups=%d", size.groups), func(b *testing.B) {
			f := fleet(b, size.groups, size.topics)
			var ours, theirs time.Duration
			var mine, other uint64
			requests := 0
			b.ReportAllocs()
			for b.Loop() {
				from, bytes := time.Now(), allocated()
				s := once(b, f.config())
				ours += time.Since(from)
				mine += allocated() - bytes
				if !s.Complete() || len(s.Groups) != size.groups {
					b.Fatalf("%d groups, faults %v", len(s.Groups), s.Faults)
				}
				requests = s.Requests
				b.StopTimer()
				from, bytes = time.Now(), allocated()
				kadmLag(b, f, size.groups)
				theirs += time.Since(from)
				other += allocated() - bytes
				b.StartTimer()
			}
			b.ReportMetric(float64(ours)/float64(theirs), "x-kadm")
			b.ReportMetric(float64(mine)/float64(other), "x-kadm-bytes")
			b.ReportMetric(float64(requests), "requests")
		})
	}
}

// BenchmarkPoll is one poll of a poller that is connected already.
func BenchmarkPoll(b *testing.B) {
	for _, size := range []struct{ groups, topics int }{{500, 100}, {2000, 400}} {
		b.Run(fmt.Sprintf("groups=%d", size.groups), func(b *testing.B) {
			f := fleet(b, size.groups, size.topics)
			s := newSession(b.Context(), New(f.config(), Options{}))
			defer s.close()
			if _, err := s.poll(time.Now()); err != nil {
				b.Fatal(err)
			}
			requests := 0
			b.ReportAllocs()
			for b.Loop() {
				snap, err := s.poll(time.Now())
				if err != nil || len(snap.Groups) != size.groups {
					b.Fatal(err)
				}
				requests = snap.Requests
			}
			b.ReportMetric(float64(requests), "requests")
		})
	}
}

func kadmLag(b *testing.B, f *fake, groups int) {
	b.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(f.ListenAddrs()[0]))
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
