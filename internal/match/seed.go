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

	// gate has, by the hashed code of three characters, the lengths of the seeds
	// that begin with them: bit q for seeds of q. It is asked at every position of every name.
	gate  []uint8
	shift uint
}

// gateLength is how many characters the gate is asked for; seeds that are
// shorter stand in it with all that may follow.
const gateLength = 3

// add files form[at:to] by its first characters.
func (t *seedTable) add(form int32, s string, at, to int) {
	q := min(to-at, maxSeed)
	if q < 1 {
		return
	}
	t.entries[q] = append(t.entries[q], entry[seed]{t.codeOf([]byte(s[at : at+q])), seed{form, uint8(at)}})
}

func (t *seedTable) codeOf(s []byte) (code uint64) {
	for _, c := range s {
		code = code<<6 | uint64(t.code[c&127])
	}
	return code
}

// build is called once, after the last add.
func (t *seedTable) build() {
	keys := 0
	for q, e := range t.entries {
		keys += len(e) << (6 * max(gateLength-q, 0))
	}
	// Sixteen places for each key while it fits into the first-level cache, and
	// never more than there are codes.
	size := uint(10)
	for 1<<size < 16*keys && size < 6*gateLength {
		size++
	}
	t.gate, t.shift = make([]uint8, 1<<size), 64-size
	for q, e := range t.entries {
		for _, x := range e {
			if q >= gateLength {
				t.gate[t.place(x.key>>(6*(q-gateLength)))] |= 1 << q
				continue
			}
			free := 6 * (gateLength - q)
			for rest := range uint64(1) << free {
				t.gate[t.place(x.key<<free|rest)] |= 1 << q
			}
		}
		t.seeds[q] = newTable(e)
		t.entries[q] = nil
	}
}

func (t *seedTable) place(code uint64) uint64 { return code * golden >> (t.shift & 63) }

// scan calls found for every place where a seed stands in text and begins
// before position end; at is where.
func (t *seedTable) scan(text []byte, end int, found func(s seed, at int)) {
	var code uint64 // of the last gateLength characters, 0 beyond the text
	for i := range end + gateLength - 1 {
		code = code << 6 & (1<<(6*gateLength) - 1)
		if i < len(text) {
			code |= uint64(t.code[text[i]&127])
		}
		lengths := t.gate[t.place(code)]
		if lengths == 0 || i < gateLength-1 {
			continue
		}
		at := i - (gateLength - 1)
		for q := 1; q <= maxSeed && at+q <= len(text); q++ {
			if lengths&(1<<q) == 0 {
				continue
			}
			for _, s := range t.seeds[q].get(t.codeOf(text[at : at+q])) {
				found(s, at)
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
