package permute

import (
	"slices"
	"unicode/utf8"

	"lurehound"
	"lurehound/internal/lexicon"
)

// row is a label that the brand's may become, and how. Large budgets keep
// hundreds of thousands, so it only says where its parts are.
type row struct {
	at   uint32 // of the label in rows.text
	n    uint8  // octets of the label
	word uint8
	how  how
	slow bool  // its names must be parsed: the label is no plain one, or part of a suffix
	own  bool  // the brand has a name with this label
	i, j int32 // edits of the word
}

// how says where the edits of a row are listed.
type how uint8

const (
	asIs       how = iota
	oneSlip        // i
	oneAround      // j
	slipAround     // i and j
	twoSlips       // i and j
	twoAround      // i and j
	hows
)

// kind decides which suffixes a label is likely under.
type kind uint8

const (
	exact   kind = iota // the label or product itself
	slipped             // changed within
	worded              // with something in front or behind, changed or not
	kinds
)

func (h how) kind() kind {
	switch h {
	case asIs:
		return exact
	case oneSlip, twoSlips:
		return slipped
	}
	return worded
}

// rows are the labels of a target in rising order of cost, each once.
type rows struct {
	target  Target
	techs   []Technique
	others  []Technique // single ones that were not asked for
	model   *model
	words   []*word
	of      [kinds]levels[row]
	text    []byte // all labels
	seen    hashSet
	meet    []bool // which two techniques compose; by first and second
	slips   []bool // which techniques compose with each other in long words
	fold    []byte
	both    []lurehound.Edit // of two edits
	ways    map[int][]string // the same for all targets of the techniques
	lastWay struct {
		key   int
		names []string
	}
	suffixes *suffixes // of the last target
	desk     *desk
	spare    []*word // of earlier targets
}

// mostRoom is the most labels that room is made for before they are known.
const mostRoom = 1 << 14

// newRows prepares the labels for a budget of names; 0 is no limit.
func newRows(t Target, techs []Technique, m *model, budget int) *rows {
	r, ok := m.pool.Get().(*rows)
	if !ok { // of ten names five have a label of their own, of a dozen octets
		room := min(max(budget, 0)/2, mostRoom)
		r = &rows{desk: &desk{}, seen: *newHashSet(room), text: make([]byte, 0, 12*room)}
		r.of[worded].items = make([]row, 0, room/2)
	}
	r.target, r.model = t, m
	if !slices.EqualFunc(r.techs, techs, sameName) {
		r.setTechniques(techs)
	}
	for _, b := range m.bases(t, techs) {
		w := &word{desk: r.desk}
		if n := len(r.spare); n > 0 {
			w, r.spare = r.spare[n-1], r.spare[:n-1]
		}
		r.words = append(r.words, newWord(w, t, b, r.techs, r.others, m))
	}
	return r
}

func sameName(a, b Technique) bool { return a.Name == b.Name }

// setTechniques works out what only depends on the techniques.
func (r *rows) setTechniques(techs []Technique) {
	r.techs, r.others, r.ways, r.suffixes = techs, nil, map[int][]string{}, nil
	r.meet, r.slips = meetings(techs)
	for _, tech := range Techniques() {
		if tech.On == OnLabel && tech.single() && !slices.ContainsFunc(techs, func(t Technique) bool { return sameName(t, tech) }) {
			r.others = append(r.others, tech)
		}
	}
}

// stop gives the memory of the rows to those of the next target.
func (r *rows) stop() {
	for _, w := range r.words {
		w.stop()
	}
	const most = 1 << 20 // octets of labels: more are rarely asked for
	if len(r.text) > most {
		return
	}
	next := &rows{techs: r.techs, others: r.others, meet: r.meet, slips: r.slips, ways: r.ways, suffixes: r.suffixes, text: r.text[:0], fold: r.fold[:0], seen: r.seen, desk: r.desk, words: r.words[:0], spare: append(r.spare, r.words...)}
	next.seen.clear()
	for k := range r.of {
		next.of[k] = levels[row]{items: r.of[k].items[:0], ends: r.of[k].ends[:0]}
	}
	r.model.pool.Put(next)
}

// fill makes the labels of one more cost.
func (r *rows) fill() {
	c := r.of[exact].filled()
	for i, w := range r.words {
		left := c - w.cost
		if left < 0 {
			continue
		}
		w.fill(left + max(0, r.model.ahead-w.soonest)) // the other edit of two costs that much
		if left == max(0, r.model.hows[w.long][asIs]) {
			r.add(asIs, i, 0, 0)
		}
		for e, to := w.slips.span(left); e < to; e++ {
			r.add(oneSlip, i, e, 0)
		}
		for e, to := w.around.span(left); e < to; e++ {
			r.add(oneAround, i, 0, e)
		}
		r.pairs(i, w, left)
	}
	for k := range r.of {
		r.of[k].close()
	}
}

// longWord is the least number of letters and digits of a word in which two slips of
// any kind are made and found: a reader passes over two in "advanced-ip-scanner",
// and "micro" with two is another word.
const longWord = 12

// pairs adds the labels that two edits make for this cost together.
func (r *rows) pairs(i int, w *word, left int) {
	gain := &r.model.hows[w.long]
	slip, around := w.slips.first, w.around.first
	for c := slip; c <= left-min(gain[slipAround]+around, gain[twoSlips]+slip); c++ {
		a, end := w.slips.span(c)
		if a == end {
			continue
		}
		start, stop := w.around.span(left - gain[slipAround] - c)
		from, to := w.slips.span(left - gain[twoSlips] - c)
		for ; a < end; a++ {
			for b := start; b < stop; b++ {
				r.add(slipAround, i, a, b)
			}
			for b := max(from, a+1); b < to; b++ {
				r.add(twoSlips, i, a, b)
			}
		}
	}
	for c := around; c <= left-gain[twoAround]-around; c++ {
		a, end := w.around.span(c)
		if a == end {
			continue
		}
		from, to := w.around.span(left - gain[twoAround] - c)
		for ; a < end; a++ {
			for b := max(from, a+1); b < to; b++ {
				r.add(twoAround, i, a, b)
			}
		}
	}
}

