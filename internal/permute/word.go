package permute

import (
	"iter"
	"slices"
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
	cost    int // of the base
	long    int // lengthOf the word
	soonest int // no edit costs less
	lists   []listing
	springs []*spring
	slips   levels[labelEdit] // changes within the word
	around  levels[labelEdit] // what is put in front of it or behind
	others  []Technique       // single ones that were not asked for
	singles hashSet           // what one technique that lists its edits makes: no pair is needed for these
	known   bool              // singles is filled
	begun   bool
	ways    map[int32][]string
	lastWay struct {
		key   int32
		names []string
	}
	desk   *desk
	folded []byte // skeleton of the word
}

// labelEdit is an edit as one of thousands.
type labelEdit struct {
	changes   []lurehound.Edit
	cost      int16
	technique uint8
}

// listing is a technique that lists its edits. It is not asked before its likeliest
// one could be wanted: unlikely bases of a brand are never asked for most of theirs.
type listing struct {
	tech    *Technique
	place   int  // in the table
	soonest int  // none of its edits costs less
	read    bool // edits is what is left of them, in rising order of cost
	edits   []listedEdit
	changes []lurehound.Edit // of the edits, in their order
}

// listedEdit is an edit that is not due yet.
type listedEdit struct {
	cost int16
	n    uint8 // changes
}

// desk is where the words of a target lay out what they look at.
type desk struct {
	passing changeBlock
	label   []byte
	edits   []listedEdit
	changes []lurehound.Edit
	weights []float64
}

// spring is a technique that yields its edits best first, read one edit ahead.
type spring struct {
	next   func() (Edit, bool)
	stop   func()
	head   labelEdit
	dry    bool
	unread bool // next was never asked; head has the least cost that there can be
}

