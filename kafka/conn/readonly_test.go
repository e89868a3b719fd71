package conn_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
)

// reading are the requests that may reach a cluster from a read-only client. The list is the test's own:
// whoever adds to that of the package has to think twice.
var reading = []kmsg.Key{
	kmsg.Fetch, kmsg.ListOffsets, kmsg.Metadata, kmsg.OffsetFetch, kmsg.FindCoordinator, kmsg.DescribeGroups, kmsg.ListGroups,
	kmsg.SASLHandshake, kmsg.ApiVersions, kmsg.OffsetForLeaderEpoch, kmsg.DescribeACLs, kmsg.DescribeConfigs, kmsg.DescribeLogDirs,
	kmsg.SASLAuthenticate, kmsg.ListPartitionReassignments, kmsg.DescribeClientQuotas, kmsg.DescribeQuorum, kmsg.DescribeCluster,
	kmsg.DescribeProducers, kmsg.DescribeTransactions, kmsg.ListTransactions, kmsg.ConsumerGroupDescribe, kmsg.ListConfigResources,
	kmsg.DescribeTopicPartitions, kmsg.ShareGroupDescribe, kmsg.StreamsGroupDescribe, kmsg.DescribeShareGroupOffsets,
}

// behind names the exported method of Admin behind which a function builds a mutating request.
var behind = map[string]string{"leaveGroup": "LeaveGroup", "run": "ParkJoin", "send": "ParkJoin"}

// aliases are sarama's names of requests that Kafka calls otherwise.
var aliases = map[string]string{"Offset": "ListOffsets", "DeleteOffsets": "OffsetDelete"}

func TestReadOnlyLetsReadingRequestsThroughAndNoOthers(t *testing.T) {
	for key := range int16(kmsg.MaxKey + 20) {
		sent, err := conn.WriteReadOnly(frame(key, 30))
		if may := slices.Contains(reading, kmsg.Key(key)); may != (err == nil) || may != (len(sent) > 0) {
			t.Errorf("%s (%d): %d bytes sent, %v", kmsg.NameForKey(key), key, len(sent), err)
		}
		if err != nil && !errors.Is(err, conn.ErrReadOnly) {
			t.Errorf("%s: %v is not ErrReadOnly", kmsg.NameForKey(key), err)
		}
	}
}

func TestReadOnlyFollowsFramesHoweverTheyAreCut(t *testing.T) {
	good, bad := frame(int16(kmsg.Metadata), 40), frame(int16(kmsg.OffsetCommit), 40)
	stream := slices.Concat(good, good, bad, good)
	for n := 1; n <= len(stream); n++ {
		sent, err := conn.WriteReadOnly(slices.Collect(slices.Chunk(stream, n))...)
		if !errors.Is(err, conn.ErrReadOnly) {
			t.Fatalf("in pieces of %d: %v", n, err)
		}
		if whole := slices.Concat(good, good); !strings.HasPrefix(string(whole), string(sent)) {
			t.Errorf("in pieces of %d: bytes of the refused request were written", n)
		}
	}
	sent, err := conn.WriteReadOnly(slices.Collect(slices.Chunk(slices.Concat(good, good), 3))...)
	if err != nil || !reflect.DeepEqual(sent, slices.Concat(good, good)) {
		t.Errorf("%d of %d bytes written, %v", len(sent), 2*len(good), err)
	}
}

// frame is a request of so many bytes after its length. Its body looks like mutating requests.
func frame(key int16, size int) []byte {
	out := []byte{0, 0, 0, byte(size), byte(key >> 8), byte(key)}
	for len(out) < 4+size {
		out = append(out, 0, byte(kmsg.OffsetCommit))
	}
	return out[:4+size]
}

// TestReadOnlyRefusesEveryMutatingRequest finds in the source which mutating requests are built, and by
// which method of Admin.
func TestReadOnlyRefusesEveryMutatingRequest(t *testing.T) {
	f, seen := watched(t)
	a := openReadOnly(t, f)
	found := mutating(t)
	if len(found) < 4 {
		t.Fatalf("only %d mutating requests found in the source: %v", len(found), found)
	}
	for request, method := range found {
		m := reflect.ValueOf(a).MethodByName(method)
		if !m.IsValid() {
			t.Errorf("%s is built in %s: name the method of Admin that leads there in behind", request, method)
			continue
		}
		if err := try(t, m); !errors.Is(err, conn.ErrReadOnly) {
			t.Errorf("%s, which sends %s, answers %v, want ErrReadOnly", method, request, err)
		}
	}
	seen.onlyReading(t)
}

