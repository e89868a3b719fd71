package proc

import "syscall"

// OwnGroup gives a child its own process group, out of reach of a terminal's Ctrl-C, and lets it be
// killed with the thread that started it. So lock the starting goroutine to its thread
// (runtime.LockOSThread) for as long as the child shall live.
func OwnGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
