//go:build linux || darwin

package cli

import (
	"bufio"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/tail/stream"
)

// piped runs lagtop tail into a pipe. ended gives the exit code and what was said.
func (s *shell) piped(ctx context.Context, args ...string) (out *os.File, ended <-chan ending) {
	s.t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = r.Close() })
	args = append([]string{"tail", "orders", "-b", strings.Join(s.fake.Bootstrap(), ",")}, args...)
	end := make(chan ending, 1)
	go func() {
		var errs strings.Builder
		code := Run(ctx, args, strings.NewReader(""), w, &errs)
		_ = w.Close()
		end <- ending{code, triesAgain.ReplaceAllString(errs.String(), "")}
	}()
	return r, end
}

type ending struct {
	code int
	said string
}

func (s *shell) waitReading() {
	s.t.Helper()
	kafkatest.Until(s.t, time.Minute, func() error {
		if s.fake.Requests(kmsg.Fetch) == 0 {
			return errors.New("no record was asked for")
		}
		return nil
	})
}

func TestTailEndsWhenTheReaderOfAPipeLeavesAndNoRecordComes(t *testing.T) {
	s := newShell(t)
	out, ended := s.piped(t.Context())
	s.waitReading()
	_ = out.Close()
	if got := <-ended; got != (ending{code: exitPipe}) {
		t.Errorf("%+v", got)
	}
}

func TestTailEndsWhenTheReaderHasTheLineItWanted(t *testing.T) {
	s := newShell(t)
	out, ended := s.piped(t.Context(), "--from", "-1", "-o", "raw")
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || !strings.HasPrefix(line, "record ") {
		t.Errorf("%q %v", line, err)
	}
	_ = out.Close()
	if got := <-ended; got != (ending{code: exitPipe}) {
		t.Errorf("%+v", got)
	}
}

func TestTailEndsWhenTheReaderLeavesBeforeABrokerAnswers(t *testing.T) {
	s := newShell(t)
	for b := range int32(3) {
		s.fake.Hang(b)
	}
	out, ended := s.piped(t.Context())
	_ = out.Close()
	if got := <-ended; got != (ending{code: exitPipe}) {
		t.Errorf("%+v", got)
	}
}

func TestTailInterruptedWhileFollowingHasDoneWhatWasAsked(t *testing.T) {
	s := newShell(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	out, ended := s.piped(ctx, "--from", "start", "-o", "raw")
	lines := bufio.NewScanner(out)
	for range 100 {
		if !lines.Scan() {
			t.Fatal("the output ended")
		}
	}
	interrupt()
	if got := <-ended; got != (ending{code: exitOK}) || lines.Scan() {
		t.Errorf("%+v, %q behind the last record", got, lines.Text())
	}
}

func TestTailInterruptedBeforeTheEndSaysSo(t *testing.T) {
	for name, args := range map[string][]string{"until": {"--until", "now", "--from", "start"}, "max": {"--max", "1"}} {
		s := newShell(t)
		if name == "until" {
			s.fake.ControlKey(int16(kmsg.Fetch), s.withoutRecords)
		}
		ctx, interrupt := context.WithCancel(t.Context())
		_, ended := s.piped(ctx, args...)
		s.waitReading()
		interrupt()
		if got := <-ended; got != (ending{code: exitSignal}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// withoutRecords answers a Fetch as if nothing could be read yet.
func (s *shell) withoutRecords(r kmsg.Request) (kmsg.Response, error, bool) {
	s.fake.KeepControl()
	resp := r.ResponseKind().(*kmsg.FetchResponse)
	resp.SetVersion(r.GetVersion())
	return resp, nil, true
}

func TestAFileHasNoReaderThatCouldLeave(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if isPipe(f) {
		t.Error("a file is taken for a pipe")
	}
	ctx, stop := whileRead(t.Context(), f)
	stop()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// chunks keeps what is written at once.
type chunks []string

func (c *chunks) Write(p []byte) (int, error) {
	*c = append(*c, string(p))
	return len(p), nil
}

func TestTailPassesOnNoHalfOfARecord(t *testing.T) {
	var got chunks
	w := newTailWriter(&got, "raw", noDecode)
	lines := 0
	for _, size := range []int{1000, 200 << 10, 100 << 10, 70 << 10, 300 << 10, 5, 255 << 10, 2 << 10, 600 << 10} {
		var p []byte
		for range size / 100 {
			p = w.Append(p, &kafka.Record{Value: []byte(strings.Repeat("x", 98))}, stream.Note{})
			lines++
		}
		if err := w.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range got {
		if !strings.HasSuffix(c, "\n") {
			t.Errorf("%d bytes end in the middle of a record", len(c))
		}
		n += strings.Count(c, "\n")
	}
	if n != lines || len(got) < 3 {
		t.Errorf("%d records in %d writes, want %d", n, len(got), lines)
	}
}

func TestHowTailEnds(t *testing.T) {
	broken := errors.New("broken")
	live := t.Context()
	cut, cancel := context.WithCancel(live)
	cancel()
	left, leave := context.WithCancelCause(live)
	leave(errReaderLeft)
	for name, c := range map[string]struct {
		ctx     context.Context
		err     error
		bounded bool
		want    error
	}{
		"done": {live, nil, true, nil}, "a failure": {live, broken, false, broken}, "not all read": {live, stream.ErrIncomplete, true, errIncomplete},
		"interrupted": {cut, nil, false, nil}, "interrupted before the end": {cut, nil, true, errInterrupted},
		"interrupted while it dials": {cut, context.Canceled, true, errInterrupted}, "a failure, then interrupted": {cut, broken, true, broken},
		"the reader left": {left, nil, false, errReaderLeft}, "the reader left while it dials": {left, context.Canceled, true, errReaderLeft},
	} {
		if got := tailEnd(c.ctx, c.err, c.bounded); !errors.Is(got, c.want) || c.want == nil && got != nil {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestTailNamesWhatItCouldNotRead(t *testing.T) {
	w := newTailWriter(&strings.Builder{}, "raw", noDecode)
	var said []string
	w.warn = func(line string) { said = append(said, line) }
	for p := range int32(22) {
		w.Event(&kafka.ReadEvent{TopicPartition: kafka.TopicPartition{Topic: "t\x1b", Partition: p + 10}, Kind: kafka.ReadFailed, Err: errors.New("no")})
	}
	w.Event(&kafka.ReadEvent{TopicPartition: kafka.TopicPartition{Topic: "t\x1b", Partition: 10}, Kind: kafka.ReadBegan})
	w.gaveUp()
	if last := said[len(said)-1]; !strings.HasPrefix(last, `lagtop: not read to the end: t\x1b/11, t\x1b/12, `) || !strings.HasSuffix(last, " and 1 more") {
		t.Error(last)
	}
}
