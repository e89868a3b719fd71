package conn

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

// groupKey is a key of __consumer_offsets: a version, the group and, in some, a member.
func groupKey(version int16, names ...string) []byte {
	b := kbin.AppendInt16(nil, version)
	for _, n := range names {
		b = kbin.AppendString(b, n)
	}
	return b
}

func decoded(t *testing.T, key, value []byte) kafka.GroupRecord {
	t.Helper()
	r, ok, err := decodeGroupRecord("g", &kafka.Record{Key: key, Value: value, Offset: 7, Timestamp: time.Unix(9, 0)})
	if err != nil || !ok || r.Group != "g" || r.Offset != 7 || !r.At.Equal(time.Unix(9, 0)) {
		t.Fatalf("%+v %v %v", r, ok, err)
	}
	return r
}

func generationValue(version int16) []byte {
	protocol, leader, instance := "range", "m1", "pod-1"
	assignment := kmsg.NewConsumerMemberAssignment()
	assignment.Topics = []kmsg.ConsumerMemberAssignmentTopic{{Topic: "orders", Partitions: []int32{3, 1}}}
	subscription := kmsg.NewConsumerMemberMetadata()
	subscription.Topics = []string{"orders"}
	v := kmsg.NewGroupMetadataValue()
	v.Version, v.ProtocolType, v.Generation, v.Protocol, v.Leader = version, "consumer", 42, &protocol, &leader
	v.Members = []kmsg.GroupMetadataValueMember{{
		MemberID: "m1", InstanceID: &instance, ClientID: "c", ClientHost: "/10.0.0.1",
		Subscription: subscription.AppendTo(nil), Assignment: assignment.AppendTo(nil),
	}}
	return v.AppendTo(nil)
}

func TestGenerationRecordOfEveryVersion(t *testing.T) {
	for version := range int16(lastGroupValue + 1) {
		r := decoded(t, groupKey(2, "g"), generationValue(version))
		if r.Kind != kafka.GroupGeneration || r.Epoch != 42 || r.Protocol != "range" || r.Leader != "m1" || len(r.Members) != 1 {
			t.Fatalf("v%d: %+v", version, r)
		}
		m := r.Members[0]
		if m.ID != "m1" || m.ClientID != "c" || m.Host != "10.0.0.1" || (m.InstanceID == "pod-1") != (version >= 3) {
			t.Errorf("v%d: %+v", version, m)
		}
		if fmt.Sprint(m.Assigned) != "[{orders 1} {orders 3}]" || !slices.Equal(m.Subscribed, []string{"orders"}) {
			t.Errorf("v%d: %v %v", version, m.Assigned, m.Subscribed)
		}
	}
}

func partitionsValue(b []byte, id byte, partitions ...int32) []byte {
	b = kbin.AppendCompactArrayLen(b, 1)
	b = kbin.AppendUuid(b, [16]byte{id})
	b = kbin.AppendCompactArrayLen(b, len(partitions))
	for _, p := range partitions {
		b = kbin.AppendInt32(b, p)
	}
	return kbin.AppendUvarint(b, 0)
}

func currentValue(state int8, revoking bool) []byte {
	b := kbin.AppendInt16(nil, 0)
	b = kbin.AppendInt32(b, 12)
	b = kbin.AppendInt32(b, 11)
	b = partitionsValue(kbin.AppendInt8(b, state), 5, 2, 0)
	if revoking {
		b = partitionsValue(b, 5, 1)
	} else {
		b = kbin.AppendCompactArrayLen(b, 0)
	}
	return kbin.AppendUvarint(b, 0)
}

func memberValue() []byte {
	instance := "pod-1"
	b := kbin.AppendInt16(nil, 0)
	b = kbin.AppendCompactNullableString(b, &instance)
	b = kbin.AppendCompactNullableString(b, nil)
	b = kbin.AppendCompactString(b, "c")
	b = kbin.AppendCompactString(b, "/10.0.0.1")
	b = kbin.AppendCompactArrayLen(b, 2)
	b = kbin.AppendCompactString(b, "orders")
	b = kbin.AppendCompactString(b, "clicks")
	b = kbin.AppendCompactNullableString(b, nil)
	b = kbin.AppendInt32(b, 300000)
	b = kbin.AppendCompactNullableString(b, nil)
	return kbin.AppendUvarint(b, 0)
}

