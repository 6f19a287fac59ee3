package payload

import (
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"lurehound"
)

// Roots are the certificates that a chain may end in, and the time at which a
// chain without a timestamp is judged. The zero value trusts nothing, and every
// good chain is then unknown. Revocation is never asked for.
type Roots struct {
	Now   func() time.Time // nil: a chain without a timestamp is unknown
	certs []*certificate
}

// rootsMost is how many certificates of a PEM file are read.
const rootsMost = 2000

// NewRoots reads trusted certificates from PEM, such as the system's bundle and a
// file of the user's. Blocks that cannot be read are counted in the error; the
// others are still there.
func NewRoots(now func() time.Time, pems ...[]byte) (Roots, error) {
	r := Roots{Now: now}
	bad := 0
	for _, rest := range pems {
		for len(r.certs) < rootsMost {
			var block *pem.Block
			if block, rest = pem.Decode(rest); block == nil {
				break
			}
			c, err := parseCertificate(block.Bytes)
			if block.Type != "CERTIFICATE" || err != nil {
				bad++
				continue
			}
			r.certs = append(r.certs, c)
		}
	}
	if bad > 0 {
		return r, fmt.Errorf("reading the trusted certificates: %d could not be read", bad)
	}
	return r, nil
}

const (
	chainLevels = 10
	chainChecks = 128 // signatures of all certificates of one file
)

// trust judges one leaf at one time for one use. candidates are what the file
// brought along; checks bounds the work.
type trust struct {
	roots      Roots
	candidates []*certificate
	checks     *int
}

// judge follows the issuers upwards, at most chainLevels. why is a sentence when the
// state is not trusted.
func (c trust) judge(leaf *certificate, at time.Time, use string) (state lurehound.ChainState, why string) {
	if !leaf.allows(use) {
		return lurehound.ChainUntrusted, "the certificate is not for this use"
	}
	cert := leaf
	for level := range chainLevels {
		if at.Before(cert.notBefore) || at.After(cert.notAfter) {
			return lurehound.ChainUntrusted, "a certificate of the chain was not valid at " + at.UTC().Format(time.DateOnly)
		}
		for _, r := range c.roots.certs {
			if string(r.raw) == string(cert.raw) {
				return lurehound.ChainTrusted, ""
			}
		}
		issuer, err := c.issuer(cert)
		switch {
		case errors.Is(err, errSignature):
			return lurehound.ChainUntrusted, "a signature in the chain does not verify"
		case err != nil:
			return lurehound.ChainUnknown, "the chain: " + err.Error()
		case issuer == nil || issuer == cert:
			return lurehound.ChainUnknown, "the chain ends in a root that is not known"
		case issuer.caSaid && !issuer.ca, issuer.keyUsage >= 0 && issuer.keyUsage&(1<<5) == 0, issuer.pathLen >= 0 && level > issuer.pathLen:
			return lurehound.ChainUntrusted, "a certificate of the chain may not issue others"
		case !issuer.allows(use):
			return lurehound.ChainUntrusted, "an issuer in the chain is not for this use"
		}
		cert = issuer
	}
	return lurehound.ChainUnknown, fmt.Sprintf("the chain has more than %d levels", chainLevels)
}

// issuer finds who signed cert. errSignature: somebody has the name and the key
// identifier, and the signature is not theirs. nil: nobody of that name.
func (c trust) issuer(cert *certificate) (*certificate, error) {
	var failed error
	for _, pool := range [][]*certificate{c.roots.certs, c.candidates} {
		for _, p := range pool {
			if !p.issued(cert) {
				continue
			}
			if *c.checks <= 0 {
				return nil, errors.New("too many signatures to verify")
			}
			*c.checks--
			err := p.verify(cert.sigAlg, 0, cert.tbs, cert.sig)
			if err == nil {
				return p, nil
			}
			if failed == nil || errors.Is(failed, errSignature) {
				failed = err
			}
		}
	}
	return nil, failed
}
