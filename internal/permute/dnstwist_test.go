package permute

import (
	"encoding/json"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// dnstwistScript prints what the fuzzers of the installed dnstwist make of the
// labels given as arguments: {"version":…, "names":{fuzzer:{label:[…]}}}.
const dnstwistScript = `
import sys, json, dnstwist
out = {}
for label in sys.argv[1:]:
    f = dnstwist.Fuzzer(label + '.com')
    for name in ('omission', 'repetition', 'transposition', 'insertion', 'replacement', 'bitsquatting', 'vowel_swap', 'hyphenation', 'addition', 'homoglyph'):
        out.setdefault(name, {})[label] = sorted(set(getattr(f, '_' + name)()))
json.dump({'version': dnstwist.__version__, 'names': out}, sys.stdout)
`

// TestContainsDnstwist compares technique by technique with the fuzzers of dnstwist whose
// definitions agree: all that it makes and a registry accepts must be ours, too.
// Its homoglyphs have another definition; the share that we make is only told.
func TestContainsDnstwist(t *testing.T) {
	if _, err := exec.LookPath("dnstwist"); err != nil {
		t.Skip("dnstwist is not installed: nothing to compare with")
	}
	python := "/usr/bin/python3" // the one that distributions install modules for
	labels := []string{"microdicom", "advanced-ip-scanner", "7-zip", "greenend", "qbittorrent", "x", "hp"}
	raw, err := exec.Command(python, append([]string{"-c", dnstwistScript}, labels...)...).Output()
	if err != nil {
		t.Skipf("dnstwist is installed but does not run: %v", err)
	}
	var out struct {
		Version string
		Names   map[string]map[string][]string
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	ours := map[string]Technique{
		"omission": omission(), "repetition": repetition(), "transposition": transposition(), "insertion": insertion(),
		"addition": addition(), "replacement": replacement(), "bitsquatting": bitsquatting(), "vowel_swap": vowelSwap(),
		"hyphenation": hyphenation(), "homoglyph": homoglyph(),
	}
	for _, fuzzer := range slices.Sorted(maps.Keys(ours)) {
		tech := ours[fuzzer]
		theirs, common, all := 0, 0, 0
		var missing []string
		for _, label := range labels {
			made := map[string]bool{}
			for _, l := range results(tech, label) {
				if validLabel(l) && l != label {
					made[l] = true
				}
			}
			all += len(made)
			for _, l := range out.Names[fuzzer][label] {
				if !isASCII(l) || !validLabel(l) || l == label {
					continue // a Unicode label, or one with a hyphen at the end
				}
				theirs++
				if made[l] {
					common++
				} else {
					missing = append(missing, l)
				}
			}
		}
		t.Logf("dnstwist %s %-13s makes %5d names, %5d of them ours, %5d ours in all", out.Version, fuzzer, theirs, common, all)
		if fuzzer != "homoglyph" && len(missing) > 0 {
			t.Errorf("%s of dnstwist %s makes what %s does not: %s", fuzzer, out.Version, tech.Name, strings.Join(missing, " "))
		}
	}
}
