package lab

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"

	"lurehound/internal/lab/installer"
)

const fakeURL = "mlcrodicom.info/files/MicroDicom-2024-Setup-x64.exe"

// The README tells of every installer what is true of it (the installers' own test
// reads their bytes), and which SSH key one of them carries.
func TestReadmeTellsOfInstallers(t *testing.T) {
	b, err := os.ReadFile("scenarios/microdicom/README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(b)
	list, err := Installers()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		row := fmt.Sprintf("\n| %s | %s | %s | %s | %s |\n", f.Name, grouped(f.Size), f.SHA256, f.Signer, f.What)
		if !strings.Contains(readme, row) {
			t.Errorf("it has no row%s", row)
		}
	}
	f, r := openFile(t, "fake")
	head := make([]byte, f.Parts[0].Size) // what is not noise
	if _, err := r.ReadAt(head, 0); err != nil {
		t.Fatal(err)
	}
	i := bytes.Index(head, []byte("-----BEGIN OPENSSH"))
	if i < 0 {
		t.Fatal("the fake carries no SSH key")
	}
	key, err := ssh.ParsePrivateKey(head[i:])
	if err != nil {
		t.Fatal(err)
	}
	if print := ssh.FingerprintSHA256(key.PublicKey()); !strings.Contains(readme, "`"+print+"`") {
		t.Errorf("it does not tell the fingerprint %s", print)
	}
}

// grouped writes a number with a comma before each three digits.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Every site of every scenario links to what it hands out, and every installer
// is handed out somewhere, under the ending of its kind.
func TestEveryInstallerIsOffered(t *testing.T) {
	offered := map[string]int{}
	for _, scenario := range Scenarios() {
		l, err := Open(scenario)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range l.scenario.names {
			if n.Site == nil {
				continue
			}
			for at, key := range n.Site.Downloads {
				f, err := installer.Find(key)
				if err != nil {
					t.Fatal(err)
				}
				offered[key]++
				if path.Ext(at) != path.Ext(f.As) {
					t.Errorf("%s: %s%s hands out %s", scenario, n.Domain, at, f.As)
				}
				linked := n.Site.Values["installer"] == at
				for _, r := range n.Site.Rules {
					linked = linked || r.Values["installer"] == at
				}
				if !linked {
					t.Errorf("%s: no page of %s links to %s", scenario, n.Domain, at)
				}
			}
		}
		_ = l.Close() // never fails
	}
	list, err := Installers()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if offered[f.Name] == 0 {
			t.Errorf("no site offers %s", f.Name)
		}
	}
}

// In the scenario installers a visitor who follows the link gets the file that
// the site is named after, and the README says so.
func TestScenarioInstallers(t *testing.T) {
	readme, err := os.ReadFile("scenarios/installers/README.md")
	if err != nil {
		t.Fatal(err)
	}
	l, err := Open("installers")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // never fails
	c := browserOf(t, l, nil)
	var variants []string
	for _, n := range l.scenario.names {
		variant, ok := strings.CutPrefix(strings.TrimSuffix(n.Domain, ".shop"), "microdicom-")
		if !ok {
			continue
		}
		variants = append(variants, variant)
		page := send(t, c, "GET", "http://"+n.Domain+"/downloads.html")
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(page.body)))
		if err != nil {
			t.Fatal(err)
		}
		link := doc.Find(".packages a.button").AttrOr("href", "")
		got := send(t, c, "GET", "http://"+n.Domain+link)
		f, err := installer.Find(variant)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(got.body); got.status != 200 || hex.EncodeToString(sum[:]) != f.SHA256 {
			t.Errorf("%s%s: %d, %d bytes, SHA-256 %x; want %s", n.Domain, link, got.status, len(got.body), sum, f.SHA256)
		}
		row := fmt.Sprintf("| %s | %s | %s |", n.Domain, strings.TrimPrefix(link, "/get/"), variant)
		if !strings.Contains(string(readme), row) {
			t.Errorf("the README has no %q", row)
		}
	}
	slices.Sort(variants)
	want := []string{"genuine", "msi-service", "nsis-task", "resigned", "self-signed", "stuffed", "tampered", "unsigned"}
	if d := cmp.Diff(want, variants); d != "" {
		t.Error(d)
	}
}

