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
	target   Target
	cost     int    // of the base
	long     int    // lengthOf the word
	soonest  int    // no edit costs less
	unlisted func() // lists the edits; nil when they are. Unlikely bases of a brand are never asked for theirs
	pending  []labelEdit
	springs  []*spring
	slips    levels[labelEdit] // changes within the word
	around   levels[labelEdit] // what is put in front of it or behind
	singles  hashSet           // what one technique that lists its edits makes: no pair is needed for these
	ways     map[int32][]string
	lastWay  struct {
		key   int32
		names []string
	}
	folded []byte // skeleton of the word
}

// labelEdit is an edit as one of thousands.
type labelEdit struct {
	changes   []lurehound.Edit
	cost      int16
	technique uint8
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
	w := &word{base: b, target: t, cost: costOf(b.p), long: lengthOf(b.word)}
	w.target.Label = b.word
	w.folded = lexicon.AppendSkeleton(nil, b.word)
	w.ways = map[int32][]string{}
	if strings.HasPrefix(b.word, "xn--") {
		return w // edits of an A-label mean nothing to a reader
	}
	w.soonest = maxCost
	for i := range techs {
		if techs[i].On == OnLabel {
			w.soonest = min(w.soonest, costOf(w.share(&techs[i], m)))
		}
	}
	w.unlisted = func() {
		for i := range techs {
			if techs[i].On != OnLabel {
				continue
			}
			if techs[i].Name == combo {
				w.surround(&techs[i], i, m)
			} else if techs[i].BestFirst {
				w.open(&techs[i], i, m)
			} else {
				w.list(&techs[i], i, m)
			}
		}
		for i := range others {
			for e := range others[i].Apply(w.target, m.tables) {
				if e.imitates(w.word) {
					w.singles.add(hashOf(e.Label))
				}
			}
		}
		w.pending = sortByCost(w.pending, func(e *labelEdit) int { return int(e.cost) })
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

// list takes all edits of a technique, with weights scaled so that they add up to the technique's share.
func (w *word) list(tech *Technique, i int, m *model) {
	from, sum := len(w.pending), 0.0
	var weights []float64
	for e := range tech.Apply(w.target, m.tables) {
		if e.Label == w.word || !validLabel(e.Label) || !e.imitates(w.word) {
			continue
		}
		p := e.Weight * m.factor(w.word, e.Changes)
		weights = append(weights, p)
		sum += p
		w.pending = append(w.pending, labelEdit{changes: e.Changes, technique: uint8(i)})
		if tech.single() {
			w.singles.add(hashOf(e.Label))
		}
	}
	scale := w.share(tech, m) / sum
	for k, p := range weights {
		w.pending[from+k].cost = int16(costOf(p * scale))
	}
}

// share is how often the technique alone changes such a word.
func (w *word) share(tech *Technique, m *model) float64 {
	return m.single[w.long][group(*tech)] * m.share[tech.Name]
}

// open prepares a technique that yields best first. It is not asked before its
// likeliest edit could be wanted.
func (w *word) open(tech *Technique, i int, m *model) {
	share := w.share(tech, m)
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
func (w *word) surround(tech *Technique, i int, m *model) {
	share := w.share(tech, m)
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

// fill makes the edits of all costs up to this one known.
func (w *word) fill(upTo int) {
	if w.unlisted != nil && upTo >= w.soonest {
		w.unlisted()
		w.unlisted = nil
	}
	for c := w.slips.filled(); c <= upTo; c++ {
		for len(w.pending) > 0 && int(w.pending[0].cost) <= c {
			w.take(w.pending[0])
			w.pending = w.pending[1:]
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
		w.ways[key] = slices.Clip(names)
	}
	w.lastWay.key, w.lastWay.names = key, names
	return names
}
