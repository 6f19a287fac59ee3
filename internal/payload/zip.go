package payload

import (
	"io"

	"lurehound"
)

func zipType(r io.ReaderAt, size int64) lurehound.FileType { return lurehound.TypeZip }
