package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"pgregory.net/rapid"
)

// sheet is a page as no hand draws two alike: a bar, headings, text, boxes.
func sheet(t testing.TB, seed uint64, w, h int) *image.RGBA {
	t.Helper()
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 18, DPI: 72})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(seed, 1))
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src)
	some := func() color.RGBA { return color.RGBA{uint8(r.IntN(200)), uint8(r.IntN(200)), uint8(r.IntN(200)), 255} }
	fill(m, image.Rect(0, 0, w, 60+r.IntN(60)), some())
	for y := 140; y < h-200; {
		switch r.IntN(3) {
		case 0:
			x, tall := r.IntN(w/2), 80+r.IntN(200)
			fill(m, image.Rect(x, y, x+w/4+r.IntN(w/4), y+tall), some())
			y += tall + 30
		default:
			for range 2 + r.IntN(5) {
				var b strings.Builder
				for range 6 + r.IntN(8) {
					for range 2 + r.IntN(8) {
						b.WriteByte(byte('a' + r.IntN(26)))
					}
					b.WriteByte(' ')
				}
				write(m, face, some(), 40, y, w-80, b.String())
				y += 26
			}
			y += 30
		}
	}
	return m
}

// recompressed is what a JPEG of that quality leaves.
func recompressed(t *testing.T, m image.Image, quality int) image.Image {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	out, err := jpeg.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func rescaled(m image.Image, w, h int) image.Image {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	xdraw.CatmullRom.Scale(out, out.Rect, m, m.Bounds(), draw.Src, nil)
	return out
}

func withBanner(m *image.RGBA, height int) *image.RGBA {
	out := image.NewRGBA(m.Rect)
	fill(out, image.Rect(0, 0, m.Rect.Dx(), height), color.RGBA{0xff, 0xe0, 0x60, 0xff})
	draw.Draw(out, image.Rect(0, height, m.Rect.Dx(), m.Rect.Dy()), m, image.Point{}, draw.Src)
	return out
}

// TestHashes: the same page stays within a few bits, others are far; a banner, which moves all the rest, lies between.
func TestHashes(t *testing.T) {
	pages := 8
	if testing.Short() {
		pages = 3
	}
	var originals, banners, between []int
	var all []Hash
	for seed := range uint64(pages) {
		m := sheet(t, seed, 960, 600)
		p, d, ok := Hashes(m)
		if !ok {
			t.Fatal("a page is of one colour")
		}
		for name, changed := range map[string]image.Image{
			"half": rescaled(m, 480, 300), "odd size": rescaled(m, 833, 517), "jpeg 60": recompressed(t, m, 60), "jpeg 25": recompressed(t, m, 25),
		} {
			cp, cd, _ := Hashes(changed)
			originals = append(originals, p.Distance(cp), d.Distance(cd))
			if p.Distance(cp) > 6 || d.Distance(cd) > 8 {
				t.Errorf("page %d, %s: %d and %d bits away, want at most 6 and 8", seed, name, p.Distance(cp), d.Distance(cd))
			}
		}
		cp, _, _ := Hashes(withBanner(m, 18))
		banners = append(banners, p.Distance(cp))
		for _, o := range all {
			between = append(between, p.Distance(o))
		}
		all = append(all, p)
	}
	for _, l := range [][]int{originals, banners, between} {
		slices.Sort(l)
	}
	t.Logf("bits apart, least, median, most: changed %d %d %d, with a banner %d %d %d, unrelated %d %d %d", originals[0], originals[len(originals)/2], originals[len(originals)-1],
		banners[0], banners[pages/2], banners[pages-1], between[0], between[len(between)/2], between[len(between)-1])
	if m := banners[pages/2]; m > 10 {
		t.Errorf("half of the pages with a banner are %d bits away or more", m)
	}
	if between[0] <= 10 || between[len(between)/2] < 24 {
		t.Errorf("unrelated pages are %d to %d bits away", between[0], between[len(between)-1])
	}
}

func TestHashesOfNothing(t *testing.T) {
	for _, m := range []image.Image{image.NewRGBA(image.Rect(0, 0, 0, 0)), image.NewRGBA(image.Rect(0, 0, 300, 200)), image.NewUniform(color.White)} {
		if u, ok := m.(*image.Uniform); ok {
			white := image.NewRGBA(image.Rect(0, 0, 1, 1))
			draw.Draw(white, white.Rect, u, image.Point{}, draw.Src)
			m = white
		}
		if _, _, ok := Hashes(m); ok {
			t.Errorf("%v: a picture of one colour has a hash", m.Bounds())
		}
	}
}

func TestHashIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := Hash(rapid.Uint64().Draw(t, "hash"))
		back, err := ParseHash(h.String())
		if err != nil || back != h || h.Distance(back) != 0 || h.Distance(^h) != 64 {
			t.Fatalf("%s: %s, %v", h, back, err)
		}
	})
	for _, s := range []string{"", "1", "zzzzzzzzzzzzzzzz", "00000000000000000", "+000000000000000"} {
		if _, err := ParseHash(s); err == nil {
			t.Errorf("%q was read", s)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	good, err := Encode(sheet(t, 1, 200, 500))
	if err != nil {
		t.Fatal(err)
	}
	if m, err := Read(good); err != nil || m.Rect.Dy() != 500 {
		t.Fatalf("%v, %v", m.Rect, err)
	}
	huge := bytes.Clone(good)
	copy(huge[16:], []byte{0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0}) // 100,000 × 100,000
	for name, b := range map[string][]byte{"nothing": nil, "half": good[:len(good)/2], "huge": huge, "text": []byte("<svg>")} {
		if _, err := Read(b); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	good, err := Encode(sheet(f, 1, 64, 400))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:100])
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Read(b)
		if err != nil {
			return
		}
		if m.Rect.Dx()*m.Rect.Dy() > 1<<20 {
			return // these cost time and show nothing more
		}
		Hashes(m)
		Compare(m, sheetless)
	})
}

