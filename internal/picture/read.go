package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
)

// maxPixels is how large a picture may say it is before it is decoded: 80 MB of memory.
const maxPixels = 20_000_000

// Read decodes a PNG, at most 20 million pixels. Whatever else was in the file is not in what Encode makes of it.
func Read(b []byte) (*image.RGBA, error) {
	size, err := png.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("reading a picture: %w", err)
	}
	if size.Width <= 0 || size.Height <= 0 || size.Height > maxPixels/size.Width {
		return nil, fmt.Errorf("reading a picture: %d × %d pixels are too many", size.Width, size.Height)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("reading a picture: %w", err)
	}
	return opaque(img), nil
}

// opaque gives the pixels on white, from (0, 0) on.
func opaque(img image.Image) *image.RGBA {
	if m, ok := img.(*image.RGBA); ok && m.Rect.Min == (image.Point{}) && m.Opaque() {
		return m
	}
	m := image.NewRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(m, m.Rect, img, img.Bounds().Min, draw.Over)
	return m
}

// Encode makes a PNG, always the same bytes of the same pixels.
func Encode(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("writing a picture: %w", err)
	}
	return b.Bytes(), nil
}
