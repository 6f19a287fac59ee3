package payload

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Caps of one SignedData.
const (
	pkcs7Certificates = 64
	pkcs7Signers      = 8
	pkcs7Attributes   = 64
)

// Object identifiers (RFC 2315, RFC 3161, Microsoft's Authenticode).
const (
	oidSignedData    = "1.2.840.113549.1.7.2"
	oidIndirectData  = "1.3.6.1.4.1.311.2.1.4"
	oidTSTInfo       = "1.2.840.113549.1.9.16.1.4"
	oidContentType   = "1.2.840.113549.1.9.3"
	oidMessageDigest = "1.2.840.113549.1.9.4"
	oidSigningTime   = "1.2.840.113549.1.9.5"
	oidCountersign   = "1.2.840.113549.1.9.6"
	oidNested        = "1.3.6.1.4.1.311.2.4.1"
	oidTimestamp     = "1.3.6.1.4.1.311.3.3.1"
	oidTimestampCMS  = "1.2.840.113549.1.9.16.2.14"
	oidCodeSigning   = "1.3.6.1.5.5.7.3.3"
	oidTimeStamping  = "1.3.6.1.5.5.7.3.8"
	oidLifetime      = "1.3.6.1.4.1.311.10.3.13" // a timestamp does not outlive the certificate
	oidAnyUse        = "2.5.29.37.0"
)

// signedData is a PKCS#7 SignedData.
type signedData struct {
	contentType string
	content     []byte // without its own tag and length: what is digested
	certs       []*certificate
	signers     []signer
	problems    []string
}

// signer is one SignerInfo.
type signer struct {
	issuer, serial []byte
	keyID          []byte // where CMS names the certificate by its key
	digest, sigAlg algorithm
	signed         []byte // the authenticated attributes as a SET; nil without any
	attributes     map[string][]byte
	signature      []byte
	unsigned       []attribute
}

// attribute is one unauthenticated attribute; values is the content of its SET.
type attribute struct {
	oid    string
	values []byte
	size   int64
}

// context0 is the tag [0] with content.
const context0 = cbasn1.Tag(0xa0)
const context1 = cbasn1.Tag(0xa1)

// parseSigned reads a ContentInfo that holds SignedData.
func parseSigned(der []byte) (*signedData, error) {
	in := cryptobyte.String(der)
	var info, outer, data, algs, content cryptobyte.String
	var oid asn1.ObjectIdentifier
	var version int
	if !in.ReadASN1(&info, cbasn1.SEQUENCE) || !info.ReadASN1ObjectIdentifier(&oid) {
		return nil, errDER
	}
	if oid.String() != oidSignedData {
		return nil, fmt.Errorf("holds %s, no signed data", oid)
	}
	if !info.ReadASN1(&outer, context0) || !outer.ReadASN1(&data, cbasn1.SEQUENCE) || !data.ReadASN1Integer(&version) ||
		!data.ReadASN1(&algs, cbasn1.SET) || !data.ReadASN1(&content, cbasn1.SEQUENCE) || !content.ReadASN1ObjectIdentifier(&oid) {
		return nil, errDER
	}
	s := &signedData{contentType: oid.String()}
	var explicit cryptobyte.String
	var has bool
	if !content.ReadOptionalASN1(&explicit, &has, context0) {
		return nil, errDER
	}
	if has {
		var value cryptobyte.String
		var tag cbasn1.Tag
		if !explicit.ReadAnyASN1(&value, &tag) || !explicit.Empty() {
			return nil, errDER
		}
		s.content = value
	}
	var certs, infos cryptobyte.String
	if !data.ReadOptionalASN1(&certs, &has, context0) || !data.SkipOptionalASN1(context1) || !data.ReadASN1(&infos, cbasn1.SET) {
		return nil, errDER
	}
	if err := s.readCertificates(certs); err != nil {
		return nil, err
	}
	for !infos.Empty() {
		if len(s.signers) >= pkcs7Signers {
			s.problems = append(s.problems, fmt.Sprintf("only the first %d signers were read", pkcs7Signers))
			break
		}
		one, err := readSigner(&infos)
		if err != nil {
			return nil, err
		}
		s.signers = append(s.signers, one)
	}
	return s, nil
}

func (s *signedData) readCertificates(in cryptobyte.String) error {
	for n := 0; !in.Empty(); n++ {
		var one cryptobyte.String
		var tag cbasn1.Tag
		if !in.ReadAnyASN1Element(&one, &tag) {
			return errDER
		}
		if n >= pkcs7Certificates {
			s.problems = append(s.problems, fmt.Sprintf("only the first %d certificates were read", pkcs7Certificates))
			return nil
		}
		if tag != cbasn1.SEQUENCE {
			continue // attribute certificates and the like
		}
		c, err := parseCertificate(one)
		if err != nil {
			s.problems = append(s.problems, fmt.Sprintf("a certificate could not be read: %v", err))
		}
		if err == nil || c != nil && len(c.subject) > 0 {
			s.certs = append(s.certs, c)
		}
	}
	return nil
}

