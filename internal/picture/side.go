package picture

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"
	"time"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Panel is one page of a picture of two.
type Panel struct {
	Image   image.Image
	Host    string // defanged by the caller
	Profile string // as whom it was looked at
	At      time.Time
}

// The layout, in pixels.
const (
	panelWidth  = 940
	panelHeight = 1300 // what is below is cut off, and that is said
	margin      = 30
	between     = 40
	headHeight  = 112
	footHeight  = 74
)

var (
	paper   = color.RGBA{0xf3, 0xf4, 0xf6, 0xff}
	ink     = color.RGBA{0x11, 0x18, 0x27, 0xff}
	soft    = color.RGBA{0x4b, 0x55, 0x63, 0xff}
	edge    = color.RGBA{0xc4, 0xc9, 0xd1, 0xff}
	genuine = color.RGBA{0x04, 0x6c, 0x4e, 0xff}
	clone   = color.RGBA{0xb4, 0x23, 0x18, 0xff}
	// Told apart by who does not see red and green, too (Okabe and Ito's palette).
	colourChanged = color.RGBA{0xe6, 0x9f, 0x00, 0xff}
	colourOnly    = color.RGBA{0x00, 0x72, 0xb2, 0xff}
)

// SideBySide draws the genuine page on the left and the other on the right, with what differs marked on both, and the differences.
func SideBySide(left, right Panel) (*image.RGBA, Differences, error) {
	pens, err := newPens()
	if err != nil {
		return nil, Differences{}, err
	}
	d := Compare(left.Image, right.Image)
	l, lcut := fit(left.Image)
	r, rcut := fit(right.Image)
	height := max(l.Rect.Dy(), r.Rect.Dy())
	sheet := image.NewRGBA(image.Rect(0, 0, 2*margin+2*panelWidth+between, headHeight+height+footHeight))
	draw.Draw(sheet, sheet.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	pens.panel(sheet, margin, "Genuine", genuine, left, l, lcut, d.Left)
	pens.panel(sheet, margin+panelWidth+between, "Look-alike", clone, right, r, rcut, d.Right)
	pens.legend(sheet, headHeight+height+footHeight/2, d)
	return sheet, d, nil
}

// fit scales a picture to the width of a panel; cut when not all of it is there.
func fit(img image.Image) (m *image.RGBA, cut bool) {
	src := opaque(img)
	w, h := src.Rect.Dx(), src.Rect.Dy()
	if w == 0 || h == 0 {
		return image.NewRGBA(image.Rect(0, 0, panelWidth, 1)), false
	}
	if most := panelHeight * w / panelWidth; h > most {
		h, cut = max(most, 1), true
	}
	m = image.NewRGBA(image.Rect(0, 0, panelWidth, max(1, h*panelWidth/w)))
	xdraw.CatmullRom.Scale(m, m.Rect, src, image.Rect(0, 0, w, h), draw.Src, nil)
	return m, cut
}

// pens are the fonts.
type pens struct{ large, bold, small font.Face }

func newPens() (pens, error) {
	var p pens
	for _, f := range []struct {
		face *font.Face
		ttf  []byte
		size float64
	}{{&p.large, gobold.TTF, 26}, {&p.bold, gobold.TTF, 17}, {&p.small, goregular.TTF, 17}} {
		parsed, err := opentype.Parse(f.ttf)
		if err != nil {
			return pens{}, fmt.Errorf("reading a font: %w", err)
		}
		if *f.face, err = opentype.NewFace(parsed, &opentype.FaceOptions{Size: f.size, DPI: 72, Hinting: font.HintingFull}); err != nil {
			return pens{}, fmt.Errorf("reading a font: %w", err)
		}
	}
	return p, nil
}

// write puts text on the sheet, cut off with dots where it would be wider than that, and gives where it ends.
func write(m *image.RGBA, face font.Face, c color.Color, x, y, most int, text string) int {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '?'
		}
		return r
	}, text)
	if font.MeasureString(face, text).Ceil() > most {
		letters := []rune(text)
		for len(letters) > 0 && font.MeasureString(face, string(letters)+"…").Ceil() > most {
			letters = letters[:len(letters)-1]
		}
		text = string(letters) + "…"
	}
	d := font.Drawer{Dst: m, Src: image.NewUniform(c), Face: face, Dot: fixed.P(x, y)}
	d.DrawString(text)
	return d.Dot.X.Ceil()
}

