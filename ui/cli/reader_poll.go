//go:build linux || darwin

package cli

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// watchReader calls left when the reader of the pipe f is gone. unwatch ends the watch, and waits for that.
func watchReader(f *os.File, left func()) (unwatch func()) {
	end, begin, err := os.Pipe()
	if err != nil {
		return func() {} // the next write will tell
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if readerGone(int(f.Fd()), int(end.Fd())) {
			left()
		}
	}()
	return func() {
		_ = begin.Close()
		<-ended
		_ = end.Close()
	}
}

// readerGone waits until the reader of the pipe out is gone, or end is closed at its other side.
func readerGone(out, end int) bool {
	const (
		closed   = unix.POLLERR | unix.POLLHUP
		readBand = 0x80 // POLLRDBAND: macOS looks at no descriptor of which nothing is asked, and this never comes on a pipe
	)
	fds := []unix.PollFd{{Fd: int32(out), Events: readBand}, {Fd: int32(end), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(fds, -1)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil || fds[1].Revents != 0:
			return false
		default:
			return fds[0].Revents&closed != 0
		}
	}
}
