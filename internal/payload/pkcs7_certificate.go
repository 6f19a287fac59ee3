package payload

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Caps of what a certificate may cost.
const (
	certificateSize = 64 << 10
	rsaBits         = 8192 // a key of 16 kbit takes milliseconds a signature
	extensionsMost  = 64
)

// certificate is what judging needs of an X.509 certificate (RFC 5280). The reader
// is our own because Go's refuses certificates that are in use (a negative
// serial number) and chains over SHA-1, and their names are wanted all the same.
type certificate struct {
	raw             []byte
	tbs             []byte
	issuer, subject []byte // DER
	serial          []byte // content of the INTEGER
	notBefore       time.Time
	notAfter        time.Time
	spki            []byte
	sig             []byte
	sigAlg          algorithm

	ca, caSaid         bool // cA, and whether basicConstraints were there
	pathLen            int  // -1: no bound
	keyUsage           int  // bits from the left of the BIT STRING; -1: not there
	uses               []string
	usesSaid           bool
	keyID, authorityID []byte
}

// algorithm is an AlgorithmIdentifier.
type algorithm struct {
	oid    string
	params []byte
}

var errDER = errors.New("not the DER that it should be")

func parseCertificate(raw []byte) (*certificate, error) {
	if len(raw) > certificateSize {
		return nil, fmt.Errorf("a certificate of %d bytes", len(raw))
	}
	c := &certificate{raw: raw, pathLen: -1, keyUsage: -1}
	in := cryptobyte.String(raw)
	var cert, tbs, element cryptobyte.String
	if !in.ReadASN1(&cert, cbasn1.SEQUENCE) || !cert.ReadASN1Element(&element, cbasn1.SEQUENCE) {
		return nil, errDER
	}
	c.tbs = element
	if !element.ReadASN1(&tbs, cbasn1.SEQUENCE) {
		return nil, errDER
	}
	var alg algorithm
	var serial, issuer, validity, subject, spki cryptobyte.String
	if !tbs.SkipOptionalASN1(cbasn1.Tag(0).Constructed().ContextSpecific()) ||
		!tbs.ReadASN1(&serial, cbasn1.INTEGER) || !readAlgorithm(&tbs, &alg) ||
		!tbs.ReadASN1Element(&issuer, cbasn1.SEQUENCE) || !tbs.ReadASN1(&validity, cbasn1.SEQUENCE) ||
		!tbs.ReadASN1Element(&subject, cbasn1.SEQUENCE) || !tbs.ReadASN1Element(&spki, cbasn1.SEQUENCE) {
		return nil, errDER
	}
	c.serial, c.issuer, c.subject, c.spki = serial, issuer, subject, spki
	if !readTime(&validity, &c.notBefore) || !readTime(&validity, &c.notAfter) {
		return nil, errDER
	}
	var sig asn1.BitString
	if !readAlgorithm(&cert, &c.sigAlg) || !cert.ReadASN1BitString(&sig) {
		return nil, errDER
	}
	c.sig = sig.Bytes
	tbs.SkipOptionalASN1(cbasn1.Tag(1).ContextSpecific())
	tbs.SkipOptionalASN1(cbasn1.Tag(2).ContextSpecific())
	var outer, list cryptobyte.String
	var has bool
	if tbs.ReadOptionalASN1(&outer, &has, cbasn1.Tag(3).Constructed().ContextSpecific()) && has && outer.ReadASN1(&list, cbasn1.SEQUENCE) {
		return c, c.readExtensions(list)
	}
	return c, nil
}

func (c *certificate) readExtensions(list cryptobyte.String) error {
	for n := 0; !list.Empty(); n++ {
		var ext, value cryptobyte.String
		var oid asn1.ObjectIdentifier
		if n >= extensionsMost || !list.ReadASN1(&ext, cbasn1.SEQUENCE) || !ext.ReadASN1ObjectIdentifier(&oid) ||
			!ext.SkipOptionalASN1(cbasn1.BOOLEAN) || !ext.ReadASN1(&value, cbasn1.OCTET_STRING) {
			return errDER
		}
		ok := true
		switch oid.String() {
		case "2.5.29.19":
			ok = c.readConstraints(value)
		case "2.5.29.15":
			var bits asn1.BitString
			ok = value.ReadASN1BitString(&bits)
			c.keyUsage = 0
			for i := range min(9, bits.BitLength) {
				c.keyUsage |= bits.At(i) << i
			}
		case "2.5.29.37":
			c.usesSaid = true
			var uses cryptobyte.String
			ok = value.ReadASN1(&uses, cbasn1.SEQUENCE)
			for ok && !uses.Empty() && len(c.uses) < extensionsMost {
				var use asn1.ObjectIdentifier
				ok = uses.ReadASN1ObjectIdentifier(&use)
				c.uses = append(c.uses, use.String())
			}
		case "2.5.29.14":
			ok = value.ReadASN1((*cryptobyte.String)(&c.keyID), cbasn1.OCTET_STRING)
		case "2.5.29.35":
			var aki, id cryptobyte.String
			var has bool
			ok = value.ReadASN1(&aki, cbasn1.SEQUENCE) && aki.ReadOptionalASN1(&id, &has, cbasn1.Tag(0).ContextSpecific())
			if has {
				c.authorityID = id
			}
		}
		if !ok {
			return errDER
		}
	}
	return nil
}

