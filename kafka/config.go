package kafka

// Config is one configuration value of a topic or a broker. Lists name those that differ from the default
// unless they say otherwise.
type Config struct {
	Name      string
	Value     string // empty when Sensitive: brokers do not tell it, and we would not keep it
	Source    ConfigSource
	Sensitive bool
	ReadOnly  bool // it cannot be changed while the broker runs
}

// ConfigChange sets one configuration value, or takes away the one that was set so that the default counts.
type ConfigChange struct {
	Name  string
	Value string
	Unset bool
}

// ConfigSource says where a value was set, in the words of the stock tools.
type ConfigSource string

// The sources of values; all but SourceDefault differ from the default.
const (
	SourceUnknown        ConfigSource = ""
	SourceTopic          ConfigSource = "topic"
	SourceBroker         ConfigSource = "dynamic broker"
	SourceDefaultBrokers ConfigSource = "dynamic default"
	SourceStaticBroker   ConfigSource = "static broker"
	SourceDefault        ConfigSource = "default"
)

// LogSize is how much one replica of a partition takes.
type LogSize struct {
	Partition int32
	Broker    int32
	Bytes     int64
	Moving    bool // it is the copy that is on its way into another log dir
}

// LogDir is a folder in which a broker keeps logs.
type LogDir struct {
	Path       string
	Err        error        // why nothing is known of it, such as a failed disk; nil when it is fine
	Size       int64        // bytes in all logs of it
	Partitions int          // replicas in it, moving ones included
	Moving     int          // replicas on their way into it
	Total      Known[int64] // bytes of the volume, since 3.3 (KIP-827)
	Usable     Known[int64] // bytes free on the volume
}