var sheetless = image.NewRGBA(image.Rect(0, 0, 40, 90))

func TestCompareSame(t *testing.T) {
	m := sheet(t, 3, 800, 800)
	if d := Compare(m, m); d.Share != 0 || len(d.Left)+len(d.Right) != 0 {
		t.Errorf("a picture differs from itself: %+v", d)
	}
	if d := Compare(m, recompressed(t, m, 90)); d.Share > 0.02 {
		t.Errorf("a picture differs from its recompressed self: %v", d)
	}
}

// TestCompareShift adds a banner: below it all is moved, and only the banner may be marked.
func TestCompareShift(t *testing.T) {
	for _, height := range []int{37, 150} {
		m := sheet(t, 4, 800, 800)
		d := Compare(m, withText(t, withBanner(m, height), image.Rect(40, 4, 760, height-4)))
		for _, r := range d.Right {
			if r.Area.Max.Y > height+2*block {
				t.Errorf("banner of %d: %v on the right is marked", height, r)
			}
		}
		for _, l := range d.Left { // what was pushed out at the end is there only
			if l.Area.Min.Y < 800-height-2*block {
				t.Errorf("banner of %d: %v on the left is marked", height, l)
			}
		}
		if len(d.Right) == 0 || !d.Right[0].Only {
			t.Errorf("banner of %d is not marked as one: %v", height, d.Right)
		}
	}
}

func withText(t testing.TB, m *image.RGBA, area image.Rectangle) *image.RGBA {
	pens, err := newPens()
	if err != nil {
		t.Fatal(err)
	}
	for y := area.Min.Y + 20; y <= area.Max.Y; y += 24 {
		write(m, pens.bold, ink, area.Min.X, y, area.Dx(), "Download the new version here before it is gone")
	}
	return m
}

