package payload

import (
	"crypto"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"lurehound"
)

// cabReserved is the area that a signed cabinet has behind its header: 16 bytes that no digest covers, which say where
// the signature is, and four more. Found by signing cabinets; no specification of it is public.
const (
	cabReservedAt = 36
	cabCoveredAt  = 56
	cabHeaderEnd  = 60
	mostSignature = 4 << 20 // bytes
)

// cabSignature judges the signature that a cabinet carries behind its folders.
func cabSignature(f file, roots Roots) lurehound.SignatureFacts {
	s := lurehound.SignatureFacts{Digest: lurehound.DigestNone}
	h := make([]byte, cabHeaderEnd)
	if _, err := f.r.ReadAt(h, 0); err != nil || binary.LittleEndian.Uint16(h[30:])&4 == 0 || binary.LittleEndian.Uint16(h[cabReservedAt:]) != 20 {
		return s
	}
	at, n := int64(binary.LittleEndian.Uint32(h[44:])), int64(binary.LittleEndian.Uint32(h[48:]))
	if at == 0 || n == 0 {
		return s
	}
	bad := func(why string) lurehound.SignatureFacts {
		return lurehound.SignatureFacts{Present: true, Digest: lurehound.DigestUnverified, Problem: why}
	}
	if f.whole > 0 {
		return bad(ErrNotRead.Error())
	}
	if at < cabHeaderEnd || at+n > f.size || n > mostSignature {
		return bad("the signature is said to be where it cannot be")
	}
	der := make([]byte, n)
	if _, err := f.r.ReadAt(der, at); err != nil && !errors.Is(err, io.EOF) {
		return bad(fmt.Sprintf("reading the signature: %v", err))
	}
	s = verifySigned(der, func(algorithm crypto.Hash) ([]byte, error) {
		if !algorithm.Available() {
			return nil, errors.New("an unknown hash")
		}
		// Left out are the checksum that nobody fills in, the cabinet's number, and the area's first 16 bytes.
		sum := algorithm.New()
		sum.Write(h[:4])
		sum.Write(h[8:34])
		if _, err := io.Copy(sum, io.NewSectionReader(f.r, cabCoveredAt, at-cabCoveredAt)); err != nil {
			return nil, err
		}
		return sum.Sum(nil), nil
	}, roots)
	s.Unsigned += f.size - at - n
	return s
}

// zipSignature says of what kind a zip's signature is: of an Android package, of a package of the Windows store, or
// of Java. None of them is verified, and a signature that was not verified is not an absent one.
func zipSignature(f file, limit int) lurehound.SignatureFacts {
	unverified := func(kind string) lurehound.SignatureFacts {
		return lurehound.SignatureFacts{Present: true, Digest: lurehound.DigestUnverified, Problem: "signatures of " + kind + " are not verified"}
	}
	s := lurehound.SignatureFacts{Digest: lurehound.DigestNone}
	d, err := findZip(f.r, f.size)
	if err != nil {
		return s
	}
	var mark [16]byte
	if _, err := f.r.ReadAt(mark[:], d.at-int64(len(mark))); err == nil && string(mark[:]) == "APK Sig Block 42" {
		return unverified("Android packages")
	}
	zipEntries(f.r, d, limit, func(e *zipEntry) error {
		dir, name := path.Split(strings.ToUpper(e.name))
		switch ext := path.Ext(name); {
		case e.name == "AppxSignature.p7x":
			s = unverified("packages of the Windows store")
			return io.EOF
		case dir == "META-INF/" && (ext == ".RSA" || ext == ".DSA" || ext == ".EC"):
			s = unverified("Java archives")
			return io.EOF
		}
		return nil
	})
	return s
}
