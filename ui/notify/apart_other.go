//go:build !unix

package notify

import "os/exec"

// apart does nothing where there are no sessions: a command that outlives its time is killed alone.
func apart(*exec.Cmd) {}
