// Package notify tells people outside the screen: it runs commands and words escape sequences for the
// terminal's bell and desktop notifications. It decides nothing about what is worth telling.
package notify

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"sync"
	"time"
)

// Job is one run of a command. Jobs of the same name run one after the other.
type Job struct {
	Name    string   // for the order and for errors
	Command []string // program and arguments
	Input   []byte   // its standard input
}

// Options bound what commands may take.
type Options struct {
	Timeout time.Duration // of one run; 0: 30 s
	Queue   int           // jobs of one name that wait; 0: 256. When it is full the oldest is dropped
}

// Runner runs commands in goroutines of its own. Their output is thrown away.
type Runner struct {
	opts     Options
	ctx      context.Context
	cancel   context.CancelFunc
	work     sync.WaitGroup
	failures chan error

	mu    sync.Mutex
	lines map[string]*line
}

// line is what is to be done under one name. Its goroutine lives while there is something.
type line struct {
	waiting []Job
	running bool
	dropped int  // since the last success
	failing bool // the last run failed, and that was said
}

// New is a runner whose commands are killed when ctx ends.
func New(ctx context.Context, o Options) *Runner {
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Queue <= 0 {
		o.Queue = 256
	}
	r := &Runner{opts: o, failures: make(chan error, 16), lines: map[string]*line{}}
	r.ctx, r.cancel = context.WithCancel(ctx)
	return r
}

// Failures tells of commands that begin to fail or to be dropped, once until one succeeds again. What
// nobody takes is forgotten.
func (r *Runner) Failures() <-chan error { return r.failures }

// Run lines a job up and never waits.
func (r *Runner) Run(j Job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx.Err() != nil || len(j.Command) == 0 {
		return
	}
	l := r.lines[j.Name]
	if l == nil {
		l = &line{}
		r.lines[j.Name] = l
	}
	if len(l.waiting) == r.opts.Queue {
		l.waiting = append(l.waiting[:0], l.waiting[1:]...)
		if l.dropped++; l.dropped == 1 {
			r.fail(fmt.Errorf("command of %q: too slow, the oldest are dropped", j.Name))
		}
	}
	l.waiting = append(l.waiting, j)
	if !l.running {
		l.running = true
		r.work.Add(1)
		go r.drain(l)
	}
}

// Dropped counts the jobs of a name that were dropped since one succeeded.
func (r *Runner) Dropped(name string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if l := r.lines[name]; l != nil {
		return l.dropped
	}
	return 0
}

// Close kills what runs, forgets what waits, and returns when all have ended.
func (r *Runner) Close() {
	r.mu.Lock()
	r.cancel()
	r.mu.Unlock()
	r.work.Wait()
}

func (r *Runner) drain(l *line) {
	defer r.work.Done()
	for {
		j, ok := r.next(l)
		if !ok {
			return
		}
		r.ended(l, j, r.run(j))
	}
}

func (r *Runner) next(l *line) (Job, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(l.waiting) == 0 || r.ctx.Err() != nil {
		l.waiting, l.running = nil, false
		return Job{}, false
	}
	j := l.waiting[0]
	l.waiting = l.waiting[1:]
	return j, true
}

func (r *Runner) ended(l *line, j Job, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		l.failing, l.dropped = false, 0
	case !l.failing && r.ctx.Err() == nil:
		l.failing = true
		r.fail(fmt.Errorf("command of %q: %s: %w", j.Name, j.Command[0], err))
	}
}

func (r *Runner) fail(err error) {
	select {
	case r.failures <- err:
	default:
	}
}

// reap is how long the descendants of a command that ended may hold its input open.
const reap = time.Second

func (r *Runner) run(j Job) error {
	ctx, cancel := context.WithTimeout(r.ctx, r.opts.Timeout)
	defer cancel()
	c := exec.CommandContext(ctx, j.Command[0], j.Command[1:]...)
	c.Stdin = bytes.NewReader(j.Input)
	c.WaitDelay = reap
	apart(c)
	err := c.Run()
	if ctx.Err() == context.DeadlineExceeded {
		return fmt.Errorf("killed: it ran for %s", r.opts.Timeout)
	}
	return err
}