func readSigner(in *cryptobyte.String) (signer, error) {
	var s signer
	var info, sid, serial, sig cryptobyte.String
	var version int
	if !in.ReadASN1(&info, cbasn1.SEQUENCE) || !info.ReadASN1Integer(&version) {
		return s, errDER
	}
	if info.PeekASN1Tag(cbasn1.Tag(0).ContextSpecific()) {
		if !info.ReadASN1(&sid, cbasn1.Tag(0).ContextSpecific()) {
			return s, errDER
		}
		s.keyID = sid
	} else {
		var issuer cryptobyte.String
		if !info.ReadASN1(&sid, cbasn1.SEQUENCE) || !sid.ReadASN1Element(&issuer, cbasn1.SEQUENCE) || !sid.ReadASN1(&serial, cbasn1.INTEGER) {
			return s, errDER
		}
		s.issuer, s.serial = issuer, serial
	}
	if !readAlgorithm(&info, &s.digest) {
		return s, errDER
	}
	if info.PeekASN1Tag(context0) {
		var element, attrs cryptobyte.String
		if !info.ReadASN1Element(&element, context0) {
			return s, errDER
		}
		s.signed = append([]byte{byte(cbasn1.SET)}, element[1:]...)
		element.ReadASN1(&attrs, context0)
		list, err := readAttributes(attrs)
		if err != nil {
			return s, err
		}
		s.attributes = map[string][]byte{}
		for _, a := range list {
			if _, twice := s.attributes[a.oid]; twice {
				return s, errors.New("an authenticated attribute is there twice")
			}
			s.attributes[a.oid] = a.values
		}
	}
	if !readAlgorithm(&info, &s.sigAlg) || !info.ReadASN1(&sig, cbasn1.OCTET_STRING) {
		return s, errDER
	}
	s.signature = sig
	var attrs cryptobyte.String
	var has bool
	if !info.ReadOptionalASN1(&attrs, &has, context1) {
		return s, errDER
	}
	var err error
	s.unsigned, err = readAttributes(attrs)
	return s, err
}

func readAttributes(in cryptobyte.String) ([]attribute, error) {
	var out []attribute
	for !in.Empty() {
		var a, values cryptobyte.String
		var oid asn1.ObjectIdentifier
		before := len(in)
		if len(out) >= pkcs7Attributes || !in.ReadASN1(&a, cbasn1.SEQUENCE) || !a.ReadASN1ObjectIdentifier(&oid) || !a.ReadASN1(&values, cbasn1.SET) {
			return nil, errDER
		}
		out = append(out, attribute{oid.String(), values, int64(before - len(in))})
	}
	return out, nil
}

// leaf is the certificate that a signer names; nil when it is not there.
func (s *signedData) leaf(who signer) *certificate {
	for _, c := range s.certs {
		if who.keyID != nil && bytes.Equal(c.keyID, who.keyID) ||
			who.keyID == nil && bytes.Equal(c.issuer, who.issuer) && bytes.Equal(c.serial, who.serial) {
			return c
		}
	}
	return nil
}

// check verifies what a signer signed: the digest of content among the
// authenticated attributes, and the signature over these.
func (s signer) check(leaf *certificate, contentType string, content []byte) error {
	if leaf == nil {
		return errors.New("the signer's certificate is not there")
	}
	h := hashOf(s.digest.oid)
	if h == 0 {
		return fmt.Errorf("the digest algorithm %s is not known", s.digest.oid)
	}
	signed := content
	if s.signed != nil {
		w := h.New()
		w.Write(content)
		value := cryptobyte.String(s.attributes[oidMessageDigest])
		var sum cryptobyte.String
		if !value.ReadASN1(&sum, cbasn1.OCTET_STRING) || !bytes.Equal(sum, w.Sum(nil)) {
			return fmt.Errorf("%w: the digest among its attributes is not that of what is signed", errSignature)
		}
		if contentType != "" {
			value = s.attributes[oidContentType]
			var oid asn1.ObjectIdentifier
			if !value.ReadASN1ObjectIdentifier(&oid) || oid.String() != contentType {
				return fmt.Errorf("%w: the type among its attributes is not that of what is signed", errSignature)
			}
		}
		signed = s.signed
	}
	return leaf.verify(s.sigAlg, h, signed, s.signature)
}

// signingTime is what a countersigner says in its authenticated attributes.
func (s signer) signingTime() (t time.Time, ok bool) {
	value := cryptobyte.String(s.attributes[oidSigningTime])
	ok = readTime(&value, &t)
	return t.UTC(), ok
}

// indirect is what SpcIndirectDataContent says: the digest of the file.
func (s *signedData) indirect() (crypto.Hash, []byte, error) {
	if s.contentType != oidIndirectData {
		return 0, nil, fmt.Errorf("signs %s, not the digest of a file", s.contentType)
	}
	in := cryptobyte.String(s.content)
	var data, info, sum cryptobyte.String
	var a algorithm
	if !in.ReadASN1(&data, cbasn1.SEQUENCE) || !in.ReadASN1(&info, cbasn1.SEQUENCE) || !readAlgorithm(&info, &a) || !info.ReadASN1(&sum, cbasn1.OCTET_STRING) {
		return 0, nil, errDER
	}
	h := hashOf(a.oid)
	if h == 0 {
		return 0, nil, fmt.Errorf("the digest algorithm %s is not known", a.oid)
	}
	if len(sum) != h.Size() {
		return 0, nil, fmt.Errorf("a digest of %d bytes", len(sum))
	}
	return h, sum, nil
}
