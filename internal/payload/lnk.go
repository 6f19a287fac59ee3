package payload

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// Shell links, as Microsoft's [MS-SHLLINK] describes them. What an item of the
// target's list holds is in no specification of Microsoft's; its places are
// those of the libfwsi project's documentation.
const (
	maxLNK       = 2 << 20 // bytes that are read: five strings and any honest block fit
	maxLNKBlocks = 64
	maxLNKItems  = 256
	hiddenBlanks = 32 // blanks before arguments that only push them out of sight
)

// The flags of the header that say what follows it.
const (
	lnkHasIDList = 1 << iota
	lnkHasInfo
	lnkHasName
	lnkHasRelative
	lnkHasDirectory
	lnkHasArguments
	lnkHasIcon
	lnkUnicode
	lnkNoInfo
	lnkHasEnvironment
)

// shortcut is what a shell link says.
type shortcut struct {
	items       string // the target by the list of items: what Windows follows first
	path        string // the target by the link information
	environment string // the target with variables, which Windows prefers when the flags name it
	name        string
	relative    string
	directory   string
	arguments   string
	argumentsAt int64
	icon        string
	machine     string // NetBIOS name of the computer that made it
	flags       uint32
	end         int64
	problems    []string
}

// readLNK adds what the shortcut of size bytes behind r names: its target and
// places, the command that a click runs, the computer that made it.
func readLNK(r io.ReaderAt, size int64, acc *found) (problems []string) {
	b := make([]byte, max(0, min(size, maxLNK)))
	n, err := r.ReadAt(b, 0)
	b = b[:n]
	if err != nil && err != io.EOF {
		problems = append(problems, fmt.Sprintf("reading the shortcut: %v", err))
	}
	s := parseLNK(b)
	problems = append(problems, s.problems...)
	if rest := size - s.end; s.end > 0 && rest > 0 {
		problems = append(problems, fmt.Sprintf("%d bytes follow the end of the shortcut", rest))
	}
	for _, text := range []string{s.items, s.path, s.environment, s.name, s.relative, s.directory, s.icon} {
		acc.decoded(text, 0, false, 0)
	}
	if s.machine != "" {
		acc.add("machine", s.machine, 0, false)
	}
	if line := s.command(); line != "" {
		before := acc.tried["command"]
		acc.decoded(line, s.argumentsAt, s.flags&lnkUnicode != 0, 0)
		if acc.tried["command"] == before { // no known program: it is a command all the same
			acc.add("command", line, s.argumentsAt, s.flags&lnkUnicode != 0)
		}
	}
	return problems
}

// target is the program that a click runs, as Windows would look for it.
func (s *shortcut) target() string {
	if s.flags&lnkHasEnvironment != 0 && s.environment != "" {
		return s.environment
	}
	for _, t := range []string{s.items, s.path, s.environment, s.relative} {
		if t != "" {
			return t
		}
	}
	return ""
}

// command is the line that a click runs, "" for a shortcut that only opens its target.
func (s *shortcut) command() string {
	args := strings.Join(strings.FieldsFunc(s.arguments, func(c rune) bool { return c < ' ' }), " ")
	if args = strings.TrimSpace(args); args == "" {
		return ""
	}
	t := s.target()
	if strings.Contains(t, " ") {
		t = `"` + t + `"`
	}
	return strings.TrimSpace(t + " " + args)
}

func (s *shortcut) say(format string, a ...any) {
	s.problems = append(s.problems, fmt.Sprintf(format, a...))
}