func (p pens) panel(sheet *image.RGBA, x int, title string, c color.RGBA, of Panel, page *image.RGBA, cut bool, marks []Mark) {
	fill(sheet, image.Rect(x, 24, x+panelWidth, 30), c)
	end := write(sheet, p.large, c, x, 64, panelWidth, title)
	write(sheet, p.large, ink, end+16, 64, x+panelWidth-end-16, of.Host)
	said := of.At.UTC().Format("2006-01-02 15:04 MST") + ", as " + of.Profile
	if cut {
		said += " (the lower part is not shown)"
	}
	write(sheet, p.small, soft, x, 94, panelWidth, said)
	area := page.Rect.Add(image.Pt(x, headHeight))
	frame(sheet, area.Inset(-1), 1, edge)
	draw.Draw(sheet, area, page, image.Point{}, draw.Src)
	scale := float64(panelWidth) / float64(max(1, of.Image.Bounds().Dx()))
	for _, m := range marks {
		a := image.Rect(int(float64(m.Area.Min.X)*scale), int(float64(m.Area.Min.Y)*scale), int(float64(m.Area.Max.X)*scale+1), int(float64(m.Area.Max.Y)*scale+1))
		a = a.Add(area.Min).Inset(-4).Intersect(area) // so that no letter is under the line
		if a.Empty() {
			continue
		}
		c := colourOf(m)
		tint := image.NewUniform(color.NRGBA{c.R, c.G, c.B, 0x26})
		draw.Draw(sheet, a, tint, image.Point{}, draw.Over)
		frame(sheet, a, 3, c)
	}
}

func colourOf(m Mark) color.RGBA {
	if m.Only {
		return colourOnly
	}
	return colourChanged
}

func (p pens) legend(sheet *image.RGBA, y int, d Differences) {
	x := margin
	for _, e := range []struct {
		c    color.RGBA
		text string
	}{{colourChanged, "looks different"}, {colourOnly, "on this side only"}} {
		box := image.Rect(x, y-8, x+22, y+8)
		fill(sheet, box, paper)
		draw.Draw(sheet, box, image.NewUniform(color.NRGBA{e.c.R, e.c.G, e.c.B, 0x26}), image.Point{}, draw.Over)
		frame(sheet, box, 3, e.c)
		x = write(sheet, p.small, ink, x+32, y+6, 400, e.text) + 32
	}
	text := d.String()
	write(sheet, p.bold, ink, sheet.Rect.Dx()-margin-font.MeasureString(p.bold, text).Ceil(), y+6, panelWidth+between, text)
}

// String says how much differs. A small difference is never said to be none.
func (d Differences) String() string {
	switch {
	case d.Share == 0:
		return "The two pictures do not differ."
	case d.Share < 0.01:
		return "Less than 1 % of the two pictures differs."
	case d.Share > 0.99:
		return "All of the two pictures differs."
	}
	return fmt.Sprintf("%.0f %% of the two pictures differs.", d.Share*100)
}

func fill(m *image.RGBA, r image.Rectangle, c color.RGBA) {
	draw.Draw(m, r, image.NewUniform(c), image.Point{}, draw.Src)
}

// frame draws the edge of a rectangle, that thick, on its inside.
func frame(m *image.RGBA, r image.Rectangle, thick int, c color.RGBA) {
	for _, side := range []image.Rectangle{
		{r.Min, image.Pt(r.Max.X, r.Min.Y+thick)}, {image.Pt(r.Min.X, r.Max.Y-thick), r.Max},
		{r.Min, image.Pt(r.Min.X+thick, r.Max.Y)}, {image.Pt(r.Max.X-thick, r.Min.Y), r.Max},
	} {
		fill(m, side.Intersect(r), c)
	}
}
