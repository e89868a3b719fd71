package conn

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kbin"

	"lagtop/kafka"
)

// The versions of the keys in __consumer_offsets are types: see CoordinatorRecordType in Kafka. 0 and 1 are
// commits, 4 is not written any more, 10 and later are of share and streams groups.
var groupKinds = map[uint16]kafka.GroupRecordKind{
	2: kafka.GroupGeneration, 3: kafka.GroupEpoch, 5: kafka.GroupMember,
	6: kafka.GroupTargetEpoch, 7: kafka.GroupTarget, 8: kafka.GroupCurrent,
}

// lastGroupValue is the newest version of the values of keys 2 that can be read; those of the other keys have
// version 0 alone, and later fields as tags.
const lastGroupValue = 4

var errNewer = errors.New("its version is newer than what is known here")

// decodeGroupRecord reads a record of __consumer_offsets. It is not ok for one that is of another group or of
// a kind that tells nothing of a rebalance.
func decodeGroupRecord(group string, r *kafka.Record) (out kafka.GroupRecord, ok bool, err error) {
	if len(r.Key) < 4 {
		return out, false, nil
	}
	kind, known := groupKinds[binary.BigEndian.Uint16(r.Key)]
	if !known {
		return out, false, nil
	}
	k := kbin.Reader{Src: r.Key[2:]}
	if name := k.Span(int(k.Int16())); !k.Ok() || string(name) != group {
		return out, false, nil
	}
	out = kafka.GroupRecord{Group: group, Kind: kind, Gone: r.Value == nil, Offset: r.Offset, At: r.Timestamp}
	if kind == kafka.GroupMember || kind == kafka.GroupTarget || kind == kafka.GroupCurrent {
		out.Member.ID = k.String()
	}
	if !k.Ok() {
		return out, false, fmt.Errorf("key: %w", errShort)
	}
	if !out.Gone {
		err = decodeGroupValue(&out, r.Value)
	}
	return out, err == nil, err
}

func decodeGroupValue(out *kafka.GroupRecord, value []byte) error {
	v := groupValue{r: kbin.Reader{Src: value}}
	version := v.r.Int16()
	switch {
	case out.Kind == kafka.GroupGeneration && version > lastGroupValue, out.Kind != kafka.GroupGeneration && version > 0:
		return fmt.Errorf("value v%d: %w", version, errNewer)
	}
	switch out.Kind {
	case kafka.GroupGeneration:
		v.compact = version >= 4
		v.generation(out, version)
	case kafka.GroupEpoch, kafka.GroupTargetEpoch:
		out.Epoch = v.r.Int32()
	case kafka.GroupMember:
		v.compact = true
		v.member(&out.Member)
	case kafka.GroupTarget:
		out.Owned = v.partitions()
	case kafka.GroupCurrent:
		v.current(out)
	}
	if !v.r.Ok() {
		return fmt.Errorf("value v%d: %w", version, errShort)
	}
	return nil
}

// groupValue reads the fields of a value. Those of a later version follow the ones read here, or are tags.
type groupValue struct {
	r       kbin.Reader
	compact bool // the version is a flexible one (KIP-482)
}

func (v *groupValue) text() string {
	var s *string
	if v.compact {
		s = v.r.CompactNullableString()
	} else {
		s = v.r.NullableString()
	}
	if s == nil {
		return ""
	}
	return *s
}

func (v *groupValue) bytes() []byte {
	if v.compact {
		return v.r.CompactBytes()
	}
	return v.r.Bytes()
}

func (v *groupValue) count() int {
	if v.compact {
		return int(v.r.CompactArrayLen())
	}
	return int(v.r.ArrayLen())
}

// tags skips the tagged fields of a structure.
func (v *groupValue) tags() {
	for n := v.r.Uvarint(); n > 0 && v.r.Ok(); n-- {
		v.r.Uvarint()
		v.r.Span(int(v.r.Uvarint()))
	}
}

// generation is GroupMetadataValue, v0 to v4.
func (v *groupValue) generation(out *kafka.GroupRecord, version int16) {
	out.ProtocolType, out.Epoch, out.Protocol, out.Leader = v.text(), v.r.Int32(), v.text(), v.text()
	if version >= 2 {
		v.r.Int64() // when the group got into its state
	}
	for n := v.count(); n > 0 && v.r.Ok(); n-- {
		m := kafka.Member{ID: v.text()}
		if version >= 3 {
			m.InstanceID = v.text()
		}
		m.ClientID, m.Host = v.text(), strings.TrimPrefix(v.text(), "/")
		if version >= 1 {
			v.r.Int32() // rebalance timeout
		}
		v.r.Int32() // session timeout
		subscription, assignment := v.bytes(), v.bytes()
		if v.compact {
			v.tags()
		}
		if out.ProtocolType == "consumer" && v.r.Ok() {
			consumerMember(&m, subscription, assignment)
		}
		out.Members = append(out.Members, m)
	}
}

// consumerMember reads what clients wrote, any bytes.
func consumerMember(m *kafka.Member, subscription, assignment []byte) {
	if topics, rack, err := decodeSubscription(subscription); err == nil {
		m.Subscribed, m.Rack = topics, rack
	}
	assigned, err := decodeAssignment(assignment)
	if m.Assigned = assigned; err != nil {
		m.Opaque = err.Error()
	}
}

// member is ConsumerGroupMemberMetadataValue v0.
func (v *groupValue) member(m *kafka.Member) {
	m.InstanceID, m.Rack, m.ClientID, m.Host = v.text(), v.text(), v.text(), strings.TrimPrefix(v.text(), "/")
	for n := v.count(); n > 0 && v.r.Ok(); n-- {
		m.Subscribed = append(m.Subscribed, v.text())
	}
	slices.Sort(m.Subscribed)
}

// memberStable is MemberState.STABLE; the others wait for a revocation, their own or another member's.
const memberStable = 0

// current is ConsumerGroupCurrentMemberAssignmentValue v0.
func (v *groupValue) current(out *kafka.GroupRecord) {
	out.Epoch = v.r.Int32()
	v.r.Int32() // the epoch before
	state := v.r.Int8()
	out.Owned = v.partitions()
	revoking := v.partitions()
	out.Settled = state == memberStable && len(revoking) == 0
}

func (v *groupValue) partitions() []kafka.TopicIDPartition {
	var out []kafka.TopicIDPartition
	for n := v.r.CompactArrayLen(); n > 0 && v.r.Ok(); n-- {
		id := v.r.Uuid()
		for k := v.r.CompactArrayLen(); k > 0 && v.r.Ok(); k-- {
			out = append(out, kafka.TopicIDPartition{Topic: id, Partition: v.r.Int32()})
		}
		v.tags()
	}
	slices.SortFunc(out, func(a, b kafka.TopicIDPartition) int {
		if a.Topic != b.Topic {
			return strings.Compare(string(a.Topic[:]), string(b.Topic[:]))
		}
		return int(a.Partition) - int(b.Partition)
	})
	return out
}
