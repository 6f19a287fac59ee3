package lab

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"sync"
	"time"
)

// authority is the laboratory's CA. Keys, serials, dates and signatures follow
// from the names alone, so that two runs show the same certificates.
type authority struct {
	root *x509.Certificate
	key  *ecdsa.PrivateKey
	date time.Time

	mu     sync.Mutex
	leaves map[string]*tls.Certificate
}

// The CA and the certificates of the laboratory's own services are valid this
// many years before and after the scenario's date, so that clients with
// another clock trust them too.
const authorityYears = 20

func newAuthority(date time.Time) (*authority, error) {
	key, err := keyOf("authority")
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          serialOf("authority", date),
		Subject:               pkix.Name{CommonName: "Lurehound Laboratory Root", Organization: []string{"Lurehound Laboratory"}},
		NotBefore:             date.AddDate(-authorityYears, 0, 0),
		NotAfter:              date.AddDate(authorityYears, 0, 0),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	root, err := sign(template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return &authority{root: root, key: key, date: date, leaves: map[string]*tls.Certificate{}}, nil
}

// sign makes a certificate. Without a source of randomness ECDSA signatures
// follow RFC 6979: the same bytes each time.
func sign(template, parent *x509.Certificate, pub crypto.PublicKey, key *ecdsa.PrivateKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(nil, template, parent, pub, key)
	if err != nil {
		return nil, fmt.Errorf("signing the certificate of %s: %w", template.Subject.CommonName, err)
	}
	return x509.ParseCertificate(der)
}

// keyOf derives a P-256 key from a name. The hash is a valid scalar but for
// one name in 2^32, which is then hashed again.
func keyOf(name string) (*ecdsa.PrivateKey, error) {
	sum := sha256.Sum256([]byte("lurehound laboratory key: " + name))
	for range 4 {
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), sum[:]); err == nil {
			return key, nil
		}
		sum = sha256.Sum256(sum[:])
	}
	return nil, fmt.Errorf("deriving the key of %s: no valid scalar", name)
}

// serialOf is a positive serial of 16 octets (RFC 5280, section 4.1.2.2 allows 20).
func serialOf(name string, date time.Time) *big.Int {
	sum := sha256.Sum256([]byte(name + date.UTC().Format(time.RFC3339)))
	sum[0] = sum[0]&0x7f | 0x40
	return new(big.Int).SetBytes(sum[:16])
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.root)
	return p
}

// leaf is the certificate for a name and its www host. Zero issued: one of the
// laboratory's own, valid as long as the CA.
func (a *authority) leaf(name string, issued time.Time, days int) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c := a.leaves[name]; c != nil {
		return c, nil
	}
	key, err := keyOf(name)
	if err != nil {
		return nil, err
	}
	before, after := a.root.NotBefore, a.root.NotAfter
	if !issued.IsZero() {
		before = issued
		after = issued.AddDate(0, 0, days).Add(-time.Second)
	}
	cert, err := sign(&x509.Certificate{
		SerialNumber: serialOf(name, before),
		Subject:      pkix.Name{CommonName: name},
		DNSNames:     []string{name, "www." + name},
		NotBefore:    before,
		NotAfter:     after,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.root, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	c := &tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}
	a.leaves[name] = c
	return c, nil
}
