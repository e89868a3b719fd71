package conn

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// certSoon is how long before its end a certificate is worth a warning.
const certSoon = 14 * 24 * time.Hour

// secure does the TLS handshake and looks at both certificates.
func (p *walk) secure(ctx context.Context) *StepError {
	t := p.cfg.Auth.TLS
	if t == nil {
		return nil
	}
	host, _, _ := net.SplitHostPort(p.addr)
	conf, err := t.config(ctx, host)
	if err != nil {
		return &StepError{Addr: p.addr, Step: StepTLS, Err: err, Advice: adviceStore}
	}
	now := time.Now()
	conf.InsecureSkipVerify = true //nolint:gosec // VerifyConnection does it, and says more
	conf.VerifyConnection = func(s tls.ConnectionState) error {
		p.certificates(s, now)
		if t.SkipVerify {
			return nil
		}
		return p.believe(conf.RootCAs, s.PeerCertificates, host, now)
	}
	p.ourCertificate(conf, now)
	ctx, cancel := context.WithTimeout(ctx, p.cfg.DialTimeout)
	defer cancel()
	c := tls.Client(p.conn, conf)
	if err := c.HandshakeContext(ctx); err != nil {
		return p.unsecured(err)
	}
	p.conn = c
	return nil
}

// unsecured says why there is no TLS, and what there is instead.
func (p *walk) unsecured(err error) *StepError {
	var step *StepError
	if errors.As(err, &step) {
		return step
	}
	e := tlsError(p.addr, err)
	var record tls.RecordHeaderError
	var op *net.OpError
	switch {
	case errors.As(err, &record) && bytes.HasPrefix(record.RecordHeader[:], []byte("HTTP")):
		e.Err, e.Advice = errors.New("an HTTP server answered"), adviceNotKafka
	case errors.As(err, &op) && op.Op == "remote error":
		e.Advice = adviceMutual
	case e.Advice == advicePlaintext && p.speaksPlaintext():
		e.Err = errors.New("the other side speaks Kafka in plaintext")
	}
	return e
}

// speaksPlaintext tells whether the address answers Kafka's protocol without TLS. It has a time of its own:
// that of the handshake may have run out.
func (p *walk) speaksPlaintext() bool {
	ctx, cancel := context.WithTimeout(context.Background(), p.cfg.DialTimeout)
	defer cancel()
	raw, failed := p.open(ctx)
	if failed != nil {
		return false
	}
	q := &walk{cfg: p.cfg, addr: p.addr}
	q.wire(raw)
	defer q.hangUp()
	_, err := q.apiVersions(ctx)
	return err == nil
}

// speaksTLS is the subject of the certificate that the address shows to a TLS client, empty when it shows
// none. Nothing but the handshake is sent.
func (p *walk) speaksTLS(ctx context.Context) string {
	raw, failed := p.open(ctx)
	if failed != nil {
		return ""
	}
	defer raw.Close() //nolint:errcheck // nothing was written
	ctx, cancel := context.WithTimeout(ctx, p.cfg.DialTimeout)
	defer cancel()
	host, _, _ := net.SplitHostPort(p.addr)
	name := ""
	_ = tls.Client(raw, &tls.Config{
		ServerName: host, InsecureSkipVerify: true, //nolint:gosec // the connection ends before anything is trusted to it
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) > 0 {
				name = subject(s.PeerCertificates[0])
			}
			return errSeen
		},
	}).HandshakeContext(ctx)
	return name
}

var errSeen = errors.New("seen enough")

// certificates notes what the broker shows.
func (p *walk) certificates(s tls.ConnectionState, now time.Time) {
	p.note("%s", tls.VersionName(s.Version))
	for i, c := range s.PeerCertificates {
		who := "certificate"
		if i > 0 {
			who = "sent with it"
		}
		p.note("%s: %s, issued by %s, %s", who, subject(c), issuer(c), validity(c, now))
		if i == 0 {
			p.note("for %s", certNames(c))
		}
		if left := c.NotAfter.Sub(now); left > 0 && left < certSoon {
			p.warn("the certificate %s ends in %s", subject(c), days(left))
		}
	}
}

// ourCertificate notes who we are to a listener that asks for certificates.
func (p *walk) ourCertificate(conf *tls.Config, now time.Time) {
	if conf.GetClientCertificate == nil {
		return
	}
	own, err := conf.GetClientCertificate(nil)
	if err != nil || len(own.Certificate) == 0 {
		return
	}
	c, err := x509.ParseCertificate(own.Certificate[0])
	if err != nil {
		return
	}
	p.note("ours: %s, issued by %s, %s", subject(c), issuer(c), validity(c, now))
	switch left := c.NotAfter.Sub(now); {
	case left <= 0:
		p.warn("our own certificate has expired: the broker may refuse it")
	case left < certSoon:
		p.warn("our own certificate ends in %s", days(left))
	}
}

