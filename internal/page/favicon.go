package page

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"

	"github.com/twmb/murmur3"
)

// mimeLine is the line length of base64 in MIME (RFC 2045, section 6.8).
const mimeLine = 76

// FaviconHashes names an icon by the SHA-256 of its bytes (hex) and by the
// number under which scanners index icons: MurmurHash3 x86 32, seed 0, of the
// MIME base64 form, where every line of 76 and the last one end in a newline.
func FaviconHashes(b []byte) (sha string, murmur int32) {
	sum := sha256.Sum256(b)
	enc := base64.StdEncoding.EncodeToString(b)
	lined := make([]byte, 0, len(enc)+len(enc)/mimeLine+1)
	for len(enc) > 0 {
		n := min(len(enc), mimeLine)
		lined = append(append(lined, enc[:n]...), '\n')
		enc = enc[n:]
	}
	return hex.EncodeToString(sum[:]), int32(murmur3.Sum32(lined))
}