func (c *certificate) readConstraints(value cryptobyte.String) bool {
	var seq cryptobyte.String
	c.caSaid = true
	if !value.ReadASN1(&seq, cbasn1.SEQUENCE) {
		return false
	}
	if seq.PeekASN1Tag(cbasn1.BOOLEAN) && !seq.ReadASN1Boolean(&c.ca) {
		return false
	}
	return seq.Empty() || seq.ReadASN1Integer(&c.pathLen) && c.pathLen >= 0
}

// allows reports whether the certificate may be used for what oid says. A
// certificate that says nothing may be used for everything (RFC 5280, 4.2.1.12).
func (c *certificate) allows(oid string) bool {
	if !c.usesSaid {
		return true
	}
	for _, u := range c.uses {
		if u == oid || u == oidAnyUse {
			return true
		}
	}
	return false
}

// issued reports whether the names and key identifiers say that c issued d.
func (c *certificate) issued(d *certificate) bool {
	if !bytes.Equal(c.subject, d.issuer) {
		return false
	}
	return len(d.authorityID) == 0 || len(c.keyID) == 0 || bytes.Equal(c.keyID, d.authorityID)
}

func readAlgorithm(s *cryptobyte.String, a *algorithm) bool {
	var seq cryptobyte.String
	var oid asn1.ObjectIdentifier
	if !s.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadASN1ObjectIdentifier(&oid) {
		return false
	}
	*a = algorithm{oid.String(), seq}
	return true
}

func readTime(s *cryptobyte.String, t *time.Time) bool {
	if s.PeekASN1Tag(cbasn1.UTCTime) {
		return s.ReadASN1UTCTime(t)
	}
	return s.ReadASN1GeneralizedTime(t)
}

// hashOf is the hash that an algorithm names: a digest, or a signature with one. 0: none that we know.
func hashOf(oid string) crypto.Hash {
	switch oid {
	case "1.2.840.113549.2.5", "1.2.840.113549.1.1.4":
		return crypto.MD5
	case "1.3.14.3.2.26", "1.2.840.113549.1.1.5", "1.3.14.3.2.29", "1.2.840.10045.4.1":
		return crypto.SHA1
	case "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2":
		return crypto.SHA256
	case "2.16.840.1.101.3.4.2.2", "1.2.840.113549.1.1.12", "1.2.840.10045.4.3.3":
		return crypto.SHA384
	case "2.16.840.1.101.3.4.2.3", "1.2.840.113549.1.1.13", "1.2.840.10045.4.3.4":
		return crypto.SHA512
	}
	return 0
}

// errSignature says that a signature was computed and is wrong. All other errors
// of verifying say that it could not be found out.
var errSignature = errors.New("the signature does not verify")

// verify checks sig over signed with c's key. h is used where the algorithm names no hash itself.
func (c *certificate) verify(alg algorithm, h crypto.Hash, signed, sig []byte) error {
	if own := hashOf(alg.oid); own != 0 {
		h = own
	}
	pss := alg.oid == "1.2.840.113549.1.1.10"
	if pss {
		if h = pssHash(alg.params); h == 0 {
			return errors.New("the parameters of RSASSA-PSS are not known")
		}
	}
	if h == 0 || !h.Available() {
		return fmt.Errorf("the algorithm %s is not known", alg.oid)
	}
	if len(sig) > rsaBits {
		return fmt.Errorf("a signature of %d bytes", len(sig))
	}
	if len(c.spki) > rsaBits/4 {
		return fmt.Errorf("a key of %d bytes", len(c.spki))
	}
	key, err := x509.ParsePKIXPublicKey(c.spki)
	if err != nil {
		return fmt.Errorf("reading the key: %w", err)
	}
	w := h.New()
	w.Write(signed)
	sum := w.Sum(nil)
	good := false
	switch k := key.(type) {
	case *rsa.PublicKey:
		if n := k.N.BitLen(); n > rsaBits || n < 1024 || k.E < 3 || new(big.Int).SetInt64(int64(k.E)).BitLen() > 32 {
			return fmt.Errorf("an RSA key of %d bits is not used", n)
		}
		if pss {
			good = rsa.VerifyPSS(k, h, sum, sig, nil) == nil
		} else {
			good = rsa.VerifyPKCS1v15(k, h, sum, sig) == nil
		}
	case *ecdsa.PublicKey:
		good = ecdsa.VerifyASN1(k, sum, sig)
	case ed25519.PublicKey:
		good = ed25519.Verify(k, signed, sig)
	default:
		return fmt.Errorf("keys of type %T are not known", key)
	}
	if !good {
		return errSignature
	}
	return nil
}

// pssHash reads the hash of RSASSA-PSS-params (RFC 4055); without one it is SHA-1.
func pssHash(params []byte) crypto.Hash {
	in := cryptobyte.String(params)
	var seq, field cryptobyte.String
	var has bool
	var a algorithm
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadOptionalASN1(&field, &has, cbasn1.Tag(0).Constructed().ContextSpecific()) {
		return 0
	}
	if !has {
		return crypto.SHA1
	}
	if !readAlgorithm(&field, &a) {
		return 0
	}
	return hashOf(a.oid)
}