// believe checks the chain as crypto/tls does and says which check fails.
func (p *walk) believe(roots *x509.CertPool, peer []*x509.Certificate, host string, now time.Time) error {
	e := &StepError{Addr: p.addr, Step: StepTLS, Advice: adviceCert}
	if len(peer) == 0 {
		e.Err = errors.New("the broker has no certificate")
		return e
	}
	o := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool(), DNSName: host, CurrentTime: now}
	if p.cfg.Auth.TLS.SkipName {
		o.DNSName = ""
	}
	for _, c := range peer[1:] {
		o.Intermediates.AddCert(c)
	}
	_, err := peer[0].Verify(o)
	if err == nil {
		return nil
	}
	e.Err = &tls.CertificateVerificationError{UnverifiedCertificates: peer, Err: err}
	say(e, err, peer, host, now)
	return e
}

// say puts the reason into words and adds what helps.
func say(e *StepError, err error, peer []*x509.Certificate, host string, now time.Time) {
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	leaf := peer[0]
	switch {
	case errors.As(err, &name):
		e.Err = worded(fmt.Sprintf("the certificate is for %s, not for %s", certNames(leaf), host), e.Err)
		e.Advice = "connect by a name that is in the certificate; where that name leads nowhere from here: -b NAME:PORT --map NAME:PORT=" + e.Addr
	case errors.As(err, &unknown):
		why := "its issuer is not trusted here: " + issuer(leaf)
		if bytes.Equal(leaf.RawSubject, leaf.RawIssuer) {
			why = "it is issued by itself and not among the trusted ones"
		}
		e.Err = worded("the certificate "+subject(leaf)+" is not believed: "+why, e.Err)
		e.Advice = "get the certificate of that issuer from whoever runs the cluster and name it: ca in tls, ssl.truststore.location, or ssl.ca.location"
		if len(peer) == 1 && !bytes.Equal(leaf.RawSubject, leaf.RawIssuer) {
			e.Advice += "; when a root is trusted already, the broker leaves out the certificate between"
		}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		bad := leaf
		if invalid.Cert != nil {
			bad = invalid.Cert
		}
		if now.Before(bad.NotBefore) {
			e.Err = worded(fmt.Sprintf("the certificate %s is not valid before %s", subject(bad), bad.NotBefore.UTC().Format(time.DateTime)), e.Err)
			e.Advice = "check the clock of this machine, it says " + now.UTC().Format(time.DateTime) + " UTC"
			return
		}
		e.Err = worded(fmt.Sprintf("the certificate %s expired %s ago, on %s", subject(bad), days(now.Sub(bad.NotAfter)), bad.NotAfter.UTC().Format(time.DateOnly)), e.Err)
		e.Advice = "the broker's certificate must be renewed; no setting here mends it"
	}
}

// worded is err in other words.
func worded(text string, err error) error { return &wordedError{text, err} }

type wordedError struct {
	text string
	err  error
}

func (e *wordedError) Error() string { return e.text }

// Unwrap is the error that was put into words.
func (e *wordedError) Unwrap() error { return e.err }

func subject(c *x509.Certificate) string { return orNameless(c.Subject.String()) }
func issuer(c *x509.Certificate) string  { return orNameless(c.Issuer.String()) }

func orNameless(name string) string {
	if name == "" {
		return "without a name"
	}
	return name
}

// certNames are those that the certificate stands for.
func certNames(c *x509.Certificate) string {
	const most = 8
	out := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		out = append(out, ip.String())
	}
	switch {
	case len(out) == 0:
		return "no name"
	case len(out) > most:
		out = append(out[:most:most], fmt.Sprintf("and %d more", len(out)-most))
	}
	return strings.Join(out, ", ")
}

func validity(c *x509.Certificate, now time.Time) string {
	out := "valid " + c.NotBefore.UTC().Format(time.DateOnly) + " to " + c.NotAfter.UTC().Format(time.DateOnly)
	if left := c.NotAfter.Sub(now); left > 0 && !now.Before(c.NotBefore) {
		out += " (" + days(left) + " left)"
	}
	return out
}

// days is a span of time as people count the ends of certificates.
func days(d time.Duration) string {
	switch n := int(d / (24 * time.Hour)); {
	case n >= 2:
		return fmt.Sprintf("%d days", n)
	case d >= time.Hour:
		return fmt.Sprintf("%d h", int(d/time.Hour))
	}
	return fmt.Sprintf("%d min", int(d/time.Minute))
}
