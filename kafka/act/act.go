// Package act is what all plans share when they are carried out: the audit that is written first, and
// waiting that ends with its context. What is planned, sent and read back belongs to the packages of the plans.
package act

import (
	"context"
	"time"
)

// Recorder keeps the audit. Begin returns once the intent is safe; with an error nothing may be done. finish
// records what came of it, and is to be called exactly once.
type Recorder interface {
	Begin(action, group string, plan any) (finish func(outcome any, failed error) error, err error)
}

// Wait lets d pass. It fails with the cause of the context's end when that comes first.
func Wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
