package payload

import (
	"encoding/asn1"
	"encoding/hex"
	"strings"
	"unicode/utf16"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// nameParts is how many attributes of a distinguished name are read.
const nameParts = 64

// distinguished reads a Name: its RFC 4514 string, its common name and its
// organisation. What cannot be read ends it.
func distinguished(der []byte) (full, common, organisation string) {
	in := cryptobyte.String(der)
	var rdns cryptobyte.String
	in.ReadASN1(&rdns, cbasn1.SEQUENCE)
	var parts []string
	for !rdns.Empty() && len(parts) < nameParts {
		var set cryptobyte.String
		if !rdns.ReadASN1(&set, cbasn1.SET) {
			break
		}
		var one []string
		for !set.Empty() && len(one) < nameParts {
			var pair, value cryptobyte.String
			var oid asn1.ObjectIdentifier
			var tag cbasn1.Tag
			if !set.ReadASN1(&pair, cbasn1.SEQUENCE) || !pair.ReadASN1ObjectIdentifier(&oid) || !pair.ReadAnyASN1(&value, &tag) {
				break
			}
			key, v := attributeName(oid.String()), nameValue(tag, value)
			switch {
			case key == "CN" && common == "":
				common = v
			case key == "O" && organisation == "":
				organisation = v
			}
			one = append(one, key+"="+escapeName(v))
		}
		parts = append([]string{strings.Join(one, "+")}, parts...)
	}
	return strings.Join(parts, ","), common, organisation
}

func attributeName(oid string) string {
	switch oid {
	case "2.5.4.3":
		return "CN"
	case "2.5.4.5":
		return "SERIALNUMBER"
	case "2.5.4.6":
		return "C"
	case "2.5.4.7":
		return "L"
	case "2.5.4.8":
		return "ST"
	case "2.5.4.9":
		return "STREET"
	case "2.5.4.10":
		return "O"
	case "2.5.4.11":
		return "OU"
	case "2.5.4.17":
		return "POSTALCODE"
	case "0.9.2342.19200300.100.1.25":
		return "DC"
	}
	return oid
}

func nameValue(tag cbasn1.Tag, b []byte) string {
	b = b[:min(len(b), peText)]
	switch tag {
	case 30: // BMPString
		var u []uint16
		for ; len(b) >= 2; b = b[2:] {
			u = append(u, uint16(b[0])<<8|uint16(b[1]))
		}
		return string(utf16.Decode(u))
	case cbasn1.T61String:
		var r []rune
		for _, c := range b {
			r = append(r, rune(c))
		}
		return string(r)
	case cbasn1.UTF8String, cbasn1.PrintableString, cbasn1.IA5String, 18, 26:
		return text(b)
	}
	return "#" + hex.EncodeToString(b)
}

// escapeName quotes a value as RFC 4514, 2.4 asks.
func escapeName(v string) string {
	var b strings.Builder
	for i, r := range v {
		switch {
		case strings.ContainsRune(`"+,;<>\`, r), i == 0 && (r == ' ' || r == '#'), i == len(v)-1 && r == ' ':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == 0:
			b.WriteString(`\00`)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
