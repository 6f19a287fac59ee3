package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"lurehound"
	"lurehound/internal/lab/installer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestOpenUnknownScenario(t *testing.T) {
	if _, err := Open("atlantis"); err == nil || !strings.Contains(err.Error(), "microdicom") {
		t.Errorf("the error %v does not say which scenarios there are", err)
	}
	if d := cmp.Diff([]string{"cloaks", "installers", "microdicom"}, Scenarios()); d != "" {
		t.Error(d)
	}
}

func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		l, err := Open("microdicom")
		if err != nil {
			b.Fatal(err)
		}
		_ = l.Close()
	}
}

func TestBrands(t *testing.T) {
	l := openLab(t)
	var ids []string
	for _, b := range l.Brands() {
		ids = append(ids, b.ID())
	}
	if d := cmp.Diff([]string{"microdicom.com", "advanced-ip-scanner.com"}, ids); d != "" {
		t.Error(d)
	}
	for id, want := range map[string]struct{ name, signer, file string }{
		"microdicom.com":          {"MicroDicom DICOM Viewer", "MicroDicom Ltd", "genuine"},
		"advanced-ip-scanner.com": {"Advanced IP Scanner", "Famatech Corp.", "scanner-genuine"},
	} {
		own, err := lurehound.ParseDomain(id)
		if err != nil {
			t.Fatal(err)
		}
		b, ok := l.Brand(own)
		if !ok || b.Name != want.name || b.ID() != id || len(b.Words) == 0 || len(b.References) == 0 || !slices.Contains(b.Signers, want.signer) {
			t.Errorf("brand %+v, %v", b, ok)
		}
		i := slices.IndexFunc(b.References, lurehound.Reference.Installer)
		f, err := installer.Find(want.file)
		if i < 0 || err != nil {
			t.Fatalf("%s: no installer among %+v, or %v", id, b.References, err)
		}
		if r := b.References[i]; r.SHA256 != f.SHA256 || r.Signer != f.Signer || f.Size < r.MinSize || f.Size > r.MaxSize {
			t.Errorf("%s: reference %+v, the file has %s, %d bytes, %q", id, r, f.SHA256, f.Size, f.Signer)
		}
		served := send(t, browserOf(t, l, nil), "HEAD", b.References[i].URL)
		if served.status != 200 || served.header.Get("Content-Length") != fmt.Sprint(f.Size) {
			t.Errorf("%s: %d, %v", b.References[i].URL, served.status, served.header)
		}
	}
	other, err := lurehound.ParseDomain("mlcrodicom.info")
	if err != nil {
		t.Fatal(err)
	}
	if b, ok := l.Brand(other); ok {
		t.Errorf("a look-alike is the brand %+v", b)
	}
}

func TestAdvisories(t *testing.T) {
	l := openLab(t)
	names, err := fs.Glob(l.Advisories(), "*.json")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"icsma-24-163-01.json"}, names); d != "" {
		t.Error(d)
	}
}

func TestResolversDiffer(t *testing.T) {
	l := openLab(t)
	rs := l.Resolvers()
	if len(rs) != 2 {
		t.Fatalf("resolvers %v", rs)
	}
	a, _ := rs[0].Addr().Prefix(24)
	b, _ := rs[1].Addr().Prefix(24)
	if a == b || l.scenario.Resolvers[0].Operator == l.scenario.Resolvers[1].Operator {
		t.Errorf("resolvers %v are of one operator", l.scenario.Resolvers)
	}
}

func TestClock(t *testing.T) {
	l := openLab(t)
	c := l.Clock()
	start := c.Now()
	if want := time.Date(2024, 7, 15, 9, 0, 0, 0, time.UTC); !start.Equal(want) {
		t.Fatalf("starts at %v", start)
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Sleep(done, time.Hour); !errors.Is(err, context.Canceled) || !c.Now().Equal(start) {
		t.Errorf("a sleep nobody waits for: %v, now %v", err, c.Now())
	}
	if err := c.Sleep(t.Context(), -time.Hour); err != nil || c.Now().Before(start) {
		t.Errorf("a negative sleep: %v, now %v", err, c.Now())
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			last := c.Now()
			for range 100 {
				if err := c.Sleep(t.Context(), time.Second); err != nil {
					t.Error(err)
				}
				now := c.Now()
				if now.Sub(last) < time.Second {
					t.Errorf("slept a second, and the clock went from %v to %v", last, now)
				}
				last = now
			}
		})
	}
	wg.Wait()
	if got := c.Now().Sub(start); got != 800*time.Second {
		t.Errorf("800 sleeps of a second took %v", got)
	}
}

