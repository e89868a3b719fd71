package demo

import (
	"flag"
	"runtime"
	"strconv"
	"testing"

	"go.uber.org/goleak"
)

// atOnce is how many tests run side by side. They wait for clusters most of the time, so that it is more than the
// cores; scenarios in a hurry take much of one, so that it is not much more.
func atOnce() string { return strconv.Itoa(min(2*runtime.GOMAXPROCS(0), 6)) }

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", atOnce()); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}
