package conn

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des" //nolint:gosec // what old keys are encrypted with
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // the default of PBKDF2 in PKCS#8
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"strings"
)

func isKey(b *pem.Block) bool { return strings.HasSuffix(b.Type, "PRIVATE KEY") }

var errNeedsPassword = errors.New("it is encrypted: give its password")

// openKey reads a private key: PKCS#8, PKCS#1 or SEC 1, encrypted or not.
func openKey(b *pem.Block, password string) (crypto.Signer, error) {
	der := b.Bytes
	var err error
	switch {
	case b.Type == "ENCRYPTED PRIVATE KEY":
		if password == "" {
			return nil, errNeedsPassword
		}
		der, err = decryptPKCS8(der, password)
	case x509.IsEncryptedPEMBlock(b): //nolint:staticcheck // openssl wrote such keys for decades
		if password == "" {
			return nil, errNeedsPassword
		}
		der, err = x509.DecryptPEMBlock(b, []byte(password)) //nolint:staticcheck // as above
		if errors.Is(err, x509.IncorrectPasswordError) {
			err = errPassword
		}
	}
	if err != nil {
		return nil, err
	}
	key, err := parseKey(der)
	if err != nil && len(der) > 0 && password != "" && b.Type != "PRIVATE KEY" {
		return nil, errPassword // the padding was right by accident
	}
	return key, err
}

func parseKey(der []byte) (crypto.Signer, error) {
	if k, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		if s, ok := k.(crypto.Signer); ok {
			return s, nil
		}
		return nil, fmt.Errorf("a key of type %T cannot sign", k)
	}
	if k, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return k, nil
	}
	if k, err := x509.ParseECPrivateKey(der); err == nil {
		return k, nil
	}
	return nil, errors.New("neither PKCS#8, PKCS#1 nor SEC 1")
}

// matches tells whether key and certificate belong together.
func matches(c tls.Certificate) error {
	if len(c.Certificate) == 0 {
		return errNoCertificate
	}
	leaf, err := x509.ParseCertificate(c.Certificate[0])
	if err != nil {
		return err
	}
	type equaler interface{ Equal(crypto.PublicKey) bool }
	key, ok := c.PrivateKey.(crypto.Signer)
	if !ok {
		return errors.New("its key cannot sign")
	}
	if pub, ok := leaf.PublicKey.(equaler); !ok || !pub.Equal(key.Public()) {
		return errors.New("the private key does not belong to the first certificate")
	}
	return nil
}

// What PKCS#8 encrypts with (RFC 8018): PBES2 of PBKDF2 and a cipher in CBC mode.
var (
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
)

type encryptedKey struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

type pbes2 struct{ KDF, Cipher pkix.AlgorithmIdentifier }

type pbkdf2Params struct {
	Salt       []byte
	Iterations int
	KeyLength  int                      `asn1:"optional"`
	PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
}

// maxIterations bounds what a crafted file can cost: seconds.
const maxIterations = 10_000_000

func decryptPKCS8(der []byte, password string) ([]byte, error) {
	var k encryptedKey
	var p pbes2
	var d pbkdf2Params
	if _, err := asn1.Unmarshal(der, &k); err != nil {
		return nil, errors.New("not an encrypted PKCS#8 key")
	}
	if !k.Algorithm.Algorithm.Equal(oidPBES2) {
		return nil, fmt.Errorf("encrypted with %v, which is not supported; re-encrypt it: openssl pkcs8 -topk8 -v2 aes-256-cbc", k.Algorithm.Algorithm)
	}
	if _, err := asn1.Unmarshal(k.Algorithm.Parameters.FullBytes, &p); err != nil || !p.KDF.Algorithm.Equal(oidPBKDF2) {
		return nil, errors.New("its key derivation is not PBKDF2; re-encrypt it: openssl pkcs8 -topk8 -v2 aes-256-cbc")
	}
	if _, err := asn1.Unmarshal(p.KDF.Parameters.FullBytes, &d); err != nil || d.Iterations < 1 || d.Iterations > maxIterations {
		return nil, errors.New("damaged PBKDF2 parameters")
	}
	var iv []byte
	if _, err := asn1.Unmarshal(p.Cipher.Parameters.FullBytes, &iv); err != nil {
		return nil, errors.New("damaged cipher parameters")
	}
	return decryptCBC(p.Cipher.Algorithm.String(), iv, k.Data, func(length int) ([]byte, error) {
		h, ok := prfs[d.PRF.Algorithm.String()]
		if !ok {
			return nil, fmt.Errorf("PBKDF2 with %v is not supported", d.PRF.Algorithm)
		}
		return pbkdf2.Key(h, password, d.Salt, d.Iterations, length)
	})
}

// prfs are the hashes of PBKDF2 by object identifier; none means SHA-1.
var prfs = map[string]func() hash.Hash{
	"":                    sha1.New,
	"1.2.840.113549.2.7":  sha1.New,
	"1.2.840.113549.2.8":  sha256.New224,
	"1.2.840.113549.2.9":  sha256.New,
	"1.2.840.113549.2.10": sha512.New384,
	"1.2.840.113549.2.11": sha512.New,
}

func decryptCBC(algorithm string, iv, data []byte, derive func(length int) ([]byte, error)) ([]byte, error) {
	lengths := map[string]int{
		"2.16.840.1.101.3.4.1.2": 16, "2.16.840.1.101.3.4.1.22": 24, "2.16.840.1.101.3.4.1.42": 32, // AES
		"1.2.840.113549.3.7": 24, // 3DES
	}
	length, ok := lengths[algorithm]
	if !ok {
		return nil, fmt.Errorf("cipher %s is not supported; re-encrypt it: openssl pkcs8 -topk8 -v2 aes-256-cbc", algorithm)
	}
	key, err := derive(length)
	if err != nil {
		return nil, err
	}
	var block cipher.Block
	if algorithm == "1.2.840.113549.3.7" {
		block, err = des.NewTripleDESCipher(key) //nolint:gosec // as above
	} else {
		block, err = aes.NewCipher(key)
	}
	n := len(data)
	if err != nil || len(iv) != block.BlockSize() || n == 0 || n%block.BlockSize() != 0 {
		return nil, errors.New("damaged encrypted key")
	}
	out := make([]byte, n)
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(out, data)
	pad := int(out[n-1])
	if pad < 1 || pad > block.BlockSize() || strings.Trim(string(out[n-pad:]), string(rune(pad))) != "" {
		return nil, errPassword
	}
	return out[:n-pad], nil
}
