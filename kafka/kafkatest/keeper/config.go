package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"path/filepath"
	"sort"
	"strings"

	"lagtop/kafka/kafkatest/wire"
)

// Ports come from below the ephemeral range: inside it a retrying client can connect to itself, and
// a restarted broker finds its port taken.
const (
	lowPort  = 20000
	highPort = 32000
)

// freePorts finds n free ports on 127.0.0.1.
func freePorts(n int) ([]int, error) {
	var held []net.Listener
	defer func() {
		for _, l := range held {
			_ = l.Close()
		}
	}()
	var ports []int
	for range 1000 {
		p := lowPort + rand.IntN(highPort-lowPort)
		l, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", p))
		if err != nil {
			continue
		}
		held, ports = append(held, l), append(ports, p)
		if len(ports) == n {
			return ports, nil
		}
	}
	return nil, fmt.Errorf("no %d free ports between %d and %d", n, lowPort, highPort)
}

// path is where a node keeps its properties, its log and its data.
func (n *nodes) path(b *node, what string) string {
	return filepath.Join(n.order.Dir, strings.ReplaceAll(b.String(), " ", "-")+"."+what)
}

// String names a node in errors and files.
func (b *node) String() string {
	if b.id == 0 {
		return "ZooKeeper"
	}
	return fmt.Sprintf("broker %d", b.id)
}

// class is the main class that runs a node.
func (b *node) class() string {
	if b.id == 0 {
		return "org.apache.zookeeper.server.quorum.QuorumPeerMain"
	}
	return "kafka.Kafka"
}

func (n *nodes) brokers() []wire.Broker {
	var out []wire.Broker
	for _, b := range n.all {
		out = append(out, wire.Broker{ID: b.id, Addr: b.addr(), Rack: b.rack()})
	}
	return out
}

func (b *node) addr() string { return fmt.Sprintf("127.0.0.1:%d", b.port) }
func (b *node) rack() string { return fmt.Sprintf("rack-%d", b.id) }

// properties is the configuration of one node.
func (n *nodes) properties(b *node) []byte {
	switch {
	case b == n.zoo:
		return file(map[string]string{
			"dataDir": n.path(b, "data"), "clientPort": fmt.Sprint(b.port), "clientPortAddress": "127.0.0.1",
			"maxClientCnxns": "0", "admin.enableServer": "false",
		})
	case n.zoo != nil:
		return n.broker(b, map[string]string{
			"broker.id":                       fmt.Sprint(b.id),
			"zookeeper.connect":               n.zoo.addr(),
			"zookeeper.connection.timeout.ms": "60000", // it starts at the same time
			"listeners":                       "PLAINTEXT://" + b.addr(),
		})
	}
	copies := n.copies()
	var voters []string
	for _, v := range n.all {
		voters = append(voters, fmt.Sprintf("%d@127.0.0.1:%d", v.id, v.ctrl))
	}
	return n.broker(b, map[string]string{
		"process.roles":                  "broker,controller",
		"node.id":                        fmt.Sprint(b.id),
		"controller.quorum.voters":       strings.Join(voters, ","),
		"controller.listener.names":      "CONTROLLER",
		"listeners":                      fmt.Sprintf("PLAINTEXT://%s,CONTROLLER://127.0.0.1:%d", b.addr(), b.ctrl),
		"listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",

		"share.coordinator.state.topic.num.partitions":     "3",
		"share.coordinator.state.topic.replication.factor": copies,
		"share.coordinator.state.topic.min.isr":            "1",

		"group.coordinator.rebalance.protocols": "classic,consumer,streams",
		// Below the stock 5 s: members learn of a new assignment at their heartbeat, and tests wait for it.
		"group.consumer.heartbeat.interval.ms":     "1000",
		"group.consumer.min.heartbeat.interval.ms": "1000",
	})
}

// broker adds what does not depend on who coordinates.
func (n *nodes) broker(b *node, p map[string]string) []byte {
	copies := n.copies()
	maps.Copy(p, map[string]string{
		"broker.rack":                b.rack(),
		"advertised.listeners":       "PLAINTEXT://" + b.addr(),
		"inter.broker.listener.name": "PLAINTEXT",
		"log.dirs":                   n.path(b, "data"),
		"log.index.size.max.bytes":   "65536",
		"num.partitions":             "6",

		"offsets.topic.num.partitions":             "10",
		"auto.leader.rebalance.enable":             "false", // leaders move when a test moves them
		"offsets.topic.replication.factor":         copies,
		"transaction.state.log.num.partitions":     "3",
		"transaction.state.log.replication.factor": copies,
		"transaction.state.log.min.isr":            "1",

		"group.initial.rebalance.delay.ms": "300",
	})
	for k, v := range n.order.Props {
		p[k] = strings.ReplaceAll(v, "{default}", p[k])
	}
	return file(p)
}

// copies is the replication factor of what brokers keep for themselves.
func (n *nodes) copies() string { return fmt.Sprint(min(3, len(n.all))) }

// file writes properties in the order of their keys.
func file(p map[string]string) []byte {
	keys := make([]string, 0, len(p))
	for k := range p {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	var s strings.Builder
	for _, k := range keys {
		fmt.Fprintf(&s, "%s=%s\n", k, p[k])
	}
	return []byte(s.String())
}
