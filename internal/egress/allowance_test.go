package egress

import (
	"strings"
	"testing"
)

func TestParseAllowance(t *testing.T) {
	good := map[string]string{
		"10.1.0.0/16":              "10.1.0.0/16",
		"10.1.2.3":                 "10.1.2.3/32",
		"10.1.2.3:8080":            "10.1.2.3/32:8080",
		"10.1.0.0/16:80,443":       "10.1.0.0/16:80,443",
		"127.0.0.0/8:1-65535":      "127.0.0.0/8:1-65535",
		"fd00:1::/64":              "fd00:1::/64",
		"fd00:1::/64:80,8000-8100": "fd00:1::/64:80,8000-8100",
		"[fd00::1]:8080":           "fd00::1/128:8080",
		"fd00::1":                  "fd00::1/128",
		"[fd00::]/8:443":           "fd00::/8:443",
		"0.0.0.0/0":                "0.0.0.0/0",
	}
	for in, want := range good {
		a, err := ParseAllowance(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if a.String() != want {
			t.Errorf("%s: got %s, want %s", in, a, want)
		}
	}
	for _, in := range []string{
		"", "10.0.0.0/33", "10.0.0.1/8", "example.com", "10.0.0.0/8:", "10.0.0.0/8:0", "10.0.0.0/8:http", "10.0.0.0/8:443-80",
		"10.0.0.0/8:65536", "10.0.0.0/8:80,", "::ffff:10.0.0.0/104", "fe80::1%eth0", "10.0.0.1:", "10.0.0.0/8:-1", "/8", ":80",
	} {
		if a, err := ParseAllowance(in); err == nil {
			t.Errorf("%q is read as %s", in, a)
		}
	}
	_, err := ParseAllowance("10.0.0.1/8")
	if err == nil || !strings.Contains(err.Error(), "write 10.0.0.0/8") {
		t.Errorf("the error does not say what to write: %v", err)
	}
}

func FuzzParseAllowance(f *testing.F) {
	for _, s := range []string{"10.0.0.0/8:80,443", "[::1]:80", "fd00::/8", "1.2.3.4:1-2", "::/0:", "[", "/", ":"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAllowance(s)
		if err != nil {
			return
		}
		again, err := ParseAllowance(a.String())
		if err != nil || again.String() != a.String() {
			t.Fatalf("%q is %s, which is read as %s, %v", s, a, again, err)
		}
	})
}
