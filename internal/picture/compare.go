package picture

import (
	"image"
	"image/draw"
	"slices"

	xdraw "golang.org/x/image/draw"
)

// block is the side of what is marked or not, in pixels.
const block = 16

// maxSide is how much of a picture is compared: higher ones are cut off, wider ones are scaled.
const maxSide = 2400

// Differences are where two pictures differ, in pixels of each.
type Differences struct {
	Share float64 // [0,1] of both pictures' area that is marked
	Left  []Mark  // from top to bottom
	Right []Mark
}

// Mark is a rectangle that differs.
type Mark struct {
	Area image.Rectangle
	Only bool // there is nothing like it on the other side; else it is there and looks different
}

// Compare finds where two pictures of pages differ. What one page has moved down or up is looked for where it went.
func Compare(left, right image.Image) Differences {
	l, r := opaque(left), opaque(right)
	width := min(l.Rect.Dx(), r.Rect.Dx(), maxSide)
	if width == 0 || l.Rect.Dy() == 0 || r.Rect.Dy() == 0 {
		return Differences{Share: 1}
	}
	l, r = toWidth(l, width), toWidth(r, width)
	partners := align(greyOf(l), greyOf(r))
	paired(partners, r.Rect.Dy())
	back := make([]int, r.Rect.Dy())
	for i := range back {
		back[i] = none
	}
	for i, j := range partners {
		if j != none {
			back[j] = i
		}
	}
	a, b := field(l, r, partners), field(r, l, back)
	d := Differences{Left: a.marks(), Right: b.marks()}
	d.Share = float64(a.marked()+b.marked()) / float64(len(a.cells)+len(b.cells))
	d.Left, d.Right = scaled(d.Left, left.Bounds(), width), scaled(d.Right, right.Bounds(), width)
	return d
}

func toWidth(m *image.RGBA, width int) *image.RGBA {
	if m.Rect.Dx() != width {
		n := image.NewRGBA(image.Rect(0, 0, width, max(1, m.Rect.Dy()*width/m.Rect.Dx())))
		xdraw.ApproxBiLinear.Scale(n, n.Rect, m, m.Rect, draw.Src, nil)
		m = n
	}
	if m.Rect.Dy() > maxSide {
		m = m.SubImage(image.Rect(0, 0, width, maxSide)).(*image.RGBA)
	}
	return m
}

// The kinds of blocks.
const (
	same uint8 = iota
	changed
	only
)

type blocks struct {
	w, h   int
	bounds image.Rectangle
	cells  []uint8
}

const (
	nearColour = 60 // in the sum of three colours: what smoothing of letters and recompression do
	fewPixels  = 10 // of 256 in a block
)

// field judges each block of m against its partners in o. Rows without a partner count where something is on them: an added stretch
// of the page's background is no difference that anybody sees.
func field(m, o *image.RGBA, partners []int) blocks {
	b := blocks{w: (m.Rect.Dx() + block - 1) / block, h: (m.Rect.Dy() + block - 1) / block, bounds: m.Rect}
	b.cells = make([]uint8, b.w*b.h)
	ground := background(m)
	differ, alone := make([]int, len(b.cells)), make([]int, len(b.cells))
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride : y*m.Stride+m.Rect.Dx()*4]
		line := y / block * b.w
		if partners[y] == none {
			for x := range m.Rect.Dx() {
				if colourApart(row[x*4:x*4+3], ground[:]) > nearColour/2 {
					alone[line+x/block]++
				}
			}
			continue
		}
		others := around(o, partners[y])
		for x := range m.Rect.Dx() {
			if apartFromAll(row[x*4:x*4+3], others, x) {
				differ[line+x/block]++
			}
		}
	}
	for i := range b.cells {
		switch {
		case differ[i]+alone[i] <= fewPixels:
		case alone[i] >= differ[i]:
			b.cells[i] = only
		default:
			b.cells[i] = changed
		}
	}
	return b
}

