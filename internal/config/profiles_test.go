package config

import (
	"errors"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestReadProfiles(t *testing.T) {
	path := write(t, `
[[route]]
name = "us-1"
kind = "SOCKS5"
proxy = "198.51.100.7:1080"
region = "us"
user = "hunter-session-1"
password = "env:PROXY_PASSWORD"

[[route]]
name = "gb-http"
kind = "http"
proxy = "[2001:db8::1]:3128"
region = "GB"
user = "hunter"
password = "file:secrets/gb"

[[route]]
name = "inside"
kind = "connect"
proxy = "10.0.0.8:3128"

[[route]]
name = "tls"
kind = "https"
proxy = "Gate.Example.net:3129"
ca = "ca.pem"

[[route]]
name = "direct"
kind = "direct"
region = "BG"

[profiles]
browsers = ["chrome-windows", "safari-iphone"]
languages = ["en-US", "de-DE"]
arrivals = ["search", "typed", "ad"]
`)
	got, err := ReadProfiles(path)
	if err != nil {
		t.Fatal(err)
	}
	want := Profiles{
		Routes: []Route{
			{Name: "us-1", Kind: "socks5", Proxy: netip.MustParseAddrPort("198.51.100.7:1080"), Region: "US", User: "hunter-session-1", Password: "env:PROXY_PASSWORD"},
			{Name: "gb-http", Kind: "connect", Proxy: netip.MustParseAddrPort("[2001:db8::1]:3128"), Region: "GB", User: "hunter",
				Password: "file:" + filepath.Join(filepath.Dir(path), "secrets/gb")},
			{Name: "inside", Kind: "connect", Proxy: netip.MustParseAddrPort("10.0.0.8:3128")},
			{Name: "tls", Kind: "https", Host: "gate.example.net", Port: 3129, CA: filepath.Join(filepath.Dir(path), "ca.pem")},
			{Name: "direct", Kind: "direct", Region: "BG"},
		},
		Browsers: []string{"chrome-windows", "safari-iphone"}, Languages: []string{"en-US", "de-DE"}, Arrivals: []string{"search", "typed", "ad"},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.AddrPort{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestProfilesRefused: every mistake is one line that says what to write, and never a password.
func TestProfilesRefused(t *testing.T) {
	route := func(lines string) string { return "[[route]]\n" + lines + "\n" }
	good := "name = \"us-1\"\nkind = \"socks5\"\nproxy = \"198.51.100.7:1080\"\n"
	for _, c := range []struct{ text, says string }{
		{"", "[[route]] with name"},
		{"[[routes]]\nname = \"a\"\n", `"routes" (a file of profiles has [[route]]`},
		{route(good + "pasword = \"env:X\""), `"route.pasword"`},
		{"[profiles]\nbrowser = [\"x\"]\n", `"profiles.browser"`},
		{"[profiles]\nbrowsers = \"x\"\n", "browsers"},
		{"[profiles]\nbrowsers = [\"curl\", \"curl\"]\n", "is there twice"},
		{route(`kind = "socks5"`), "name of small letters"},
		{route(`name = "US 1"`), "name of small letters"},
		{route(`name = "-a"`), "name of small letters"},
		{route(`name = "` + strings.Repeat("a", 33) + `"`), "name of small letters"},
		{route(good) + route(good), "two routes are called us-1"},
		{route("name = \"a\""), "write socks5, connect (an HTTP proxy), https"},
		{route("name = \"a\"\nkind = \"socks4\""), "write socks5, connect"},
		{route("name = \"a\"\nkind = \"direct\""), `name = "direct"`},
		{route("name = \"direct\"\nkind = \"socks5\"\nproxy = \"198.51.100.7:1080\""), "give the proxy another name"},
		{route("name = \"direct\"\nkind = \"direct\"\nproxy = \"198.51.100.7:1080\""), "leave proxy"},
		{route("name = \"a\"\nkind = \"socks5\""), "it has no proxy"},
		{route("name = \"a\"\nkind = \"socks5\"\nproxy = \"198.51.100.7\""), "has no port"},
		{route("name = \"a\"\nkind = \"socks5\"\nproxy = \"198.51.100.7:0\""), "can be dialled"},
		{route("name = \"a\"\nkind = \"socks5\"\nproxy = \"0.0.0.0:1080\""), "can be dialled"},
		{route("name = \"a\"\nkind = \"socks5\"\nproxy = \"[fe80::1%eth0]:1080\""), "can be dialled"},
		{route("name = \"a\"\nkind = \"socks5\"\nproxy = \"gate.example.net\""), "has no port"},
		{route("name = \"a\"\nkind = \"socks5\"\nproxy = \"gate.example.net:0\""), "address and port"},
		{route("name = \"a\"\nkind = \"socks5\"\nproxy = \"gate.example.net:99999\""), "address and port"},
		{route("name = \"a\"\nkind = \"socks5\"\nproxy = \"127.1:1080\""), "address and port"},
		{route("name = \"a\"\nkind = \"socks5\"\nproxy = \"0177.0.0.1:1080\""), "address and port"},
		{route("name = \"a\"\nkind = \"socks5\"\nproxy = \"a b.net:1080\""), "address and port"},
		{route(good + "ca = \"ca.pem\""), "kind = \"https\", or leave ca out"},
		{route("name = \"direct\"\nkind = \"direct\"\nca = \"ca.pem\""), "leave proxy, ca"},
		{route("name = \"a\"\nkind = \"socks5\"\nproxy = \"localhost:1080\""), "address and port"},
		{route("name = \"a\"\nkind = \"socks5\"\nproxy = \"socks5://hunter:canary-7f@198.51.100.7:1080\""), "without a scheme"},
		{route("name = \"a\"\nkind = \"socks5\"\nproxy = \"hunter:canary-7f@198.51.100.7:1080\""), "without a scheme"},
		{"[dns]\nroute = \"us-1\"\n", "none of the routes"},
		{route(good) + "[dns]\nrout = \"us-1\"\n", `"dns.rout"`},
		{route("name = \"a\"\nkind = \"socks5\"\nproxy = \"gate.example.net:1080\"") + "[dns]\nroute = \"a\"\n", "give its address"},
		{route(good + "region = \"USA\""), "two letters, as US"},
		{route(good + "region = \"uk\""), "GB"},
		{route(good + "password = \"canary-7f\""), "user"},
		{route(good + "user = \"hunter\""), "env:NAME"},
		{route(good + "password = canary-7f"), "line 5"},
		{route(good + "password = \"canary-7f"), "line 5"},
		{route("name = \"a\"\nkind = \"connect\"\nproxy = \"198.51.100.7:1080\"\nuser = \"hunter:canary-7f\"\npassword = \"env:X\""), "colon"},
		{route(good + "user = \"" + strings.Repeat("u", 256) + "\"\npassword = \"env:X\""), "255"},
		{strings.Repeat(route(good), maxRoutes+1), "65 routes"},
	} {
		path := write(t, c.text)
		_, err := ReadProfiles(path)
		if !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%.200q: %v, want it to say %q", c.text, err, c.says)
			continue
		}
		if strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.200q: the error says %q", c.text, err)
		}
	}
	if _, err := ReadProfiles(filepath.Join(t.TempDir(), "none.toml")); !errors.Is(err, ErrConfig) {
		t.Errorf("a missing file: %v", err)
	}
}

func FuzzParseProfiles(f *testing.F) {
	f.Add("[[route]]\nname = \"us-1\"\nkind = \"socks5\"\nproxy = \"198.51.100.7:1080\"\nuser = \"a\"\npassword = \"env:B\"\n")
	f.Add("[[route]]\nname = \"direct\"\nkind = \"direct\"\n[profiles]\nbrowsers = [\"curl\"]\n")
	f.Add("[[route]]\nname = \"a\"\nkind = \"connect\"\nproxy = \"[::ffff:198.51.100.7]:1\"\nregion = \"uk\"\n")
	f.Add("[[route]]\nname = \"a\"\nkind = \"https\"\nproxy = \"gate.example.net:3129\"\nca = \"x.pem\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parseProfiles(text, "dir")
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, r := range p.Routes {
			if seen[r.Name] || r.Name == "" || (r.Kind == "direct") != (r.Name == "direct") || (r.Proxy.IsValid() || r.Host != "") == (r.Kind == "direct") || r.Proxy.IsValid() && r.Host != "" {
				t.Fatalf("accepted %+v", r)
			}
			seen[r.Name] = true
		}
	})
}
