package picture

// Which rows of two pictures belong together. Clones put a banner on top or drop a section: everything below is shifted, and is the same all
// the same. This is the alignment of two sequences with affine gaps (Gotoh 1982), the letters being rows.

// strip is how many pixels of a row are averaged before rows are compared.
const strip = 32

// What a row without a partner costs, and the first of several, in the units of apart: two are cheaper than a line of text beside nothing.
const (
	gapOpens = 240
	gapGoes  = 8
)

// none is the partner of a row that has none.
const none = -1

// align gives for each row of a its partner in b, or none. Partners are in order.
func align(a, b grey) []int {
	ra, rb := strips(a), strips(b)
	partner := make([]int, a.h)
	const big = 1 << 30
	// Which of the three states (both rows, only a's, only b's) the best way to here came from, two bits each.
	from := make([]uint8, (a.h+1)*(b.h+1))
	both, onlyA, onlyB := make([]int, b.h+1), make([]int, b.h+1), make([]int, b.h+1)
	for j := range both {
		both[j], onlyA[j], onlyB[j] = big, big, gapOpens+j*gapGoes
		if j > 1 {
			from[j] = 2 << 4
		}
	}
	both[0], onlyB[0] = 0, big
	width := min(a.w, b.w)/strip + 1
	for i := 1; i <= a.h; i++ {
		diagonal := [3]int{both[0], onlyA[0], onlyB[0]}
		both[0], onlyA[0], onlyB[0] = big, gapOpens+i*gapGoes, big
		if i > 1 {
			from[i*(b.h+1)] = 1 << 2
		}
		rowA := ra[(i-1)*width:]
		for j := 1; j <= b.h; j++ {
			above := [3]int{both[j], onlyA[j], onlyB[j]}
			left := [3]int{both[j-1], onlyA[j-1], onlyB[j-1]}
			m, fm := least(diagonal[0], diagonal[1], diagonal[2])
			x, fx := least(above[0]+gapOpens, above[1], above[2]+gapOpens)
			y, fy := least(left[0]+gapOpens, left[1]+gapOpens, left[2])
			both[j] = m + apart(rowA[:width], rb[(j-1)*width:j*width])
			onlyA[j], onlyB[j] = x+gapGoes, y+gapGoes
			from[i*(b.h+1)+j] = fm | fx<<2 | fy<<4
			diagonal = above
		}
	}
	_, state := least(both[b.h], onlyA[b.h], onlyB[b.h])
	for i, j := a.h, b.h; i > 0; {
		came := from[i*(b.h+1)+j]
		switch {
		case j == 0 || state == 1:
			partner[i-1] = none
			state = came >> 2 & 3
			i--
		case state == 0:
			partner[i-1] = j - 1
			state = came & 3
			i--
			j--
		default:
			state = came >> 4 & 3
			j--
		}
	}
	return partner
}

func least(a, b, c int) (int, uint8) {
	switch {
	case a <= b && a <= c:
		return a, 0
	case b <= c:
		return b, 1
	}
	return c, 2
}

// strips averages each row in pieces; both pictures are as wide.
func strips(g grey) []uint8 {
	n := g.w/strip + 1
	out := make([]uint8, g.h*n)
	for y := range g.h {
		line := g.p[y*g.w : (y+1)*g.w]
		for s := range n {
			piece := line[min(s*strip, len(line)):min((s+1)*strip, len(line))]
			sum := 0
			for _, p := range piece {
				sum += int(p)
			}
			if len(piece) > 0 {
				out[y*n+s] = uint8(sum / len(piece))
			}
		}
	}
	return out
}

// apart is how different two rows are: what each piece differs in brightness, up to a limit, all together. What smoothing and
// recompression do is not seen.
func apart(a, b []uint8) int {
	sum := 0
	for i, p := range a {
		d := int(p) - int(b[i])
		if d < 0 {
			d = -d
		}
		if d > 3 {
			sum += min(d, 48)
		}
	}
	return min(sum/3, 192)
}

// paired makes partners of rows that have none where both pictures have such between the same neighbours: there something was
// changed, not added.
func paired(partners []int, other int) {
	next := 0 // row of the other picture
	for i := 0; i < len(partners); {
		if partners[i] != none {
			next = partners[i] + 1
			i++
			continue
		}
		end := i
		for end < len(partners) && partners[end] == none {
			end++
		}
		until := other
		if end < len(partners) {
			until = partners[end]
		}
		for k := range min(end-i, until-next) {
			partners[i+k] = next + k
		}
		i = end
	}
}
