package probe

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lurehound"
	"lurehound/internal/examine"
	"lurehound/internal/fetch"
	"lurehound/internal/lab"
	"lurehound/internal/vault"
)

func quarantine(t testing.TB) *vault.Vault {
	t.Helper()
	dir := t.TempDir()
	v, err := vault.Open(filepath.Join(dir, "vault"), filepath.Join(dir, "key"), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v
}

// taken are the payloads that a visit brought.
func taken(t testing.TB, n *labNet, s Subject) (found []lurehound.PayloadFacts, rest []string) {
	t.Helper()
	n.wire()
	for _, o := range n.probes["http"].Observe(t.Context(), s) {
		switch {
		case o.Payload != nil && o.Outcome == lurehound.Found:
			found = append(found, *o.Payload)
		case o.Probe == payloadProbe:
			rest = append(rest, string(o.Outcome)+": "+o.Reason)
		}
	}
	return found, rest
}

// asked are the requests for files: path, range and referrer.
func asked(n *labNet) (list []string) {
	for _, r := range n.lab.Requests() {
		if (r.Service == lab.HTTP || r.Service == lab.HTTPS) && strings.HasSuffix(r.Path, ".exe") {
			list = append(list, strings.TrimSpace(fmt.Sprint(r.Method, " ", r.Host, r.Path, " ", r.Header.Get("Range"))))
		}
	}
	return list
}

// Of 179 MB two parts are read, and tell size, type and signer.
func TestPartsOfTheFake(t *testing.T) {
	n := openLab(t)
	n.kit.Payloads = NewPayloads(examine.Examiner{}, nil, n.kit.Clock)
	n.wire()
	s := n.subject(t, "mlcrodicom.info")
	s.Paths = []string{"/downloads.html"}
	found, rest := taken(t, n, s)
	if len(found) != 1 || len(rest) != 0 {
		t.Fatalf("%d files, %q", len(found), rest)
	}
	p := found[0]
	if p.Size < 180_000_000 || p.Type != lurehound.TypePE || p.Signature.Signer != "Helping Businesses Limited" || p.Signature.Digest != lurehound.DigestUnverified ||
		p.SHA256 != "" || p.Name != "MicroDicom-2024-Setup-x64.exe" || p.URL != "https://mlcrodicom.info/files/MicroDicom-2024-Setup-x64.exe" {
		t.Errorf("%+v", p)
	}
	got := asked(n)
	if len(got) != 2 || !strings.HasSuffix(got[0], " bytes=0-65535") || !strings.Contains(got[1], " bytes=18") {
		t.Errorf("asked for %q", got)
	}
}

// The whole file comes into the vault once, however many ask, and is taken apart.
func TestWholeFile(t *testing.T) {
	n := openLab(t)
	v := quarantine(t)
	n.kit.Payloads = NewPayloads(examine.Examiner{}, v, n.kit.Clock)
	n.wire()
	s := n.subject(t, "microdicom.com")
	s.Paths = []string{"/downloads.html"}
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { n.probes["http"].Observe(t.Context(), s) })
	}
	wg.Wait()
	found, rest := taken(t, n, s)
	if len(found) != 1 || len(rest) != 0 {
		t.Fatalf("%d files, %q", len(found), rest)
	}
	files, err := lab.Installers()
	if err != nil || files[0].Name != "genuine" {
		t.Fatalf("the first installer is no genuine one: %v", err)
	}
	genuine := files[0].SHA256
	if p := found[0]; p.SHA256 != genuine || p.Size != files[0].Size || p.MD5 == "" || p.Type != lurehound.TypePE {
		t.Errorf("%+v", p)
	}
	if diff := cmp.Diff(1, len(asked(n))); diff != "" {
		t.Errorf("asked for %q", asked(n))
	}
	list, problems, err := v.List(t.Context())
	if err != nil || len(problems) != 0 || len(list) != 1 || list[0].SHA256 != genuine {
		t.Errorf("the vault holds %v, %v, %v", list, problems, err)
	}
}

// begin, fed with answers of every kind, never puts bytes in the wrong place.
func TestDownloadGoesOn(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 20_000)
	whole := fetch.Answer{Status: 200, Size: int64(len(content)), Validator: `"v1"`}
	for _, tt := range []struct {
		name   string
		second fetch.Answer // to the request for the rest
		keeps  bool
	}{
		{"the rest", fetch.Answer{Status: 206, Size: whole.Size, Validator: `"v1"`, From: 65536, Ranged: true}, true},
		{"all anew, it knows no ranges", whole, false},
		{"another version", fetch.Answer{Status: 200, Size: whole.Size, Validator: `"v2"`}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := quarantine(t)
			first := &download{ctx: t.Context(), vault: v, url: "https://host.example/a.exe"}
			w, err := first.begin(whole)
			if err != nil {
				t.Fatal(err)
			}
			w.Write(content[:70_000])
			first.leave() // keeps one chunk of 64 KiB

			d := &download{ctx: t.Context(), vault: v, url: first.url}
			if _, err := d.begin(whole); err != fetch.ErrStop || !d.again || d.w.Offset() != 65536 {
				t.Fatalf("%v, again %v, at %d", err, d.again, d.w.Offset())
			}
			w, err = d.begin(tt.second)
			if err != nil {
				t.Fatal(err)
			}
			if got := d.w.Offset() > 0; got != tt.keeps {
				t.Fatalf("goes on at %d", d.w.Offset())
			}
			w.Write(content[d.w.Offset():])
			stored, err := d.w.Commit(vault.Meta{})
			if err != nil {
				t.Fatal(err)
			}
			f, err := v.Open(stored.SHA256)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if b, _ := io.ReadAll(io.NewSectionReader(f, 0, f.Size())); !bytes.Equal(b, content) {
				t.Error("other bytes are stored")
			}
		})
	}
}
