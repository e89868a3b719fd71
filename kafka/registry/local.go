package registry

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/reflect/protoreflect"

	"lagtop/kafka/limit"
	"lagtop/kafka/tail/format"
)

// Local is a schema in a file for the values or the keys of some topics, with or without a schema id in front of them.
type Local struct {
	Topic   string // a pattern, see limit.Match
	Part    format.Part
	File    string // .avsc or .proto
	Message string // of a .proto file, full or short; empty where the file has one
}

// Check tells what is missing, without opening the file.
func (l Local) Check() error {
	switch ext := filepath.Ext(l.File); {
	case l.Topic == "" || limit.Check(l.Topic) != nil:
		return fmt.Errorf("topic: %q is not a pattern (use *, ? and [a-z])", l.Topic)
	case ext != ".avsc" && ext != ".proto":
		return fmt.Errorf("%s: %q: want .avsc or .proto", [...]string{format.OfValue: "file", format.OfKey: "key"}[l.Part], l.File)
	case ext == ".avsc" && l.Message != "":
		return errors.New("message: only a .proto file has several")
	}
	return nil
}

// local is a Local that has been read.
type local struct {
	topic string
	part  format.Part
	note  string
	file  string // its last element, for the screen
	is    decoder
}

func (l Local) open() (_ local, err error) {
	defer recovered(&err)
	if err := l.Check(); err != nil {
		return local{}, fmt.Errorf("decode %s: %w", l.Topic, err)
	}
	out := local{topic: l.Topic, part: l.Part, file: filepath.Base(l.File)}
	info, err := os.Stat(l.File)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > maxText) {
		err = fmt.Errorf("%s is no file of at most 1 MiB", l.File)
	}
	var source []byte
	if err == nil {
		source, err = os.ReadFile(l.File)
	}
	switch {
	case err != nil:
	case filepath.Ext(l.File) == ".avsc":
		var is *avroType
		is, err = parseAvro(string(source), avroNames{})
		out.is = avro{is}
	case tooDeep(string(source)):
		err = errors.New("it is nested too deeply")
	default:
		out.is, err = l.proto()
	}
	if err != nil {
		return out, fmt.Errorf("decode %s by %s: %w", l.Topic, l.File, err)
	}
	out.note = out.is.what() + ", " + out.file
	return out, nil
}

// proto compiles a file; its imports lie beside it.
func (l Local) proto() (decoder, error) {
	dir, name := filepath.Split(l.File)
	file, err := compileProto(context.Background(), name, &protocompile.SourceResolver{ImportPaths: []string{filepath.Clean(dir)}})
	if err != nil {
		return nil, err
	}
	var found []protoreflect.MessageDescriptor
	var names []string
	each(file.Messages(), func(m protoreflect.MessageDescriptor) {
		full := string(m.FullName())
		names = append(names, full)
		if l.Message == full || l.Message == "" || strings.HasSuffix(full, "."+l.Message) {
			found = append(found, m)
		}
	})
	if len(found) != 1 {
		return nil, fmt.Errorf("message %q is one of %d: the file has %s", l.Message, len(found), strings.Join(names, ", "))
	}
	return protobuf{file: file, one: found[0]}, nil
}

func each(in protoreflect.MessageDescriptors, do func(protoreflect.MessageDescriptor)) {
	for i := range in.Len() {
		if m := in.Get(i); !m.IsMapEntry() {
			do(m)
			each(m.Messages(), do)
		}
	}
}

// read decodes what stands alone or, where that fails, behind a schema id: nothing but its bytes tells.
func (l *local) read(value []byte) format.Decoding {
	out, err := decoded(l.is, value)
	if _, rest, ok := format.SchemaID(value); err != nil && ok {
		if p, is := l.is.(protobuf); is {
			rest = p.skipIndexes(rest)
		}
		if behind, again := decoded(l.is, rest); again == nil {
			out, err = behind, nil
		}
	}
	if err != nil {
		return format.Decoding{Note: fmt.Sprintf("%s of %s does not fit: %v", l.is.what(), l.file, err)}
	}
	return format.Decoding{Text: out, Note: l.note}
}

// decoded is a bounded payload decoded, whatever is in it.
func decoded(d decoder, payload []byte) (_ []byte, err error) {
	if len(payload) > maxPayload {
		return nil, errors.New("it is larger than 1 MiB")
	}
	defer recovered(&err)
	return d.decode(payload)
}
