package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"lagtop/kafka/kafkatest"
)

// The clusters that the benchmarks measure against.
var (
	small = kafkatest.Fleet{Groups: 50, Topics: 20}
	large = kafkatest.Fleet{Groups: 2000, Topics: 400}
)

// served is a cluster that has a fleet.
type served struct {
	kafkatest.Fleet
	bootstrap []string
	fake      *kafkatest.Fake // nil for a real Kafka; it counts what it is asked
}

// inProcess is a cluster in this process.
func inProcess(b *testing.B, f kafkatest.Fleet) served {
	b.Helper()
	k := kafkatest.NewFake(b)
	f.Seed(b, k.Bootstrap())
	return served{f, k.Bootstrap(), k}
}

// onReal is a real three-broker Kafka of the benchmark's own.
func onReal(b *testing.B, f kafkatest.Fleet) served {
	b.Helper()
	k := kafkatest.RealOwn(b, kafkatest.Own{})
	f.Seed(b, k.Bootstrap())
	return served{f, k.Bootstrap(), nil}
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
