package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka/kafkatest"
)

const (
	partitions = 12 // of each topic
	seeded     = 20 // records of each partition
	busyTopics = 40 // the topics that stir moves
)

// size is a cluster that the benchmarks measure against.
type size struct {
	name           string
	groups, topics int
}

var (
	small = size{"groups=50", 50, 20}
	large = size{"groups=2000", 2000, 400}
)

func topicName(i int) string { return fmt.Sprintf("topic-%04d", i) }
func groupName(i int) string { return fmt.Sprintf("group-%05d", i) }

// fleet makes groups without members that have committed all partitions of one topic each. Those of the
// busy topics are behind, so that they stand on top.
func fleet(b *testing.B, s size) *kafkatest.Fake {
	b.Helper()
	var names []string
	for i := range s.topics {
		names = append(names, topicName(i))
	}
	f := kafkatest.NewFake(b, kfake.SeedTopics(partitions, names...))
	produceAll(b, f, s.topics, seeded)
	cl := kafkatest.Client(b, f.Bootstrap())
	for i := range s.groups {
		at := int64(seeded)
		if i%s.topics < busyTopics {
			at = 0
		}
		commit(b, cl, s, i, at)
	}
	return f
}

// produceAll writes so many records to each partition of the first topics.
func produceAll(tb testing.TB, f *kafkatest.Fake, topics, each int) {
	tb.Helper()
	var rs []*kgo.Record
	for t := range topics {
		for p := range int32(partitions) {
			for range each {
				rs = append(rs, &kgo.Record{Topic: topicName(t), Partition: p, Value: []byte("v")})
			}
		}
	}
	kafkatest.ProduceRecords(tb, f.Bootstrap(), rs...)
}

func commit(tb testing.TB, cl *kgo.Client, s size, group int, at int64) {
	tb.Helper()
	os := kadm.Offsets{}
	for p := range int32(partitions) {
		os.AddOffset(topicName(group%s.topics), p, at, -1)
	}
	if err := kadm.NewClient(cl).CommitAllOffsets(context.Background(), groupName(group), os); err != nil {
		tb.Fatal(err)
	}
}

// stir lets the ends and commits of the busy topics move every second until stop is called.
func stir(b *testing.B, f *kafkatest.Fake, s size) (stop func()) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		cl := kafkatest.Client(b, f.Bootstrap())
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for n := 1; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			produceAll(b, f, min(busyTopics, s.topics), 2+n%3)
			for g := range s.groups {
				if g%s.topics < busyTopics {
					commit(b, cl, s, g, int64(n+g%5))
				}
			}
		}
	})
	return func() { cancel(); wg.Wait() }
}

// usage is what a process has taken so far.
type usage struct {
	Wall, CPU time.Duration
	RSS       int64 // peak resident bytes
}

// usageOf reads a running process.
func usageOf(tb testing.TB, pid int) usage {
	tb.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		tb.Skipf("no /proc to read: %v", err)
	}
	_, rest, _ := bytes.Cut(stat, []byte(") "))
	fields := strings.Fields(string(rest))
	const tick = 10 * time.Millisecond // USER_HZ is 100
	var u usage
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			tb.Fatal(err)
		}
		u.CPU += time.Duration(n) * tick
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		tb.Fatal(err)
	}
	for l := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(l, "VmHWM:"); ok {
			n, err := strconv.ParseInt(strings.Fields(kb)[0], 10, 64)
			if err != nil {
				tb.Fatal(err)
			}
			u.RSS = n << 10
		}
	}
	return u
}

// measureEnv makes this test binary the parent of a program that is measured. The peak memory that the
// kernel reports of a child begins with that of its parent at the fork, and this one is small.
const measureEnv = "LAGTOP_E2E_MEASURE"

// measureOnly runs the program on the command line and prints its usage.
func measureOnly() {
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	cmd.Stderr = os.Stderr
	began := time.Now()
	if err := cmd.Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	u := usage{Wall: time.Since(began), CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.RSS = r.Maxrss << 10 // kilobytes on Linux
	}
	_ = json.NewEncoder(os.Stdout).Encode(u)
}

// whole runs a program from start to end.
func whole(b *testing.B, args ...string) usage {
	b.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), measureEnv+"=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	var u usage
	if err == nil {
		err = json.Unmarshal(out, &u)
	}
	if err != nil {
		b.Fatalf("%v: %v", args, err)
	}
	return u
}

// yardstick builds the ten-line program.
func yardstick(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "kadmlag")
	if out, err := exec.Command("go", "build", "-o", path, "./testdata/kadmlag").CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

// percentile sorts in place.
func percentile[T float64 | time.Duration | int](vs []T, p float64) T {
	slices.Sort(vs)
	return vs[int(p*float64(len(vs)-1)+0.5)]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
func mib(n int64) float64        { return float64(n) / (1 << 20) }
