package lag

import "lagtop/kafka"

// brokerSeries is what is produced to the partitions that a broker leads, in tenths of records/s.
type brokerSeries struct {
	slot int32
	seen uint32
}

// perRecord is how many units of a brokerSeries one record/s is: samples are whole numbers.
const perRecord = 10

// brokers fills the produce rate of each broker from its partitions', and samples it. A broker without a
// partition whose rate is known has none.
func (h *History) brokers(s *kafka.Snapshot, fresh bool) {
	sums := make(map[int32]kafka.RateSum, len(s.Brokers))
	for i := range s.Topics {
		for j := range s.Topics[i].Partitions {
			if p := &s.Topics[i].Partitions[j]; p.Leader.OK {
				sum := sums[p.Leader.V]
				sum.Add(p.In)
				sums[p.Leader.V] = sum
			}
		}
	}
	for i := range s.Brokers {
		b := &s.Brokers[i]
		if b.In = sums[b.ID]; s.Limit.TopicsOut > 0 {
			b.In = kafka.RateSum{} // a part of what it leads is not asked about
		}
		if !fresh {
			continue
		}
		series := h.nodes[b.ID]
		if series == nil {
			series = &brokerSeries{slot: h.cols.take()}
			h.nodes[b.ID] = series
		}
		series.seen = h.cols.seq
		if b.In.OK {
			h.cols.put(series.slot, int64(b.In.V*perRecord))
		}
	}
}

func (h *History) sweepBrokers() {
	for id, b := range h.nodes {
		if b.seen != h.cols.seq {
			h.cols.release(b.slot)
			delete(h.nodes, id)
		}
	}
}

// brokerTrend is the samples of a broker in records/s.
func (h *History) brokerTrend(id int32, buf []point, from int) []point {
	b := h.nodes[id]
	if b == nil {
		return nil
	}
	points := h.points(buf, from, b.slot)
	for i := range points {
		points[i].v /= perRecord
	}
	return points
}
