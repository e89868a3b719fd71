package conn

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

// Operation is what an ACL allows, by its number in the protocol (KIP-430).
type Operation int8

// The operations that the program needs.
const (
	OpRead            Operation = 3
	OpDelete          Operation = 6
	OpAlter           Operation = 7
	OpDescribe        Operation = 8
	OpDescribeConfigs Operation = 10
	OpAlterConfigs    Operation = 11
)

// Operations are those that are allowed on an object, a bit each.
type Operations uint32

// Has tells whether an operation is allowed.
func (o Operations) Has(op Operation) bool { return o&(1<<op) != 0 }

func (o Operations) with(op Operation, allowed bool) Operations {
	if allowed {
		o |= 1 << op
	}
	return o
}

// Rights are what the brokers say that we may do. Nothing is tried that changes anything. Unknown
// Operations are those that a broker does not tell (before 2.3, and some of other makers).
type Rights struct {
	Cluster kafka.Known[Operations]
	Tried   bool                               // the cluster's come from requests that only read: ALTER is not known where DESCRIBE, which it implies, is there
	Topics  map[string]kafka.Known[Operations] // that we can see
	Groups  map[string]kafka.Known[Operations] // classic and consumer groups that we can see
	Others  int                                // groups that were not asked about: of other types, or beyond the first of each broker
	Errs    []error                            // what could not be asked
}

const (
	rightsTime   = 10 * time.Second
	rightsGroups = 500 // that are asked about at each broker, in one request
)

// ReadRights asks one broker about cluster and topics, and each broker about the groups that it coordinates.
// It takes at most 10 s.
func ReadRights(ctx context.Context, cfg Config, brokers []kafka.Broker) Rights {
	cfg.Purpose = kafka.PurposeTest
	ctx, cancel := context.WithTimeout(ctx, rightsTime)
	defer cancel()
	a := &asking{cfg: cfg, r: Rights{Topics: map[string]kafka.Known[Operations]{}, Groups: map[string]kafka.Known[Operations]{}}}
	var wg sync.WaitGroup
	for i := range brokers {
		wg.Go(func() { a.broker(ctx, brokers[i], i == 0) })
	}
	wg.Wait()
	slices.SortFunc(a.r.Errs, func(x, y error) int { return cmp.Compare(x.Error(), y.Error()) })
	return a.r
}

// asking collects answers from several goroutines.
type asking struct {
	cfg Config

	mu sync.Mutex
	r  Rights
}

func (a *asking) fail(err error) {
	if err == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.r.Errs = append(a.r.Errs, err)
}

func (a *asking) broker(ctx context.Context, at kafka.Broker, first bool) {
	b := NewBroker(a.cfg, at.Addr, nil)
	defer b.Close()
	if first {
		a.fail(a.topics(ctx, b))
		a.cluster(ctx, b, at.ID)
	}
	listed, err := b.ListGroups(ctx)
	if err != nil {
		a.fail(err)
		return
	}
	var classic, consumer []string
	others := 0
	for i := range listed {
		switch of := listed[i].Type; {
		case len(classic)+len(consumer) >= rightsGroups:
			others++
		case of == kafka.Classic:
			classic = append(classic, listed[i].Name)
		case of == kafka.Consumer:
			consumer = append(consumer, listed[i].Name)
		default:
			others++
		}
	}
	a.mu.Lock()
	a.r.Others += others
	a.mu.Unlock()
	a.fail(a.classic(ctx, b, classic))
	a.fail(a.consumer(ctx, b, consumer))
}

// topics asks for all topics (Metadata v8 to v10 tell the cluster's rights too).
func (a *asking) topics(ctx context.Context, b *Broker) error {
	req := kmsg.NewPtrMetadataRequest()
	req.IncludeTopicAuthorizedOperations, req.IncludeClusterAuthorizedOperations = true, true
	answer, err := b.request(ctx, "Metadata", req)
	if err != nil {
		return err
	}
	r := answer.(*kmsg.MetadataResponse)
	a.mu.Lock()
	defer a.mu.Unlock()
	if r.Version >= 8 && r.Version <= 10 {
		a.r.Cluster = operations(r.AuthorizedOperations)
	}
	for i := range r.Topics {
		if t := &r.Topics[i]; t.Topic != nil && t.ErrorCode == 0 {
			a.r.Topics[*t.Topic] = operations(t.AuthorizedOperations)
		}
	}
	return nil
}

