package conn

import (
	"crypto/tls"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// A long session outlives its certificates: cert-manager and the like replace the files.
func TestRenewedCertificatesCountAtTheNextConnection(t *testing.T) {
	a, former := newAuthority(t), newAuthority(t)
	addr := secure(t, a, tls.RequireAndVerifyClientCert)
	write := func(by *authority) {
		i := by.issue("me")
		a.file("trusted.pem", pemOf("CERTIFICATE", by.cert.Raw))
		a.file("me.pem", pemOf("CERTIFICATE", i.cert.Raw), pemOf("PRIVATE KEY", pkcs8(t, i.key)))
	}
	write(former)
	cfg := Config{Bootstrap: []string{addr}, Auth: Auth{TLS: &TLS{
		CA: Store{Path: a.dir + "/trusted.pem"}, Cert: Store{Path: a.dir + "/me.pem"},
	}}}
	b := NewBroker(cfg, addr, nil)
	defer b.Close()
	ask := func() (sarama, franz error) {
		_, sarama = b.Metadata(t.Context())
		_, franz = b.request(t.Context(), "Metadata", kmsg.NewPtrMetadataRequest())
		return sarama, franz
	}
	if s, f := ask(); s == nil || f == nil {
		t.Errorf("by the former issuer: %v, %v", s, f)
	}
	write(a)
	if s, f := ask(); s != nil || f != nil {
		t.Errorf("renewed: %v, %v", s, f)
	}
}

// A token is as old in the morning as the clock on the wall says, though the machine slept.
func TestTheLifeOfATokenGoesOnWhileTheMachineSleeps(t *testing.T) {
	if end := validUntil(time.Now(), "", time.Hour); end != end.Round(0) {
		t.Errorf("it ends by a clock that stands still in sleep: %v", end)
	}
}
