package browser

import (
	"crypto/sha256"
	"encoding/hex"
	"image"
	"slices"

	"lurehound"
	"lurehound/internal/picture"
)

const maxRefused = 20 // that facts name

// Facts are what there is to keep of a look that found something, and the picture that they are about: the browser's, written
// anew. It fails on a picture that cannot be read, which then is nobody's evidence.
func (l Look) Facts() (*lurehound.ScreenshotFacts, []byte, error) {
	img, err := picture.Read(l.PNG)
	if err != nil {
		return nil, nil, err
	}
	png, err := picture.Encode(img)
	if err != nil {
		return nil, nil, err
	}
	sum := sha256.Sum256(png)
	f := &lurehound.ScreenshotFacts{
		Profile: l.Profile, Engine: l.Engine, Start: l.Start, URL: l.URL, Title: l.Title, Width: img.Rect.Dx(), Height: img.Rect.Dy(),
		Picture: lurehound.Artifact{SHA256: hex.EncodeToString(sum[:]), Size: int64(len(png))}, Denied: l.Denied, Problems: slices.Clone(l.Problems),
	}
	if p, d, ok := picture.Hashes(img.SubImage(image.Rect(0, 0, l.screen.X, l.screen.Y))); ok {
		f.PHash, f.DHash = p.String(), d.String()
	} else {
		f.Problems = append(f.Problems, "the first screen is of one colour")
		slices.Sort(f.Problems)
	}
	for _, r := range l.Refused[:min(len(l.Refused), maxRefused)] {
		f.Refused = append(f.Refused, r.To+": "+r.Why)
	}
	return f, png, nil
}