func TestReadOnlyMethodsSendNothingThatMutates(t *testing.T) {
	f, seen := watched(t)
	a := openReadOnly(t, f)
	b := conn.NewBroker(conn.Config{Bootstrap: f.Bootstrap(), ReadOnly: true}, f.Bootstrap()[0], nil)
	defer b.Close()
	for _, v := range []reflect.Value{reflect.ValueOf(a), reflect.ValueOf(b)} {
		for i := range v.NumMethod() {
			if name := v.Type().Method(i).Name; name != "Close" && v.Method(i).Type().NumIn() > 0 {
				_ = try(t, v.Method(i)) // what counts is what arrives
			}
		}
	}
	seen.onlyReading(t)
	if len(seen.keys) < 5 {
		t.Errorf("only %v arrived: the methods were not tried", seen.keys)
	}
}

func openReadOnly(t *testing.T, f *kafkatest.Fake) *conn.Admin {
	a, err := conn.OpenAdmin(conn.Config{Bootstrap: f.Bootstrap(), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

// arrivals are the requests that the brokers have read.
type arrivals struct {
	mu   sync.Mutex
	keys map[kmsg.Key]int
}

func watched(t *testing.T) (*kafkatest.Fake, *arrivals) {
	f := kafkatest.NewFake(t, kfake.SeedTopics(1, "orders"))
	seen := &arrivals{keys: map[kmsg.Key]int{}}
	f.Control(func(r kmsg.Request) (kmsg.Response, error, bool) {
		seen.mu.Lock()
		defer seen.mu.Unlock()
		seen.keys[kmsg.Key(r.Key())]++
		f.KeepControl()
		return nil, nil, false
	})
	return f, seen
}

func (a *arrivals) onlyReading(t *testing.T) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	for k, n := range a.keys {
		if !slices.Contains(reading, k) {
			t.Errorf("%d x %s reached a broker", n, kmsg.NameForKey(int16(k)))
		}
	}
}

// try calls a method with some value for each argument and returns its error.
func try(t *testing.T, m reflect.Value) error {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	var in []reflect.Value
	for i := range m.Type().NumIn() {
		if i == 0 {
			in = append(in, reflect.ValueOf(ctx))
			continue
		}
		in = append(in, some(m.Type().In(i), 0))
	}
	call := m.Call
	if m.Type().IsVariadic() {
		call = m.CallSlice
	}
	for _, out := range call(in) {
		if err, ok := out.Interface().(error); ok {
			return err
		}
	}
	return nil
}

// some is a value that is not empty.
func some(typ reflect.Type, depth int) reflect.Value {
	v := reflect.New(typ).Elem()
	if depth > 4 {
		return v
	}
	switch typ.Kind() {
	case reflect.String:
		v.SetString("orders")
	case reflect.Slice:
		v.Set(reflect.Append(v, some(typ.Elem(), depth+1)))
	case reflect.Map:
		v.Set(reflect.MakeMap(typ))
		v.SetMapIndex(some(typ.Key(), depth+1), some(typ.Elem(), depth+1))
	case reflect.Pointer:
		v.Set(reflect.New(typ.Elem()))
		v.Elem().Set(some(typ.Elem(), depth+1))
	case reflect.Struct:
		for i := range typ.NumField() {
			if v.Field(i).CanSet() {
				v.Field(i).Set(some(typ.Field(i).Type, depth+1))
			}
		}
	}
	return v
}

// mutating maps each mutating request that the source of the package builds to the method that sends it.
func mutating(t *testing.T) map[string]string {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				if name := requestName(n); name != "" {
					if key, ok := keyOf(t, name); ok && !slices.Contains(reading, key) {
						out[name+" in "+fn.Name.Name] = sender(fn.Name.Name)
					}
				}
				return true
			})
		}
	}
	return out
}

func sender(function string) string {
	if m, ok := behind[function]; ok {
		return m
	}
	return function
}

// requestName is X of sarama.XRequest, sarama.NewXRequest, kmsg.XRequest and kmsg.NewPtrXRequest.
func requestName(n ast.Node) string {
	sel, ok := n.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	pkg, ok := sel.X.(*ast.Ident)
	if !ok || pkg.Name != "sarama" && pkg.Name != "kmsg" {
		return ""
	}
	name, ok := strings.CutSuffix(sel.Sel.Name, "Request")
	if !ok {
		return ""
	}
	name = strings.TrimPrefix(strings.TrimPrefix(name, "New"), "Ptr")
	if alias, ok := aliases[name]; ok && pkg.Name == "sarama" {
		return alias
	}
	return name
}

func keyOf(t *testing.T, name string) (kmsg.Key, bool) {
	if name == "" { // the interface kmsg.Request
		return 0, false
	}
	for k := range int16(kmsg.MaxKey + 1) {
		if strings.EqualFold(kmsg.NameForKey(k), name) {
			return kmsg.Key(k), true
		}
	}
	t.Error(fmt.Errorf("%sRequest is no request that Kafka knows by that name: add it to aliases", name))
	return 0, false
}
