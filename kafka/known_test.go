package kafka

import "testing"

func TestFlowsAreOfTheSamePartitions(t *testing.T) {
	var f FlowSum
	f.Add(Some(10.0), Some(4.0))
	f.Add(Some(100.0), Known[float64]{})
	f.Add(Known[float64]{}, Some(7.0))
	if want := (RateSum{Some(10.0), 2}); f.In != want || f.Out != (RateSum{Some(4.0), 2}) {
		t.Errorf("in %+v, out %+v", f.In, f.Out)
	}
	var unknown FlowSum
	unknown.Add(Some(1.0), Known[float64]{})
	if unknown.In.OK || unknown.Out.OK || unknown.In.Missing != 1 {
		t.Errorf("%+v", unknown)
	}
}
