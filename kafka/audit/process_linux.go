package audit

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// started is when a process started, in clock ticks since the system did: numbers are given out again,
// the pair is not. Empty when there is no such process.
func started(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// The second field is the name in brackets, which may hold blanks and brackets. The state follows it, and
	// 19 further the start (proc(5)). A zombie has ended.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	const start = 19
	if len(fields) <= start || string(fields[0]) == "Z" {
		return ""
	}
	return string(fields[start])
}

// runs tells whether the process of that number and start is there.
func runs(pid int, start string) bool {
	if start != "" {
		return started(pid) == start
	}
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
