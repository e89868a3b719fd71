// Package registry reads values that were written with a schema: Avro, Protobuf and JSON Schema by a registry
// that speaks Confluent's protocol, or by local .avsc and .proto files. Decoding is bounded in bytes and depth,
// and asks in the background: a registry that is slow or down costs nothing but the decoding.
package registry
