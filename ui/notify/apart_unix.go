//go:build unix

package notify

import (
	"os/exec"
	"syscall"
)

// apart keeps a command away from the terminal, which the screen owns, and from its Ctrl-C, and lets its
// descendants be killed with it.
func apart(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
}
