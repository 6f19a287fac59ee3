package payload

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"lurehound"
)

// KnownBad is a set of hashes, in lower-case hex: SHA-256, and the weaker SHA-1 and MD5.
type KnownBad map[string]string // hash to name, which may be ""

const maxKnownBad = 1_000_000

// ReadKnownBad reads one hash a line, with a name after blanks; # begins a comment.
func ReadKnownBad(r io.Reader) (KnownBad, error) {
	k := KnownBad{}
	sc := bufio.NewScanner(r)
	for n := 1; sc.Scan(); n++ {
		line, _, _ := strings.Cut(sc.Text(), "#")
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		sum, name, _ := strings.Cut(line, " ")
		sum = strings.ToLower(sum)
		if _, err := hex.DecodeString(sum); err != nil || !slices.Contains([]int{32, 40, 64}, len(sum)) {
			return nil, fmt.Errorf("reading known-bad hashes: line %d: %.80q is no SHA-256, SHA-1 or MD5 in hex", n, sum)
		}
		if len(k) >= maxKnownBad {
			return nil, fmt.Errorf("reading known-bad hashes: more than %d", maxKnownBad)
		}
		k[sum] = strings.TrimSpace(name)
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("reading known-bad hashes: %w", err)
	}
	return k, nil
}

// has gives the hash of p that is in the set.
func (k KnownBad) has(p lurehound.PayloadFacts) (sum string, ok bool) {
	for _, s := range []string{p.SHA256, p.SHA1, p.MD5} {
		if _, ok := k[strings.ToLower(s)]; ok && s != "" {
			return s, true
		}
	}
	return "", false
}

// CompareReference holds a payload against the brand's genuine installers. A hash that is both known
// good and known bad is genuine by its SHA-256, and the contradiction is said. Without a hash, as of a file
// of which parts were read, another signer or a larger size still tells that it differs.
func CompareReference(p lurehound.PayloadFacts, brand lurehound.Brand, known KnownBad) lurehound.ReferenceFacts {
	f := lurehound.ReferenceFacts{Verdict: lurehound.ReferenceUnknown}
	say := func(format string, a ...any) { f.Differences = append(f.Differences, fmt.Sprintf(format, a...)) }
	expected := slices.Clone(brand.Signers)
	hashes, usual, good, vouched := 0, int64(0), false, p.Signature.Chain == lurehound.ChainTrusted
	for _, r := range brand.References {
		if r.SHA256 != "" {
			hashes++
			good = good || p.SHA256 != "" && strings.EqualFold(r.SHA256, p.SHA256)
		}
		if r.Signer != "" {
			expected = append(expected, r.Signer)
		}
		usual = max(usual, r.MaxSize)
		if r.Thumbprint != "" && strings.EqualFold(r.Thumbprint, p.Signature.Thumbprint) && SameSigner(r.Signer, p.Signature.Signer) {
			vouched = true
		}
	}
	if usual > 0 {
		f.Times = float64(p.Size) / float64(usual)
	}
	sum, bad := known.has(p)
	if good {
		f.Verdict = lurehound.Genuine
		if bad {
			say("hash: %s is listed as known bad too; one of the lists is wrong", sum)
		}
		return f
	}
	s := p.Signature
	if hashes > 0 && p.SHA256 != "" {
		say("hash: none of the %d known genuine ones", hashes)
	}
	switch {
	case usual > 0 && p.Size > usual && p.Size-usual < usual/2:
		say("size: %s bytes: %s more than the usual %s", grouped(p.Size), grouped(p.Size-usual), grouped(usual))
	case usual > 0 && p.Size > usual:
		say("size: %s bytes: %.0f times the usual %s", grouped(p.Size), float64(p.Size)/float64(usual), grouped(usual))
	}
	f.Differences = append(f.Differences, otherShape(p, brand.References)...)
	// Of a file of which only parts were read a signature may be there, and one that names the vendor proves nothing.
	unread := !s.Present && s.Digest == lurehound.DigestUnverified
	ours := slices.ContainsFunc(expected, func(e string) bool { return SameSigner(e, s.Signer) })
	switch {
	case len(expected) == 0, unread:
	case !s.Present:
		say("signer: not signed; the genuine one is signed by %q", expected[0])
	case !ours:
		say("signer: %q, not %q", s.Signer, expected[0])
	case s.Digest == lurehound.DigestMismatch:
		say("signer: changed after %q signed it", s.Signer)
	case !vouched && s.Digest == lurehound.DigestMatch:
		// Anybody can make a certificate with the vendor's name.
		say("chain: the certificate names %q, and no known root vouches for it", s.Signer)
	}
	switch {
	case bad:
		f.Verdict = lurehound.KnownBad
		say("hash: %s is known bad", sum)
	case ours && s.Digest == lurehound.DigestMatch && vouched:
		f.Verdict = lurehound.VendorSigned
		if s.Unsigned > 0 {
			say("signature: %s bytes in its area are covered by no digest", grouped(s.Unsigned))
		}
		if !s.Timestamp.IsZero() {
			say("signed: %s%s", s.Timestamp.UTC().Format("2006-01-02"), age(s.Timestamp, brand.References))
		}
		if p.PE != nil && p.PE.Version["FileVersion"] != "" {
			say("version: %q", p.PE.Version["FileVersion"])
		}
	case ours && s.Digest == lurehound.DigestMatch && (hashes == 0 || p.SHA256 == ""):
		// What its signature is worth could not be found out, and no hash tells.
	case p.SHA256 != "" && hashes > 0, !unread && !ours && len(expected) > 0, usual > 0 && p.Size > usual,
		ours && s.Digest == lurehound.DigestMismatch, p.SHA256 != "" && len(expected) > 0:
		f.Verdict = lurehound.Differs
	}
	return f
}

