package explain

import (
	"time"

	"lagtop/kafka"
	"lagtop/kafka/lag"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func tp(topic string, p int32) kafka.TopicPartition {
	return kafka.TopicPartition{Topic: topic, Partition: p}
}

// scene is a group payments that reads orders/0 to orders/2, coordinated by broker 2, two seconds ago.
func scene() *World {
	at := noon.Add(-2 * time.Second)
	orders := kafka.Topic{Name: "orders"}
	for i, end := range []int64{1000, 2000, 3000} {
		orders.Partitions = append(orders.Partitions, kafka.Partition{
			ID: int32(i), Leader: kafka.Some(int32(i + 1)), Replicas: []int32{1, 2, 3}, ISR: []int32{1, 2, 3},
			Start: kafka.Some[int64](0), End: kafka.Some(end), At: at,
		})
	}
	g := kafka.Group{
		Name: "payments", Type: kafka.Classic, ProtocolType: "consumer", State: kafka.StateStable, Coordinator: kafka.Some[int32](2), At: at,
		Members: []kafka.Member{{ID: "m1", ClientID: "pay-1", Assigned: []kafka.TopicPartition{tp("orders", 0), tp("orders", 1)}}},
	}
	for i, c := range []int64{900, 2000, 2500} {
		p := kafka.GroupPartition{TopicPartition: tp("orders", int32(i)), Committed: kafka.Some(c)}
		if i < 2 {
			p.Owner = kafka.Some(0)
		}
		g.Partitions = append(g.Partitions, p)
	}
	s := &kafka.Snapshot{
		Seq: 7, Began: at, At: at, Cluster: kafka.Cluster{Mode: kafka.ModeKRaft, Controller: kafka.Some[int32](1)},
		Topics: []kafka.Topic{orders}, Groups: []kafka.Group{g},
	}
	for i := range int32(3) {
		s.Brokers = append(s.Brokers, kafka.Broker{ID: i + 1, Addr: "10.0.0.1:9092", At: at})
	}
	w := &World{Snapshot: s, Now: noon, Interval: 2 * time.Second, Kept: settings("cleanup.policy", "delete")}
	join(w)
	return w
}

func settings(pairs ...string) func(string) Facts {
	f := Facts{At: noon}
	for i := 0; i < len(pairs); i += 2 {
		f.Values = append(f.Values, kafka.Config{Name: pairs[i], Value: pairs[i+1]})
	}
	return func(string) Facts { return f }
}

// join fills in what follows from commits and ends.
func join(w *World) {
	for i := range w.Snapshot.Groups {
		lag.Join(&w.Snapshot.Groups[i], w.Snapshot.Topic)
	}
}

func (w *World) g() *kafka.Group { return &w.Snapshot.Groups[0] }

func (w *World) log(i int) *kafka.Partition { return &w.Snapshot.Topics[0].Partitions[i] }

// watch gives the world a history of two polls.
func watch(w *World) {
	w.History = lag.NewHistory(lag.Options{})
	past := *w.Snapshot
	past.At, past.Began = past.At.Add(-10*time.Second), past.Began.Add(-10*time.Second)
	past.Groups, past.Topics = nil, nil
	w.History.Observe(&past)
	now := *w.Snapshot
	now.Groups, now.Topics = nil, nil
	w.History.Observe(&now)
}
