package payload

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"lurehound"
)

// timestamp sets the time of the first countersignature that verifies, and
// reports whether its own chain is trusted. A time whose signature holds but
// whose authority is not known is set as well: it proves nothing by itself.
func (v *verifier) timestamp(f *lurehound.SignatureFacts, s *signedData, who signer, leaf *certificate) bool {
	for _, a := range who.unsigned {
		var at time.Time
		var cert *certificate
		var pool []*certificate
		var err error
		switch a.oid {
		case oidTimestamp, oidTimestampCMS:
			at, cert, pool, err = rfc3161(a.values, who.signature)
		case oidCountersign:
			at, cert, err = countersignature(a.values, s, who.signature)
			pool = s.certs
		default:
			continue
		}
		if err != nil {
			f.Problem = also(f.Problem, "the timestamp does not verify: "+err.Error())
			continue
		}
		if !cert.usesSaid {
			f.Problem = also(f.Problem, "the timestamp is by a certificate that is not for timestamps")
			continue
		}
		state, why := trust{v.roots, pool, &v.checks}.judge(cert, at, oidTimeStamping)
		if state == lurehound.ChainUntrusted {
			f.Problem = also(f.Problem, "the timestamp does not verify: "+why)
			continue
		}
		f.Timestamp = at.UTC()
		return state == lurehound.ChainTrusted
	}
	return false
}

// rfc3161 verifies a timestamp token over a signature value.
func rfc3161(token, signature []byte) (at time.Time, cert *certificate, pool []*certificate, err error) {
	s, err := parseSigned(token)
	if err != nil {
		return at, nil, nil, err
	}
	if s.contentType != oidTSTInfo || len(s.signers) != 1 {
		return at, nil, nil, errors.New("no timestamp token of one signer")
	}
	in := cryptobyte.String(s.content)
	var info, imprint, sum, serial cryptobyte.String
	var version int
	var policy asn1.ObjectIdentifier
	var alg algorithm
	if !in.ReadASN1(&info, cbasn1.SEQUENCE) || !info.ReadASN1Integer(&version) || !info.ReadASN1ObjectIdentifier(&policy) ||
		!info.ReadASN1(&imprint, cbasn1.SEQUENCE) || !readAlgorithm(&imprint, &alg) || !imprint.ReadASN1(&sum, cbasn1.OCTET_STRING) ||
		!info.ReadASN1(&serial, cbasn1.INTEGER) || !readGeneralTime(&info, &at) {
		return at, nil, nil, errDER
	}
	h := hashOf(alg.oid)
	if h == 0 {
		return at, nil, nil, errors.New("its digest algorithm is not known")
	}
	w := h.New()
	w.Write(signature)
	if !bytes.Equal(w.Sum(nil), sum) {
		return at, nil, nil, errors.New("it is for another signature")
	}
	cert = s.leaf(s.signers[0])
	return at, cert, s.certs, s.signers[0].check(cert, s.contentType, s.content)
}

// countersignature verifies the older form, a SignerInfo over a signature value.
func countersignature(info []byte, s *signedData, signature []byte) (at time.Time, cert *certificate, err error) {
	in := cryptobyte.String(info)
	who, err := readSigner(&in)
	if err != nil {
		return at, nil, err
	}
	at, ok := who.signingTime()
	if !ok {
		return at, nil, errors.New("it says no time")
	}
	cert = s.leaf(who)
	return at, cert, who.check(cert, "", signature)
}

// readGeneralTime reads a GeneralizedTime with or without a fraction of a second,
// which timestamps may have and certificates may not.
func readGeneralTime(s *cryptobyte.String, t *time.Time) bool {
	var b cryptobyte.String
	if !s.ReadASN1(&b, cbasn1.GeneralizedTime) {
		return false
	}
	at, err := time.Parse("20060102150405Z", string(b)) // a fraction is taken without being asked for
	*t = at
	return err == nil
}