// TestCompareChange replaces one box: that is marked on both sides, and little else.
func TestCompareChange(t *testing.T) {
	m := sheet(t, 5, 1000, 600)
	changed := image.NewRGBA(m.Rect)
	copy(changed.Pix, m.Pix)
	box := image.Rect(700, 400, 900, 480)
	fill(changed, box, color.RGBA{200, 0, 0, 255})
	d := Compare(m, changed)
	if len(d.Left) != 1 || len(d.Right) != 1 || d.Left[0].Area != d.Right[0].Area || !box.In(d.Left[0].Area) || !d.Left[0].Area.In(box.Inset(-block)) {
		t.Errorf("%v and %v, want about %v on both sides", d.Left, d.Right, box)
	}
}

func TestCompareUnrelated(t *testing.T) {
	if d := Compare(sheet(t, 6, 800, 600), sheet(t, 7, 800, 700)); d.Share < 0.1 {
		t.Errorf("unrelated pages: %v", d)
	}
}

// TestCompareAnything: whatever the sizes, marks lie within their picture, and nothing fails.
func TestCompareAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		side := func(name string) *image.RGBA {
			m := image.NewRGBA(image.Rect(0, 0, rapid.IntRange(0, 90).Draw(t, name+" width"), rapid.IntRange(0, 120).Draw(t, name+" height")))
			r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, name), 2))
			for i := range m.Pix {
				m.Pix[i] = uint8(r.IntN(256))
			}
			return m
		}
		a, b := side("left"), side("right")
		d := Compare(a, b)
		for _, m := range d.Left {
			if m.Area.Empty() || !m.Area.In(a.Rect) {
				t.Fatalf("%v in %v", m, a.Rect)
			}
		}
		for _, m := range d.Right {
			if m.Area.Empty() || !m.Area.In(b.Rect) {
				t.Fatalf("%v in %v", m, b.Rect)
			}
		}
		if d.Share < 0 || d.Share > 1 {
			t.Fatal(d.Share)
		}
	})
}

func TestSideBySide(t *testing.T) {
	m := sheet(t, 8, 640, 400)
	at := time.Date(2024, 7, 15, 9, 0, 0, 0, time.UTC)
	panel := func(m image.Image, host string) Panel {
		return Panel{Image: m, Host: host, Profile: "chrome-windows/en-US/search", At: at}
	}
	one, d, err := SideBySide(panel(m, "vendor[.]example"), panel(withBanner(m, 60), strings.Repeat("long", 100)+"\x1b[31m[.]example"))
	if err != nil {
		t.Fatal(err)
	}
	if d.Share == 0 {
		t.Error("the banner is no difference")
	}
	again, _, _ := SideBySide(panel(m, "vendor[.]example"), panel(withBanner(m, 60), strings.Repeat("long", 100)+"\x1b[31m[.]example"))
	if !bytes.Equal(one.Pix, again.Pix) {
		t.Error("the same two pictures give two")
	}
	for _, p := range []Panel{panel(image.NewRGBA(image.Rect(0, 0, 0, 0)), ""), panel(image.NewRGBA(image.Rect(0, 0, 1, 900)), "a")} {
		if _, _, err := SideBySide(p, panel(m, "b")); err != nil {
			t.Error(err)
		}
	}
}

func TestSharesAreSaid(t *testing.T) {
	for share, want := range map[float64]string{0: "do not differ", 0.004: "Less than 1 %", 0.234: "23 %", 1: "All"} {
		if got := (Differences{Share: share}).String(); !strings.Contains(got, want) {
			t.Errorf("%v: %q", share, got)
		}
	}
}

func BenchmarkHashes(b *testing.B) {
	m := sheet(b, 9, 1280, 800)
	b.ReportAllocs()
	for b.Loop() {
		Hashes(m)
	}
}

func BenchmarkCompare(b *testing.B) {
	m := sheet(b, 9, 1280, 1600)
	o := withBanner(m, 50)
	b.ReportAllocs()
	for b.Loop() {
		Compare(m, o)
	}
}
