package permute

import (
	"strings"

	"lurehound"
	"lurehound/internal/lexicon"
)

// word is a base with what the label techniques make of it, in rising order of
// cost. Costs in it are without that of the base itself.
type word struct {
	base
	target  Target
	model   *model
	cost    int  // of the base
	long    int  // lengthOf the word
	plain   bool // and stays a valid label with one letter more, or another
	soonest int  // no edit costs less
	techs   []Technique
	others  []Technique  // single ones that were not asked for
	listed  []listedEdit // by techniques that list theirs, in rising order of cost
	due     int          // of listed, where those begin that are not due yet
	springs []spring
	slips   levels[labelEdit] // changes within the word
	around  levels[labelEdit] // what is put in front of it or behind
	kept    []lurehound.Edit  // changes of listed edits
	singles hashSet           // what one technique that lists its edits makes: no pair is needed for these
	known   bool              // singles is filled
	begun   bool
	desk    *desk
	folded  []byte // skeleton of the word
}

// labelEdit is an edit that labels are made with.
type labelEdit struct {
	changes   []lurehound.Edit // given out, never written
	cost      int16
	technique uint8
}

// listedEdit is an edit as one of thousands, of which most are never due.
type listedEdit struct {
	at        uint32 // of its changes among those of the word
	cost      int16
	n         uint8 // changes
	technique uint8
}

// oneLetter in place of the number of changes says that at is no place among them, but the edit itself: the place in
// the word, the number of octets there that are replaced, and which of alphanumeric comes there.
const oneLetter = 255

// desk is where the words of a target lay out what they look at.
type desk struct {
	passing []lurehound.Edit
	label   []byte
	edits   []listedEdit
	given   changeBlock // changes of labelEdits
	weights []float64
}

// spring is a technique that yields its edits best first, read one edit ahead.
type spring struct {
	tech  *Technique
	share float64             // of the technique
	next  func() (Edit, bool) // nil before it is asked
	head  labelEdit           // before that, the least cost that there can be
	dry   bool
}

// newWord prepares what the techniques make of the base. Of others, which were not asked for, only the labels are wanted.
func newWord(w *word, t Target, b base, techs, others []Technique, m *model) *word {
	w.base, w.target, w.model, w.others = b, t, m, others
	w.cost, w.long, w.soonest = costOf(b.p), lengthOf(b.word), maxCost
	w.target.Label, w.target.passing = b.word, &w.desk.passing
	w.plain = len(b.word) > 1 && len(b.word) < lurehound.MaxLabelLen && !strings.Contains(b.word, "--")
	w.folded = lexicon.AppendSkeleton(w.folded[:0], b.word)
	if strings.HasPrefix(b.word, "xn--") {
		return w // edits of an A-label mean nothing to a reader
	}
	w.techs = techs
	for i := range techs {
		if techs[i].On == OnLabel {
			w.soonest = min(w.soonest, max(0, costOf(w.share(&techs[i]))-1)) // a sum of rounded weights may be below 1
		}
	}
	return w
}

// lengthOf is 1 for words that are long enough for two slips of any kind, else 0.
func lengthOf(word string) int {
	if len(word)-strings.Count(word, "-") >= longWord {
		return 1
	}
	return 0
}

// list reads all edits of a technique onto the desk, with weights scaled so that they add up to the technique's share.
func (w *word) list(tech *Technique, place int) {
	d := w.desk
	d.weights = d.weights[:0]
	from, sum := len(d.edits), 0.0
	if w.plain && tech.Letters != nil {
		sum = w.letters(tech, place)
	} else {
		for e := range tech.Apply(w.target, w.model.tables) {
			if !w.valid(e.Changes) {
				continue
			}
			p := e.Weight * w.model.factor(w.word, e.Changes)
			sum += p
			d.weights = append(d.weights, p)
			d.edits = append(d.edits, listedEdit{at: uint32(len(w.kept)), n: uint8(len(e.Changes)), technique: uint8(place)})
			w.kept = appendChanges(w.kept, e.Changes)
		}
	}
	scale := w.share(tech) / sum
	for k, p := range d.weights {
		d.edits[from+k].cost = int16(costOf(p * scale))
	}
}

// letters puts the edits of a technique with Letters onto the desk, and gives the sum of their weights. A plain word
// stays valid with each.
func (w *word) letters(tech *Technique, place int) (sum float64) {
	d, f := w.desk, w.model.factors
	for p, weights := range tech.Letters(w.target, w.model.tables) {
		c := lurehound.Edit{From: w.word[p.at : p.at+p.n], To: "a", At: p.at}
		kind := changeOf(&c)
		where, by := f.places[kind][placeOf(w.word, &c)], &f.letters[kind][letterIndex(c.From)]
		for j, weight := range weights {
			if weight > 0 {
				weight *= where * float64(by[j+1])
				sum += weight
				d.weights = append(d.weights, weight)
				d.edits = append(d.edits, listedEdit{at: uint32(p.at)<<16 | uint32(p.n)<<8 | uint32(j), n: oneLetter, technique: uint8(place)})
			}
		}
	}
	return sum
}

// valid reports whether changes make another label of the word, which imitates it.
func (w *word) valid(changes []lurehound.Edit) bool {
	// Most edits put letters or digits into a plain word.
	if w.plain && len(changes) == 1 {
		if c := &changes[0]; c.To != "" && len(c.From) < len(w.word) && len(c.To) <= len(c.From)+1 && isAlphanumerics(c.To) {
			return c.From != c.To
		}
	}
	label := w.rewritten(changes)
	return validLabel(label) && string(label) != w.word && (leavesSome(w.word, changes) || sameSkeleton(w.word, string(label)))
}