// cluster asks by DescribeCluster (from 2.8 on). Where that does not tell, two reading requests are tried.
func (a *asking) cluster(ctx context.Context, b *Broker, id int32) {
	req := kmsg.NewPtrDescribeClusterRequest()
	req.IncludeClusterAuthorizedOperations, req.EndpointType = true, 1
	var got kafka.Known[Operations]
	if answer, err := b.request(ctx, "DescribeCluster", req); err == nil {
		if r := answer.(*kmsg.DescribeClusterResponse); r.ErrorCode == 0 {
			got = operations(r.ClusterAuthorizedOperations)
		}
	}
	a.mu.Lock()
	if !got.OK {
		got = a.r.Cluster
	}
	a.mu.Unlock()
	// Without DESCRIBE on the cluster the answer is empty, whatever else is allowed.
	try := !got.OK || got.V == 0
	if try {
		got = tried(ctx, b, id)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.r.Cluster, a.r.Tried = got, try
}

// tried finds out by requests that only read; ALTER stays without an answer.
func tried(ctx context.Context, b *Broker, id int32) kafka.Known[Operations] {
	dirs := kmsg.NewPtrDescribeLogDirsRequest()
	none := kmsg.NewDescribeLogDirsRequestTopic()
	none.Topic = groupLog
	dirs.Topics = append(dirs.Topics, none)
	d, err := b.request(ctx, "DescribeLogDirs", dirs)
	if err != nil {
		return kafka.Known[Operations]{}
	}
	r := d.(*kmsg.DescribeLogDirsResponse)
	// Before v3 a refusal is an empty answer.
	var out Operations
	out = out.with(OpDescribe, r.ErrorCode == 0 && len(r.Dirs) > 0)
	conf := kmsg.NewPtrDescribeConfigsRequest()
	res := kmsg.NewDescribeConfigsRequestResource()
	res.ResourceType, res.ResourceName, res.ConfigNames = kmsg.ConfigResourceTypeBroker, strconv.Itoa(int(id)), []string{offsetsRetention}
	conf.Resources = append(conf.Resources, res)
	if c, err := b.request(ctx, "DescribeConfigs", conf); err == nil {
		rs := c.(*kmsg.DescribeConfigsResponse).Resources
		out = out.with(OpDescribeConfigs, len(rs) > 0 && rs[0].ErrorCode == 0)
	}
	return kafka.Some(out)
}

func (a *asking) classic(ctx context.Context, b *Broker, names []string) error {
	if len(names) == 0 {
		return nil
	}
	req := kmsg.NewPtrDescribeGroupsRequest()
	req.Groups, req.IncludeAuthorizedOperations = names, true
	answer, err := b.request(ctx, "DescribeGroups", req)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	r := answer.(*kmsg.DescribeGroupsResponse)
	for i := range r.Groups {
		g := &r.Groups[i]
		a.group(g.Group, g.ErrorCode, g.AuthorizedOperations)
	}
	return nil
}

func (a *asking) consumer(ctx context.Context, b *Broker, names []string) error {
	if len(names) == 0 {
		return nil
	}
	req := kmsg.NewPtrConsumerGroupDescribeRequest()
	req.Groups, req.IncludeAuthorizedOperations = names, true
	answer, err := b.request(ctx, "ConsumerGroupDescribe", req)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	r := answer.(*kmsg.ConsumerGroupDescribeResponse)
	for i := range r.Groups {
		g := &r.Groups[i]
		a.group(g.Group, g.ErrorCode, g.AuthorizedOperations)
	}
	return nil
}

// group must be called with mu held.
func (a *asking) group(name string, code int16, ops int32) {
	switch err := kafka.Code(code).Err(); {
	case err == nil:
		a.r.Groups[name] = operations(ops)
	case errors.Is(err, kafka.CodeGroupAuthorization): // DESCRIBE on the cluster lists it all the same
		a.r.Groups[name] = kafka.Some(Operations(0))
	default:
		a.r.Groups[name] = kafka.Known[Operations]{}
	}
}

// operations reads the bits; the lowest number is how the protocol says "not told".
func operations(bits int32) kafka.Known[Operations] {
	if bits == math.MinInt32 {
		return kafka.Known[Operations]{}
	}
	return kafka.Some(Operations(uint32(bits)))
}
