// Command kadmlag is the yardstick of the benchmarks: the lag of all groups by kadm in ten lines.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	cl, err := kgo.NewClient(kgo.SeedBrokers(os.Args[1]))
	if err != nil {
		panic(err)
	}
	lags, err := kadm.NewClient(cl).Lag(context.Background())
	if err != nil {
		panic(err)
	}
	for _, l := range lags.Sorted() {
		fmt.Println(l.Group, l.State, l.Lag.Total())
	}
}
