package lurehound

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Limits of RFC 1035, section 2.3.4, in octets of the A-label form.
const (
	MaxNameLen  = 253
	MaxLabelLen = 63
)

// maxInput bounds what is looked at: no form of a name of MaxNameLen octets,
// defanged at every dot, is longer.
const maxInput = 4096

// Domain is a parsed name. Only ParseDomain makes one, and Registrable of what was parsed; the zero value is no
// domain. Domains are comparable and may be map keys.
type Domain struct {
	ascii   string // A-labels, lower case, no trailing dot
	unicode string // U-labels where they decode, else as ascii
	suffix  int    // where the public suffix starts in ascii
	label   int    // where the registrable label starts in ascii; == suffix when there is none
	private bool   // the suffix is of the list's private section
	problem string // what makes it no registrable name, "" when it is one
}

// Errors that ParseDomain wraps.
var (
	ErrNotDomain = errors.New("not a domain name")
	ErrIsAddress = errors.New("an IP address, not a domain name")
	ErrIsLink    = errors.New("a link, not a domain name")
)

// ParseDomain reads a domain name as feeds, mails and people write it: A-label
// or Unicode form, any case, with or without the trailing dot, defanged
// (mlcrodicom[.]info) or not. It is lenient: any name that fits into DNS is
// accepted, and what keeps it from being registrable is told by Problem.
// It fails on what cannot be a name at all: empty labels, white space, too long,
// an address, a link.
func ParseDomain(s string) (Domain, error) {
	if isPlain(s) {
		return split(Domain{ascii: s, unicode: s}), nil
	}
	in := s
	if len(s) > maxInput {
		return Domain{}, fmt.Errorf("%s is %w: it has %d octets", quote(in), ErrNotDomain, len(s))
	}
	s = Refang(foldDots(strings.TrimSpace(s)))
	if strings.Contains(s, "://") || strings.ContainsAny(s, "/@?#") {
		return Domain{}, fmt.Errorf("%s is %w", quote(in), ErrIsLink)
	}
	s = strings.TrimSuffix(s, ".")
	if s == "" {
		return Domain{}, fmt.Errorf("%s is %w: it is empty", quote(in), ErrNotDomain)
	}
	if strings.ContainsFunc(s, unicode.IsSpace) {
		return Domain{}, fmt.Errorf("%s is %w: it has white space", quote(in), ErrNotDomain)
	}
	if _, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return Domain{}, fmt.Errorf("%s is %w", quote(in), ErrIsAddress)
	}
	ascii, uni, problem, err := convert(s)
	if err != nil {
		return Domain{}, fmt.Errorf("%s is %w: %v", quote(in), ErrNotDomain, err)
	}
	if again := Refang(foldDots(ascii)); again != ascii {
		return ParseDomain(again) // wide brackets became plain ones: what is given out reads as itself
	}
	return split(Domain{ascii: ascii, unicode: uni, problem: problem}), nil
}

// Registrable makes the domain of a name whose parts are known: one LDH label in lower case
// that a registry accepts, and from the octet at suffix on a public suffix, of the
// list's private section or not. It is what ParseDomain makes of such a name, in a fiftieth of
// the time, and checks nothing.
func Registrable(name string, suffix int, private bool) Domain {
	return Domain{ascii: name, unicode: name, suffix: suffix, private: private}
}

// split finds the public suffix and the registrable label, and the problem of
// a name that has none.
func split(d Domain) Domain {
	ascii := d.ascii
	suffix, icann := publicsuffix.PublicSuffix(ascii)
	d.suffix = len(ascii) - len(suffix)
	d.label = d.suffix
	d.private = !icann && strings.Contains(suffix, ".")
	if d.suffix > 0 {
		d.label = strings.LastIndexByte(ascii[:d.suffix-1], '.') + 1
	}
	if d.problem == "" {
		switch {
		case d.suffix == 0:
			d.problem = "it is a public suffix, nothing is registered in front of it"
		case !icann && !d.private:
			d.problem = fmt.Sprintf("%q is on no list of public suffixes", suffix)
		}
	}
	return d
}

// convert maps every label to its A-label and Unicode form.
func convert(s string) (ascii, uni, problem string, err error) {
	labels := strings.Split(s, ".")
	us := make([]string, len(labels))
	for i, l := range labels {
		if l == "" {
			return "", "", "", errors.New("it has an empty label")
		}
		a, u, p := convertLabel(l)
		if len(a) > MaxLabelLen {
			return "", "", "", fmt.Errorf("a label has %d octets, the limit is %d", len(a), MaxLabelLen)
		}
		if p != "" && problem == "" {
			problem = p
		}
		labels[i], us[i] = a, u
	}
	ascii, uni = strings.Join(labels, "."), strings.Join(us, ".")
	if len(ascii) > MaxNameLen {
		return "", "", "", fmt.Errorf("it has %d octets, the limit is %d", len(ascii), MaxNameLen)
	}
	return ascii, uni, problem, nil
}