func TestRecordsOfNextGenerationGroups(t *testing.T) {
	if r := decoded(t, groupKey(3, "g"), kbin.AppendInt32(kbin.AppendInt16(nil, 0), 12)); r.Kind != kafka.GroupEpoch || r.Epoch != 12 {
		t.Errorf("%+v", r)
	}
	if r := decoded(t, groupKey(6, "g"), kbin.AppendInt32(kbin.AppendInt16(nil, 0), 12)); r.Kind != kafka.GroupTargetEpoch || r.Epoch != 12 {
		t.Errorf("%+v", r)
	}
	m := decoded(t, groupKey(5, "g", "m1"), memberValue()).Member
	if m.ID != "m1" || m.ClientID != "c" || m.Host != "10.0.0.1" || m.InstanceID != "pod-1" || fmt.Sprint(m.Subscribed) != "[clicks orders]" {
		t.Errorf("%+v", m)
	}
	two := []kafka.TopicIDPartition{{Topic: [16]byte{5}, Partition: 0}, {Topic: [16]byte{5}, Partition: 2}}
	if r := decoded(t, groupKey(7, "g", "m1"), partitionsValue(kbin.AppendInt16(nil, 0), 5, 2, 0)); r.Kind != kafka.GroupTarget || !slices.Equal(r.Owned, two) {
		t.Errorf("%+v", r)
	}
	for _, c := range []struct{ value, settled bool }{{false, true}, {true, false}} {
		r := decoded(t, groupKey(8, "g", "m1"), currentValue(memberStable, c.value))
		if r.Epoch != 12 || !slices.Equal(r.Owned, two) || r.Settled != c.settled || r.Member.ID != "m1" {
			t.Errorf("revoking %v: %+v", c.value, r)
		}
	}
	if r := decoded(t, groupKey(8, "g", "m1"), currentValue(2, false)); r.Settled {
		t.Errorf("waits for others: %+v", r)
	}
}

func TestTombstonesNameWhoIsGone(t *testing.T) {
	if r := decoded(t, groupKey(2, "g"), nil); !r.Gone || r.Kind != kafka.GroupGeneration {
		t.Errorf("%+v", r)
	}
	if r := decoded(t, groupKey(5, "g", "m1"), nil); !r.Gone || r.Member.ID != "m1" {
		t.Errorf("%+v", r)
	}
}

func TestWhatIsNotOfTheGroupIsPassedOver(t *testing.T) {
	for name, key := range map[string][]byte{
		"a commit": groupKey(1, "g", "orders"), "another group": groupKey(2, "gg"), "a share group": groupKey(11, "g"), "empty": nil, "short": {0, 2, 0},
		"a length beyond the end": {0, 2, 0, 9, 'g'},
	} {
		if r, ok, err := decodeGroupRecord("g", &kafka.Record{Key: key, Value: generationValue(3)}); ok || err != nil {
			t.Errorf("%s: %+v %v", name, r, err)
		}
	}
}

func TestNewerAndBrokenValuesAreErrors(t *testing.T) {
	for name, c := range map[string]struct{ key, value []byte }{
		"a newer generation":         {groupKey(2, "g"), generationValue(4)[:1]},
		"a newer epoch":              {groupKey(3, "g"), kbin.AppendInt32(kbin.AppendInt16(nil, 1), 12)},
		"cut off":                    {groupKey(8, "g", "m1"), currentValue(0, false)[:20]},
		"a member's name is cut off": {groupKey(8, "g"), currentValue(0, false)},
	} {
		if r, ok, err := decodeGroupRecord("g", &kafka.Record{Key: c.key, Value: c.value}); ok || err == nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestMissingRightIsNamed(t *testing.T) {
	e, news := groupNews("g", &kafka.ReadEvent{Kind: kafka.ReadFailed, Err: translate("Fetch", "__consumer_offsets/3", kafka.CodeTopicAuthorization)})
	if !news || !strings.HasPrefix(e.Err.Error(), "not authorized: READ on __consumer_offsets") || !errors.Is(e.Err, kafka.CodeTopicAuthorization) {
		t.Errorf("%v", e.Err)
	}
}

// Decoding any bytes neither panics nor takes longer, or more memory, than the bytes are worth.
func FuzzDecodeGroupRecord(f *testing.F) {
	for version := range int16(lastGroupValue + 1) {
		f.Add(groupKey(2, "g"), generationValue(version))
	}
	f.Add(groupKey(5, "g", "m1"), memberValue())
	f.Add(groupKey(7, "g", "m1"), partitionsValue(kbin.AppendInt16(nil, 0), 5, 2, 0))
	f.Add(groupKey(8, "g", "m1"), currentValue(1, true))
	f.Fuzz(func(t *testing.T, key, value []byte) {
		r, ok, err := decodeGroupRecord("g", &kafka.Record{Key: key, Value: value})
		if ok && err != nil {
			t.Fatal("a record and an error")
		}
		if n := len(r.Owned) * 4; n > len(value) {
			t.Fatalf("%d partitions from %d bytes", len(r.Owned), len(value))
		}
		if len(r.Members) > len(value)+1 {
			t.Fatalf("%d members from %d bytes", len(r.Members), len(value))
		}
	})
}
