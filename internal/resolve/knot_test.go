package resolve

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"lurehound"
	"lurehound/internal/egress"
)

// gateway lets through to that server and nowhere else.
func gateway(server netip.AddrPort) Dialer {
	return egress.New(egress.Config{Named: []netip.AddrPort{server}})
}

// TestKnot asks a name server that others wrote, over real sockets: it serves
// a top-level domain, with delegations, and one zone below it.
func TestKnot(t *testing.T) {
	knotd, err := exec.LookPath("knotd")
	if err != nil {
		knotd = "/usr/sbin/knotd"
		if _, err := os.Stat(knotd); err != nil {
			if os.Getenv("CI_REQUIRE") == "1" {
				t.Fatal("knotd is not installed, and CI_REQUIRE=1 wants it")
			}
			t.Skip("knotd is not installed (Debian: knot)")
		}
	}
	server := startKnot(t, knotd, map[string]string{
		"info": `@ 60 SOA a.nic h.nic 1 1 1 1 60
@ NS a.nic
a.nic A 127.0.0.1
delegated NS ns1.host.net.
evil NS ns1.evil
ns1.evil A 127.0.0.1
alone NS ns1.host.net.
`,
		"evil.info": `@ 60 SOA ns1 h 1 1 1 1 60
@ NS ns1
ns1 A 127.0.0.1
@ A 203.0.113.7
@ AAAA 2001:db8::7
www CNAME @
loop CNAME loop2
loop2 CNAME loop
only TXT "x"
big TXT "` + longText + `"
big TXT "` + longText + `1"
big TXT "` + longText + `2"
big TXT "` + longText + `3"
big TXT "` + longText + `4"
big TXT "` + longText + `5"
*.wild A 203.0.113.8
`,
	})
	c, err := New(Config{Dialer: gateway(server), Clock: egress.SystemClock{}, Servers: []netip.AddrPort{server}, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{longText, longText + "1", longText + "2", longText + "3", longText + "4", longText + "5"}
	for _, tc := range []struct {
		name  string
		types []uint16
		want  lurehound.DNSFacts
	}{
		{"evil.info", nil, lurehound.DNSFacts{Resolution: lurehound.Exists, NS: []string{"ns1.evil.info"}, A: addrs("203.0.113.7")}},
		{"www.evil.info", []uint16{dns.TypeA, dns.TypeAAAA}, lurehound.DNSFacts{Resolution: lurehound.Exists, A: addrs("203.0.113.7"), AAAA: addrs("2001:db8::7"), CNAME: []string{"evil.info"}}},
		{"loop.evil.info", []uint16{dns.TypeA}, lurehound.DNSFacts{Resolution: lurehound.Exists, Reason: "cname-loop", CNAME: []string{"loop2.evil.info", "loop.evil.info"}}},
		{"big.evil.info", []uint16{dns.TypeTXT}, lurehound.DNSFacts{Resolution: lurehound.Exists, TXT: texts}},
		{"x.wild.evil.info", nil, lurehound.DNSFacts{Resolution: lurehound.Exists, Wildcard: true, A: addrs("203.0.113.8")}},
		{"only.evil.info", nil, lurehound.DNSFacts{Resolution: lurehound.NoData}},
		{"delegated.info", nil, lurehound.DNSFacts{Resolution: lurehound.Exists, NS: []string{"ns1.host.net"}, Missing: []string{"A"}}},
		{"www.delegated.info", nil, lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: "lame", Missing: []string{"NS", "A"}}},
		{"absent.info", nil, lurehound.DNSFacts{Resolution: lurehound.NXDomain}},
		{"absent.evil.info", nil, lurehound.DNSFacts{Resolution: lurehound.NXDomain}},
		{"absent.com", nil, lurehound.DNSFacts{Resolution: lurehound.NotResolvable, Reason: "refused", Missing: []string{"NS", "A"}}},
	} {
		got := c.Lookup(t.Context(), tc.name, tc.types...)
		if d := cmp.Diff(tc.want, got, compareAddrs); d != "" {
			t.Errorf("%s (-want +got)\n%s", tc.name, d)
		}
	}
}

const longText = "two hundred and forty octets of text, so that six of them need TCP .............................................................................................................................................................................."

func startKnot(t *testing.T, knotd string, zones map[string]string) netip.AddrPort {
	t.Helper()
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := netip.MustParseAddrPort(l.Addr().String())
	l.Close()
	conf := fmt.Sprintf("server:\n  rundir: %[1]s\n  listen: 127.0.0.1@%[2]d\n  udp-workers: 1\n  tcp-workers: 1\n  background-workers: 1\n"+
		"database:\n  storage: %[1]s\ntemplate:\n  - id: default\n    storage: %[1]s\n    file: \"%%s.zone\"\nzone:\n", dir, server.Port())
	for zone, text := range zones {
		conf += "  - domain: " + zone + "\n"
		if err := os.WriteFile(filepath.Join(dir, zone+".zone"), []byte("$TTL 60\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "knot.conf")
	if err := os.WriteFile(path, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	var out lockedBuffer
	cmd := exec.CommandContext(t.Context(), knotd, "-c", path)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	q, err := New(Config{Dialer: gateway(server), Clock: egress.SystemClock{}, Servers: []netip.AddrPort{server}, Timeout: 200 * time.Millisecond, Tries: 1})
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); {
		a, heard := q.askOne(t.Context(), q.servers[0], "evil.info.", dns.TypeSOA)
		if heard && a.why != whyServfail && a.why != whyRefused {
			return server
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("knotd does not answer:\n%s", out.String())
	return server
}

// lockedBuffer takes what a process writes.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