func convertLabel(l string) (ascii, uni, problem string) {
	if isLDH(l) {
		l = lower(l)
		if strings.HasPrefix(l, "xn--") {
			return convertALabel(l)
		}
		return l, l, hyphenProblem(l)
	}
	if isASCII(l) {
		return lower(l), lower(l), fmt.Sprintf("label %s has characters that no registry accepts", quote(l))
	}
	if !utf8.ValidString(l) {
		return l, l, fmt.Sprintf("label %s is not valid UTF-8", quote(l))
	}
	a, err := idna.Lookup.ToASCII(l)
	if err == nil && !strings.Contains(a, ".") && a != "" {
		u, uerr := idna.Punycode.ToUnicode(a)
		if uerr != nil {
			u = a
		}
		return a, u, registrationProblem(a)
	}
	a, perr := idna.Punycode.ToASCII(l)
	if perr != nil || strings.Contains(a, ".") || a == "" {
		a = l
	}
	return lower(a), l, fmt.Sprintf("label %s is no valid IDN label", quote(l))
}

func convertALabel(a string) (ascii, uni, problem string) {
	u, err := idna.Punycode.ToUnicode(a)
	if err != nil || u == a || u == "" || strings.Contains(u, ".") {
		return a, a, fmt.Sprintf("label %s is no valid punycode", quote(a))
	}
	return a, u, registrationProblem(a)
}

func registrationProblem(a string) string {
	if strings.HasPrefix(a, "xn--") {
		if _, err := idna.Registration.ToUnicode(a); err != nil {
			return fmt.Sprintf("label %s is no valid IDN label", quote(a))
		}
		return ""
	}
	return hyphenProblem(a)
}

func hyphenProblem(l string) string {
	switch {
	case l[0] == '-' || l[len(l)-1] == '-':
		return fmt.Sprintf("label %q begins or ends with a hyphen", l)
	case len(l) > 3 && l[2] == '-' && l[3] == '-':
		return fmt.Sprintf("label %q has hyphens in places 3 and 4, which are reserved", l)
	}
	return ""
}

// String is the A-label form in lower case, without the trailing dot.
func (d Domain) String() string { return d.ascii }

// Unicode is the form with U-labels, for people.
func (d Domain) Unicode() string { return d.unicode }

// Suffix is the public suffix (ICANN or private section), in A-labels.
func (d Domain) Suffix() string { return d.ascii[d.suffix:] }

// Label is the registrable label, in A-label form; "" for a bare suffix.
func (d Domain) Label() string {
	if d.label == d.suffix {
		return ""
	}
	return d.ascii[d.label : d.suffix-1]
}

// UnicodeLabel is the registrable label with its U-label decoded.
func (d Domain) UnicodeLabel() string {
	if d.label == d.suffix {
		return ""
	}
	labels := strings.Split(d.unicode, ".")
	return labels[strings.Count(d.ascii[:d.label], ".")]
}

// Registrable is the registrable domain (label + suffix); "" for a bare suffix.
func (d Domain) Registrable() string {
	if d.label == d.suffix {
		return ""
	}
	return d.ascii[d.label:]
}

// Hosted reports whether the suffix is of the private section of the list: the
// name was given by a host such as duckdns.org, and no registry knows it.
func (d Domain) Hosted() bool { return d.private }

// Subdomains are the labels in front of the registrable label, left to right.
func (d Domain) Subdomains() []string {
	if d.label == 0 {
		return nil
	}
	return strings.Split(d.ascii[:d.label-1], ".")
}

// Apex reports whether nothing stands in front of the registrable label.
func (d Domain) Apex() bool { return d.label == 0 && d.suffix > 0 }

// IsZero reports whether d is the zero value, which is no domain.
func (d Domain) IsZero() bool { return d.ascii == "" }

// Problem says in words why nobody can register the name under a public
// registry; "" when one can.
func (d Domain) Problem() string { return d.problem }

// Defanged is the Unicode form that no mail client or terminal makes a link of.
func (d Domain) Defanged() string { return Defang(d.unicode) }

// Within reports whether d is p or a name below it.
func (d Domain) Within(p Domain) bool {
	return p.ascii != "" && (d.ascii == p.ascii || strings.HasSuffix(d.ascii, "."+p.ascii))
}

// MarshalText writes the A-label form.
func (d Domain) MarshalText() ([]byte, error) { return []byte(d.ascii), nil }

// UnmarshalText parses as ParseDomain does; "" gives the zero value.
func (d *Domain) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*d = Domain{}
		return nil
	}
	*d, err = ParseDomain(string(b))
	return err
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isLDH reports whether s has letters, digits and hyphens only.
func isLDH(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') && s[i] != '-' {
			return false
		}
	}
	return s != ""
}

// lower maps A-Z only: other octets of a raw label stay as they are.
func lower(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for j := i; j < len(b); j++ {
				if 'A' <= b[j] && b[j] <= 'Z' {
					b[j] |= 0x20
				}
			}
			return string(b)
		}
	}
	return s
}

// foldDots maps the other full stops of IDNA (UTS #46, section 2.3) to U+002E.
func foldDots(s string) string {
	if isASCII(s) {
		return s
	}
	return strings.NewReplacer("。", ".", "．", ".", "｡", ".").Replace(s)
}

// quote shows foreign text on one line, shortened, controls visible.
func quote(s string) string {
	const most = 80
	if len(s) > most {
		s = s[:most] + "…"
	}
	return fmt.Sprintf("%q", s)
}
