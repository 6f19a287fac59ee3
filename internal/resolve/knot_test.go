package resolve

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"lurehound"
	"lurehound/internal/testbed"
)

// TestKnot asks a name server that others wrote, over real sockets: it serves
// a top-level domain, with delegations, and one zone below it.
func TestKnot(t *testing.T) {
	authority, err := testbed.Knot(t.Context(), t.TempDir(), map[string]string{
		"info": `$TTL 60
@ 60 SOA a.nic h.nic 1 1 1 1 60
@ NS a.nic
a.nic A 127.0.0.1
delegated NS ns1.host.net.
evil NS ns1.evil
ns1.evil A 127.0.0.1
alone NS ns1.host.net.
`,
		"evil.info": `$TTL 60
@ 60 SOA ns1 h 1 1 1 1 60
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
	installed(t, err)
	t.Cleanup(authority.Stop)
	c := over(t, Config{Timeout: time.Second}, authority.Addr)
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