// parseLNK reads as much as is there.
func parseLNK(b []byte) *shortcut {
	s := &shortcut{}
	if len(b) < 0x4c || binary.LittleEndian.Uint32(b) != 0x4c {
		s.say("the shortcut has no whole header")
		return s
	}
	s.flags = binary.LittleEndian.Uint32(b[20:])
	c := &cursor{b: b, at: 0x4c}
	if s.flags&lnkHasIDList != 0 {
		s.items = s.readItems(c.some(int(c.u16())))
	}
	if s.flags&lnkHasInfo != 0 && !c.short {
		size := c.peek32()
		info := c.some(size)
		if s.flags&lnkNoInfo == 0 {
			s.path = s.readInfo(info)
		}
	}
	for _, f := range []struct {
		flag uint32
		to   *string
	}{{lnkHasName, &s.name}, {lnkHasRelative, &s.relative}, {lnkHasDirectory, &s.directory}, {lnkHasArguments, &s.arguments}, {lnkHasIcon, &s.icon}} {
		if s.flags&f.flag == 0 || c.short {
			continue
		}
		if f.flag == lnkHasArguments {
			s.argumentsAt = int64(c.at) + 2
		}
		n := int(c.u16())
		if s.flags&lnkUnicode != 0 {
			*f.to = utf16Text(c.some(2 * n))
		} else {
			*f.to = ansiText(c.some(n))
		}
	}
	if !c.short {
		s.readBlocks(c)
	}
	if c.short {
		s.say("the shortcut ends before what it declares")
	} else {
		s.end = int64(c.at)
	}
	if blanks := len(s.arguments) - len(strings.TrimLeft(s.arguments, " \t\r\n\v\f")); blanks >= hiddenBlanks {
		s.say("the shortcut's arguments stand after %d blanks, where its properties do not show them", blanks)
	}
	if a, b := lastName(s.items), lastName(s.path); a != "" && b != "" && !strings.EqualFold(a, b) {
		s.say("the shortcut names two targets: %.200q and %.200q", s.items, s.path)
	}
	return s
}

func lastName(path string) string { return path[strings.LastIndexByte(path, '\\')+1:] }

