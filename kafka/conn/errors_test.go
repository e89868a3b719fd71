package conn

import (
	"crypto/tls"
	"crypto/x509"
	"strings"
	"testing"
)

func TestAdviceOnACertificateIsAboutWhatIsWrongWithIt(t *testing.T) {
	for want, err := range map[string]error{
		"expired, or is not valid yet": x509.CertificateInvalidError{Reason: x509.Expired, Cert: &x509.Certificate{}},
		"for other names":              x509.HostnameError{Host: "b", Certificate: &x509.Certificate{}},
		"check the CA":                 x509.UnknownAuthorityError{},
	} {
		if got := tlsError("b:1", &tls.CertificateVerificationError{Err: err}).Advice; !strings.Contains(got, want) {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}
