package payload

import (
	"crypto"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"lurehound"
)

// Caps of the signatures of one file.
const (
	signaturesMost  = 16
	signatureNested = 4
	signatureSize   = 4 << 20 // bytes of one PKCS#7
)

// authenticode judges the signatures of a PE file. Where the certificate table
// was not read, a signature is present and its digest unverified.
func authenticode(r io.ReaderAt, size int64, l *peLayout, roots Roots) lurehound.SignatureFacts {
	if l.certsSize == 0 {
		return lurehound.SignatureFacts{Digest: lurehound.DigestNone}
	}
	v := newVerifier(l.digest, roots)
	if l.overlaps {
		// What the table covers no digest does, so code there would be signed by nobody.
		v.digest = func(crypto.Hash) ([]byte, error) { return nil, errOverlap }
	}
	end := l.certs + l.certsSize
	at := l.certs
	var loose int64
	for end-at >= 8 && len(v.all) < signaturesMost {
		n, err := v.entry(r, at, end)
		if err != nil {
			v.all = append(v.all, lurehound.SignatureFacts{Present: true, Digest: lurehound.DigestUnverified, Problem: err.Error()})
			break
		}
		if n == 0 {
			break
		}
		at = min(end, (at+n+7)&^7)
	}
	if at < end {
		loose = end - at
	}
	out := v.result()
	out.Present = true
	if len(v.all) == 0 {
		out.Digest = lurehound.DigestUnverified
		out.Problem = also(out.Problem, "the certificate table holds no signature that is known")
	}
	out.Unsigned += loose
	return out
}

var errOverlap = errors.New("the certificate table lies over the sections")

// entry reads one WIN_CERTIFICATE, and returns the length that it says; 0 where there is none.
func (v *verifier) entry(r io.ReaderAt, at, end int64) (int64, error) {
	head, err := readAt(r, at, 8)
	if err != nil {
		return 0, err
	}
	n := int64(binary.LittleEndian.Uint32(head))
	if n < 8 || n > end-at {
		return 0, nil
	}
	if binary.LittleEndian.Uint16(head[6:]) != 2 { // WIN_CERT_TYPE_PKCS_SIGNED_DATA
		v.loose += n
		return n, nil
	}
	body := n - 8
	b, err := readAt(r, at+8, min(body, signatureSize))
	if err != nil {
		return 0, err
	}
	i := len(v.all)
	v.signature(b, 0)
	v.all[i].Unsigned += body - int64(len(b))
	return n, nil
}

// verifySigned judges a PKCS#7 with SpcIndirectDataContent; digest computes
// what it should have signed.
func verifySigned(der []byte, digest func(crypto.Hash) ([]byte, error), roots Roots) lurehound.SignatureFacts {
	v := newVerifier(digest, roots)
	v.signature(der, 0)
	return v.result()
}

// verifier collects the signatures of one file, the first one being the file's own.
type verifier struct {
	digest func(crypto.Hash) ([]byte, error)
	roots  Roots
	checks int
	loose  int64
	all    []lurehound.SignatureFacts
}

func newVerifier(digest func(crypto.Hash) ([]byte, error), roots Roots) *verifier {
	return &verifier{digest: digest, roots: roots, checks: chainChecks}
}

func (v *verifier) result() lurehound.SignatureFacts {
	if len(v.all) == 0 {
		return lurehound.SignatureFacts{Digest: lurehound.DigestNone, Unsigned: v.loose}
	}
	out := v.all[0]
	out.Unsigned += v.loose
	if len(v.all) > 1 {
		out.Others = slices.Clone(v.all[1:])
	}
	return out
}

// signature judges one PKCS#7 and those nested in it. Bytes after it are counted.
func (v *verifier) signature(b []byte, depth int) {
	f := lurehound.SignatureFacts{Present: true, Digest: lurehound.DigestUnverified}
	in := cryptobyte.String(b)
	var der cryptobyte.String
	if !in.ReadASN1Element(&der, cbasn1.SEQUENCE) {
		f.Problem = "the signature is no DER, or is cut"
		f.Unsigned = int64(len(b))
		v.all = append(v.all, f)
		return
	}
	if len(in) > 7 || slices.ContainsFunc(in, func(c byte) bool { return c != 0 }) {
		f.Unsigned = int64(len(in) - alignment(len(der), in))
	}
	s, err := parseSigned(der)
	if err == nil && len(s.signers) == 0 {
		err = errors.New("nobody signed")
	}
	if err != nil {
		f.Problem = "the signature could not be read: " + err.Error()
		v.all = append(v.all, f)
		return
	}
	for _, p := range s.problems {
		f.Problem = also(f.Problem, p)
	}
	if len(s.signers) > 1 {
		f.Problem = also(f.Problem, fmt.Sprintf("%d signers, of which only the first counts", len(s.signers)))
	}
	who := s.signers[0]
	v.judge(&f, s, who)
	v.all = append(v.all, f)
	for _, a := range who.unsigned {
		if a.oid != oidNested {
			continue
		}
		for in := cryptobyte.String(a.values); !in.Empty(); {
			var one cryptobyte.String
			if depth >= signatureNested || len(v.all) >= signaturesMost || !in.ReadASN1Element(&one, cbasn1.SEQUENCE) {
				break
			}
			v.signature(one, depth+1)
		}
	}
}

