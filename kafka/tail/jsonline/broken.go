package jsonline

import (
	"encoding/base64"
	"strconv"

	"lagtop/kafka"
)

// appendBroken is a batch that cannot be read, in the place of a record.
func appendBroken(dst []byte, r *kafka.Record) []byte {
	b := r.Broken
	dst = AppendText(append(dst, `,"key":null,"value":null,"mark":`...), r.Mark.String())
	dst = AppendText(append(dst, `,"error":`...), b.Says())
	dst = appendNumber(append(dst, `,"batch":{"from":`...), kafka.Some(b.From))
	dst = appendNumber(append(dst, `,"to":`...), kafka.Some(b.Next-1))
	dst = appendNumber(append(dst, `,"bytes":`...), kafka.Some(b.Size))
	dst = appendNumber(append(dst, `,"crc_stored":`...), b.Stored)
	dst = appendNumber(append(dst, `,"crc_computed":`...), b.Computed)
	dst = appendNumber(append(dst, `,"base_offset":`...), b.Base)
	dst = appendNumber(append(dst, `,"records":`...), b.Records)
	dst = append(dst, `,"codec":`...)
	if b.Codec.OK {
		dst = AppendText(dst, b.Codec.V.String())
	} else {
		dst = append(dst, "null"...)
	}
	dst = appendNumber(append(dst, `,"producer_id":`...), b.ProducerID)
	dst = append(dst, `,"beginning_base64":"`...)
	return append(base64.StdEncoding.AppendEncode(dst, b.Raw), "\"}"...)
}

// appendNumber writes null for what is unknown.
func appendNumber[T int | int32 | int64 | uint32](dst []byte, n kafka.Known[T]) []byte {
	if !n.OK {
		return append(dst, "null"...)
	}
	return strconv.AppendInt(dst, int64(n.V), 10)
}
