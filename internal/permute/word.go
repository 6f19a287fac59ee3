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
	label  []byte // the one that is being looked at
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
	edits   []labelEdit
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
func newWord(t Target, b base, techs, others []Technique, m *model) *word {
	w := &word{base: b, target: t, model: m, cost: costOf(b.p), long: lengthOf(b.word), others: others, soonest: maxCost}
	w.target.Label, w.target.block = b.word, &changeBlock{}
	w.folded = lexicon.AppendSkeleton(nil, b.word)
	if strings.HasPrefix(b.word, "xn--") {
		return w // edits of an A-label mean nothing to a reader
	}
	w.lists = make([]listing, 0, len(techs))
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
	var all []labelEdit
	var weights []float64
	sum := 0.0
	for e := range l.tech.Apply(w.target, w.model.tables) {
		if !w.valid(e.Changes) {
			continue
		}
		p := e.Weight * w.model.factor(w.word, e.Changes)
		weights = append(weights, p)
		sum += p
		all = append(all, labelEdit{changes: e.Changes, technique: uint8(l.place)})
	}
	scale := w.share(l.tech) / sum
	for k, p := range weights {
		all[k].cost = int16(costOf(p * scale))
	}
	l.edits = sortByCost(all, func(e *labelEdit) int { return int(e.cost) })
}

// valid reports whether changes make another label of the word, which imitates it. It is left in w.label.
func (w *word) valid(changes []lurehound.Edit) bool {
	w.label, _ = appendRewritten(w.label[:0], w.word, changes, nil)
	return validLabel(w.label) && string(w.label) != w.word && (leavesSome(w.word, changes) || sameSkeleton(w.word, string(w.label)))
}

// oneStep reports whether one technique that lists its edits makes the label.
func (w *word) oneStep(label []byte, hash uint64) bool {
	if !w.known {
		w.known = true
		add := func(tech *Technique) {
			if !tech.single() {
				return
			}
			for e := range tech.Apply(w.target, w.model.tables) {
				if w.valid(e.Changes) {
					w.singles.add(hashOf(w.label))
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
				w.take(l.edits[0])
				l.edits = l.edits[1:]
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

func (w *word) stop() {
	for _, s := range w.springs {
		s.stop()
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
