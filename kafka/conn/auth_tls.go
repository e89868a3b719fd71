package conn

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
)

// TLS is how a connection is encrypted and who is believed. Stores are read at each connection.
type TLS struct {
	CA   Store // whom we believe; the zero Store is what this machine believes
	Cert Store // who we are; the zero Store is nobody

	SkipVerify bool // believe every certificate
	SkipName   bool // check certificates but not the names in them

	MinVersion, MaxVersion uint16   // 0: Go's own
	Ciphers                []uint16 // of TLS 1.2 and below; nil: Go's own
}

func (t *TLS) check() error {
	if t.MaxVersion != 0 && t.MinVersion > t.MaxVersion {
		return errors.New("TLS: the lowest version is above the highest")
	}
	return nil
}

// config is a client configuration for one connection to the host.
func (t *TLS) config(ctx context.Context, host string) (*tls.Config, error) {
	c := &tls.Config{
		ServerName: host, MinVersion: t.MinVersion, MaxVersion: t.MaxVersion, CipherSuites: t.Ciphers,
		InsecureSkipVerify: t.SkipVerify || t.SkipName, //nolint:gosec // named by the person, and said on the screen
	}
	if !t.CA.IsZero() {
		certs, err := t.CA.trusted(ctx)
		if err != nil {
			return nil, fmt.Errorf("the trusted certificates: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		for _, k := range certs {
			c.RootCAs.AddCert(k)
		}
	}
	if t.SkipName && !t.SkipVerify {
		c.VerifyConnection = func(s tls.ConnectionState) error { return verifyChain(c.RootCAs, s.PeerCertificates) }
	}
	if t.Cert.IsZero() {
		return c, nil
	}
	own, err := t.Cert.identity(ctx)
	if err != nil {
		return nil, fmt.Errorf("the client certificate: %w", err)
	}
	// By this function it is sent even when its issuer is none that the broker names, and the broker says why it refuses.
	c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &own, nil }
	return c, nil
}

// verifyChain is what crypto/tls checks, but for the name.
func verifyChain(roots *x509.CertPool, peer []*x509.Certificate) error {
	if len(peer) == 0 {
		return errors.New("the broker has no certificate")
	}
	o := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
	for _, c := range peer[1:] {
		o.Intermediates.AddCert(c)
	}
	if _, err := peer[0].Verify(o); err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: peer, Err: err}
	}
	return nil
}