// around are a row and its neighbours: lines of text sit a pixel higher or lower after something above has changed.
func around(m *image.RGBA, y int) (rows [3][]uint8) {
	for i := range rows {
		at := min(max(y+i-1, 0), m.Rect.Dy()-1)
		rows[i] = m.Pix[at*m.Stride : at*m.Stride+m.Rect.Dx()*4]
	}
	return rows
}

func apartFromAll(pixel []uint8, rows [3][]uint8, x int) bool {
	for _, i := range [...]int{1, 0, 2} {
		if colourApart(pixel, rows[i][x*4:x*4+3]) <= nearColour {
			return false
		}
	}
	return true
}

// background is the colour of most rows that have one colour.
func background(m *image.RGBA) (most [3]uint8) {
	count := map[[3]uint8]int{}
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride : y*m.Stride+m.Rect.Dx()*4]
		if !flat(row) {
			continue
		}
		c := [3]uint8(row[:3])
		if count[c]++; count[c] > count[most] {
			most = c
		}
	}
	return most
}

// flat reports whether a row of pixels has one colour.
func flat(row []uint8) bool {
	for x := 4; x < len(row); x += 4 {
		if colourApart(row[:3], row[x:x+3]) > nearColour/2 {
			return false
		}
	}
	return true
}

func colourApart(a, b []uint8) int {
	sum := 0
	for i := range 3 {
		d := int(a[i]) - int(b[i])
		sum += max(d, -d)
	}
	return sum
}

func (b blocks) marked() int {
	n := 0
	for _, c := range b.cells {
		if c != same {
			n++
		}
	}
	return n
}

// near is how many blocks may lie between two that are marked together: words of a line, lines of a paragraph.
const near = 2

// marks joins marked blocks that are near to each other to rectangles, and rectangles that meet.
func (b blocks) marks() []Mark {
	var list []Mark
	seen := make([]bool, len(b.cells))
	for i, c := range b.cells {
		if c == same || seen[i] {
			continue
		}
		m := Mark{Only: c == only}
		todo := []int{i}
		seen[i] = true
		for len(todo) > 0 {
			at := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			x, y := at%b.w, at/b.w
			m.Area = m.Area.Union(image.Rect(x, y, x+1, y+1))
			for ny := max(0, y-near); ny <= min(b.h-1, y+near); ny++ {
				for nx := max(0, x-near); nx <= min(b.w-1, x+near); nx++ {
					if n := ny*b.w + nx; !seen[n] && b.cells[n] == c {
						seen[n] = true
						todo = append(todo, n)
					}
				}
			}
		}
		list = append(list, m)
	}
	list = joined(list)
	for i := range list {
		a := list[i].Area
		list[i].Area = image.Rect(a.Min.X*block, a.Min.Y*block, a.Max.X*block, a.Max.Y*block).Intersect(b.bounds)
	}
	return list
}

// joined makes one of rectangles of a kind that overlap, until none do.
func joined(list []Mark) []Mark {
	for again := true; again; {
		again = false
		for i := 0; i < len(list); i++ {
			for j := i + 1; j < len(list); j++ {
				if list[i].Only == list[j].Only && list[i].Area.Overlaps(list[j].Area) {
					list[i].Area = list[i].Area.Union(list[j].Area)
					list = slices.Delete(list, j, j+1)
					j--
					again = true
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b Mark) int {
		return (a.Area.Min.Y-b.Area.Min.Y)*maxSide*4 + a.Area.Min.X - b.Area.Min.X
	})
	return list
}

// scaled brings rectangles back to the picture that was compared at another width.
func scaled(list []Mark, bounds image.Rectangle, width int) []Mark {
	full := bounds.Dx()
	for i, m := range list {
		a := m.Area
		list[i].Area = image.Rect(a.Min.X*full/width, a.Min.Y*full/width, (a.Max.X*full+width-1)/width, (a.Max.Y*full+width-1)/width).Intersect(
			image.Rectangle{Max: bounds.Size()})
	}
	return list
}
