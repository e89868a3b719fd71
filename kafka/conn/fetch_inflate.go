package conn

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy/xerial"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka"
)

// maxInflated bounds what one batch may decompress to. Brokers bound batches compressed alone.
const maxInflated = 100 << 20

var errBomb = errors.New("it decompresses to more than 100 MiB")

// inflater decompresses into memory that it uses again after reset. It serves one goroutine.
type inflater struct {
	most int    // bytes that one batch may decompress to
	out  []byte // what was decompressed since reset
	gzip *gzip.Reader
	lz4  *lz4.Reader
	zstd *zstd.Decoder
}

// keptInflated is how much memory is kept for the next batches.
const keptInflated = 4 << 20

func (f *inflater) reset() {
	if cap(f.out) > keptInflated {
		f.out = nil
	}
	f.out = f.out[:0]
}

// Decompress implements kgo.Decompressor.
func (f *inflater) Decompress(src []byte, codec kgo.CompressionCodecType) ([]byte, error) {
	return f.inflate(kafka.Codec(codec), src)
}

// inflate appends to out and returns what it appended.
func (f *inflater) inflate(codec kafka.Codec, src []byte) ([]byte, error) {
	from := len(f.out)
	var err error
	switch codec {
	case kafka.CodecNone:
		return src, nil
	case kafka.CodecGzip:
		err = f.gunzip(src)
	case kafka.CodecSnappy:
		err = f.unsnap(src)
	case kafka.CodecLZ4:
		if f.lz4 == nil {
			f.lz4 = lz4.NewReader(nil)
		}
		f.lz4.Reset(bytes.NewReader(src))
		err = f.drain(f.lz4)
	case kafka.CodecZstd:
		err = f.unzstd(src)
	default:
		err = errors.New("there is no such codec")
	}
	if err != nil {
		f.out = f.out[:from]
		return nil, fmt.Errorf("%w: %v: %w", errCorrupt, codec, err)
	}
	return f.out[from:len(f.out):len(f.out)], nil
}

func (f *inflater) gunzip(src []byte) (err error) {
	if f.gzip == nil {
		f.gzip, err = gzip.NewReader(bytes.NewReader(src))
	} else {
		err = f.gzip.Reset(bytes.NewReader(src))
	}
	if err != nil {
		f.gzip = nil
		return err
	}
	return f.drain(f.gzip)
}

// unsnap knows snappy with the framing of Java's library and without it.
func (f *inflater) unsnap(src []byte) error {
	for room := max(4*len(src), 4<<10); ; room *= 2 {
		room = min(room, f.most)
		out, err := xerial.DecodeCapped(make([]byte, 0, room), src)
		switch {
		case err == nil:
			f.out = append(f.out, out...)
			return nil
		case !errors.Is(err, xerial.ErrDstTooSmall):
			return err
		case room == f.most:
			return errBomb
		}
	}
}

func (f *inflater) unzstd(src []byte) (err error) {
	if f.zstd == nil {
		// With one goroutine at most it has none of its own that would have to be stopped.
		f.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(f.most)), zstd.WithDecoderLowmem(true))
		if err != nil {
			return err
		}
	}
	from := len(f.out)
	out, err := f.zstd.DecodeAll(src, f.out[from:from])
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
		return errBomb
	}
	if err == nil {
		f.out = append(f.out, out...)
	}
	return err
}

// drain reads to the end, within bounds.
func (f *inflater) drain(r io.Reader) error {
	from := len(f.out)
	for {
		if len(f.out) == cap(f.out) {
			f.out = append(f.out, 0)[:len(f.out)]
		}
		n, err := r.Read(f.out[len(f.out):cap(f.out)])
		f.out = f.out[:len(f.out)+n]
		switch {
		case len(f.out)-from > f.most:
			return errBomb
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}
