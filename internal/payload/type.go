package payload

import (
	"bytes"
	"encoding/binary"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"lurehound"
)

// headSize is how much of a file its type is told from, besides the places
// that its format points to.
const headSize = 8 << 10

// readHead returns the first bytes of f; fewer when they are not there.
func readHead(f file) []byte {
	head := make([]byte, min(f.size, headSize))
	n, _ := f.r.ReadAt(head, 0)
	return head[:n]
}

// typeOf is TypeOf, where text whose name ends as a script's is a script.
func typeOf(f file, name string) lurehound.FileType {
	t := TypeOf(readHead(f), f.r, f.size)
	if t == lurehound.TypeText && slices.Contains(scriptSuffixes(), strings.ToLower(path.Ext(name))) {
		return lurehound.TypeScript
	}
	return t
}

func scriptSuffixes() []string {
	return []string{".bat", ".cmd", ".ps1", ".psm1", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".wsh", ".sct", ".sh", ".py", ".pl", ".command"}
}

// magics are the formats that their first bytes tell.
func magics() []struct {
	magic string
	typ   lurehound.FileType
} {
	return []struct {
		magic string
		typ   lurehound.FileType
	}{
		{"MSCF\x00\x00\x00\x00", lurehound.TypeCab},
		{"7z\xbc\xaf\x27\x1c", lurehound.Type7z},
		{"Rar!\x1a\x07", lurehound.TypeRAR},
		{"\x1f\x8b\x08", lurehound.TypeGzip},
		{"xar!\x00\x1c", lurehound.TypePKG},
		{"L\x00\x00\x00\x01\x14\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46", lurehound.TypeLNK},
		{"\x7fELF", lurehound.TypeELF},
		{"\xfe\xed\xfa\xce", lurehound.TypeMachO},
		{"\xfe\xed\xfa\xcf", lurehound.TypeMachO},
		{"\xce\xfa\xed\xfe", lurehound.TypeMachO},
		{"\xcf\xfa\xed\xfe", lurehound.TypeMachO},
		{"\x89PNG\r\n\x1a\n", lurehound.TypePNG},
	}
}

// TypeOf tells a file of size bytes by its content. head is its beginning, as
// much as the caller has of up to 8 KiB; r is asked where a format is only told
// further on.
func TypeOf(head []byte, r io.ReaderAt, size int64) lurehound.FileType {
	if size == 0 {
		return lurehound.TypeEmpty
	}
	for _, m := range magics() {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return m.typ
		}
	}
	at := func(off int64, n int) []byte {
		b := make([]byte, n)
		if off < 0 || off > size {
			return nil
		}
		k, _ := r.ReadAt(b, off)
		return b[:k]
	}
	switch {
	case bytes.HasPrefix(head, []byte("MZ")) && len(head) >= 64:
		// e_lfanew leads to the new header; without one it is a DOS program.
		if string(at(int64(binary.LittleEndian.Uint32(head[60:])), 4)) == "PE\x00\x00" {
			return lurehound.TypePE
		}
		return lurehound.TypeUnknown
	case bytes.HasPrefix(head, []byte(cfbMagic)) && len(head) >= 512:
		return compoundType(head, at)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return zipType(r, size)
	case bytes.HasPrefix(head, []byte("\xca\xfe\xba\xbe")) && len(head) >= 8:
		// A universal binary counts its parts where a Java class has its version, 45 or more.
		if n := binary.BigEndian.Uint32(head[4:]); n > 0 && n < 40 {
			return lurehound.TypeMachO
		}
		return lurehound.TypeUnknown
	case bytes.Contains(head[:min(len(head), 1024)], []byte("%PDF-")):
		return lurehound.TypePDF
	case string(at(size-512, 4)) == "koly":
		return lurehound.TypeDMG
	case string(at(0x8001, 5)) == "CD001":
		return lurehound.TypeISO
	}
	return textType(head, size)
}

// compoundType tells an installer package by the class of the root storage:
// package, patch or transform of Windows Installer.
func compoundType(head []byte, at func(int64, int) []byte) lurehound.FileType {
	shift := binary.LittleEndian.Uint16(head[30:])
	if shift != 9 && shift != 12 {
		return lurehound.TypeCFB
	}
	root := at((int64(binary.LittleEndian.Uint32(head[48:]))+1)<<shift, 128)
	if len(root) == 128 {
		class := root[80:96]
		if (class[0] == 0x84 || class[0] == 0x86 || class[0] == 0x82) &&
			string(class[1:]) == "\x10\x0c\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46" {
			return lurehound.TypeMSI
		}
	}
	return lurehound.TypeCFB
}