// newWord prepares what the techniques make of the base. Of others, which were not asked for, only the labels are wanted.
func newWord(w *word, t Target, b base, techs, others []Technique, m *model) *word {
	w.base, w.target, w.model, w.others = b, t, m, others
	w.cost, w.long, w.soonest = costOf(b.p), lengthOf(b.word), maxCost
	w.target.Label, w.target.block = b.word, &changeBlock{}
	w.folded = lexicon.AppendSkeleton(w.folded[:0], b.word)
	if strings.HasPrefix(b.word, "xn--") {
		return w // edits of an A-label mean nothing to a reader
	}
	w.lists = slices.Grow(w.lists, len(techs))
	for i := range techs {
		if techs[i].On != OnLabel {
			continue
		}
		l := listing{tech: &techs[i], place: i, soonest: max(0, costOf(w.share(&techs[i]))-1)} // a sum of rounded weights may be below 1
		w.soonest = min(w.soonest, l.soonest)
		w.lists = append(w.lists, l)
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

// fillList reads all edits of a technique, with weights scaled so that they add up to the technique's share.
func (w *word) fillList(l *listing) {
	l.read = true
	d := w.desk
	d.edits, d.changes, d.weights = d.edits[:0], d.changes[:0], d.weights[:0]
	sum := 0.0
	for e := range l.tech.Apply(w.passing(), w.model.tables) {
		if !w.valid(e.Changes) {
			continue
		}
		p := e.Weight * w.model.factor(w.word, e.Changes)
		sum += p
		d.weights = append(d.weights, p)
		d.edits = append(d.edits, listedEdit{n: uint8(len(e.Changes))})
		d.changes = append(d.changes, e.Changes...)
	}
	scale := w.share(l.tech) / sum
	for k, p := range d.weights {
		d.edits[k].cost = int16(costOf(p * scale))
	}
	l.sort(d.edits, d.changes)
}

// sort takes in the edits in rising order of cost; those of the same cost stay as they are.
func (l *listing) sort(edits []listedEdit, changes []lurehound.Edit) {
	var at, to [maxCost + 2]int32 // where the edits of a cost begin, and their changes
	for _, e := range edits {
		at[e.cost+1]++
		to[e.cost+1] += int32(e.n)
	}
	for c := range maxCost {
		at[c+1] += at[c]
		to[c+1] += to[c]
	}
	l.edits, l.changes = make([]listedEdit, len(edits)), make([]lurehound.Edit, len(changes))
	for _, e := range edits {
		l.edits[at[e.cost]] = e
		at[e.cost]++
		to[e.cost] += int32(copy(l.changes[to[e.cost]:], changes[:e.n]))
		changes = changes[e.n:]
	}
}

// next takes the first edit off the list.
func (l *listing) next() labelEdit {
	e := l.edits[0]
	changes := l.changes[:e.n:e.n]
	l.edits, l.changes = l.edits[1:], l.changes[e.n:]
	return labelEdit{changes: changes, cost: e.cost, technique: uint8(l.place)}
}

// passing is the target for edits that are looked at one after the other.
func (w *word) passing() Target {
	t := w.target
	w.desk.passing.passing = true
	t.block = &w.desk.passing
	return t
}

// valid reports whether changes make another label of the word, which imitates it. It is left on the desk.
func (w *word) valid(changes []lurehound.Edit) bool {
	label, _ := appendRewritten(w.desk.label[:0], w.word, changes, nil)
	w.desk.label = label
	return validLabel(label) && string(label) != w.word && (leavesSome(w.word, changes) || sameSkeleton(w.word, string(label)))
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
			for e := range tech.Apply(w.passing(), w.model.tables) {
				if w.valid(e.Changes) {
					w.singles.add(hashOf(w.desk.label))
				}
			}
		}
		for i := range w.lists {
			add(w.lists[i].tech)
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

// open prepares a technique that yields best first. It is not asked before its
// likeliest edit could be wanted.
func (w *word) open(tech *Technique, i int) {
	share, m := w.share(tech), w.model
	s := &spring{stop: func() {}}
	s.head.technique, s.head.cost = uint8(i), int16(costOf(share))
	s.next = func() (Edit, bool) {
		next, stop := iter.Pull(tech.Apply(w.target, m.tables))
		s.stop = stop
		s.next = func() (Edit, bool) {
			e, ok := next()
			e.Weight *= share
			return e, ok
		}
		return s.next()
	}
	s.unread = true
	w.springs = append(w.springs, s)
}

// surround is open for combosquatting, which is asked for most edits: they are
// taken from the tables without making each label.
func (w *word) surround(tech *Technique, i int) {
	share, m := w.share(tech), w.model
	own, all := ownBeside(w.target, m.tables), m.tables.Beside()
	var block []lurehound.Edit
	s := &spring{stop: func() {}}
	s.next = func() (e Edit, ok bool) {
		var b lexicon.Beside
		switch {
		case len(own) > 0 && (len(all) == 0 || own[0].Weight >= all[0].Weight):
			b, own = own[0], own[1:]
		case len(all) > 0:
			b, all = all[0], all[1:]
		default:
			return e, false
		}
		at := 0
		if b.Behind {
			at = len(w.word)
		}
		if len(block) == cap(block) {
			block = make([]lurehound.Edit, 0, 64)
		}
		block = append(block, lurehound.Edit{To: b.Text, At: at})
		return Edit{Changes: block[len(block)-1 : len(block) : len(block)], Weight: b.Weight * share}, true
	}
	s.head.technique = uint8(i)
	s.read()
	w.springs = append(w.springs, s)
}

func (s *spring) read() {
	e, ok := s.next()
	s.head.changes, s.dry = e.Changes, !ok
	s.head.cost = max(s.head.cost, int16(costOf(e.Weight)))
}

// begin opens what yields best first, and leaves lists with what does not.
func (w *word) begin() {
	w.begun = true
	lists := w.lists[:0]
	for _, l := range w.lists {
		switch {
		case l.tech.Name == combo:
			w.surround(l.tech, l.place)
		case l.tech.BestFirst:
			w.open(l.tech, l.place)
		default:
			lists = append(lists, l)
		}
	}
	w.lists = lists
}

// fill makes the edits of all costs up to this one known.
func (w *word) fill(upTo int) {
	if !w.begun && upTo >= w.soonest {
		w.begin()
	}
	for c := w.slips.filled(); c <= upTo; c++ {
		for i := range w.lists {
			l := &w.lists[i]
			if !l.read && l.soonest <= c {
				w.fillList(l)
			}
			for len(l.edits) > 0 && int(l.edits[0].cost) <= c {
				w.take(l.next())
			}
		}
		for _, s := range w.springs {
			for !s.dry && int(s.head.cost) <= c {
				if !s.unread {
					w.take(s.head)
				}
				s.unread = false
				s.read()
			}
		}
		w.slips.close()
		w.around.close()
	}
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

// stop ends the reading of the word's techniques, and leaves of the word only its memory.
func (w *word) stop() {
	for _, s := range w.springs {
		s.stop()
	}
	clear(w.springs)
	clear(w.lists)
	w.singles.clear()
	*w = word{
		lists: w.lists[:0], springs: w.springs[:0], desk: w.desk, singles: w.singles, folded: w.folded,
		slips:  levels[labelEdit]{items: w.slips.items[:0], ends: w.slips.ends[:0]},
		around: levels[labelEdit]{items: w.around.items[:0], ends: w.around.ends[:0]},
	}
}

// way is the names of the techniques of a base, of one edit or two, and of the
// suffix; -1 is none. The same list is given to all names that were made that way.
func (w *word) way(techs []Technique, first, second, suffix int) []string {
	n := len(techs) + 1
	key := int32((first+1)*n+second+1)*int32(n) + int32(suffix+1)
	if key == w.lastWay.key && w.lastWay.names != nil {
		return w.lastWay.names
	}
	names, ok := w.ways[key]
	if !ok {
		names = append(names, w.names...)
		for _, i := range [...]int{first, second, suffix} {
			if i >= 0 {
				names = append(names, techs[i].Name)
			}
		}
		if w.ways == nil {
			w.ways = map[int32][]string{}
		}
		w.ways[key] = slices.Clip(names)
	}
	w.lastWay.key, w.lastWay.names = key, names
	return names
}
