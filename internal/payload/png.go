package payload

import (
	"encoding/binary"
	"fmt"
)

// hugePixels is what no picture of a page or of an installer has.
const hugePixels = 100 << 20

// hugePicture says when a PNG claims more pixels than anything honest needs.
// It reads the header alone: pictures are never decoded.
func hugePicture(f file) string {
	head := readHead(f)
	if len(head) < 24 || string(head[12:16]) != "IHDR" {
		return "is a PNG without a header"
	}
	w, h := binary.BigEndian.Uint32(head[16:]), binary.BigEndian.Uint32(head[20:])
	if uint64(w)*uint64(h) <= hugePixels {
		return ""
	}
	return fmt.Sprintf("is a PNG that claims %d × %d pixels, and was not decoded", w, h)
}
