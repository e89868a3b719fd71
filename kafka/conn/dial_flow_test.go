package conn

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"lagtop/kafka/wait"
)

// dripping is a connection over which a byte comes every so often, so many of them.
func dripping(t *testing.T, every time.Duration, n int) *flowing {
	t.Helper()
	ours, theirs := net.Pipe()
	go func() {
		for range n {
			if wait.For(t.Context(), every) != nil {
				return
			}
			if _, err := theirs.Write([]byte{1}); err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { _, _ = ours.Close(), theirs.Close() })
	return &flowing{Conn: ours}
}

func TestAnAnswerMayTakeLongAsLongAsItFlows(t *testing.T) {
	const silence = 3 * time.Second
	for _, c := range []struct {
		name      string
		every     time.Duration
		comes     int
		end       error
		read      int
		goneAfter time.Duration
	}{
		{"slow", 2 * time.Second, 10, nil, 10, 20 * time.Second},
		{"silent from the beginning", time.Hour, 10, os.ErrDeadlineExceeded, 0, silence},
		{"silent in the middle", 2 * time.Second, 4, os.ErrDeadlineExceeded, 4, 8*time.Second + silence},
		{"drips for ever", 2700 * time.Millisecond, 1000, os.ErrDeadlineExceeded, 22, mostAnswer * silence},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := dripping(t, c.every, c.comes)
				began := time.Now()
				if err := f.SetReadDeadline(began.Add(silence)); err != nil {
					t.Fatal(err)
				}
				n, err := io.ReadFull(f, make([]byte, max(c.comes, 10)))
				if took := time.Since(began); n != c.read || !errors.Is(err, c.end) || took != c.goneAfter {
					t.Errorf("read %d bytes in %v, and then %v; want %d in %v, %v", n, took, err, c.read, c.goneAfter, c.end)
				}
			})
		})
	}
}

func TestAReadThatIsToEndNowIsNotPutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := dripping(t, time.Second, 1000)
		if err := f.SetDeadline(time.Now().Add(3 * time.Second)); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(4500*time.Millisecond, func() { _ = f.SetReadDeadline(time.Now()) })
		if n, err := io.ReadFull(f, make([]byte, 1000)); n != 4 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%d bytes, %v", n, err)
		}
	})
}