func TestDialNowhere(t *testing.T) {
	l := openLab(t)
	for _, address := range []string{"203.0.113.66:22", "192.0.2.99:80", "8.8.8.8:53", "127.0.0.1:80", "[2001:db8::1]:443", "198.51.100.90:443"} {
		if _, err := l.Dial(t.Context(), "tcp", address); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("tcp %s: %v", address, err)
		}
	}
	for _, address := range []string{"mlcrodicom.info:80", "203.0.113.66", ""} {
		if _, err := l.Dial(t.Context(), "tcp", address); err == nil {
			t.Errorf("tcp %q was dialled", address)
		}
	}
	if _, err := l.Dial(t.Context(), "unix", "192.0.2.53:53"); err == nil {
		t.Error("a unix socket was dialled")
	}
	c := dialLab(t, l, "udp", "8.8.8.8:53")
	defer c.Close()
	if _, err := c.Write([]byte("anyone?")); err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Millisecond)) // never fails here
	var b [64]byte
	if n, err := c.Read(b[:]); n != 0 || !isTimeout(err) {
		t.Errorf("silence read as %d octets, %v", n, err)
	}
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

func TestClosedLabRefuses(t *testing.T) {
	l, err := Open("microdicom")
	if err != nil {
		t.Fatal(err)
	}
	c, err := l.Dial(t.Context(), "tcp", "192.0.2.53:53")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Dial(t.Context(), "tcp", "192.0.2.53:53"); err == nil {
		t.Error("a closed laboratory was dialled")
	}
	var b [1]byte
	if _, err := c.Read(b[:]); err == nil {
		t.Error("a connection outlived its laboratory")
	}
	_ = c.Close() // a stream's Close never fails
}

// copyScenario puts the bundled scenario's files where a test can change them.
func copyScenario(t *testing.T, into fstest.MapFS) {
	t.Helper()
	const root = "scenarios/microdicom"
	err := fs.WalkDir(scenarios, root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(scenarios, p)
		into[strings.TrimPrefix(p, root+"/")] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A misspelt or contradictory data file is refused, and the error names it.
func TestScenarioContradictions(t *testing.T) {
	whole := fstest.MapFS{}
	copyScenario(t, whole)
	for _, tt := range []struct{ name, file, old, new, want string }{
		{"whole", worldFile, "", "", ""},
		{"unknown key", worldFile, "old_limit", "old_limits", "old_limits"},
		{"real address", namesFile, `["203.0.113.66"]`, `["8.8.8.8"]`, "8.8.8.8"},
		{"unknown operator", namesFile, `"quiet"`, `"loud"`, "loud"},
		{"unknown registrar", namesFile, `"cheapnames"`, `"nobody"`, "nobody"},
		{"unknown fault", namesFile, `"servfail"`, `"gone"`, "gone"},
		{"unknown pages", namesFile, `"parking"`, `"garage"`, "garage"},
		{"unknown installer", namesFile, `= "fake"`, `= "unknown-file"`, "unknown-file"},
		{"twice", namesFile, `"microdlcom.info"`, `"mlcrodicom.info"`, "mlcrodicom.info"},
		{"future", namesFile, "2024-06-27T11:42:07Z", "2034-06-27T11:42:07Z", "mlcrodicom.info"},
		{"no such day", namesFile, `["2024-06-28"]`, `["2024-06-31"]`, "mlcrodlcom.info"},
		{"CSV header", ordinaryFile, "domain,registered", "name,registered", ordinaryFile},
		{"CSV time", ordinaryFile, "T11:33:24Z", "T11:33", ordinaryFile},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := fstest.MapFS{}
			for name, f := range whole {
				files[name] = f
			}
			if tt.old != "" {
				before := string(whole[tt.file].Data)
				after := strings.Replace(before, tt.old, tt.new, 1)
				if strings.HasPrefix(tt.old, `["203`) || strings.HasPrefix(tt.old, `"micro`) {
					after = strings.ReplaceAll(before, tt.old, tt.new)
				}
				if after == before {
					t.Fatalf("%s does not contain %q", tt.file, tt.old)
				}
				files[tt.file] = &fstest.MapFile{Data: []byte(after)}
			}
			l, err := OpenFS(files)
			if err == nil {
				defer func() { _ = l.Close() }() // never fails
			}
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error %v does not name %q", err, tt.want)
			}
		})
	}
}

func TestEveryAddressIsForDocumentation(t *testing.T) {
	l := openLab(t)
	as := l.scenario.addresses()
	if len(as) < 1000 || slices.ContainsFunc(as, func(a netip.Addr) bool { return !documentation(a) }) {
		t.Errorf("%d addresses, or one outside", len(as))
	}
}
