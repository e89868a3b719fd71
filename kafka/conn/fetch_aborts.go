package conn

import (
	"cmp"
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// aborts are the aborted transactions of an answer: the broker names the producer and the first offset of
// each; it ends at the producer's next abort marker (KIP-98).
type aborts struct {
	ahead []kmsg.FetchResponseTopicPartitionAbortedTransaction // by first offset
	open  map[int64]bool                                       // by producer id, where reading is
}

func newAborts(p *kmsg.FetchResponseTopicPartition) aborts {
	if len(p.AbortedTransactions) == 0 {
		return aborts{}
	}
	a := aborts{ahead: slices.Clone(p.AbortedTransactions), open: map[int64]bool{}}
	slices.SortFunc(a.ahead, func(x, y kmsg.FetchResponseTopicPartitionAbortedTransaction) int {
		return cmp.Compare(x.FirstOffset, y.FirstOffset)
	})
	return a
}

// upTo opens those that begin at last or before.
func (a *aborts) upTo(last int64) {
	for len(a.ahead) > 0 && a.ahead[0].FirstOffset <= last {
		a.open[a.ahead[0].ProducerID] = true
		a.ahead = a.ahead[1:]
	}
}

func (a *aborts) ended(producer int64) { delete(a.open, producer) }
