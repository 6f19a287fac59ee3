package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"lurehound/internal/lab/installer"
)

// identity is a certificate with its key, which lives as long as the run.
type identity struct {
	cert *x509.Certificate
	key  *rsa.PrivateKey
}

// authorities makes the root and everybody who signs.
func (m *maker) authorities() error {
	root, err := m.issue("root", "Lurehound Laboratory Root", "", 1, 0, nil)
	if err != nil {
		return err
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.cert.Raw})
	if err := os.WriteFile(filepath.Join(m.out, installer.RootFile), block, 0o644); err != nil {
		return err
	}
	ca, err := m.issue("ca", "Lurehound Laboratory Code Signing CA", "", 2, 0, root)
	if err != nil {
		return err
	}
	for i, who := range []struct {
		file, name, country string
		usage               x509.ExtKeyUsage
		by                  *identity
	}{
		{"vendor", "MicroDicom Ltd", "BG", x509.ExtKeyUsageCodeSigning, ca},
		{"bad", "Helping Businesses Limited", "GB", x509.ExtKeyUsageCodeSigning, ca},
		{"bad2", "Helping Businesses Limited", "GB", x509.ExtKeyUsageCodeSigning, ca}, // another certificate of the same signer
		{"famatech", "Famatech Corp.", "VG", x509.ExtKeyUsageCodeSigning, ca},
		{"other", "Side Street Software Ltd", "GB", x509.ExtKeyUsageCodeSigning, ca},
		{"self", "MicroDicom Ltd", "BG", x509.ExtKeyUsageCodeSigning, nil},
		{"tsa", "Lurehound Laboratory Time Stamping", "", x509.ExtKeyUsageTimeStamping, ca},
	} {
		if _, err := m.issue(who.file, who.name, who.country, int64(0x10+i), who.usage, who.by); err != nil {
			return err
		}
	}
	return nil
}

// issue writes NAME.pem, with the chain below the root, and NAME.key. Usage 0 (any)
// is that of an authority; nobody issued what has no issuer.
func (m *maker) issue(file, name, country string, serial int64, usage x509.ExtKeyUsage, by *identity) (*identity, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(0x4c61620000000000 + serial), // "Lab"
		Subject:      pkix.Name{CommonName: name, Organization: []string{name}, OrganizationalUnit: []string{"Lurehound Laboratory"}},
		NotBefore:    time.Date(2023, 10, 2, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{usage}, BasicConstraintsValid: true,
	}
	if country != "" {
		t.Subject.Country = []string{country}
	}
	if usage == 0 {
		t.IsCA, t.ExtKeyUsage, t.KeyUsage = true, nil, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
		t.NotBefore, t.NotAfter = time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2045, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if usage == x509.ExtKeyUsageTimeStamping { // RFC 3161, 2.3: alone and critical
		t.ExtKeyUsage = nil
		t.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true,
			Value: []byte{0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08}}}
	}
	parent := &identity{t, key}
	if by != nil {
		parent = by
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent.cert, &key.PublicKey, parent.key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	var chain bytes.Buffer
	if err := pem.Encode(&chain, &pem.Block{Type: "CERTIFICATE", Bytes: der}); err != nil {
		return nil, err
	}
	if by != nil && usage != 0 {
		if err := pem.Encode(&chain, &pem.Block{Type: "CERTIFICATE", Bytes: by.cert.Raw}); err != nil {
			return nil, err
		}
	}
	secret := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	if err := m.write(file+".key", string(secret)); err != nil {
		return nil, err
	}
	return &identity{cert, key}, m.write(file+".pem", chain.String())
}
