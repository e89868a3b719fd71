package registry

import (
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// wellKnown is a timestamp in RFC 3339 or a duration in seconds, as Protobuf's JSON has them.
func wellKnown(m protoreflect.Message) (string, bool) {
	is := m.Descriptor()
	name := is.FullName()
	if name != "google.protobuf.Timestamp" && name != "google.protobuf.Duration" {
		return "", false
	}
	seconds, nanos := is.Fields().ByNumber(1), is.Fields().ByNumber(2)
	if seconds == nil || nanos == nil || seconds.Kind() != protoreflect.Int64Kind || nanos.Kind() != protoreflect.Int32Kind ||
		seconds.IsList() || nanos.IsList() {
		return "", false
	}
	s, n := m.Get(seconds).Int(), m.Get(nanos).Int()
	if name == "google.protobuf.Duration" {
		const most = int64(1<<63-1) / int64(time.Second) / 2
		if s < -most || s > most {
			return "", false
		}
		return (time.Duration(s)*time.Second + time.Duration(n)).String(), true
	}
	t := time.Unix(s, n).UTC()
	if t.Year() < 0 || t.Year() > 9999 {
		return "", false
	}
	return t.Format(time.RFC3339Nano), true
}
