package wait

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestTimePasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		err := For(t.Context(), time.Hour)
		if passed := time.Since(began); err != nil || passed != time.Hour {
			t.Errorf("%v passed, %v", passed, err)
		}
	})
}

func TestTheEndOfTheContextComesFirstWithItsCause(t *testing.T) {
	why := errors.New("the reason")
	for name, c := range map[string]struct{ wait, end time.Duration }{
		"while waiting":     {time.Hour, time.Minute},
		"before it":         {time.Hour, 0},
		"and nothing to do": {0, 0},
		"in the past":       {-time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				if c.end == 0 {
					cancel(why)
				} else {
					time.AfterFunc(c.end, func() { cancel(why) })
				}
				began := time.Now()
				err := For(ctx, c.wait)
				if passed := time.Since(began); passed != c.end || !errors.Is(err, why) {
					t.Errorf("%v passed, %v", passed, err)
				}
			})
		})
	}
}

func TestNoTimePassesAtOnce(t *testing.T) {
	if err := For(t.Context(), -time.Second); err != nil {
		t.Error(err)
	}
}
