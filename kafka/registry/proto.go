package registry

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
)

// protobuf decodes by the messages of a file; by one where it is known which.
type protobuf struct {
	file protoreflect.FileDescriptor
	one  protoreflect.MessageDescriptor // nil: the payload begins with its place in the file
}

// compileProto compiles the file of that name; files are by the names under which others import them.
func compileProto(ctx context.Context, name string, resolver protocompile.Resolver) (protoreflect.FileDescriptor, error) {
	c := protocompile.Compiler{Resolver: protocompile.WithStandardImports(resolver), MaxParallelism: 1}
	files, err := c.Compile(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("the Protobuf schema: %w", err)
	}
	return files[0], nil
}

// tooDeep tells whether brackets are nested more deeply than any schema; the compiler recurs with them.
func tooDeep(source string) bool {
	depth := 0
	for i := range len(source) {
		switch source[i] {
		case '{', '[', '(', '<':
			if depth++; depth > 4*maxDepth {
				return true
			}
		case '}', ']', ')', '>':
			depth--
		}
	}
	return false
}

func (p protobuf) what() string {
	if p.one != nil {
		return "Protobuf " + string(p.one.FullName())
	}
	return "Protobuf"
}

func (p protobuf) decode(payload []byte) ([]byte, error) {
	is := p.one
	if is == nil {
		var err error
		if is, payload, err = p.message(payload); err != nil {
			return nil, err
		}
	}
	m := dynamicpb.NewMessage(is)
	o := proto.UnmarshalOptions{AllowPartial: true, DiscardUnknown: true, RecursionLimit: maxDepth, Resolver: &protoregistry.Types{}}
	if err := o.Unmarshal(payload, m); err != nil {
		return nil, fmt.Errorf("as %s: %w", is.FullName(), err)
	}
	var out text
	err := out.message(m, 0)
	return out.b, err
}

var errIndex = errors.New("the place of its message in the schema cannot be read")

// message takes the place of the message off the payload, as Confluent's serializers write it: how many indexes
// follow, and the indexes, outermost first; a zero alone is the first message.
func (p protobuf) message(payload []byte) (protoreflect.MessageDescriptor, []byte, error) {
	n, rest, err := index(payload)
	if err != nil || n > maxDepth {
		return nil, nil, errIndex
	}
	in := p.file.Messages()
	if n == 0 {
		if in.Len() == 0 {
			return nil, nil, errors.New("the schema has no message")
		}
		return in.Get(0), rest, nil
	}
	var is protoreflect.MessageDescriptor
	for range n {
		var i int
		if i, rest, err = index(rest); err != nil {
			return nil, nil, err
		}
		if i >= in.Len() {
			return nil, nil, fmt.Errorf("the schema has no message %d, it has %d there", i, in.Len())
		}
		is = in.Get(i)
		in = is.Messages()
	}
	return is, rest, nil
}

func index(b []byte) (int, []byte, error) {
	n, size := binary.Varint(b)
	if size <= 0 || n < 0 || n > maxText {
		return 0, nil, errIndex
	}
	return int(n), b[size:], nil
}

// skipIndexes is the payload behind the place of its message.
func (p protobuf) skipIndexes(payload []byte) []byte {
	if _, rest, err := p.message(payload); err == nil {
		return rest
	}
	return payload
}

// message writes fields in the order of the schema, those that have no presence also where they are not set.
func (t *text) message(m protoreflect.Message, depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	if err := t.raw("{"); err != nil {
		return err
	}
	fields, n := m.Descriptor().Fields(), 0
	for i := range fields.Len() {
		f := fields.Get(i)
		if !m.Has(f) && (f.HasPresence() || f.IsList() || f.IsMap()) {
			continue
		}
		if err := t.key(n, string(f.Name())); err != nil {
			return err
		}
		if err := t.field(f, m.Get(f), depth); err != nil {
			return err
		}
		n++
	}
	return t.raw("}")
}

func (t *text) field(f protoreflect.FieldDescriptor, v protoreflect.Value, depth int) error {
	switch {
	case f.IsMap():
		return t.entries(f, v.Map(), depth)
	case !f.IsList():
		return t.single(f, v, depth)
	}
	if err := t.raw("["); err != nil {
		return err
	}
	list := v.List()
	for i := range list.Len() {
		if i > 0 {
			if err := t.raw(","); err != nil {
				return err
			}
		}
		if err := t.single(f, list.Get(i), depth); err != nil {
			return err
		}
	}
	return t.raw("]")
}

func (t *text) entries(f protoreflect.FieldDescriptor, m protoreflect.Map, depth int) error {
	if err := t.raw("{"); err != nil {
		return err
	}
	n := 0
	var err error
	m.Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
		if err = t.key(n, k.String()); err == nil {
			err = t.single(f.MapValue(), v, depth)
		}
		n++
		return err == nil
	})
	if err != nil {
		return err
	}
	return t.raw("}")
}

func (t *text) single(f protoreflect.FieldDescriptor, v protoreflect.Value, depth int) error {
	switch f.Kind() {
	case protoreflect.MessageKind, protoreflect.GroupKind:
		if s, ok := wellKnown(v.Message()); ok {
			return t.string(s)
		}
		return t.message(v.Message(), depth+1)
	case protoreflect.BoolKind:
		return t.raw(strconv.FormatBool(v.Bool()))
	case protoreflect.StringKind:
		return t.string(v.String())
	case protoreflect.BytesKind:
		return t.string(base64.StdEncoding.EncodeToString(v.Bytes()))
	case protoreflect.EnumKind:
		if e := f.Enum().Values().ByNumber(v.Enum()); e != nil {
			return t.string(string(e.Name()))
		}
		return t.int(int64(v.Enum()))
	case protoreflect.FloatKind:
		return t.float(v.Float(), 32)
	case protoreflect.DoubleKind:
		return t.float(v.Float(), 64)
	case protoreflect.Uint32Kind, protoreflect.Uint64Kind, protoreflect.Fixed32Kind, protoreflect.Fixed64Kind:
		return t.raw(strconv.FormatUint(v.Uint(), 10))
	}
	return t.int(v.Int())
}
