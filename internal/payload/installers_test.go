package payload

import (
	"encoding/pem"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lurehound"
	"lurehound/internal/lab/installer"
)

// labRoots trust the laboratory's root, a month after its files were signed.
func labRoots(t testing.TB) Roots {
	t.Helper()
	root, err := installer.Root()
	if err != nil {
		t.Fatal(err)
	}
	roots, err := NewRoots(func() time.Time { return time.Date(2024, 7, 28, 0, 0, 0, 0, time.UTC) }, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw}))
	if err != nil {
		t.Fatal(err)
	}
	return roots
}

func triageInstaller(t testing.TB, name string) (installer.File, lurehound.PayloadFacts) {
	t.Helper()
	f, err := installer.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := installer.Open(f)
	if err != nil {
		t.Fatal(err)
	}
	lim := DefaultLimits()
	lim.Roots = labRoots(t)
	return f, Triage(t.Context(), io.NewSectionReader(r, 0, f.Size), f.Size, f.As, lim)
}

// Every installer of the laboratory is told for what it is.
func TestInstallers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		chain lurehound.ChainState
		rules string // of the signals, in the order of the table
		holds []string
	}{
		{"genuine", lurehound.ChainTrusted, "", nil},
		{"fake", lurehound.ChainTrusted, "tunnel service private-key abused-signer abused-signer-named", []string{"UpdaterSvc", "7655.bat", "ssh -N -R 7655:127.0.0.1:3389", "203.0.113.99", "SHA256:"}},
		{"tampered", lurehound.ChainTrusted, "tampered", nil},
		{"stuffed", lurehound.ChainTrusted, "stuffed", nil},
		{"unsigned", "", "", nil},
		{"resigned", lurehound.ChainTrusted, "", nil},
		{"self-signed", lurehound.ChainUnknown, "", nil},
		{"nsis-task", "", "encoded-powershell scheduled-task", []string{"UpdaterSvcCheck", "http://203.0.113.77/next.ps1"}},
		{"scanner-genuine", lurehound.ChainTrusted, "", nil},
		{"msi-service", "", "service", []string{"UpdaterSvc", "check.bat", "203.0.113.77"}},
		{"scanner-fake", lurehound.ChainTrusted, "service abused-signer abused-signer-named", []string{"UpdaterSvc"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if testing.Short() && slices.Contains([]string{"fake", "unsigned", "resigned", "self-signed", "scanner-genuine"}, c.name) {
				t.Skip("tens of megabytes")
			}
			start := time.Now()
			f, p := triageInstaller(t, c.name)
			var rules []string
			for _, s := range p.Signals {
				rules = append(rules, s.Rule)
			}
			type told struct {
				SHA256, Signer string
				Digest         lurehound.DigestState
				Chain          lurehound.ChainState
				Unsigned       int64
				Rules          string
			}
			want := told{f.SHA256, f.Signer, f.Digest, c.chain, f.Unsigned, c.rules}
			got := told{p.SHA256, p.Signature.Signer, p.Signature.Digest, p.Signature.Chain, p.Signature.Unsigned, strings.Join(rules, " ")}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
			all := slices.Concat(p.Found.Commands, p.Found.Services, p.Found.Files, p.Found.IPs, p.Found.Domains, p.Found.Tasks, p.Found.URLs)
			for _, k := range p.Found.Keys {
				all = append(all, k.Fingerprint)
			}
			for _, h := range c.holds {
				if !slices.ContainsFunc(all, func(s string) bool { return strings.Contains(s, h) }) {
					t.Errorf("does not name %q", h)
				}
			}
			if n := len(p.Found.Mails) + len(p.Found.Domains); n > 0 {
				t.Errorf("noise became %q %q", p.Found.Mails, p.Found.Domains)
			}
			t.Logf("%v: %+v\nMSI %+v\nPE %+v\nproblems %q notes %q\ncontains %+v\n%+v", time.Since(start), p.Found, p.MSI, p.PE, p.Problems, p.Notes, p.Contains, p.Signature)
		})
	}
}
