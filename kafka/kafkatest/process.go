package kafkatest

import (
	"bytes"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"lagtop/kafka/kafkatest/proc"
)

// Process is a running client that is no part of this process.
type Process struct {
	cmd  *exec.Cmd
	said bytes.Buffer // stderr; read after the end alone
	once sync.Once
	died chan struct{}
}

func startClient(tb testing.TB, name string, cmd *exec.Cmd) *Process {
	tb.Helper()
	p := &Process{cmd: cmd, died: make(chan struct{})}
	p.cmd.Stderr = &p.said
	p.cmd.SysProcAttr = proc.OwnGroup()
	started := make(chan error)
	go p.run(started)
	if err := <-started; err != nil {
		tb.Fatalf("start %s: %v", name, err)
	}
	tb.Cleanup(func() {
		p.Stop()
		if tb.Failed() && p.said.Len() > 0 {
			tb.Logf("%s said:\n%s", name, p.said.String())
		}
	})
	return p
}

// run starts the client and waits for its end, on one thread all the while (see proc.OwnGroup).
func (p *Process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(p.died)
	err := p.cmd.Start()
	started <- err
	if err == nil {
		_ = p.cmd.Wait()
	}
}

// Stop lets the client commit and leave its group, and waits for its end. It may be called more than once.
func (p *Process) Stop() {
	p.once.Do(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.died:
		case <-time.After(15 * time.Second):
			_ = p.cmd.Process.Kill()
			<-p.died
		}
	})
}

// Said is what the client wrote to stderr. Of a Java consumer that is warnings, and its assignments by generation or
// epoch. The client must have ended.
func (p *Process) Said() string {
	<-p.died
	return p.said.String()
}
