package payload

import (
	"slices"
	"strings"
	"testing"
)

func TestBareNames(t *testing.T) {
	for text, want := range map[string]string{
		"evil-site.io": "evil-site.io", `x = "evil-site.name"`: "evil-site.name", "ping evil-site.app now": "evil-site.app", "evilsite.io": "evilsite.io",
		"cdn-7.evilsite.me": "cdn-7.evilsite.me", "download24.cc": "download24.cc", "evil.ru": "evil.ru", "x('evil.ru')": "evil.ru", "evil-site.com": "evil-site.com",
	} {
		for _, b := range [][]byte{[]byte("\x00" + text + "\x00"), wide("\x00" + text + "\x00")} {
			if x := scanned(b, windowSize); !slices.Contains(x.Domains, want) {
				t.Errorf("%q: %q", text, x.Domains)
			}
		}
	}
}

func TestIPv6(t *testing.T) {
	for text, want := range map[string]string{
		"2001:db8::7": "2001:db8::7", "[2001:DB8::7]:8080": "2001:db8::7", "connect fd00::1:2 now": "fd00::1:2", "fe80::1%eth0": "fe80::1",
		"2606:4700:4700:0:0:0:0:1111": "2606:4700:4700::1111", "http://[2001:db8::9]": "2001:db8::9", "http://[2001:db8::9]:80/x": "2001:db8::9",
	} {
		for _, b := range [][]byte{[]byte("\x00" + text + "\x00"), wide("\x00" + text + "\x00")} {
			if x := scanned(b, windowSize); len(x.IPs) != 1 || x.IPs[0] != want {
				t.Errorf("%q: %q, want %s", text, x.IPs, want)
			}
		}
	}
}

// Names and numbers of programs that look like hosts.
func TestMoreTraps(t *testing.T) {
	for _, trap := range strings.Split(`this.name|console.app|System.IO|system.io|java.io|my-file.zip|read-me.md|libfoo-2.so|setup-1.sh|foo-bar.py|index-1.js|
a.b.name|document.my|window.me|std::vector|abcd::efgh|dead::beef|::1|::|aa:bb:cc:dd:ee:ff|aa:bb:cc:dd:ee:ff:00:11|2024:01:02|0x12:34|1234:5678|
12:34:56.789|fe80::|2001:db8::/32x|cafe:babe|BEEF:1|win32.name|sha256.app|utf8.io|base64.in|h264.me|Electron.app|user.data.info|config.build.id|
event.target.name|it.is|to.be|not.in|abc.me|x.y.z.is|e.g.it|self.app|module.name|widget.text|node.next|foo.call|list.map|row.id|
ab.ru|a.ru|q.com|x1.net|e.com|options.family|i32.store|i8x16.ne|response.body.stream|process.pid`, "|") {
		trap = strings.Trim(trap, "\n")
		for _, b := range [][]byte{[]byte("\x00" + trap + "\x00"), wide("\x00" + trap + "\x00"), []byte("f(\"" + trap + "\")")} {
			if x := scanned(b, windowSize); len(x.Where) > 0 {
				t.Errorf("%q: %v", trap, x.Where)
			}
		}
	}
}
