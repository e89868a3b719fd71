package cli

import (
	"context"
	"errors"
	"io"
	"os"
)

// exitPipe is what a shell reports of a program that SIGPIPE ended: 128 and the number of the signal.
const exitPipe = 141

// errReaderLeft ends a command whose reader is gone: nobody is left to tell.
var errReaderLeft = errors.New("the reader of the output left")

// whileRead is ctx until the reader of out leaves. Its cause is errReaderLeft then. That is noticed at once
// where out is a pipe or a socket of a system with poll(2), elsewhere at the next write. stop must be called.
func whileRead(ctx context.Context, out io.Writer) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	unwatch := func() {}
	if f, ok := out.(*os.File); ok && isPipe(f) {
		unwatch = watchReader(f, func() { cancel(errReaderLeft) })
	}
	return ctx, func() { unwatch(); cancel(nil) }
}

func isPipe(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && st.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0
}
