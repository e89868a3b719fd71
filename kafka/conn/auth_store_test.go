package conn

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"lagtop/kafka/secret"
)

// sealed is an encrypted PKCS#8 key as openssl writes it: PBES2, PBKDF2 with HMAC-SHA-256, AES-256-CBC.
func sealed(t *testing.T, der []byte, password string) []byte {
	t.Helper()
	salt, iv := []byte("saltsalt"), []byte("0123456789abcdef")
	key, err := pbkdf2.Key(sha256.New, password, salt, 2048, 32)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	pad := 16 - len(der)%16
	der = append(append([]byte(nil), der...), strings.Repeat(string(rune(pad)), pad)...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(der, der)
	raw := func(v any) asn1.RawValue {
		b, err := asn1.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return asn1.RawValue{FullBytes: b}
	}
	prf := pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}, Parameters: asn1.NullRawValue}
	p := pbes2{
		KDF: pkix.AlgorithmIdentifier{Algorithm: oidPBKDF2, Parameters: raw(struct {
			Salt       []byte
			Iterations int
			PRF        pkix.AlgorithmIdentifier
		}{salt, 2048, prf})},
		Cipher: pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}, Parameters: raw(iv)},
	}
	return raw(encryptedKey{Algorithm: pkix.AlgorithmIdentifier{Algorithm: oidPBES2, Parameters: raw(p)}, Data: der}).FullBytes
}

// identities are stores with the same certificate and key in every form.
func identities(t *testing.T, a *authority, me issued) map[string]Store {
	t.Helper()
	cert := pemOf("CERTIFICATE", me.cert.Raw)
	pkcs1 := x509.MarshalPKCS1PrivateKey(me.key)
	old, err := x509.EncryptPEMBlock(rand.Reader, "RSA PRIVATE KEY", pkcs1, []byte("kp"), x509.PEMCipherAES128) //nolint:staticcheck // such keys are out there
	if err != nil {
		t.Fatal(err)
	}
	pw := secret.Literal
	return map[string]Store{
		"pem, one file":        {Path: a.file("both.pem", pemOf("PRIVATE KEY", pkcs8(t, me.key)), cert)},
		"pem, two files":       {Path: a.file("cert.pem", cert), KeyPath: a.file("key.pem", pemOf("RSA PRIVATE KEY", pkcs1))},
		"pem text":             {PEM: pw(string(cert) + string(pemOf("PRIVATE KEY", pkcs8(t, me.key))))},
		"encrypted PKCS#8":     {Path: a.file("enc8.pem", cert, pemOf("ENCRYPTED PRIVATE KEY", sealed(t, pkcs8(t, me.key), "kp"))), KeyPassword: pw("kp")},
		"encrypted PKCS#1":     {Path: a.file("enc1.pem", cert, pem.EncodeToMemory(old)), KeyPassword: pw("kp")},
		"JKS":                  {Path: a.keyJKS(me, "store-pw", "store-pw"), Password: pw("store-pw")},
		"PKCS12":               {Path: a.keyP12("a.p12", pkcs12.Modern, me, "pw"), Password: pw("pw")},
		"PKCS12 of old":        {Path: a.keyP12("b.p12", pkcs12.LegacyDES, me, "pw"), Password: pw("pw")},
		"password of a file":   {Path: a.keyP12("c.p12", pkcs12.Modern, me, "pw"), Password: secret.File(a.file("pw", []byte("pw\n")))},
		"password of commands": {Path: a.keyP12("d.p12", pkcs12.Modern, me, "pw"), Password: secret.Command([]string{"echo", "pw"})},
	}
}