// alignment is how many bytes of rest only fill up a message of n bytes to a multiple of 8.
func alignment(n int, rest []byte) int {
	fill := (8 - n%8) % 8
	if len(rest) < fill || slices.ContainsFunc(rest[:fill], func(c byte) bool { return c != 0 }) {
		return 0
	}
	return fill
}

// judge fills in what one signer says and whether it is so.
func (v *verifier) judge(f *lurehound.SignatureFacts, s *signedData, who signer) {
	leaf := s.leaf(who)
	describe(f, leaf, who)
	for _, a := range who.unsigned {
		switch a.oid {
		case oidNested, oidTimestamp, oidTimestampCMS, oidCountersign:
		default:
			f.UnknownAttributes += a.size
		}
	}
	v.compare(f, s, who, leaf)
	if leaf == nil {
		f.Chain = lurehound.ChainUnknown
		return
	}
	c := trust{v.roots, s.certs, &v.checks}
	known := v.timestamp(f, s, who, leaf)
	f.Chain = v.judgeChain(f, c, leaf, known)
}

// compare sets Digest. A signature that is itself wrong is a mismatch even where
// the digests agree: nobody signed that digest.
func (v *verifier) compare(f *lurehound.SignatureFacts, s *signedData, who signer, leaf *certificate) {
	h, want, err := s.indirect()
	if err != nil {
		f.Problem = also(f.Problem, err.Error())
		return
	}
	f.Hash = h.String()
	if h == crypto.MD5 || h == crypto.SHA1 {
		f.Problem = also(f.Problem, "the digest is "+h.String()+", which is weak")
	}
	if err := who.check(leaf, s.contentType, s.content); err != nil {
		if errors.Is(err, errSignature) {
			f.Digest = lurehound.DigestMismatch
		}
		f.Problem = also(f.Problem, err.Error())
		return
	}
	got, err := v.digest(h)
	switch {
	case errors.Is(err, errOverlap):
		f.Digest = lurehound.DigestMismatch
		f.Problem = also(f.Problem, err.Error())
	case err != nil:
		f.Problem = also(f.Problem, "the digest was not computed: "+err.Error())
	case string(got) == string(want):
		f.Digest = lurehound.DigestMatch
	default:
		f.Digest = lurehound.DigestMismatch
	}
}

func describe(f *lurehound.SignatureFacts, leaf *certificate, who signer) {
	issuer, serial := who.issuer, who.serial
	if leaf != nil {
		issuer, serial = leaf.issuer, leaf.serial
		full, common, organisation := distinguished(leaf.subject)
		f.Subject, f.Signer = full, common
		if f.Signer == "" {
			f.Signer = organisation
		}
		sum := sha1.Sum(leaf.raw)
		f.Thumbprint = hex.EncodeToString(sum[:])
		f.NotBefore, f.NotAfter = leaf.notBefore.UTC(), leaf.notAfter.UTC()
	}
	full, common, organisation := distinguished(issuer)
	for _, s := range []string{common, organisation, full} {
		if f.Issuer == "" {
			f.Issuer = s
		}
	}
	if len(serial) > 1 && serial[0] == 0 {
		serial = serial[1:] // the sign of a positive INTEGER
	}
	f.Serial = hex.EncodeToString(serial[:min(len(serial), 64)])
}

// judgeChain judges at the time of a timestamp whose own chain is trusted. With
// a timestamp of an authority that nobody vouches for, only what holds then and now is said.
func (v *verifier) judgeChain(f *lurehound.SignatureFacts, c trust, leaf *certificate, known bool) lurehound.ChainState {
	if v.roots.Now == nil && !known {
		return lurehound.ChainUnknown
	}
	lifetime := leaf.usesSaid && slices.Contains(leaf.uses, oidLifetime)
	if known && !lifetime {
		state, why := c.judge(leaf, f.Timestamp, oidCodeSigning)
		f.Problem = also2(f.Problem, why)
		return state
	}
	var now time.Time
	if v.roots.Now != nil {
		now = v.roots.Now()
	}
	state, why := c.judge(leaf, now, oidCodeSigning)
	if !f.Timestamp.IsZero() && !lifetime {
		if then, _ := c.judge(leaf, f.Timestamp, oidCodeSigning); then != state {
			state, why = lurehound.ChainUnknown, "the timestamp is of an authority that is not known"
		}
	}
	f.Problem = also2(f.Problem, why)
	return state
}

// also2 joins two sentences of which either may be missing.
func also2(a, b string) string {
	if b == "" {
		return a
	}
	return also(a, b)
}
