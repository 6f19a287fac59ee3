package fetch

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"lurehound"
)

const (
	maxNames = 100 // names kept of one certificate; authorities allow 100, some hosts show thousands
	maxChain = 10  // certificates looked at; real chains have two to four
)

// certificateFacts says what the host showed, and whether a browser would have
// trusted it for that host on that day.
func certificateFacts(chain []*x509.Certificate, host string, roots *x509.CertPool, now time.Time) *lurehound.CertificateFacts {
	if len(chain) == 0 {
		return nil
	}
	leaf := chain[0]
	sum, key := sha256.Sum256(leaf.Raw), sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	f := &lurehound.CertificateFacts{
		SHA256:    hex.EncodeToString(sum[:]),
		SPKI:      hex.EncodeToString(key[:]),
		Subject:   visible(leaf.Subject.String(), maxField),
		Issuer:    visible(leaf.Issuer.String(), maxField),
		NotBefore: leaf.NotBefore.UTC(),
		NotAfter:  leaf.NotAfter.UTC(),
	}
	for _, n := range leaf.DNSNames[:min(len(leaf.DNSNames), maxNames)] {
		f.Names = append(f.Names, visible(n, maxField))
	}
	for _, ip := range leaf.IPAddresses[:min(len(leaf.IPAddresses), maxNames-len(f.Names))] {
		f.Names = append(f.Names, ip.String())
	}
	f.Problem = distrust(chain, host, roots, now)
	f.Trusted = f.Problem == ""
	return f
}

// distrust is why the chain is not trusted for host, "" when it is.
func distrust(chain []*x509.Certificate, host string, roots *x509.CertPool, now time.Time) string {
	leaf, rest := chain[0], chain[1:]
	if len(chain) > maxChain {
		rest = chain[1:maxChain]
	}
	opts := x509.VerifyOptions{
		DNSName:       host,
		Roots:         roots,
		Intermediates: x509.NewCertPool(),
		CurrentTime:   now,
	}
	for _, c := range rest {
		opts.Intermediates.AddCert(c)
	}
	_, err := leaf.Verify(opts)
	if err == nil {
		return ""
	}
	var (
		invalid x509.CertificateInvalidError
		name    x509.HostnameError
		signer  x509.UnknownAuthorityError
		system  x509.SystemRootsError
	)
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && invalid.Cert.NotBefore.After(now):
		return "not valid before " + invalid.Cert.NotBefore.UTC().Format(time.DateOnly)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "expired on " + invalid.Cert.NotAfter.UTC().Format(time.DateOnly)
	case errors.As(err, &name):
		return "not for this name"
	case errors.As(err, &signer) && leaf.Subject.String() == leaf.Issuer.String():
		return "self-signed"
	case errors.As(err, &signer) && len(chain) > maxChain:
		return fmt.Sprintf("signed by an unknown authority, %d certificates shown", len(chain))
	case errors.As(err, &signer):
		return "signed by an unknown authority"
	case errors.As(err, &system):
		return "this machine has no list of authorities"
	}
	return visible(err.Error(), maxReason)
}
