package score

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"lurehound"
)

// timesLarger is from when on a size is worth a word: releases of one product grow and shrink.
const timesLarger = 2

// files are those that were looked at, without those of the brand's own site: what lies there is the brand's.
func (c Case) files() (list []*lurehound.PayloadFacts) {
	f := lurehound.Finding{Observations: c.Observations}
	for _, p := range f.Payloads() {
		if !c.isBrands(p.URL) {
			list = append(list, p)
		}
	}
	return list
}

// evidence of a file is its hash, or its URL where only parts of it were read.
func evidence(p *lurehound.PayloadFacts) string { return cmp.Or(p.SHA256, p.URL) }

// difference is how a file differs from the genuine one in one respect: "signer", "size".
func difference(p *lurehound.PayloadFacts, of string) (string, bool) {
	for _, d := range p.Reference.Differences {
		if rest, ok := strings.CutPrefix(d, of+": "); ok {
			return rest, true
		}
	}
	return "", false
}

// signalOf is a reason that the file itself gives.
func signalOf(p *lurehound.PayloadFacts, rule string) (lurehound.Signal, bool) {
	i := slices.IndexFunc(p.Signals, func(s lurehound.Signal) bool { return s.Rule == rule })
	if i < 0 {
		return lurehound.Signal{}, false
	}
	return p.Signals[i], true
}

func payloadKnownBad(c Case) (lurehound.Signal, bool) {
	for _, p := range c.files() {
		if p.Reference.Verdict == lurehound.KnownBad {
			return lurehound.Signal{Points: 100, Direct: true, Why: fmt.Sprintf("%q is known to be bad", p.Name), Evidence: evidence(p)}, true
		}
	}
	return lurehound.Signal{}, false
}

// payloadNotVendors is direct evidence where the file is given out as the brand's: a site that is somebody's own offers
// its own files. A hash alone proves nothing, since vendors have more versions than anybody knows of.
func payloadNotVendors(c Case) (lurehound.Signal, bool) {
	for _, p := range c.files() {
		if _, other := difference(p, "signer"); !other || p.Reference.Verdict != lurehound.Differs && p.Reference.Verdict != lurehound.KnownBad || !c.poses(p) {
			continue
		}
		return lurehound.Signal{Points: 60, Direct: true, Why: fmt.Sprintf("%q is not the vendor's: %s", p.Name, signing(p)), Evidence: evidence(p)}, true
	}
	return lurehound.Signal{}, false
}

// signing says who signed a file that is not as the vendor signs.
func signing(p *lurehound.PayloadFacts) string {
	s := p.Signature
	switch {
	case !s.Present:
		return "nobody signed it"
	case s.Digest == lurehound.DigestMismatch:
		return fmt.Sprintf("it was changed after %q signed it", s.Signer)
	case s.Signer == "":
		return "who signed it cannot be read"
	}
	return fmt.Sprintf("it is signed by %q", s.Signer)
}

// poses reports whether a file is given out as the brand's: by the page, by its name, or by what it says of itself.
func (c Case) poses(p *lurehound.PayloadFacts) bool {
	if c.resembles() || c.Comparison.Favicon {
		return true
	}
	if _, ok := namesBrand(c); ok {
		return true
	}
	names := c.brandNames()
	said := []string{p.Name}
	if p.PE != nil {
		said = append(said, p.PE.Version["ProductName"], p.PE.Version["CompanyName"], p.PE.Version["FileDescription"])
	}
	return slices.ContainsFunc(said, func(s string) bool { _, ok := names.in(s); return ok })
}

func payloadSigner(c Case) (lurehound.Signal, bool) {
	for _, p := range c.files() {
		if s, ok := signalOf(p, "abused-signer"); ok {
			return lurehound.Signal{Points: s.Points, Direct: s.Direct, Why: fmt.Sprintf("of %q: %s", p.Name, s.Why), Evidence: evidence(p)}, true
		}
	}
	return lurehound.Signal{}, false
}

// payloadInside repeats the gravest reason that a file itself gives; other rules tell of its hash and signer.
func payloadInside(c Case) (lurehound.Signal, bool) {
	var worst lurehound.Signal
	for _, p := range c.files() {
		for _, s := range p.Signals {
			if slices.Contains([]string{"known-bad", "other-signer", "abused-signer"}, s.Rule) || s.Points <= worst.Points {
				continue
			}
			worst = lurehound.Signal{Points: s.Points, Direct: s.Direct, Why: fmt.Sprintf("of %q: %s", p.Name, s.Why), Evidence: evidence(p)}
		}
	}
	return worst, worst.Points > 0
}

func payloadSize(c Case) (lurehound.Signal, bool) {
	for _, p := range c.files() {
		if p.Reference.Times >= timesLarger {
			return lurehound.Signal{Points: 15, Why: fmt.Sprintf("%q has %.0f times the usual size", p.Name, p.Reference.Times), Evidence: evidence(p)}, true
		}
	}
	return lurehound.Signal{}, false
}

// payloadGenuine clears nothing: lures hand out the genuine file until they do not.
func payloadGenuine(c Case) (lurehound.Signal, bool) {
	for _, p := range c.files() {
		if p.Reference.Verdict == lurehound.Genuine || p.Reference.Verdict == lurehound.VendorSigned {
			return lurehound.Signal{Why: fmt.Sprintf("%q is the vendor's at present, which clears nothing", p.Name), Evidence: evidence(p)}, true
		}
	}
	return lurehound.Signal{}, false
}

// ownPayload is the gravest there is: the vendor hands out what is not his. Another hash is an older version as
// a rule, so it says nothing.
func ownPayload(c Case) (lurehound.Signal, bool) {
	f := lurehound.Finding{Observations: c.Observations}
	for _, p := range f.Payloads() {
		_, signer := difference(p, "signer")
		switch {
		case p.Reference.Verdict == lurehound.KnownBad:
			return lurehound.Signal{Points: 100, Direct: true, Why: fmt.Sprintf("%q, which is offered there, is known to be bad", p.Name), Evidence: evidence(p)}, true
		case p.Signature.Digest == lurehound.DigestMismatch:
			return lurehound.Signal{Points: 100, Direct: true, Why: fmt.Sprintf("%q, which is offered there, was changed after %q signed it", p.Name, p.Signature.Signer), Evidence: evidence(p)}, true
		case signer && p.Signature.Present:
			return lurehound.Signal{Points: 20, Why: fmt.Sprintf("%q, which is offered there, is signed by %q", p.Name, p.Signature.Signer), Evidence: evidence(p)}, true
		}
	}
	return lurehound.Signal{}, false
}