// edits are those of the row; nil where it has fewer than two.
func (r *rows) edits(w *word, h how, i, j int32) (a, b *labelEdit) {
	switch h {
	case oneSlip:
		return &w.slips.items[i], nil
	case oneAround:
		return &w.around.items[j], nil
	case slipAround:
		return &w.slips.items[i], &w.around.items[j]
	case twoSlips:
		return &w.slips.items[i], &w.slips.items[j]
	case twoAround:
		return &w.around.items[i], &w.around.items[j]
	}
	return nil, nil
}

// add takes in the label that the edits make, when it is valid and new.
func (r *rows) add(h how, i, first, second int) {
	w := r.words[i]
	a, b := r.edits(w, h, int32(first), int32(second))
	at := len(r.text)
	switch {
	case a == nil:
		r.text = append(r.text, w.word...)
	case b == nil:
		r.text, _ = appendRewritten(r.text, w.word, a.changes, nil)
	default:
		both := r.meet[int(a.technique)*len(r.techs)+int(b.technique)]
		if !both && !r.slip(w, h, a, b) {
			return
		}
		var ok bool
		if r.text, ok = appendRewritten(r.text, w.word, a.changes, b.changes); !ok {
			r.text = r.text[:at]
			return
		}
	}
	label := r.text[at:]
	hash := hashOf(label)
	if !r.fits(w, a, b, label, hash) || !r.seen.add(hash) {
		r.text = r.text[:at]
		return
	}
	list := &r.of[h.kind()]
	list.items = append(list.items, row{at: uint32(at), n: uint8(len(label)), word: uint8(i), how: h, slow: r.slow(label, hash), own: r.own(label), i: int32(first), j: int32(second)})
}

// slip reports whether two slips meet in the word: each is one change.
func (r *rows) slip(w *word, h how, a, b *labelEdit) bool {
	return h == twoSlips && w.long == 1 && r.slips[a.technique] && r.slips[b.technique] && len(a.changes) == 1 && len(b.changes) == 1
}

// fits reports whether the label may be registered and is made of the word by no shorter way.
func (r *rows) fits(w *word, a, b *labelEdit, label []byte, hash uint64) bool {
	if a == nil {
		return len(w.names) == 0 || validLabel(label)
	}
	if !validLabel(label) || string(label) == w.word {
		return false
	}
	if b == nil {
		return true
	}
	if !leaves(w.word, a.changes, b.changes) || w.oneStep(label, hash) {
		return false
	}
	r.fold = lexicon.AppendSkeleton(r.fold[:0], string(label))
	return string(r.fold) != string(w.folded)
}

// leaves reports whether two edits leave a character of the word.
func leaves(word string, a, b []lurehound.Edit) bool {
	left := len(word)
	for _, changes := range [2][]lurehound.Edit{a, b} {
		for _, c := range changes {
			left -= len(c.From)
		}
	}
	if left > 0 {
		return true
	}
	all, ok := merge(nil, a, b)
	return ok && Edit{Label: rewrite(word, all), Changes: all}.imitates(word)
}

// slow reports whether the names of a label are to be looked at one by one.
func (r *rows) slow(label []byte, hash uint64) bool {
	if r.model.inSuffix.has(hash) || len(label) > 4 && string(label[:4]) == "xn--" {
		return true
	}
	var all byte
	for _, c := range label {
		all |= c
	}
	return all >= utf8.RuneSelf
}

func (r *rows) own(label []byte) bool {
	for i := range r.target.Own {
		if r.target.Own[i].Label() == string(label) {
			return true
		}
	}
	return false
}

// changes are those of the row's word; they may not be written.
func (r *rows) changes(x *row) []lurehound.Edit {
	w := r.words[x.word]
	switch a, b := r.edits(w, x.how, x.i, x.j); {
	case a == nil:
		return w.changes
	case b == nil:
		return a.changes
	default:
		r.both, _ = merge(r.both[:0], a.changes, b.changes)
		return r.desk.given.keep(r.both...)
	}
}

// techniques are those of the row, the base's first, that of the suffix last; -1 is none.
func (r *rows) techniques(x *row, suffix int) []string {
	w := r.words[x.word]
	first, second := -1, -1
	if a, b := r.edits(w, x.how, x.i, x.j); b != nil {
		first, second = int(a.technique), int(b.technique)
		if x.how == twoSlips && second < first {
			first, second = second, first
		}
		if first == second {
			second = -1
		}
	} else if a != nil {
		first = int(a.technique)
	}
	return r.way(w.by, first, second, suffix)
}

// way is the names of the techniques of a base, of one edit or two, and of the
// suffix; -1 is none. The same list is given to all names that were made that way.
func (r *rows) way(techs ...int) []string {
	key := 0
	for _, i := range techs {
		key = key<<8 | (i + 1)
	}
	if key == r.lastWay.key && r.lastWay.names != nil {
		return r.lastWay.names
	}
	names, ok := r.ways[key]
	if !ok {
		for _, i := range techs {
			if i >= 0 {
				names = append(names, r.techs[i].Name)
			}
		}
		names = slices.Clip(names)
		r.ways[key] = names
	}
	r.lastWay.key, r.lastWay.names = key, names
	return names
}
