package conn

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Client metrics (KIP-714) are pushed unasked, and a read-only connection would end with the first of them.
func TestNothingIsPushedToBrokers(t *testing.T) {
	cl, err := kgo.NewClient(Config{Bootstrap: []string{"127.0.0.1:1"}}.kgo()...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if off, _ := cl.OptValue(kgo.DisableClientMetrics).(bool); !off {
		t.Error("client metrics are on")
	}
}
