package explain

// Quantity is what a cell of the screen holds.
type Quantity int

// The quantities: of groups and their partitions, of members, of topics and logs, of brokers, and what is
// looked up, found or followed.
const (
	None Quantity = iota

	Lag
	Age
	In
	Out
	ETA
	Drain
	LagTrend
	Verdict
	Lost
	Committed
	CommitMetadata
	LogStart
	LogEnd
	PartitionName
	Owner

	GroupName
	GroupState
	GroupType
	Members
	PartitionsOfGroup
	Coordinator
	Assignor
	GroupEpoch
	ReadAt
	HiddenTopics
	DoneAhead

	MemberName
	MemberHost
	InstanceID
	MemberEpoch
	Assigned
	MemberRack
	MemberID
	Balance
	Grid

	TopicName
	PartitionCount
	ReplicationFactor
	InSync
	InTrend
	Readers
	Records
	Leader
	Replicas
	Offline
	LogSize
	LogState

	BrokerID
	Controller
	Address
	Rack
	Leads
	Holds
	NotInSync
	UnderReplicated
	Coordinates
	BrokerState

	SettingName
	SettingValue
	SettingSource
	DirPath
	DirReplicas
	DirSize
	DirUsed
	DirFree
	DirState

	QuorumNode
	QuorumRole
	QuorumEpoch
	QuorumEnd
	QuorumBehind
	QuorumFetch
	QuorumCaughtUp

	Severity
	Rule
	Where
	Evidence
	Since

	TailRate
	RecordTime
	RecordPlace
)

// places are the scopes in which a quantity can stand, a bit each.
type places uint32

const (
	onePart   = places(1 << ScopeGroupPartition)
	ofMember  = places(1<<ScopeMember | 1<<ScopeUnowned)
	inGroup   = places(1<<ScopeGroup|1<<ScopeGroupTopic) | ofMember | onePart
	oneLog    = places(1 << ScopePartition)
	inTopic   = places(1<<ScopeTopic) | oneLog
	onBroker  = places(1 << ScopeBroker)
	ofSetting = places(1<<ScopeTopicSetting | 1<<ScopeBrokerSetting)
	ofDir     = places(1 << ScopeLogDir)
	ofQuorum  = places(1 << ScopeQuorum)
	ofFinding = places(1 << ScopeFinding)
	ofTail    = places(1 << ScopeTail)
)

// entry is what is told of a quantity wherever it stands, and the function that adds what depends on the place.
type entry struct {
	at             places
	title, meaning string
	tell           func(*query)
}

