//go:build !linux

package proc

import "syscall"

// OwnGroup gives a child its own process group, out of reach of a terminal's Ctrl-C.
func OwnGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
