package permute

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"lurehound/internal/lexicon"
)

// dnstwistNamesScript prints what the installed dnstwist makes of the names
// given as arguments: {"version":…, "names":{fuzzer:{name:[…]}}}; of homoglyph, subdomain and cyrillic the labels.
const dnstwistNamesScript = `
import sys, json, dnstwist
out = {}
for name in sys.argv[1:]:
    f = dnstwist.Fuzzer(name)
    for fuzzer in ('homoglyph', 'subdomain', 'cyrillic'):
        out.setdefault(fuzzer, {})[name] = sorted(set(getattr(f, '_' + fuzzer)()))
    f.generate(['various'])
    out.setdefault('various', {})[name] = sorted(p['domain'] for p in f.domains)
json.dump({'version': dnstwist.__version__, 'names': out}, sys.stdout)
`

type dnstwistNames struct {
	Version string
	Names   map[string]map[string][]string
}

func runDnstwist(t *testing.T, names ...string) (out dnstwistNames) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts Python and makes 100,000 names")
	}
	if _, err := exec.LookPath("dnstwist"); err != nil {
		t.Skip("dnstwist is not installed: nothing to compare with")
	}
	raw, err := exec.Command("/usr/bin/python3", append([]string{"-c", dnstwistNamesScript}, names...)...).Output()
	if err != nil {
		t.Skipf("dnstwist is installed but does not run: %v", err)
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// made are the names, in Unicode form, that techniques make of a brand's.
func made(t *testing.T, domain string, techniques ...string) map[string]bool {
	out := map[string]bool{}
	for p := range Permutations(target(t, "", domain), lexicon.Default(), Options{Techniques: techniques, Budget: 300_000}) {
		out[p.Domain.Unicode()] = true
	}
	return out
}

// TestContainsDnstwistDots: every place of a dot of dnstwist's subdomain is one of dot-insertion's.
func TestContainsDnstwistDots(t *testing.T) {
	brands := []string{"microdicom.com", "advanced-ip-scanner.com", "7-zip.org", "qbittorrent.org", "bbc.co.uk"}
	out := runDnstwist(t, brands...)
	theirs := 0
	for _, b := range brands {
		ours := made(t, b, "dot-insertion")
		_, suffix, _ := strings.Cut(b, ".")
		for _, l := range out.Names["subdomain"][b] {
			if theirs++; !ours[l+"."+suffix] {
				t.Errorf("dnstwist %s makes %s.%s, dot-insertion does not", out.Version, l, suffix)
			}
		}
	}
	t.Logf("dnstwist %s subdomain makes %d names, all ours", out.Version, theirs)
	if theirs == 0 {
		t.Error("dnstwist made nothing: the test compares nothing")
	}
}

// TestContainsDnstwistIDN: of dnstwist's homoglyph, the labels that put marks on
// one letter, and of cyrillic those whose letters UTS #39 has as confusable. Its other pairs (ə for a, ł for i, м for m)
// are by eye or of two steps; their number is only told.
func TestContainsDnstwistIDN(t *testing.T) {
	x := lexicon.Default()
	brands := []string{"microdicom.com", "advanced-ip-scanner.com", "greenend.com", "apple.com", "qbittorrent.com", "paxes.com"}
	out := runDnstwist(t, brands...)
	theirs, agreed := map[string]int{}, map[string]int{}
	for _, b := range brands {
		label := strings.TrimSuffix(b, ".com")
		ours := made(t, b, "idn-homograph")
		for _, fuzzer := range []string{"homoglyph", "cyrillic"} {
			for _, l := range out.Names[fuzzer][b] {
				if isASCII(l) || !validLabel(l) || !x.Admits("com", l) || fuzzer == "homoglyph" && !onePlace(label, l) {
					continue
				}
				theirs[fuzzer]++
				if fuzzer == "homoglyph" && unmarked(l) != label || lexicon.Skeleton(l) != lexicon.Skeleton(label) {
					continue
				}
				if agreed[fuzzer]++; !ours[l+".com"] {
					t.Errorf("dnstwist %s makes %s of %s, idn-homograph does not", out.Version, l, label)
				}
			}
		}
	}
	t.Logf("dnstwist %s makes %v valid labels beyond ASCII; %v of marks and confusables, all ours", out.Version, theirs, agreed)
	if agreed["homoglyph"] == 0 || agreed["cyrillic"] == 0 {
		t.Error("nothing was compared")
	}
}

// unmarked is a label without diacritics.
func unmarked(l string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(l))
}

// onePlace reports whether two labels differ in one character only.
func onePlace(a, b string) bool {
	n := 0
	if utf8.RuneCountInString(b) != len(a) {
		return false
	}
	i := 0
	for _, r := range b {
		if rune(a[i]) != r {
			n++
		}
		i++
	}
	return n == 1
}

// TestContainsDnstwistVarious: suffixes drawn in and hosts that are joined, under the brand's own suffix or another.
func TestContainsDnstwistVarious(t *testing.T) {
	brands := []string{"microdicom.com", "keepass.info", "bbc.co.uk", "meet.google.com", "chiark.greenend.org.uk"}
	out := runDnstwist(t, brands...)
	theirs := 0
	for _, b := range brands {
		tg := target(t, "", b)
		ours := made(t, b, "dot-omission", "dot-hyphen", "tld-swap")
		for _, n := range out.Names["various"][b] {
			d := parse(t, n)
			if d.Problem() != "" || d.Registrable() == tg.Domain.Registrable() {
				continue // label and suffix glued to a name without a dot, or the brand's own
			}
			if theirs++; !ours[d.Registrable()] {
				t.Errorf("dnstwist %s makes %s of %s, we do not", out.Version, n, b)
			}
		}
	}
	t.Logf("dnstwist %s various makes %d names, all ours", out.Version, theirs)
	if theirs == 0 {
		t.Error("dnstwist made nothing: the test compares nothing")
	}
}
