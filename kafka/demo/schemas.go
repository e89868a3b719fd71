package demo

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"
)

// clickID is the id of clickSchema in the demo's registry.
const clickID = 1

// clickSchema is how clicks are written: Avro behind the id, as the serializers for a schema registry do it.
const clickSchema = `{"type":"record","name":"Click","namespace":"shop","fields":[` +
	`{"name":"session","type":"string"},` +
	`{"name":"event","type":{"type":"enum","name":"Event","symbols":["view","click","add_to_cart","search"]}},` +
	`{"name":"page","type":"string"},` +
	`{"name":"dwell_ms","type":"int"},` +
	`{"name":"device","type":{"type":"enum","name":"Device","symbols":["desktop","mobile","tablet"]}},` +
	`{"name":"ts","type":{"type":"long","logicalType":"timestamp-millis"}}]}`

// The symbols of clickSchema, in its order.
var (
	clickEvents  = []string{"view", "click", "add_to_cart", "search"}
	clickDevices = []string{"desktop", "mobile", "tablet"}
)

type click struct {
	session, event, page string
	dwell                int64 // ms
	device               string
	at                   time.Time
}

func (c *click) avro() []byte {
	b := binary.BigEndian.AppendUint32([]byte{0}, clickID)
	text := func(s string) { b = append(binary.AppendVarint(b, int64(len(s))), s...) }
	text(c.session)
	b = binary.AppendVarint(b, int64(slices.Index(clickEvents, c.event)))
	text(c.page)
	b = binary.AppendVarint(b, c.dwell)
	b = binary.AppendVarint(b, int64(slices.Index(clickDevices, c.device)))
	return binary.AppendVarint(b, c.at.UnixMilli())
}

var errAvro = errors.New("not Avro as the schema says")

// checkClick reads what stands behind the id as a consumer does.
func checkClick(b []byte) error {
	for _, kind := range "sesiei" { // the fields: string, enum, number
		n, size := binary.Varint(b)
		if size <= 0 {
			return errAvro
		}
		b = b[size:]
		switch {
		case kind == 's' && (n < 0 || n > int64(len(b))):
			return errAvro
		case kind == 's':
			b = b[n:]
		case kind == 'e' && (n < 0 || n >= int64(len(clickEvents))):
			return errAvro
		}
	}
	if len(b) > 0 {
		return errAvro
	}
	return nil
}

// registry answers for the schemas of the demo as a schema registry does.
type registry struct {
	url    string
	server *http.Server
	ended  chan struct{}
}

// registryAt is where the registry listens; where that is taken, on any free port.
const registryAt = "127.0.0.1:18081"

// startRegistry listens on this machine alone.
func startRegistry(ctx context.Context) (*registry, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", registryAt)
	if err != nil {
		l, err = config.Listen(ctx, "tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("schema registry: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc(fmt.Sprintf("GET /schemas/ids/%d", clickID), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/vnd.schemaregistry.v1+json")
		_ = json.NewEncoder(w).Encode(map[string]string{"schema": clickSchema}) // whoever asked may have left
	})
	r := &registry{url: "http://" + l.Addr().String(), server: &http.Server{Handler: mux, ReadHeaderTimeout: answerWithin}, ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		_ = r.server.Serve(l) // says only that it was closed
	}()
	return r, nil
}

func (r *registry) close() error {
	err := r.server.Close()
	<-r.ended
	return err
}

// Registry is the address of the schema registry for what the demo writes in Avro, on this machine.
func (d *Demo) Registry() string { return d.registry.url }
