package conn

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"software.sslmate.com/src/go-pkcs12"
)

// authority issues certificates for a test. Keys are RSA: PKCS#1 knows no others.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *rsa.PrivateKey
}

// issued is a certificate with its key.
type issued struct {
	cert *x509.Certificate
	key  *rsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{t: t, dir: t.TempDir(), key: key}
	x := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a.cert = a.sign(x, x)
	return a
}

func (a *authority) sign(x, parent *x509.Certificate) *x509.Certificate {
	a.t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, x, parent, &a.key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return c
}

// issue makes a certificate for server and client. Without names it is for 127.0.0.1.
func (a *authority) issue(name string, names ...string) issued {
	a.t.Helper()
	x := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour), DNSNames: names,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if len(names) == 0 {
		x.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	return issued{a.sign(x, a.cert), a.key}
}

func (i issued) tls() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{i.cert.Raw}, PrivateKey: i.key}
}

func pemOf(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// file writes a file and returns its path.
func (a *authority) file(name string, parts ...[]byte) string {
	a.t.Helper()
	path := filepath.Join(a.dir, name)
	if err := os.WriteFile(path, bytes.Join(parts, nil), 0o600); err != nil {
		a.t.Fatal(err)
	}
	return path
}

func (a *authority) caPEM() string { return a.file("ca.pem", pemOf("CERTIFICATE", a.cert.Raw)) }

// caJKS is a trust store as keytool -import makes it.
func (a *authority) caJKS(password string) string {
	a.t.Helper()
	ks := keystore.New()
	e := keystore.TrustedCertificateEntry{CreationTime: time.Now(), Certificate: keystore.Certificate{Type: "X509", Content: a.cert.Raw}}
	if err := ks.SetTrustedCertificateEntry("ca", e); err != nil {
		a.t.Fatal(err)
	}
	return a.storeJKS("ca.jks", ks, password)
}

func (a *authority) caP12(password string) string {
	a.t.Helper()
	b, err := pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{a.cert}, password)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.file("ca.p12", b)
}

func (a *authority) keyJKS(i issued, store, key string) string {
	a.t.Helper()
	ks := keystore.New()
	e := keystore.PrivateKeyEntry{CreationTime: time.Now(), PrivateKey: pkcs8(a.t, i.key), CertificateChain: []keystore.Certificate{{Type: "X509", Content: i.cert.Raw}}}
	if err := ks.SetPrivateKeyEntry("me", e, []byte(key)); err != nil {
		a.t.Fatal(err)
	}
	return a.storeJKS("key.jks", ks, store)
}

func (a *authority) storeJKS(name string, ks keystore.KeyStore, password string) string {
	a.t.Helper()
	var b bytes.Buffer
	if err := ks.Store(&b, []byte(password)); err != nil {
		a.t.Fatal(err)
	}
	return a.file(name, b.Bytes())
}

func (a *authority) keyP12(name string, e *pkcs12.Encoder, i issued, password string) string {
	a.t.Helper()
	b, err := e.Encode(i.key, i.cert, []*x509.Certificate{a.cert}, password)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.file(name, b)
}

func pkcs8(t *testing.T, key crypto.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}
