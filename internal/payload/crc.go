package payload

import (
	"hash/crc32"
	"strconv"
)

// crcOf reads a CRC-32 as 7z prints it; nil when there is none.
func crcOf(s string) *uint32 {
	n, err := strconv.ParseUint(s, 16, 32)
	if err != nil {
		return nil
	}
	v := uint32(n)
	return &v
}

func crcUpdate(sum uint32, p []byte) uint32 { return crc32.Update(sum, crc32.IEEETable, p) }
