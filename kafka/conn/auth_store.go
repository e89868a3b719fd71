package conn

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"software.sslmate.com/src/go-pkcs12"

	"lagtop/kafka/secret"
)

// Store is where certificates and keys lie: PEM, JKS or PKCS12, told apart by their content.
type Store struct {
	Path        string       // a file
	PEM         secret.Value // or the text itself
	KeyPath     string       // of the private key (PEM), when it has a file of its own
	Password    secret.Value // of the store; of the key too unless KeyPassword is given
	KeyPassword secret.Value
}

// IsZero tells that there is no store.
func (s Store) IsZero() bool { return s.Path == "" && s.PEM.IsZero() }

const maxStore = 8 << 20 // bytes; 150 times the cacerts of Java

var (
	errNoCertificate = errors.New("no certificate in it")
	errPassword      = errors.New("the password is wrong")
)

// storeError names the file; what the libraries say never has the password in it.
func (s Store) storeError(err error) error {
	name := s.Path
	if name == "" {
		name = "the PEM text"
	}
	return fmt.Errorf("%s: %w", name, err)
}

// trusted are the certificates to believe.
func (s Store) trusted(ctx context.Context) ([]*x509.Certificate, error) {
	b, password, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	var certs []*x509.Certificate
	switch formOf(b) {
	case formJKS:
		certs, err = jksTrusted(b, password)
	case formPKCS12:
		certs, err = pkcs12Trusted(b, password)
	case formPEM:
		certs, _, err = splitPEM(b)
	default:
		err = errors.New("neither PEM, JKS nor PKCS12")
	}
	if err == nil && len(certs) == 0 {
		err = errNoCertificate
	}
	if err != nil {
		return nil, s.storeError(err)
	}
	return certs, nil
}

// identity is the certificate chain and key that we show.
func (s Store) identity(ctx context.Context) (tls.Certificate, error) {
	b, password, err := s.read(ctx)
	if err != nil {
		return tls.Certificate{}, err
	}
	keyPassword := password
	if !s.KeyPassword.IsZero() {
		if keyPassword, err = s.KeyPassword.Reveal(ctx); err != nil {
			return tls.Certificate{}, err
		}
	}
	var c tls.Certificate
	switch formOf(b) {
	case formJKS:
		c, err = jksIdentity(b, password, keyPassword)
	case formPKCS12:
		c, err = pkcs12Identity(b, password)
	case formPEM:
		c, err = s.pemIdentity(b, keyPassword)
	default:
		err = errors.New("neither PEM, JKS nor PKCS12")
	}
	if err != nil {
		return c, s.storeError(err)
	}
	return c, nil
}

func (s Store) read(ctx context.Context) (b []byte, password string, err error) {
	if password, err = s.Password.Reveal(ctx); err != nil {
		return nil, "", err
	}
	if s.Path == "" {
		text, err := s.PEM.Reveal(ctx)
		return []byte(text), password, err
	}
	b, err = readStore(s.Path)
	return b, password, err
}

func readStore(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	b, err := io.ReadAll(io.LimitReader(f, maxStore+1))
	if err == nil && len(b) > maxStore {
		err = fmt.Errorf("%s: larger than 8 MiB", path)
	}
	return b, err
}

type form int

const (
	formUnknown form = iota
	formPEM
	formJKS
	formPKCS12
)

func formOf(b []byte) form {
	switch {
	case bytes.HasPrefix(b, []byte{0xfe, 0xed, 0xfe, 0xed}):
		return formJKS
	case bytes.Contains(b, []byte("-----BEGIN ")):
		return formPEM
	case len(b) > 1 && b[0] == 0x30 && b[1] >= 0x80: // a long SEQUENCE, DER or BER
		return formPKCS12
	}
	return formUnknown
}

// openJKS without a password leaves the check of the digest out, as Java does.
func openJKS(b []byte, password string) (ks keystore.KeyStore, err error) {
	defer func() { // lengths in a damaged file are believed by the library
		if r := recover(); r != nil {
			err = errors.New("damaged JKS")
		}
	}()
	ks = keystore.New(keystore.WithOrderedAliases())
	err = ks.Load(bytes.NewReader(b), []byte(password))
	if err != nil && err.Error() == "got invalid digest" {
		if password == "" {
			return ks, nil
		}
		return ks, errPassword
	}
	return ks, err
}