var book = [...]entry{
	Lag:            {inGroup, "lag", "Records between the committed offset and the end of the log: what the group has not committed as read.", tellLag},
	Age:            {inGroup, "age", "How old the oldest record is that the group has not committed as read.", tellAge},
	In:             {inGroup | inTopic | onBroker, "produce rate", "Records per second that producers write to the partitions.", tellIn},
	Out:            {inGroup, "consume rate", "Records per second by which the group's committed offsets move on.", tellOut},
	ETA:            {inGroup, "ETA", "How long until the lag is 0 if the present rates went on.", tellETA},
	Drain:          {inGroup, "drain rate", "By how many records per second the lag shrinks; below 0 it grows.", tellDrain},
	LagTrend:       {inGroup, "trend", "The lag of the last two minutes, oldest on the left.", tellLagTrend},
	Verdict:        {inGroup, "verdict", "How the group is doing, by lagtop's rules; ? lists what each verdict says.", tellVerdict},
	Lost:           {inGroup, "lost records", "Records below the log start that the group had not read and can no longer read.", tellLost},
	Committed:      {onePart, "committed offset", "The next offset that the group will read after a restart: everything below it is committed as read.", tellCommit},
	CommitMetadata: {onePart, "commit metadata", "A text that the committer stored with the offset.", tellMetadata},
	LogStart:       {onePart | oneLog, "log start offset", "The first offset that can still be read.", tellStart},
	LogEnd:         {onePart | oneLog, "end offset", "The offset that the next record will get, as far as consumers may read.", tellEnd},
	PartitionName:  {onePart | oneLog, "name", "The partition, and what the numbers alone would hide: lost, ahead, no commit, old.", tellPartitionName},
	Owner:          {onePart, "owner", "The member that the coordinator has assigned the partition to.", tellOwner},

	GroupName:         {inGroup, "name", "The group's id.", tellGroupName},
	GroupState:        {inGroup, "state", "The group's state in Kafka's own words.", tellState},
	GroupType:         {inGroup, "type", "The protocol that the group speaks: classic, consumer (KIP-848), share (KIP-932), streams (KIP-1071), or what a classic group serves.", tellType},
	Members:           {inGroup, "members", "Consumers that are in the group at present.", tellMembers},
	PartitionsOfGroup: {inGroup, "partitions", "Partitions that the group has committed, owns or subscribes to.", tellUncommitted},
	Coordinator:       {inGroup, "coordinator", "The broker that keeps the group's members and commits.", tellCoordinator},
	Assignor:          {inGroup, "assignor", "Who decides which member gets which partition.", tellMembers},
	GroupEpoch:        {inGroup, "epochs", "How often the group and its assignment changed (KIP-848 and later).", tellEpoch},
	ReadAt:            {inGroup, "time of reading", "When the group was read last.", tellReadAt},
	HiddenTopics:      {inGroup, "limited view", "Topics that members name and that you cannot see: their lag is missing from sums.", tellHidden},
	DoneAhead:         {inGroup, "work done ahead", "Records beyond the start offsets that are acknowledged already.", tellDoneAhead},

	MemberName:  {ofMember, "name", "The member's client.id, host and, where it is static, group.instance.id.", tellMember},
	MemberHost:  {ofMember, "host", "The address that the coordinator sees the member come from; behind NAT or a proxy that is theirs.", tellMember},
	InstanceID:  {ofMember, "instance id", "group.instance.id of a static member; a dynamic one has none.", tellMember},
	MemberEpoch: {ofMember, "epoch", "The member's epoch (KIP-848 and later).", tellEpoch},
	Assigned:    {ofMember, "assignment", "What the member is to work on: partitions, or tasks of its framework.", tellAssigned},
	MemberRack:  {ofMember, "rack", "client.rack of the member.", tellMember},
	MemberID:    {ofMember, "member id", "The id that the coordinator or the client gave this membership; a restart makes a new one.", tellMember},
	Balance:     {ofMember, "balance", "How many partitions the member has against the member with most.", tellBalance},
	Grid:        {ofMember, "grid", "Which partitions the member owns, one sign each.", tellGrid},

	TopicName:         {inTopic, "name", "The topic.", tellTopic},
	PartitionCount:    {inTopic, "partitions", "How many partitions the topic has: the most members of a group that can share its work.", tellTopic},
	ReplicationFactor: {inTopic, "replication factor", "How many brokers are to hold each partition, by the topic's first partition.", tellReplicas},
	InSync:            {inTopic, "replicas in sync", "Replicas that have all that the leader has committed, of all that should.", tellReplicas},
	InTrend:           {inTopic | onBroker, "trend", "What was produced in the last two minutes, oldest on the left.", tellInTrend},
	Readers:           {inTopic, "groups", "Groups that read the topic.", tellReaders},
	Records:           {inTopic, "records", "Offsets between the log start and the end: at most so many records are stored.", tellRecords},
	Leader:            {inTopic, "leader", "The broker that takes writes and reads of the partition.", tellReplicas},
	Replicas:          {inTopic, "replicas", "Brokers that are to hold the partition, the preferred leader first.", tellReplicas},
	Offline:           {inTopic, "offline replicas", "Replicas whose broker or log dir is down.", tellReplicas},
	LogSize:           {oneLog, "size", "Bytes of the partition's log on its leader.", tellLogSize},
	LogState:          {inTopic, "state", "What is worst about the partition at present.", tellLogState},

	BrokerID:        {onBroker, "id", "node.id of the broker.", tellBroker},
	Controller:      {onBroker, "controller", "Whether the broker leads the cluster's metadata.", tellController},
	Address:         {onBroker, "address", "advertised.listeners: where clients connect to.", tellBroker},
	Rack:            {onBroker, "rack", "broker.rack, where replicas are spread by it.", tellBroker},
	Leads:           {onBroker, "leaders", "Partitions that the broker leads.", tellLeads},
	Holds:           {onBroker, "replicas", "Partitions that the broker holds a replica of, those that it leads included.", tellLeads},
	NotInSync:       {onBroker, "replicas not in sync", "Replicas on the broker that are behind their leader or offline.", tellLeads},
	UnderReplicated: {onBroker, "under-replicated partitions", "Partitions that the broker leads and that lack a replica in sync.", tellLeads},
	Coordinates:     {onBroker, "groups", "Groups that the broker coordinates.", tellCoordinates},
	BrokerState:     {onBroker, "state", "Whether the broker answers lagtop, and how old its last answer is.", tellBrokerState},

	SettingName:   {ofSetting, "name", "A configuration that differs from the default.", tellSetting},
	SettingValue:  {ofSetting, "value", "The value in force.", tellSetting},
	SettingSource: {ofSetting, "origin", "Who set it: the topic, the broker dynamically, all brokers, or server.properties.", tellSetting},
	DirPath:       {ofDir, "path", "A folder in which the broker keeps logs.", tellDir},
	DirReplicas:   {ofDir, "replicas", "Replicas in the log dir, those that move in included.", tellDir},
	DirSize:       {ofDir, "size", "Bytes of all logs in the log dir.", tellDirSize},
	DirUsed:       {ofDir, "use", "How full the volume is.", tellDirSpace},
	DirFree:       {ofDir, "free space", "Bytes that are free on the volume.", tellDirSpace},
	DirState:      {ofDir, "state", "Whether the broker can use the log dir.", tellDir},

	QuorumNode:     {ofQuorum, "node", "node.id of a controller or broker that keeps the cluster's metadata.", tellQuorum},
	QuorumRole:     {ofQuorum, "role", "The leader decides, voters elect it and take over from it, observers only follow.", tellQuorum},
	QuorumEpoch:    {ofQuorum, "epoch", "How often the quorum elected a leader: one that keeps growing is a quorum without rest.", tellQuorum},
	QuorumEnd:      {ofQuorum, "end", "The offset after the last record of metadata that the node has.", tellQuorum},
	QuorumBehind:   {ofQuorum, "lag", "Records of metadata that the leader has and the node has not.", tellQuorum},
	QuorumFetch:    {ofQuorum, "time since fetch", "How long ago the node last asked the leader for more.", tellQuorumTime},
	QuorumCaughtUp: {ofQuorum, "time since caught up", "How long ago the node last had all that the leader had.", tellQuorumTime},

	Severity: {ofFinding, "severity", "How bad it is: hint, warning, bad.", tellFinding},
	Rule:     {ofFinding, "rule", "The rule that found it.", tellFinding},
	Where:    {ofFinding, "place", "What the finding is about.", tellFinding},
	Evidence: {ofFinding, "evidence", "The names and numbers that the rule judged by.", tellFinding},
	Since:    {ofFinding, "duration", "For how long lagtop has seen it.", tellFinding},

	TailRate:    {ofTail, "rate", "Records per second that arrive in the tail.", tellTailRate},
	RecordTime:  {ofTail, "timestamp", "The record's timestamp, shown in your time zone.", tellRecordTime},
	RecordPlace: {ofTail, "place", "Topic, partition and offset of the record.", tellRecord},
}
