package registry

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"time"
)

var errShort = errors.New("it ends too early")

// avro decodes by one schema.
type avro struct{ is *avroType }

func (a avro) decode(payload []byte) ([]byte, error) {
	d := avroValue{rest: payload}
	if err := d.value(a.is, 0); err != nil {
		return nil, err
	}
	if n := len(d.rest); n > 0 {
		return nil, fmt.Errorf("%d bytes are left over: it was written with another schema", n)
	}
	return d.out.b, nil
}

func (a avro) what() string {
	if a.is.name != "" {
		return "Avro " + a.is.name
	}
	return "Avro " + a.is.kind
}

// avroValue is a value that is being read. Bytes become base64, unions the value alone, and dates and times what
// people read.
type avroValue struct {
	rest []byte
	out  text
}

func (d *avroValue) value(t *avroType, depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	switch t.kind {
	case "null":
		return d.out.raw("null")
	case "boolean", "float", "double":
		return d.plain(t.kind)
	case "int", "long":
		n, err := d.long()
		if err != nil {
			return err
		}
		return d.number(t.logical, n)
	case "string":
		b, err := d.bytes()
		if err != nil {
			return err
		}
		return d.out.string(string(b))
	case "bytes", "fixed":
		return d.binary(t)
	case "enum":
		n, err := d.index(len(t.symbols), "symbol")
		if err != nil {
			return err
		}
		return d.out.string(t.symbols[n])
	case "union":
		n, err := d.index(len(t.of), "branch")
		if err != nil {
			return err
		}
		return d.value(t.of[n], depth+1)
	case "record":
		return d.record(t, depth)
	}
	return d.blocks(t, depth)
}

func (d *avroValue) record(t *avroType, depth int) error {
	if err := d.out.raw("{"); err != nil {
		return err
	}
	for i, f := range t.fields {
		if err := d.out.key(i, f.name); err != nil {
			return err
		}
		if err := d.value(f.is, depth+1); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return d.out.raw("}")
}

// blocks reads an array or a map: counted blocks, a negative count with the size of the block behind it.
func (d *avroValue) blocks(t *avroType, depth int) error {
	open, end := "[", "]"
	if t.kind == "map" {
		open, end = "{", "}"
	}
	if err := d.out.raw(open); err != nil {
		return err
	}
	for i := 0; ; {
		n, err := d.long()
		if err != nil {
			return err
		}
		if n == 0 {
			return d.out.raw(end)
		}
		if n < 0 {
			if _, err := d.long(); err != nil {
				return err
			}
		}
		for more := uint64(max(n, -n)); more > 0; more-- {
			if err := d.item(t, i, depth); err != nil {
				return err
			}
			i++
		}
	}
}

func (d *avroValue) item(t *avroType, i, depth int) error {
	if t.kind == "map" {
		name, err := d.bytes()
		if err != nil {
			return err
		}
		if err := d.out.key(i, string(name)); err != nil {
			return err
		}
	} else if i > 0 {
		if err := d.out.raw(","); err != nil {
			return err
		}
	}
	return d.value(t.of[0], depth+1)
}

func (d *avroValue) plain(kind string) error {
	switch kind {
	case "float":
		b, err := d.take(4)
		if err != nil {
			return err
		}
		return d.out.float(float64(math.Float32frombits(binary.LittleEndian.Uint32(b))), 32)
	case "double":
		b, err := d.take(8)
		if err != nil {
			return err
		}
		return d.out.float(math.Float64frombits(binary.LittleEndian.Uint64(b)), 64)
	}
	b, err := d.take(1)
	switch {
	case err != nil:
		return err
	case b[0] == 0:
		return d.out.raw("false")
	case b[0] == 1:
		return d.out.raw("true")
	}
	return fmt.Errorf("a boolean is %d", b[0])
}

// number writes an int or a long, as a date or a time where the schema says that it is one.
func (d *avroValue) number(logical string, n int64) error {
	const clock = "15:04:05.999999999"
	zone, kind := "Z", strings.TrimPrefix(logical, "local-")
	if kind != logical {
		zone = ""
	}
	var t time.Time
	layout := "2006-01-02T" + clock + zone
	switch kind {
	case "date":
		t, layout = time.Unix(0, 0).UTC().AddDate(0, 0, int(int32(n))), time.DateOnly //nolint:gosec // a date is an int
	case "timestamp-millis":
		t = time.UnixMilli(n)
	case "timestamp-micros":
		t = time.UnixMicro(n)
	case "timestamp-nanos":
		t = time.Unix(0, n)
	case "time-millis":
		t, layout = time.UnixMilli(n), clock
	case "time-micros":
		t, layout = time.UnixMicro(n), clock
	default:
		return d.out.int(n)
	}
	t = t.UTC()
	if y := t.Year(); y < 0 || y > 9999 || layout == clock && t.Unix()/86400 != 0 {
		return d.out.int(n)
	}
	return d.out.string(t.Format(layout))
}

func (d *avroValue) binary(t *avroType) error {
	var b []byte
	var err error
	if t.kind == "fixed" {
		b, err = d.take(t.size)
	} else {
		b, err = d.bytes()
	}
	if err != nil {
		return err
	}
	if t.logical == "decimal" && len(b) <= 64 {
		return d.out.raw(decimal(b, t.decimals))
	}
	return d.out.string(base64.StdEncoding.EncodeToString(b))
}

// decimal is a big-endian two's complement number with so many digits behind the point.
func decimal(b []byte, digits int) string {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(b))*8))
	}
	s := new(big.Int).Abs(n).String()
	if digits > 0 {
		s = strings.Repeat("0", max(0, digits+1-len(s))) + s
		s = s[:len(s)-digits] + "." + s[len(s)-digits:]
	}
	if n.Sign() < 0 {
		s = "-" + s
	}
	return s
}

func (d *avroValue) take(n int) ([]byte, error) {
	if n > len(d.rest) {
		return nil, errShort
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b, nil
}

func (d *avroValue) long() (int64, error) {
	n, size := binary.Varint(d.rest)
	if size <= 0 {
		return 0, errShort
	}
	d.rest = d.rest[size:]
	return n, nil
}

func (d *avroValue) bytes() ([]byte, error) {
	n, err := d.long()
	if err != nil {
		return nil, err
	}
	if n < 0 || n > int64(len(d.rest)) {
		return nil, errShort
	}
	return d.take(int(n))
}

func (d *avroValue) index(of int, what string) (int64, error) {
	n, err := d.long()
	if err == nil && (n < 0 || n >= int64(of)) {
		err = fmt.Errorf("%s %d of %d", what, n, of)
	}
	return n, err
}
