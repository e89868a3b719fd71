// Package wire is what a test and the keeper of its brokers say to each other: JSON values over a unix socket.
// It holds the shapes alone; the keeper answers in ../keeper and kafkatest asks.
package wire

// Op is what a test asks of the keeper.
type Op string

// The operations on one broker. Each is answered when it has taken effect.
const (
	Kill     Op = "kill"      // SIGKILL
	ShutDown Op = "shut down" // SIGTERM: it hands its leaderships over first; answered when it has ended
	Hang     Op = "hang"      // SIGSTOP: accepts connections and never answers
	Wake     Op = "wake"      // SIGCONT
	Restart  Op = "restart"   // start an ended broker on its old port and data; answered when it serves
)

// Request asks for one operation.
type Request struct {
	Op     Op
	Broker int32
}

// Reply answers a request. The keeper sends one unasked when the cluster serves: its Cluster is set.
type Reply struct {
	Err     string // empty when it was done
	Cluster *Cluster
}

// Cluster says where the brokers are.
type Cluster struct {
	Dir     string // configuration, data and logs of the brokers
	Brokers []Broker
}

// Broker is one node: under KRaft broker and controller in one.
type Broker struct {
	ID   int32
	Addr string // host:port
	Rack string
}

// Order is what the keeper is started with, as the one argument of its command line.
type Order struct {
	Dir       string            // made by the caller, removed by the keeper
	Socket    string            // the path to listen on
	Libs      string            // the folder of jars
	Nodes     int               // brokers
	ZooKeeper bool              // coordinates, instead of KRaft
	Props     map[string]string // added to each node's properties
	GraceSec  int               // how long the brokers outlive the last connection
}
