package payload

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"unicode/utf16"
)

// Caps of the small tables.
const (
	peResources    = 1024     // entries of one level that are looked at
	peVersionSize  = 64 << 10 // bytes of a version resource
	peVersionPairs = 64
	peDebugEntries = 16
	peText         = 1024 // bytes of one string that is repeated
	peRichEnd      = 4096 // where a rich header may end at the latest
)

// richHash is the MD5 of the decoded rich header, which Microsoft's linker
// writes between the DOS program and the PE header; "" when there is none.
func (l *peLayout) richHash() string {
	b, err := l.bytes(0x80, max(0, min(peRichEnd, l.checksum-64-0x80)))
	if err != nil {
		return ""
	}
	end := bytes.Index(b, []byte("Rich"))
	if end < 16 || end%4 != 0 || end+8 > len(b) {
		return ""
	}
	key := b[end+4 : end+8]
	clear := make([]byte, end)
	for i := range clear {
		clear[i] = b[i] ^ key[i%4]
	}
	if string(clear[:4]) != "DanS" || !bytes.Equal(clear[4:16], make([]byte, 12)) {
		return ""
	}
	sum := md5.Sum(clear)
	return hex.EncodeToString(sum[:])
}

// pdb is the path of the debug file that the linker left, from the first
// CodeView entry.
func (l *peLayout) pdb() string {
	d := l.dirs[dirDebug]
	if d.rva == 0 {
		return ""
	}
	table, err := l.at(d.rva, int64(min(d.size, 28*peDebugEntries)))
	if err != nil {
		l.factProblem("the debug directory", err)
		return ""
	}
	for ; len(table) >= 28; table = table[28:] {
		if binary.LittleEndian.Uint32(table[12:]) != 2 {
			continue
		}
		n, at := int64(binary.LittleEndian.Uint32(table[16:])), int64(binary.LittleEndian.Uint32(table[24:]))
		b, err := l.bytes(at, max(0, min(n, peText+24, l.size-at)))
		if err != nil {
			l.factProblem("the path of the debug file", err)
			continue
		}
		switch {
		case len(b) > 24 && string(b[:4]) == "RSDS":
			return text(cut(b[24:]))
		case len(b) > 16 && string(b[:4]) == "NB10":
			return text(cut(b[16:]))
		}
	}
	return ""
}

func (l *peLayout) factProblem(what string, err error) {
	if errors.Is(err, ErrNotRead) {
		l.problem("%s was not read", what)
		return
	}
	l.problem("%s could not be read: %v", what, err)
}

// version is the StringFileInfo of the first version resource.
func (l *peLayout) version() map[string]string {
	d := l.dirs[dirResource]
	if d.rva == 0 {
		return nil
	}
	entry, err := l.resource(d.rva)
	if err != nil {
		l.factProblem("the resources", err)
		return nil
	}
	if entry == nil {
		return nil
	}
	size := min(int64(binary.LittleEndian.Uint32(entry[4:])), peVersionSize)
	b, err := l.at(binary.LittleEndian.Uint32(entry), size)
	if err != nil {
		l.factProblem("the version resource", err)
		return nil
	}
	out := map[string]string{}
	versionStrings(b, 0, out)
	if len(out) == 0 {
		return nil
	}
	return out
}

// resource goes down the three levels (type, name, language) to the first
// version resource; nil when there is none.
func (l *peLayout) resource(root uint32) ([]byte, error) {
	const typeVersion, isDirectory = 16, 1 << 31
	next := uint32(0)
	for level := range 3 {
		head, err := l.at(root+next, 16)
		if err != nil {
			return nil, err
		}
		if len(head) < 16 {
			return nil, errors.New("a directory is cut")
		}
		n := int64(binary.LittleEndian.Uint16(head[12:])) + int64(binary.LittleEndian.Uint16(head[14:]))
		list, err := l.at(root+next+16, 8*min(n, peResources))
		if err != nil {
			return nil, err
		}
		found := false
		for ; len(list) >= 8 && !found; list = list[8:] {
			if level > 0 || binary.LittleEndian.Uint32(list) == typeVersion {
				next, found = binary.LittleEndian.Uint32(list[4:]), true
			}
		}
		if !found {
			return nil, nil
		}
		if level < 2 && next&isDirectory == 0 {
			return nil, errors.New("a version resource without a language")
		}
		next &^= isDirectory
	}
	entry, err := l.at(root+next, 16)
	if err == nil && len(entry) < 16 {
		err = errors.New("an entry is cut")
	}
	return entry, err
}

// versionStrings walks one block of a VS_VERSIONINFO: length, length of its value,
// type, key, value, children. Depth 3 holds the strings.
func versionStrings(b []byte, depth int, out map[string]string) {
	for len(b) >= 6 && len(out) < peVersionPairs {
		n := int(binary.LittleEndian.Uint16(b))
		if n < 6 || n > len(b) {
			return
		}
		block := b[:n]
		valueLen := int(binary.LittleEndian.Uint16(block[2:]))
		key, rest := wideText(block[6:])
		at := (n - len(rest) + 3) &^ 3
		at = min(at, n)
		switch {
		case depth == 3:
			v, _ := wideText(block[at:])
			if key != "" {
				out[key] = strings.TrimSpace(v)
			}
		case depth == 0:
			versionStrings(block[min(n, (at+valueLen+3)&^3):], 1, out)
			return
		case depth == 1 && key != "StringFileInfo":
		default:
			versionStrings(block[at:], depth+1, out)
		}
		b = b[min(len(b), (n+3)&^3):]
	}
}

// wideText reads UTF-16LE up to its NUL, and returns what follows.
func wideText(b []byte) (string, []byte) {
	var u []uint16
	for len(b) >= 2 {
		c := binary.LittleEndian.Uint16(b)
		b = b[2:]
		if c == 0 {
			break
		}
		if len(u) < peText/2 {
			u = append(u, c)
		}
	}
	return string(utf16.Decode(u)), b
}

// text is bytes of a file as valid UTF-8, bounded.
func text(b []byte) string {
	return strings.ToValidUTF8(string(b[:min(len(b), peText)]), "\uFFFD")
}