func jksTrusted(b []byte, password string) ([]*x509.Certificate, error) {
	ks, err := openJKS(b, password)
	if err != nil {
		return nil, err
	}
	var out []*x509.Certificate
	for _, alias := range ks.Aliases() {
		if !ks.IsTrustedCertificateEntry(alias) {
			continue
		}
		e, err := ks.GetTrustedCertificateEntry(alias)
		if err != nil {
			return nil, err
		}
		c, err := x509.ParseCertificate(e.Certificate.Content)
		if err != nil {
			return nil, fmt.Errorf("alias %q: %w", alias, err)
		}
		out = append(out, c)
	}
	return out, nil
}

func jksIdentity(b []byte, password, keyPassword string) (tls.Certificate, error) {
	ks, err := openJKS(b, password)
	if err != nil {
		return tls.Certificate{}, err
	}
	aliases := ks.Aliases()
	i := slices.IndexFunc(aliases, ks.IsPrivateKeyEntry)
	if i < 0 {
		return tls.Certificate{}, errors.New("no private key in it")
	}
	e, err := ks.GetPrivateKeyEntry(aliases[i], []byte(keyPassword))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("key %q: %w (ssl.key.password, when it differs from the store's)", aliases[i], errPassword)
	}
	key, err := parseKey(e.PrivateKey)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("key %q: %w", aliases[i], err)
	}
	c := tls.Certificate{PrivateKey: key}
	for _, k := range e.CertificateChain {
		c.Certificate = append(c.Certificate, k.Content)
	}
	return c, matches(c)
}

func pkcs12Trusted(b []byte, password string) ([]*x509.Certificate, error) {
	certs, err := pkcs12.DecodeTrustStore(b, password)
	if err == nil || errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return certs, pkcs12Error(err)
	}
	// Stores of openssl lack Java's mark of trust, or have a key beside the certificates.
	blocks, err := pkcs12.ToPEM(b, password) //nolint:staticcheck // the others want a key, or Java's mark
	if err != nil {
		return nil, pkcs12Error(err)
	}
	for _, k := range blocks {
		if k.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(k.Bytes)
		if err != nil {
			return nil, err
		}
		certs = append(certs, c)
	}
	return certs, nil
}

func pkcs12Identity(b []byte, password string) (tls.Certificate, error) {
	key, leaf, chain, err := pkcs12.DecodeChain(b, password)
	if err != nil {
		return tls.Certificate{}, pkcs12Error(err)
	}
	c := tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key}
	for _, k := range chain {
		c.Certificate = append(c.Certificate, k.Raw)
	}
	return c, matches(c)
}

func pkcs12Error(err error) error {
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return errPassword
	}
	return err
}

func (s Store) pemIdentity(b []byte, keyPassword string) (tls.Certificate, error) {
	certs, keys, err := splitPEM(b)
	if err == nil && s.KeyPath != "" {
		var k []byte
		if k, err = readStore(s.KeyPath); err == nil {
			_, keys, err = splitPEM(k)
		}
	}
	switch {
	case err != nil:
		return tls.Certificate{}, err
	case len(certs) == 0:
		return tls.Certificate{}, errNoCertificate
	case len(keys) == 0:
		return tls.Certificate{}, errors.New("no private key with it")
	}
	key, err := openKey(keys[0], keyPassword)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("the private key: %w", err)
	}
	c := tls.Certificate{PrivateKey: key}
	for _, k := range certs {
		c.Certificate = append(c.Certificate, k.Raw)
	}
	return c, matches(c)
}

// splitPEM takes certificates and private keys out of a text in any order; other blocks are left out.
func splitPEM(b []byte) (certs []*x509.Certificate, keys []*pem.Block, err error) {
	for {
		var k *pem.Block
		if k, b = pem.Decode(b); k == nil {
			return certs, keys, nil
		}
		switch {
		case k.Type == "CERTIFICATE", k.Type == "TRUSTED CERTIFICATE", k.Type == "X509 CERTIFICATE":
			c, err := x509.ParseCertificate(k.Bytes)
			if err != nil {
				return nil, nil, err
			}
			certs = append(certs, c)
		case isKey(k):
			keys = append(keys, k)
		}
	}
}
