package releases

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// sarama registers a meter for each fetched topic in the global registry, whatever the configuration
// says; its one goroutine lives as long as the process.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/rcrowley/go-metrics.(*meterArbiter).tick"))
	os.Exit(0)
}