// textType tells what reads as text.
func textType(head []byte, size int64) lurehound.FileType {
	s, ok := asText(head, int64(len(head)) == size)
	if !ok {
		return lurehound.TypeUnknown
	}
	low := strings.ToLower(strings.TrimSpace(s))
	switch {
	case isKey(s):
		return lurehound.TypeKey
	case isHTML(low):
		return lurehound.TypeHTML
	case isScript(low):
		return lurehound.TypeScript
	}
	return lurehound.TypeText
}

// asText decodes UTF-8, and UTF-16 by its mark or by its zeros. One byte in
// fifty may be what no text has; NUL may be none.
func asText(b []byte, whole bool) (string, bool) {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return decode16(b[2:], binary.LittleEndian), true
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return decode16(b[2:], binary.BigEndian), true
	case len(b) >= 8 && b[1] == 0 && b[3] == 0 && b[5] == 0 && b[7] == 0 && b[0] >= ' ' && b[2] != 0 && b[4] != 0 && b[6] != 0:
		s := decode16(b, binary.LittleEndian)
		return s, !strings.ContainsRune(s, 0)
	}
	if bytes.IndexByte(b, 0) >= 0 {
		return "", false
	}
	odd := 0
	for i := 0; i < len(b); {
		c, n := utf8.DecodeRune(b[i:])
		// The last letter may be cut where the head ends.
		cut := !whole && len(b)-i < utf8.UTFMax
		if c == utf8.RuneError && n == 1 && !cut || c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b {
			odd++
		}
		i += n
	}
	return string(b), odd*50 <= len(b)
}

func decode16(b []byte, order binary.ByteOrder) string {
	u := make([]uint16, len(b)/2)
	for i := range u {
		u[i] = order.Uint16(b[2*i:])
	}
	return string(utf16.Decode(u))
}

func isKey(s string) bool {
	if strings.HasPrefix(s, "PuTTY-User-Key-File-") || strings.HasPrefix(s, "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----") {
		return true
	}
	i := strings.Index(s, "-----BEGIN ")
	if i < 0 {
		return false
	}
	line, _, _ := strings.Cut(s[i:], "\n")
	return strings.Contains(line, "PRIVATE KEY-----")
}

func isHTML(low string) bool {
	for strings.HasPrefix(low, "<!--") || strings.HasPrefix(low, "<?xml") {
		_, rest, ok := strings.Cut(low, ">")
		if !ok {
			return false
		}
		low = strings.TrimSpace(rest)
	}
	for _, p := range []string{"<!doctype html", "<html", "<head", "<body", "<title", "<script", "<iframe", "<meta", "<hta:application"} {
		if strings.HasPrefix(low, p) {
			return true
		}
	}
	return false
}

// isScript looks for a beginning that only scripts have, or for two different
// words of one script language.
func isScript(low string) bool {
	for _, p := range []string{"#!", "@echo", "echo off", "<job", "<package", "<scriptlet", "#@~^", "on error resume next", "option explicit", "[cmdletbinding", "param("} {
		if strings.HasPrefix(low, p) {
			return true
		}
	}
	for _, words := range [][]string{
		{"%~dp0", "setlocal", "goto :eof", "errorlevel", "\nrem ", "start /b", "start \"\"", "timeout /t", "> nul", ">nul", "%temp%", "%appdata%", "xcopy ", "taskkill ", "schtasks "},
		{"new-object ", "invoke-", "write-host", "-executionpolicy", "$env:", "start-process", "get-item", "set-item", "out-file", "[convert]::", "iex ", "iex(", "-encodedcommand", "downloadstring", "$null"},
		{"createobject(", "wscript.", "end sub", "end function", "\ndim ", "execute(", "chr("},
		{"activexobject", "wscript.", "function(", "function ", "eval(", "var ", "const ", "let ", "require(", "string.fromcharcode", "=> {", "unescape("},
	} {
		n := 0
		for _, w := range words {
			if strings.Contains(low, w) {
				n++
			}
		}
		// JavaScript's words are those of many texts: one more is asked for.
		if n >= 3 || n == 2 && words[0] != "activexobject" {
			return true
		}
	}
	return false
}
