package e2e

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
)

// intoPipe starts lagtop tail as a shell would.
func intoPipe(t *testing.T, f *kafkatest.Fake, args ...string) (cmd *exec.Cmd, out *bufio.Reader, errs *bytes.Buffer) {
	t.Helper()
	errs = &bytes.Buffer{}
	cmd = exec.Command(binary, append([]string{"tail", "orders", "-o", "raw", "-b", strings.Join(f.Bootstrap(), ",")}, args...)...)
	cmd.Stderr = errs
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	pipe, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd, bufio.NewReader(pipe), errs
}

func TestPartitionsThatCannotBeReadAreNamedAndTold(t *testing.T) {
	t.Parallel() // it waits half a minute for them
	f := smallCluster(t)
	f.Leaderless(kafka.TopicPartition{Topic: "orders", Partition: 1})
	cmd, out, errs := intoPipe(t, f, "--from", "start", "--until", "now")
	lines, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	if code := exitCode(t, cmd.Wait()); code != 3 || bytes.Count(lines, []byte("\n")) != 10 {
		t.Errorf("exit code %d, %q", code, lines)
	}
	if !strings.HasSuffix(errs.String(), "lagtop: not read to the end: orders/1\n") {
		t.Errorf("it says %q", errs)
	}
}

func TestInterruptedTailHasPrintedWholeRecords(t *testing.T) {
	t.Parallel()
	f := smallCluster(t)
	cmd, out, errs := intoPipe(t, f, "--from", "start")
	for range 12 {
		if _, err := out.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(out); err != nil || len(rest) > 0 {
		t.Errorf("%q %v behind the last record", rest, err)
	}
	if code := exitCode(t, cmd.Wait()); code != 0 || triesAgain.ReplaceAllString(errs.String(), "") != "" {
		t.Errorf("exit code %d, %q", code, errs)
	}
}

func TestTailOfAQuietTopicEndsWithItsReader(t *testing.T) {
	t.Parallel()
	f := smallCluster(t)
	script := `"$0" tail orders --from -1 -o raw -b "$1" | head -1; echo "${PIPESTATUS[@]}"`
	out, err := exec.Command("bash", "-c", script, binary, strings.Join(f.Bootstrap(), ",")).CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("no bash")
	}
	got := strings.Split(strings.TrimSpace(triesAgain.ReplaceAllString(string(out), "")), "\n")
	if err != nil || len(got) != 2 || got[1] != "141 0" {
		t.Errorf("%q %v", out, err)
	}
}

func TestTailThatWritesToNobodyIsEndedBySIGPIPE(t *testing.T) {
	t.Parallel()
	f := smallCluster(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Close()
	cmd := exec.Command(binary, "tail", "orders", "--from", "start", "-b", strings.Join(f.Bootstrap(), ","))
	cmd.Stdout = w
	var errs bytes.Buffer
	cmd.Stderr = &errs
	err = cmd.Run()
	_ = w.Close()
	st, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if code := exitCode(t, err); code != 141 && st.Signal() != syscall.SIGPIPE || triesAgain.ReplaceAllString(errs.String(), "") != "" {
		t.Errorf("exit code %d, %q", code, errs.String())
	}
}
