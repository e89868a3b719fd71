package conn

import (
	"context"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"
	"software.sslmate.com/src/go-pkcs12"
)

// StoreFiles are the certificates of one test.
type StoreFiles struct {
	CAJKS, CAPEM, ServerP12, ClientJKS string // files; all passwords are "changeit"
	ClientCert, ClientKey              string // PEM texts, the key encrypted with "changeit"
}

// NewStoreFiles makes an authority, a server for 127.0.0.1 and a client.
func NewStoreFiles(t *testing.T) StoreFiles {
	const word = "changeit"
	a := newAuthority(t)
	client := a.issue("client")
	return StoreFiles{
		CAJKS: a.caJKS(word), CAPEM: a.caPEM(), ServerP12: a.keyP12("server.p12", pkcs12.Modern, a.issue("broker"), word), ClientJKS: a.keyJKS(client, word, word),
		ClientCert: string(pemOf("CERTIFICATE", client.cert.Raw)), ClientKey: string(pemOf("ENCRYPTED PRIVATE KEY", sealed(t, pkcs8(t, client.key), word))),
	}
}

// Both asks for metadata once with sarama and once with franz-go.
func Both(t *testing.T, cfg Config) [2]error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	b := NewBroker(cfg, cfg.Bootstrap[0], nil)
	defer b.Close()
	_, err := b.Metadata(ctx)
	_, kerr := b.request(ctx, "Metadata", kmsg.NewPtrMetadataRequest())
	return [2]error{err, kerr}
}
