package conn

import (
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// What is at the place of reading in a topic that was made anew has nothing to do with what was before it.
func TestATopicThatWasMadeAnewIsReadFromItsStartThoughItHasTheOffsetToo(t *testing.T) {
	d := &disk{parts: []segment{{log: slices.Concat(batches()[:2]...), stable: 4, end: 4}}}
	bootstrap := d.serve(t)
	l := listen(t, bootstrap, offset(0))
	l.until(t, 0, func(h *heard) bool { return h.next == 4 && h.caught })
	cl, err := kgo.NewClient(kgo.SeedBrokers(bootstrap...))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	if _, err := adm.DeleteTopic(t.Context(), "orders"); err != nil {
		t.Fatal(err)
	}
	made, err := adm.CreateTopic(t.Context(), 1, 1, nil, "orders")
	if err != nil {
		t.Fatal(err)
	}
	d.mu.Lock()
	d.topic, d.parts[0] = made.ID, segment{log: slices.Concat(batches()...), stable: 10, end: 10}
	d.mu.Unlock()
	h := l.until(t, 0, func(h *heard) bool { return h.next == 10 })
	if want := []int64{0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9}; !slices.Equal(h.read, want) {
		t.Errorf("read %d, want %d", h.read, want)
	}
}