func TestClientCertificatesAreReadInEveryForm(t *testing.T) {
	a := newAuthority(t)
	me := a.issue("me")
	stores := identities(t, a, me)
	stores["JKS with a password for the key"] = Store{Path: a.keyJKS(me, "store-pw", "other-pw"), Password: secret.Literal("store-pw"), KeyPassword: secret.Literal("other-pw")}
	delete(stores, "JKS") // the same file
	for name, s := range stores {
		c, err := s.identity(t.Context())
		if err != nil || len(c.Certificate) == 0 || !me.key.Equal(c.PrivateKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTrustStoresAreReadInEveryForm(t *testing.T) {
	a := newAuthority(t)
	for name, s := range map[string]Store{
		"PEM":                        {Path: a.caPEM()},
		"JKS":                        {Path: a.caJKS("changeit"), Password: secret.Literal("changeit")},
		"JKS without its password":   {Path: a.caJKS("changeit")},
		"PKCS12":                     {Path: a.caP12("changeit"), Password: secret.Literal("changeit")},
		"PKCS12 with a key, openssl": {Path: a.keyP12("k.p12", pkcs12.LegacyRC2, a.issue("x"), "pw"), Password: secret.Literal("pw")},
	} {
		certs, err := s.trusted(t.Context())
		if err != nil || !certs[len(certs)-1].Equal(a.cert) && !certs[0].Equal(a.cert) {
			t.Errorf("%s: %d %v", name, len(certs), err)
		}
	}
}

// The stock tools wrote the files that people have.
func TestStoresOfTheStockToolsAreRead(t *testing.T) {
	a := newAuthority(t)
	me := a.issue("me")
	pem := a.file("both.pem", pemOf("PRIVATE KEY", pkcs8(t, me.key)), pemOf("CERTIFICATE", me.cert.Raw))
	out := func(name string) string { return filepath.Join(a.dir, name) }
	run := func(args ...string) bool {
		if _, err := exec.LookPath(args[0]); err != nil {
			t.Logf("left out: no %s on the PATH", args[0])
			return false
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		if b, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s", args, err, b)
			return false
		}
		return true
	}
	check := func(name string, s Store) {
		if c, err := s.identity(t.Context()); err != nil || !me.key.Equal(c.PrivateKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if run("openssl", "pkcs12", "-export", "-in", pem, "-out", out("o.p12"), "-passout", "pass:pw", "-name", "me") {
		check("openssl pkcs12", Store{Path: out("o.p12"), Password: secret.Literal("pw")})
		for _, kind := range []string{"JKS", "PKCS12"} {
			if run("keytool", "-importkeystore", "-noprompt", "-srckeystore", out("o.p12"), "-srcstorepass", "pw", "-srcstoretype", "PKCS12",
				"-destkeystore", out("k."+kind), "-deststoretype", kind, "-deststorepass", "changeit", "-destkeypass", "changeit") {
				check("keytool "+kind, Store{Path: out("k." + kind), Password: secret.Literal("changeit")})
			}
			if run("keytool", "-import", "-noprompt", "-alias", "ca", "-file", a.caPEM(), "-keystore", out("t."+kind), "-storetype", kind, "-storepass", "changeit") {
				if certs, err := (Store{Path: out("t." + kind), Password: secret.Literal("changeit")}).trusted(t.Context()); err != nil || len(certs) != 1 || !certs[0].Equal(a.cert) {
					t.Errorf("keytool %s: %d %v", kind, len(certs), err)
				}
			}
		}
	}
	for _, args := range [][]string{{"-v2", "aes-256-cbc"}, {"-v2", "des3"}, {"-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA1"}} {
		cmd := append([]string{"openssl", "pkcs8", "-topk8", "-in", pem, "-out", out("k.pem"), "-passout", "pass:kp"}, args...)
		if run(cmd...) {
			check(fmt.Sprint(args), Store{Path: a.file("c.pem", pemOf("CERTIFICATE", me.cert.Raw)), KeyPath: out("k.pem"), KeyPassword: secret.Literal("kp")})
		}
	}
}

const canary = "cAnArY-5f1d"

func TestBrokenStoresSayWhyAndShowNoPassword(t *testing.T) {
	a := newAuthority(t)
	me := a.issue("me")
	cert, wrong := pemOf("CERTIFICATE", me.cert.Raw), secret.Literal(canary)
	enc := a.file("enc8.pem", cert, pemOf("ENCRYPTED PRIVATE KEY", sealed(t, pkcs8(t, me.key), "kp")))
	_, other := certificateKey(t)
	for name, c := range map[string]struct {
		store Store
		trust bool
		want  string
	}{
		"JKS":               {Store{Path: a.keyJKS(me, "right", "right"), Password: wrong}, false, "key.jks: the password is wrong"},
		"JKS trust":         {Store{Path: a.caJKS("right"), Password: wrong}, true, "ca.jks: the password is wrong"},
		"PKCS12":            {Store{Path: a.keyP12("a.p12", pkcs12.Modern, me, "right"), Password: wrong}, false, "a.p12: the password is wrong"},
		"PKCS12 trust":      {Store{Path: a.caP12("right"), Password: wrong}, true, "ca.p12: the password is wrong"},
		"encrypted key":     {Store{Path: enc, KeyPassword: wrong}, false, "enc8.pem: the private key: the password is wrong"},
		"no password":       {Store{Path: enc}, false, "it is encrypted: give its password"},
		"no key":            {Store{Path: a.file("cert.pem", cert)}, false, "no private key with it"},
		"no certificate":    {Store{Path: a.file("key.pem", pemOf("PRIVATE KEY", pkcs8(t, me.key)))}, false, "no certificate in it"},
		"another's key":     {Store{Path: a.file("o.pem", cert, pemOf("PRIVATE KEY", other))}, false, "does not belong to the first certificate"},
		"no store":          {Store{Path: a.file("x", []byte(canary))}, true, "neither PEM, JKS nor PKCS12"},
		"no file":           {Store{Path: filepath.Join(a.dir, "none")}, true, "no such file"},
		"no trust":          {Store{Path: a.keyJKS(me, "right", "right"), Password: secret.Literal("right")}, true, "no certificate in it"},
		"damaged":           {Store{Path: a.file("d.jks", []byte("\xfe\xed\xfe\xed\x00\x00\x00\x02\x7f\xff\xff\xff\x00\x00"))}, true, "d.jks: "},
		"password command":  {Store{Path: enc, KeyPassword: secret.Command([]string{"sh", "-c", "echo " + canary + "; exit 1"})}, false, "command sh: exit status 1"},
		"damaged PEM":       {Store{PEM: secret.Literal("-----BEGIN CERTIFICATE-----\n" + canary)}, true, "the PEM text: no certificate in it"},
		"damaged encrypted": {Store{Path: a.file("e.pem", cert, pemOf("ENCRYPTED PRIVATE KEY", []byte(canary))), KeyPassword: wrong}, false, "not an encrypted PKCS#8 key"},
	} {
		var err error
		if c.trust {
			_, err = c.store.trusted(t.Context())
		} else {
			_, err = c.store.identity(t.Context())
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
			continue
		}
		if all := fmt.Sprintf("%v %+v %#v %+v", err, err, err, c.store); strings.Contains(all, canary) {
			t.Errorf("%s leaks: %s", name, all)
		}
	}
}

func certificateKey(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	c, _ := certificate(t)
	return c, pkcs8(t, c.PrivateKey)
}

func FuzzStores(f *testing.F) {
	f.Add([]byte("\xfe\xed\xfe\xed\x00\x00\x00\x02\x00\x00\x00\x01"), "pw")
	f.Add([]byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n"), "pw")
	f.Add([]byte("0\x82\x01\x00\x02\x01\x03"), "")
	f.Fuzz(func(t *testing.T, b []byte, password string) {
		path := filepath.Join(t.TempDir(), "s")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s := Store{Path: path, Password: secret.Literal(password)}
		_, _ = s.trusted(t.Context())
		_, _ = s.identity(t.Context())
	})
}