// rewritten is the word with the changes, on the desk.
func (w *word) rewritten(changes []lurehound.Edit) []byte {
	w.desk.label, _ = appendRewritten(w.desk.label[:0], w.word, changes, nil)
	return w.desk.label
}

// oneStep reports whether one technique that lists its edits makes the label, asked for or not.
func (w *word) oneStep(label []byte, hash uint64) bool {
	// insertion and substitution, which make most, make every label of this form.
	plain := len(w.word) > 1
	if plain && oneCharacter(w.word, label) {
		return true
	}
	if !w.known {
		w.known = true
		add := func(tech *Technique) {
			if !tech.single() || plain && (tech.Name == "insertion" || tech.Name == "substitution") {
				return
			}
			for e := range tech.Apply(w.target, w.model.tables) {
				if w.valid(e.Changes) {
					w.singles.add(hashOf(w.rewritten(e.Changes)))
				}
			}
		}
		for i := range w.techs {
			if w.techs[i].On == OnLabel {
				add(&w.techs[i])
			}
		}
		for i := range w.others {
			add(&w.others[i])
		}
	}
	return w.singles.has(hash)
}

// oneCharacter reports whether the label has one letter or digit more than the
// word, or another one in place of one of the word's.
func oneCharacter(word string, label []byte) bool {
	more := len(label) - len(word)
	if more != 0 && more != 1 {
		return false
	}
	i := 0
	for i < len(word) && word[i] == label[i] {
		i++
	}
	if i == len(label) || !isAlphanumeric(label[i]) {
		return false
	}
	if more == 1 {
		return word[i:] == string(label[i+1:])
	}
	return word[i] != '-' && word[i+1:] == string(label[i+1:])
}

// share is how often the technique alone changes such a word.
func (w *word) share(tech *Technique) float64 {
	return w.model.single[w.long][group(*tech)] * w.model.share[tech.Name]
}

// open prepares a technique that gives best first. It is not asked before its
// likeliest edit could be wanted.
func (w *word) open(tech *Technique, i int) {
	s := spring{tech: tech, share: w.share(tech)}
	s.head.technique, s.head.cost = uint8(i), int16(costOf(s.share))
	w.springs = append(w.springs, s)
}

// read asks for the next edit.
func (w *word) read(s *spring) {
	if s.next == nil {
		s.next = s.tech.BestFirst(w.target, w.model.tables)
	}
	e, ok := s.next()
	s.dry = !ok
	s.head.changes = w.desk.given.keep(e.Changes...)
	s.head.cost = max(s.head.cost, int16(costOf(e.Weight*s.share)))
}

// begin opens what yields best first, and lists what does not.
func (w *word) begin() {
	w.begun = true
	d := w.desk
	d.edits = d.edits[:0]
	for i := range w.techs {
		switch tech := &w.techs[i]; {
		case tech.On != OnLabel:
		case tech.BestFirst != nil:
			w.open(tech, i)
		default:
			w.list(tech, i)
		}
	}
	w.listed = sortByCost(w.listed, d.edits, func(e *listedEdit) int { return int(e.cost) })
}

// fill makes the edits of all costs up to this one known.
func (w *word) fill(upTo int) {
	if !w.begun && upTo >= w.soonest {
		w.begin()
	}
	for c := w.slips.filled(); c <= upTo; c++ {
		for ; w.due < len(w.listed) && int(w.listed[w.due].cost) <= c; w.due++ {
			w.take(w.edit(&w.listed[w.due]))
		}
		for i := range w.springs {
			s := &w.springs[i]
			for !s.dry && int(s.head.cost) <= c {
				if s.next != nil {
					w.take(s.head)
				}
				w.read(s)
			}
		}
		w.slips.close()
		w.around.close()
	}
}

// edit is a listed edit with its changes.
func (w *word) edit(l *listedEdit) labelEdit {
	e := labelEdit{cost: l.cost, technique: l.technique}
	if l.n == oneLetter {
		at, n, j := int(l.at>>16), int(l.at>>8&0xff), int(l.at&0xff)
		e.changes = w.desk.given.keep(lurehound.Edit{From: w.word[at : at+n], To: alphanumeric[j : j+1], At: at})
	} else {
		e.changes = w.desk.given.keep(w.kept[l.at : l.at+uint32(l.n)]...)
	}
	return e
}

func (w *word) take(e labelEdit) {
	if isAround(e.changes, len(w.word)) {
		w.around.items = append(w.around.items, e)
	} else {
		w.slips.items = append(w.slips.items, e)
	}
}

// isAround reports whether the changes leave the word as it is and put two or
// more characters in front of it or behind.
func isAround(changes []lurehound.Edit, n int) bool {
	for _, c := range changes {
		if c.From != "" || c.At != 0 && c.At != n || len(c.To) < 2 {
			return false
		}
	}
	return true
}

// stop leaves of the word only its memory.
func (w *word) stop() {
	clear(w.springs)
	w.singles.clear()
	*w = word{
		listed: w.listed[:0], springs: w.springs[:0], kept: w.kept[:0], desk: w.desk, singles: w.singles, folded: w.folded,
		slips:  levels[labelEdit]{items: w.slips.items[:0], ends: w.slips.ends[:0]},
		around: levels[labelEdit]{items: w.around.items[:0], ends: w.around.ends[:0]},
	}
}