// grouped writes a number with commas between the thousands.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// otherShape compares type and name with those of the genuine installers. Their URLs tell both; where one of
// them agrees, nothing is said.
func otherShape(p lurehound.PayloadFacts, references []lurehound.Reference) (out []string) {
	var types, names []string
	for _, r := range references {
		u, err := url.Parse(r.URL)
		if err != nil || !r.Installer() {
			continue
		}
		// A folder's name has no type to tell, and path.Base makes a name of no path at all.
		name := path.Base(u.Path)
		if len(path.Ext(name)) > 1 {
			names = append(names, name)
			if t := typeByName(name); t != "" {
				types = append(types, string(t))
			}
		}
	}
	if len(types) > 0 && p.Type != "" && !slices.Contains(types, string(p.Type)) {
		out = append(out, fmt.Sprintf("type: %s, not %s", p.Type, types[0]))
	}
	if len(names) > 0 && p.Name != "" && !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, p.Name) }) {
		out = append(out, fmt.Sprintf("name: %q, not %q", p.Name, names[0]))
	}
	return out
}

// typeByName is what a file of such a name should be.
func typeByName(name string) lurehound.FileType {
	switch strings.ToLower(path.Ext(name)) {
	case ".exe", ".dll":
		return lurehound.TypePE
	case ".msi":
		return lurehound.TypeMSI
	case ".zip":
		return lurehound.TypeZip
	case ".dmg":
		return lurehound.TypeDMG
	case ".pkg":
		return lurehound.TypePKG
	}
	return ""
}

// age holds the time of signing against the day on which the newest genuine installer was fetched, where one is known.
func age(signed time.Time, references []lurehound.Reference) string {
	var fetched time.Time
	for _, r := range references {
		if r.Installer() && r.Fetched.After(fetched) {
			fetched = r.Fetched
		}
	}
	if fetched.IsZero() {
		return ""
	}
	days := int(fetched.Sub(signed) / (24 * time.Hour))
	if days < 0 {
		return fmt.Sprintf(", %d days after the reference was fetched", -days)
	}
	return fmt.Sprintf(", %d days before the reference was fetched", days)
}