// readItems joins the drive, folders and file of the target's list.
func (s *shortcut) readItems(list []byte) string {
	var parts []string
	for n := 0; len(list) >= 2; n++ {
		size := int(binary.LittleEndian.Uint16(list))
		if size == 0 {
			break
		}
		if size < 3 || size > len(list) || n >= maxLNKItems {
			s.say("the shortcut's list of items is broken after %d", n)
			break
		}
		item := list[:size]
		list = list[size:]
		switch kind := item[2]; {
		case kind&0x70 == 0x20 && size > 4: // a volume: "C:\"
			if v := strings.TrimRight(ansiText(item[3:]), `\`); len(v) == 2 && v[1] == ':' {
				parts = append(parts, v)
			}
		case kind&0x70 == 0x30 && size > 14: // a file or folder
			if name := itemName(item); name != "" {
				parts = append(parts, name)
			}
		case kind&0x70 == 0x40 && size > 5: // a place in the network: "\\server\share"
			if name := ansiText(item[5:]); strings.HasPrefix(name, `\\`) {
				parts = append(parts, name)
			}
		}
	}
	return strings.Join(parts, `\`)
}

// itemName is the long name in an item's extension 0xbeef0004, else its short one.
func itemName(item []byte) string {
	if i := bytes.Index(item, []byte{4, 0, 0xef, 0xbe}); i >= 4 {
		ext := item[i-4:]
		at := 0
		if len(ext) > 4 {
			switch v := binary.LittleEndian.Uint16(ext[2:]); {
			case v >= 9:
				at = 46
			case v == 8:
				at = 42
			case v == 7:
				at = 38
			case v >= 3:
				at = 20
			}
		}
		if at > 0 && at < len(ext) {
			if name := utf16Text(ext[at:]); name != "" {
				return name
			}
		}
	}
	if item[2]&4 != 0 {
		return utf16Text(item[14:])
	}
	return ansiText(item[14:])
}

// readInfo reads the link information: a local path, or one in the network.
func (s *shortcut) readInfo(b []byte) string {
	if len(b) < 0x1c {
		return ""
	}
	u32 := func(b []byte, at int) int {
		if at < 0 || at+4 > len(b) {
			return 0
		}
		return int(binary.LittleEndian.Uint32(b[at:]))
	}
	text := func(b []byte, at int, wide bool) string {
		if at <= 0 {
			return ""
		}
		if at >= len(b) {
			s.say("a string of the link information is said to lie outside of it")
			return ""
		}
		if wide {
			return utf16Text(b[at:])
		}
		return ansiText(b[at:])
	}
	flags, unicode := u32(b, 8), u32(b, 4) >= 0x24
	base, suffix := "", ""
	if unicode {
		suffix = text(b, u32(b, 32), true)
	}
	if suffix == "" {
		suffix = text(b, u32(b, 24), false)
	}
	if flags&1 != 0 {
		if unicode {
			base = text(b, u32(b, 28), true)
		}
		if base == "" {
			base = text(b, u32(b, 16), false)
		}
	}
	if at := u32(b, 20); base == "" && flags&2 != 0 && at > 0 && at < len(b) {
		net := b[at:]
		name := u32(net, 8)
		if name > 0x14 {
			base = text(net, u32(net, 20), true)
		}
		if base == "" {
			base = text(net, name, false)
		}
	}
	if base != "" && suffix != "" && !strings.HasSuffix(base, `\`) {
		base += `\`
	}
	return base + suffix
}

// readBlocks reads the extra data to the block that ends it.
func (s *shortcut) readBlocks(c *cursor) {
	for n := 0; ; n++ {
		if len(c.b)-c.at < 4 {
			s.say("the shortcut's extra data has no end")
			c.at = len(c.b)
			return
		}
		size := c.peek32()
		if size < 4 {
			c.some(4)
			return
		}
		if n >= maxLNKBlocks {
			s.say("more than %d blocks of extra data are not read", maxLNKBlocks)
			return
		}
		block := c.some(size)
		if c.short {
			return
		}
		if len(block) < 8 {
			s.say("a block of the shortcut's extra data is too short to have a kind")
			return
		}
		switch sig := binary.LittleEndian.Uint32(block[4:]); {
		case sig == 0xa0000001 && len(block) >= 8+260:
			s.environment = environmentBlock(block)
		case sig == 0xa0000007 && len(block) >= 8+260 && s.icon == "":
			s.icon = environmentBlock(block)
		case sig == 0xa0000003 && len(block) >= 32:
			s.machine = ansiText(block[16:32])
		}
	}
}

// environmentBlock is the UTF-16 path of a block, else the ANSI one.
func environmentBlock(block []byte) string {
	if len(block) >= 8+260+520 {
		if t := utf16Text(block[8+260 : 8+260+520]); t != "" {
			return t
		}
	}
	return ansiText(block[8 : 8+260])
}

// utf16Text decodes UTF-16LE up to its terminator, or to the end where there is none.
func utf16Text(b []byte) string {
	for i := 0; i+1 < len(b); i += 2 {
		if b[i] == 0 && b[i+1] == 0 {
			b = b[:i]
			break
		}
	}
	return decode16(b, binary.LittleEndian)
}

// ansiText decodes the code page of western Windows up to its terminator. Which
// page a shortcut was written under it does not say.
func ansiText(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	s, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(s)
}

// cursor takes pieces off b, and knows when b was too short for one.
type cursor struct {
	b     []byte
	at    int
	short bool
}

// some gives n bytes, or those that there are.
func (c *cursor) some(n int) []byte {
	if n < 0 || n > len(c.b)-c.at {
		c.short = true
		n = len(c.b) - c.at
	}
	p := c.b[c.at : c.at+n]
	c.at += n
	return p
}

func (c *cursor) u16() uint16 {
	p := c.some(2)
	if len(p) < 2 {
		return 0
	}
	return binary.LittleEndian.Uint16(p)
}

// peek32 is the next number, which its structure counts to itself.
func (c *cursor) peek32() int {
	if len(c.b)-c.at < 4 {
		c.short = true
		return 0
	}
	return int(binary.LittleEndian.Uint32(c.b[c.at:]))
}
