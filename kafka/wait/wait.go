// Package wait lets time pass, until its context ends. What is waited for, and how often, belongs to its callers.
package wait

import (
	"context"
	"time"
)

// For lets d pass, which is no time where it is not positive. It fails with the cause of the context's end when that
// comes first, or has come.
func For(ctx context.Context, d time.Duration) error {
	if d <= 0 || ctx.Err() != nil {
		return context.Cause(ctx)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
