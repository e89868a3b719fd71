package kafka

import "encoding/json"

// Known is a value that may be unknown. The zero Known is unknown: an offset that no broker
// told us is not a number, and there is no -1 standing for it.
type Known[T any] struct {
	V  T
	OK bool
}

// Some is a known value.
func Some[T any](v T) Known[T] { return Known[T]{V: v, OK: true} }

// MarshalJSON writes null for unknown.
func (k Known[T]) MarshalJSON() ([]byte, error) {
	if !k.OK {
		return []byte("null"), nil
	}
	return json.Marshal(k.V)
}

// UnmarshalJSON reads null as unknown.
func (k *Known[T]) UnmarshalJSON(data []byte) error {
	*k = Known[T]{}
	if string(data) == "null" {
		return nil
	}
	if err := json.Unmarshal(data, &k.V); err != nil {
		return err
	}
	k.OK = true
	return nil
}

// Total is a sum that may miss parts. Known counts the parts that were summed and Missing those
// that were unknown: with Known 0 and Missing above 0 nothing is known of the sum, with both above
// 0 the true sum is at least V.
type Total struct {
	V       int64
	Known   int
	Missing int
}

// Add counts one part.
func (t *Total) Add(k Known[int64]) {
	if !k.OK {
		t.Missing++
		return
	}
	t.V += k.V
	t.Known++
}

// RateSum is records/s of several parts, of which Missing are unknown and not in it: with Missing above 0 the
// true sum is at least V. It is unknown itself while none of them is known.
type RateSum struct {
	Known[float64]
	Missing int
}

// Add counts one part.
func (s *RateSum) Add(r Known[float64]) {
	if !r.OK {
		s.Missing++
		return
	}
	s.Known = Some(s.V + r.V)
}

// FlowSum is what comes in to partitions and what a group reads of them, in records/s. A partition counts where
// both are known, so that the difference of the sums is one of the same partitions.
type FlowSum struct{ In, Out RateSum }

// Add counts one partition.
func (f *FlowSum) Add(in, out Known[float64]) {
	if !in.OK || !out.OK {
		in, out = Known[float64]{}, Known[float64]{}
	}
	f.In.Add(in)
	f.Out.Add(out)
}

// Complete tells whether no part is missing.
func (t Total) Complete() bool { return t.Missing == 0 }

// Unknown tells whether parts exist and none of them is known.
func (t Total) Unknown() bool { return t.Known == 0 && t.Missing > 0 }
