package demo

import (
	"strings"

	"github.com/rcrowley/go-metrics"
)

// noMetrics counts nothing. sarama's own registry would start a goroutine for the whole process that
// nobody can stop.
type noMetrics struct{ metrics.Registry }

func newNoMetrics() metrics.Registry { return noMetrics{metrics.NewRegistry()} }

// GetOrRegister gives out a metric of the kind asked for that forgets what it is told.
func (r noMetrics) GetOrRegister(name string, metric any) any {
	switch metric.(type) {
	case func() metrics.Meter:
		return metrics.NilMeter{}
	case func() metrics.Counter:
		return metrics.NilCounter{}
	case func() metrics.Histogram:
		return metrics.NilHistogram{}
	}
	return r.Registry.GetOrRegister(name, metric)
}

// silenceFetchRate does the same for the one meter that sarama's fetch decoder (1.61) takes from the
// registry of the process, whatever the configuration says.
func silenceFetchRate(topics []string) {
	for _, t := range topics {
		name := "consumer-fetch-rate-for-topic-" + strings.ReplaceAll(t, ".", "_")
		metrics.DefaultRegistry.GetOrRegister(name, metrics.NilMeter{})
	}
}
