package match

// Words inside a name are found by seeds: short pieces of a form that must stand
// in the text as they are. A form that has to be there exactly has one seed, its
// beginning. A form that may have d edits is cut into d+1 blocks: d edits cannot
// touch them all, so one of them stands there unharmed.

// maxSeed is how many characters of a seed are looked up. Six bits for each make
// codes of at most 30 bits.
const maxSeed = 5

type seed struct {
	form int32
	at   uint8 // where in the form the seed begins
}

// seedTable files seeds by length and code.
type seedTable struct {
	code    *[128]uint32
	entries [maxSeed + 1][]entry[seed] // until built
	seeds   [maxSeed + 1]table[seed]
	lengths []int // that seeds have, rising
}

// add files form[at:to] by its first characters.
func (t *seedTable) add(form int32, s string, at, to int) {
	q := min(to-at, maxSeed)
	if q < 1 {
		return
	}
	var code uint64
	for i := at; i < at+q; i++ {
		code = code<<6 | uint64(t.code[s[i]])
	}
	t.entries[q] = append(t.entries[q], entry[seed]{code, seed{form, uint8(at)}})
}

// build is called once, after the last add.
func (t *seedTable) build() {
	for q, e := range t.entries {
		if len(e) > 0 {
			t.seeds[q] = newTable(e)
			t.lengths = append(t.lengths, q)
			t.entries[q] = nil
		}
	}
}

// scan calls found for every place where a seed stands in text and begins
// before position end; at is where.
func (t *seedTable) scan(text []byte, end int, found func(s seed, at int)) {
	for _, q := range t.lengths {
		seeds := &t.seeds[q]
		bits, shift := seeds.bits, seeds.shift&63
		mask := uint64(1)<<(6*q) - 1
		var code uint64
		for i, c := range text[:min(len(text), end+q-1)] {
			code = (code<<6 | uint64(t.code[c&127])) & mask
			b := code * golden >> shift
			if bits[b>>6]&(1<<(b&63)) == 0 || i+1 < q {
				continue
			}
			for _, s := range seeds.get(code) {
				found(s, i+1-q)
			}
		}
	}
}

// reach is the most edits that extend looks for, and the width of its band.
const reach = 3

// extend finds the beginning of text (or, with back, its end) that form is
// nearest to: how many edits, at most most, and how much of text it takes. A swap of neighbours
// is one edit. It reports false when there is none.
func extend(form string, text []byte, most int, back bool) (edits, taken int, ok bool) {
	if most == 0 {
		return extendExact(form, text, back)
	}
	f := func(i int) byte {
		if back {
			return form[len(form)-1-i]
		}
		return form[i]
	}
	t := func(i int) byte {
		if back {
			return text[len(text)-1-i]
		}
		return text[i]
	}
	const width = 2*reach + 1
	const far = reach + 1
	var rows [3][width]uint8 // row i, column j-i+reach
	row := func(i int) *[width]uint8 { return &rows[i%3] }
	for k := range width {
		if j := k - reach; j >= 0 {
			row(0)[k] = uint8(min(j, far))
		} else {
			row(0)[k] = far
		}
	}
	for i := 1; i <= len(form); i++ {
		r, up, best := row(i), row(i-1), uint8(far)
		var twoUp *[width]uint8
		if i > 1 {
			twoUp = row(i - 2)
		}
		var cur [width]uint8
		for k := range width {
			j := i + k - reach
			v := uint8(far)
			switch {
			case j == 0:
				v = uint8(min(i, far))
			case j > 0 && j <= len(text):
				cost := uint8(1)
				if f(i-1) == t(j-1) {
					cost = 0
				}
				v = up[k] + cost
				if k > 0 {
					v = min(v, cur[k-1]+1)
				}
				if k < width-1 {
					v = min(v, up[k+1]+1)
				}
				if twoUp != nil && j > 1 && f(i-1) == t(j-2) && f(i-2) == t(j-1) {
					v = min(v, twoUp[k]+1)
				}
			}
			cur[k] = min(v, far)
			best = min(best, cur[k])
		}
		*r = cur
		if int(best) > most {
			return 0, 0, false
		}
	}
	last := row(len(form))
	edits = most + 1
	for k := range width {
		j := len(form) + k - reach
		if j < 0 || j > len(text) {
			continue
		}
		e := int(last[k])
		if e < edits || e == edits && abs(j-len(form)) < abs(taken-len(form)) {
			edits, taken = e, j
		}
	}
	return edits, taken, edits <= most
}

func extendExact(form string, text []byte, back bool) (edits, taken int, ok bool) {
	n := len(form)
	if n > len(text) {
		return 0, 0, false
	}
	piece := text[:n]
	if back {
		piece = text[len(text)-n:]
	}
	return 0, n, string(piece) == form
}

func abs(n int) int { return max(n, -n) }