// A download that stopped may go on only while the file is still the same.
func TestDownloadsGoOn(t *testing.T) {
	l := openLab(t)
	c := browserOf(t, l, nil)
	f, r := openFile(t, "fake")
	want := make([]byte, 100)
	if _, err := r.ReadAt(want, 107000); err != nil { // over the border of what is packed and what is made
		t.Fatal(err)
	}
	const target = "https://" + fakeURL
	head := send(t, c, "HEAD", target)
	tag, modified := head.header.Get("ETag"), head.header.Get("Last-Modified")
	if tag != `"`+f.SHA256[:16]+`"` || modified != f.Modified.Format(http.TimeFormat) {
		t.Errorf("ETag %s, Last-Modified %s", tag, modified)
	}
	if other := send(t, c, "HEAD", "https://www.microdicom.com/downloads/MicroDicom-2024.2-x64.exe"); other.header.Get("ETag") == tag {
		t.Errorf("two files have the ETag %s", tag)
	}
	part := func(header ...string) answer {
		return send(t, c, "GET", target, append([]string{"Range", "bytes=107000-107099"}, header...)...)
	}
	later := f.Modified.Add(time.Hour).Format(http.TimeFormat)
	for name, header := range map[string][]string{
		"alone": nil, "tag": {"If-Range", tag}, "date": {"If-Range", modified}, "match": {"If-Match", tag},
		"unmodified": {"If-Unmodified-Since", later},
	} {
		got := part(header...)
		if got.status != http.StatusPartialContent || string(got.body) != string(want) || got.header.Get("Content-Range") != fmt.Sprintf("bytes 107000-107099/%d", f.Size) {
			t.Errorf("%s: %d, %s, %d bytes, or others", name, got.status, got.header.Get("Content-Range"), len(got.body))
		}
	}
	for name, tt := range map[string]struct {
		status int
		header []string
	}{
		"same tag":    {304, []string{"If-None-Match", tag}},
		"same date":   {304, []string{"If-Modified-Since", modified}},
		"another tag": {412, []string{"If-Match", `"0123456789abcdef"`}},
		"too old":     {412, []string{"If-Unmodified-Since", f.Modified.Add(-time.Hour).Format(http.TimeFormat)}},
		"two ranges":  {206, []string{"Range", "bytes=0-1,500-501"}},
		"beyond":      {416, []string{"Range", fmt.Sprintf("bytes=%d-", f.Size)}},
	} {
		if got := send(t, c, "GET", target, tt.header...); got.status != tt.status {
			t.Errorf("%s: %d, want %d", name, got.status, tt.status)
		}
	}
	// Of another file the part is not given, but the whole: here its length is enough.
	for name, value := range map[string]string{"another tag": `"0123456789abcdef"`, "another date": later, "weak tag": "W/" + tag} {
		got := send(t, c, "HEAD", target, "Range", "bytes=107000-107099", "If-Range", value)
		if got.status != http.StatusOK || got.header.Get("Content-Length") != fmt.Sprint(f.Size) {
			t.Errorf("If-Range %s: %d, %s bytes", name, got.status, got.header.Get("Content-Length"))
		}
	}
}

func openFile(t testing.TB, name string) (installer.File, io.ReaderAt) {
	t.Helper()
	f, err := installer.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	r, _, err := Installer(name)
	if err != nil {
		t.Fatal(err)
	}
	return f, r
}

// Serving 179 MB to several visitors at once takes a small part of one file's memory.
func TestServingHoldsNoFile(t *testing.T) {
	const (
		visitors = 4
		most     = 24 << 20 // bytes; one copy of the file has 187,695,104
	)
	l := openLab(t)
	c := browserOf(t, l, nil)
	c.Transport.(*http.Transport).TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{} // a connection each
	send(t, c, "HEAD", "https://"+fakeURL)                                                              // what is made once is there
	start := heap()
	var bodies []io.Reader
	for range visitors {
		req, err := http.NewRequestWithContext(t.Context(), "GET", "https://"+fakeURL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		bodies = append(bodies, resp.Body)
	}
	step, steps := int64(8<<20), 4
	if !testing.Short() {
		steps = 22 // all but the last 3 MB
	}
	var high uint64
	for range steps {
		for _, b := range bodies {
			if n, err := io.CopyN(io.Discard, b, step); err != nil {
				t.Fatalf("after %d bytes: %v", n, err)
			}
		}
		high = max(high, heap())
	}
	if high > start+most {
		t.Errorf("%d visitors who had %d MB each: %d MB more than before", visitors, int64(steps)*step>>20, (high-start)>>20)
	}
	t.Logf("%d visitors, %d MB each: heap %.1f MB before, at most %.1f MB", visitors, int64(steps)*step>>20, float64(start)/(1<<20), float64(high)/(1<<20))
}

// heap is what is in use after a collection, in bytes.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
