package whatif

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// The polls in these tests are sarama's, whose metrics library starts one goroutine for good.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/rcrowley/go-metrics.(*meterArbiter).tick"))
}
