package picture

import (
	"fmt"
	"image"
	"math"
	"math/bits"
	"slices"
	"strconv"
)

// Hash is a perceptual hash: pictures that look alike have hashes of which few bits differ.
type Hash uint64

func (h Hash) String() string { return fmt.Sprintf("%016x", uint64(h)) }

// ParseHash reads what String writes.
func ParseHash(s string) (Hash, error) {
	n, err := strconv.ParseUint(s, 16, 64)
	if err != nil || len(s) != 16 {
		return 0, fmt.Errorf("%.40q is no perceptual hash of 16 hex digits", s)
	}
	return Hash(n), nil
}

// Distance is in how many of 64 bits two hashes differ. Unrelated pictures are about 32 apart, a
// page of the same look scaled or recompressed at most 6, one with a banner on top mostly up to 10.
func (h Hash) Distance(o Hash) int { return bits.OnesCount64(uint64(h ^ o)) }

// pside is the side to which a picture is brought before its frequencies are taken, of which the lowest 8 × 8 are kept (Zauner 2010,
// "Implementation and Benchmarking of Perceptual Image Hash Functions", section 3.2.1).
const pside = 32

// steady is by how much a cell has to be brighter: on a page most cells are alike, and noise would decide.
const steady = 2

// Hashes are the pHash (signs of the lowest frequencies against their median) and the dHash (whether it gets clearly brighter to the right, in 8 rows
// of 9 cells). ok is false for a picture of nearly one colour: all such would be alike.
func Hashes(img image.Image) (phash, dhash Hash, ok bool) {
	g := greyOf(opaque(img))
	if g.w == 0 || g.h == 0 {
		return 0, 0, false
	}
	small := g.shrink(pside, pside)
	if deviation(small) < 1 {
		return 0, 0, false
	}
	low := lowFrequencies(small)
	sorted := slices.Clone(low[1:]) // without the mean of all
	slices.Sort(sorted)
	median := sorted[len(sorted)/2]
	for i, f := range low {
		if f > median {
			phash |= 1 << (63 - i)
		}
	}
	cells := g.shrink(9, 8)
	for y := range 8 {
		for x := range 8 {
			if cells[y*9+x+1] > cells[y*9+x]+steady {
				dhash |= 1 << (63 - (y*8 + x))
			}
		}
	}
	return phash, dhash, true
}

func deviation(v []float64) float64 {
	var sum, squares float64
	for _, f := range v {
		sum += f
		squares += f * f
	}
	n := float64(len(v))
	return math.Sqrt(max(0, squares/n-sum/n*sum/n))
}

// lowFrequencies are the first 8 × 8 coefficients of the DCT-II of a square.
func lowFrequencies(square []float64) []float64 {
	var wave [8][pside]float64
	for k := range wave {
		for x := range pside {
			wave[k][x] = math.Cos(math.Pi * float64(k) * (2*float64(x) + 1) / (2 * pside))
		}
	}
	var rows [pside][8]float64
	for y := range rows {
		for k := range 8 {
			for x, f := range square[y*pside : (y+1)*pside] {
				rows[y][k] += f * wave[k][x]
			}
		}
	}
	low := make([]float64, 64)
	for v := range 8 {
		for u := range 8 {
			for y := range rows {
				low[v*8+u] += rows[y][u] * wave[v][y]
			}
		}
	}
	return low
}

// grey is the brightness of each pixel.
type grey struct {
	w, h int
	p    []uint8
}

// greyOf weighs colours as the eye does (ITU-R BT.601).
func greyOf(m *image.RGBA) grey {
	g := grey{m.Rect.Dx(), m.Rect.Dy(), make([]uint8, m.Rect.Dx()*m.Rect.Dy())}
	for y := range g.h {
		row := m.Pix[y*m.Stride:]
		for x := range g.w {
			p := row[x*4 : x*4+3 : x*4+3]
			g.p[y*g.w+x] = uint8((299*int(p[0]) + 587*int(p[1]) + 114*int(p[2]) + 500) / 1000)
		}
	}
	return g
}

// shrink averages over areas, so that no detail decides a cell by chance.
func (g grey) shrink(w, h int) []float64 {
	columns, rows := shares(g.w, w), shares(g.h, h)
	narrow := make([]float64, g.h*w)
	for y := range g.h {
		line := g.p[y*g.w : (y+1)*g.w]
		for x, c := range columns {
			narrow[y*w+x] = c.mean(func(i int) float64 { return float64(line[i]) })
		}
	}
	out := make([]float64, w*h)
	for y, r := range rows {
		for x := range w {
			out[y*w+x] = r.mean(func(i int) float64 { return narrow[i*w+x] })
		}
	}
	return out
}

// share is a stretch of pixels, of which the first and the last may belong to it in part.
type share struct {
	from, to    int // to is beyond the last
	first, last float64
}

func shares(n, parts int) []share {
	list := make([]share, parts)
	for i := range list {
		lo, hi := float64(i)*float64(n)/float64(parts), float64(i+1)*float64(n)/float64(parts)
		from := min(int(lo), n-1)
		to := max(min(int(math.Ceil(hi)), n), from+1)
		list[i] = share{from, to, 1 - (lo - float64(from)), 1 - (float64(to) - hi)}
	}
	return list
}

func (s share) mean(at func(int) float64) float64 {
	if s.to-s.from == 1 {
		return at(s.from)
	}
	sum, weight := at(s.from)*s.first+at(s.to-1)*s.last, s.first+s.last
	for i := s.from + 1; i < s.to-1; i++ {
		sum += at(i)
		weight++
	}
	return sum / weight
}
