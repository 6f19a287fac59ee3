package payload

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"lurehound"
)

// A signature of a kind that is not verified is there, and is said to be unverified.
func TestSignaturesOfArchives(t *testing.T) {
	named := func(names ...string) []byte {
		return zipOf(t, func(w *zip.Writer) {
			for _, n := range names {
				f, _ := w.Create(n)
				f.Write([]byte("content"))
			}
		})
	}
	// The block of an Android package stands before the directory, and moves it.
	plain := named("AndroidManifest.xml", "classes.dex")
	dir := bytes.Index(plain, []byte(zipEntrySig))
	const block = "\x20\x00\x00\x00\x00\x00\x00\x00values..\x20\x00\x00\x00\x00\x00\x00\x00APK Sig Block 42"
	apk := append(append(bytes.Clone(plain[:dir]), block...), plain[dir:]...)
	end := bytes.Index(apk, []byte(zipEndSig))
	binary.LittleEndian.PutUint32(apk[end+16:], uint32(dir+len(block)))

	signedCab := func(at, n uint32) []byte {
		b := make([]byte, 200)
		copy(b, "MSCF")
		binary.LittleEndian.PutUint16(b[30:], 4)
		binary.LittleEndian.PutUint16(b[36:], 20)
		binary.LittleEndian.PutUint32(b[44:], at)
		binary.LittleEndian.PutUint32(b[48:], n)
		return b
	}
	for _, c := range []struct {
		name    string
		b       []byte
		digest  lurehound.DigestState
		problem string
	}{
		{"plain", named("a.txt"), lurehound.DigestNone, ""},
		{"certificate elsewhere", named("a/META-INF/X.RSA"), lurehound.DigestNone, ""},
		{"jar", named("META-INF/MANIFEST.MF", "META-INF/CERT.RSA"), lurehound.DigestUnverified, "Java"},
		{"appx", named("AppxBlockMap.xml", "AppxSignature.p7x"), lurehound.DigestUnverified, "Windows store"},
		{"apk", apk, lurehound.DigestUnverified, "Android"},
		{"apk unsigned", plain, lurehound.DigestNone, ""},
		{"cab, outside", signedCab(150, 1<<30), lurehound.DigestUnverified, "cannot be"},
		{"cab, in its header", signedCab(10, 20), lurehound.DigestUnverified, "cannot be"},
		{"cab, nothing signed", signedCab(0, 0), lurehound.DigestNone, ""},
		{"cab, no DER", signedCab(100, 50), lurehound.DigestUnverified, "no DER"},
	} {
		s := triageBytes(t, c.b, "").Signature
		if s.Digest != c.digest || s.Present != (c.digest != lurehound.DigestNone) || !strings.Contains(s.Problem, c.problem) {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}
