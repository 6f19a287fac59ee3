package payload

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
)

// Caps of the import tables, as python3-pefile has them, so that the hash is
// the same on files that meet them.
const (
	peLibraries  = 2048
	peImports    = 0x2000
	peImportName = 0x200
)

// imphash is the MD5 of the imported names in their order, as FireEye defined
// it in 2014 and pefile computes it; "" when nothing is imported.
func (l *peLayout) imphash() string {
	d := l.dirs[dirImport]
	if d.rva == 0 {
		return ""
	}
	var names []string
	left := peImports
	for i := range uint32(peLibraries) {
		desc, err := l.at(d.rva+20*i, 20)
		if err != nil || len(desc) < 20 {
			l.importProblem("the table of imports", err)
			break
		}
		if bytes.Equal(desc, make([]byte, 20)) {
			break
		}
		thunks, err := l.thunks(binary.LittleEndian.Uint32(desc), &left)
		if len(thunks) == 0 {
			thunks, err = l.thunks(binary.LittleEndian.Uint32(desc[16:]), &left)
		}
		if err != nil {
			l.importProblem("an import table", err)
		}
		lib, err := l.name(binary.LittleEndian.Uint32(desc[12:]))
		if err != nil {
			l.importProblem("the name of a library", err)
			continue
		}
		if strings.IndexFunc(lib, notInFileName) >= 0 {
			lib = "*invalid*"
		}
		names = l.imported(names, strings.ToLower(lib), thunks)
	}
	if len(names) == 0 {
		return ""
	}
	if left <= 0 {
		l.problem("more than %d imports: the imphash is over the first", peImports)
	}
	sum := md5.Sum([]byte(strings.Join(names, ",")))
	return hex.EncodeToString(sum[:])
}

func (l *peLayout) importProblem(what string, err error) {
	switch {
	case err == nil:
		l.problem("%s is cut", what)
	case errors.Is(err, ErrNotRead):
		l.problem("the imports were not read: there is no imphash, or one of a part")
	default:
		l.problem("%s could not be read: %v", what, err)
	}
}

// imported appends what one library is asked for.
func (l *peLayout) imported(names []string, lib string, thunks []uint64) []string {
	base := lib
	if i := strings.LastIndexByte(lib, '.'); i >= 0 {
		switch lib[i+1:] {
		case "ocx", "sys", "dll":
			base = lib[:i]
		}
	}
	for _, t := range thunks {
		if l.isOrdinal(t) {
			names = append(names, base+"."+ordinalName(lib, uint16(t)))
			continue
		}
		name, err := l.name(uint32(t&0x7fffffff) + 2)
		if err != nil {
			l.importProblem("the name of an import", err)
			continue
		}
		if strings.IndexFunc(name, notInSymbol) >= 0 {
			name = "*invalid*"
		}
		if name != "" {
			names = append(names, base+"."+strings.ToLower(name))
		}
	}
	return names
}

func (l *peLayout) isOrdinal(t uint64) bool {
	if l.wide {
		return t>>63 == 1
	}
	return t>>31 == 1
}

// thunks reads one table of imports up to its zero.
func (l *peLayout) thunks(rva uint32, left *int) ([]uint64, error) {
	if rva == 0 {
		return nil, nil
	}
	size := int64(4)
	if l.wide {
		size = 8
	}
	var out []uint64
	for block := []byte(nil); *left > 0; *left-- {
		if int64(len(block)) < size {
			b, err := l.at(rva, 64*size)
			if err != nil || int64(len(b)) < size {
				return out, err
			}
			block = b
			rva += uint32(len(b) / int(size) * int(size))
		}
		var t uint64
		if l.wide {
			t = binary.LittleEndian.Uint64(block)
		} else {
			t = uint64(binary.LittleEndian.Uint32(block))
		}
		block = block[size:]
		if t == 0 {
			return out, nil
		}
		out = append(out, t)
	}
	return out, nil
}

// name reads a string that ends with NUL.
func (l *peLayout) name(rva uint32) (string, error) {
	b, err := l.at(rva, peImportName)
	if err != nil {
		return "", err
	}
	return string(cut(b)), nil
}

// The characters that pefile takes for names; others make a name invalid.
func notInFileName(r rune) bool {
	return !isLetterOrDigit(r) && !strings.ContainsRune(`!#$%&'()-@^_{}~+,.;=[]\/`+"`", r)
}

func notInSymbol(r rune) bool {
	return !isLetterOrDigit(r) && !strings.ContainsRune("!\"#$%&'()*+,-./:<>?[\\]^_`{|}~@", r)
}

func isLetterOrDigit(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// ordinalName is the name of what two libraries are often asked for by number.
func ordinalName(lib string, n uint16) string {
	table := ""
	switch lib {
	case "ws2_32.dll", "wsock32.dll":
		table = ordinalsOfWinsock
	case "oleaut32.dll":
		table = ordinalsOfOLE
	}
	key := " " + strconv.Itoa(int(n)) + "="
	if _, rest, ok := strings.Cut(table, key); ok {
		name, _, _ := strings.Cut(rest, " ")
		return name
	}
	return "ord" + strconv.Itoa(int(n))
}
