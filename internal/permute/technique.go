package permute

import (
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"lurehound"
	"lurehound/internal/lexicon"
)

// Part is what a technique changes. Techniques of base, label and suffix always
// compose, in this order; those of the whole name compose with none.
type Part int

// The parts of a name.
const (
	OnBase   Part = iota // puts something else of the brand's in place of the label; label techniques then apply to that
	OnLabel              // changes the label
	OnSuffix             // changes the public suffix
	OnName               // makes a whole name of several labels: the brand's name in front of another domain
)

// Technique is one way to imitate a name.
type Technique struct {
	Name, Doc string // Doc is one line with an example
	On        Part

	// Weight is the share of real look-alikes whose label (or suffix) was made this way;
	// for a base, how often it is imitated relative to the site's label.
	Weight float64

	// Apply yields what the technique makes of t.Label or t.Suffix. Edits may
	// repeat and may be invalid: the engine drops these. It reads them as a whole, sorts
	// them, and scales their weights to add up to 1. Of OnSuffix nothing but t.Suffix is used.
	Apply func(t Target, x *lexicon.Tables) iter.Seq[Edit]

	// BestFirst, where a technique has it, gives the same one by one, ok false at the end, in falling
	// order of Weight, with weights that add up to about 1. It is read no further than needed. Apply is
	// then each of it.
	BestFirst func(t Target, x *lexicon.Tables) (next func() (e Edit, ok bool))

	// Letters, where a technique has it, tells the same of one that puts a letter or digit somewhere.
	// These make most of all edits, and few are looked at.
	Letters lettersAt

	// Around says that the technique puts something around the label, which stays whole.
	Around bool

	// Explain recognises what the technique makes: the labels of OnLabel, the suffixes of
	// OnSuffix. It compares and lists nothing: it is asked about every match, and allocates only for
	// what it recognises. It may recognise more than Apply lists.
	Explain func(t Target, label string, x *lexicon.Tables) ([]lurehound.Edit, bool)

	// ExplainName is Explain for OnName.
	ExplainName func(t Target, d lurehound.Domain, x *lexicon.Tables) ([]lurehound.Edit, bool)
}

// Edit is one result of a technique. Rewriting the label by Changes gives Label.
// Changes of an OnName edit are those of the label that the brand's name stands in, and
// where another domain follows, that as the suffix.
type Edit struct {
	Label   string // what the label has become; "" when the suffix changed
	Suffix  string // what the suffix has become; "" when the label changed
	Name    string // the whole name that OnName makes, in A-labels; else ""
	Changes []lurehound.Edit
	Weight  float64 // likelihood among the technique's edits, > 0
}

// single reports whether the technique makes few edits of the label, each in
// one step: not any number of look-alikes, and no words around it.
func (t Technique) single() bool { return !t.Around && t.BestFirst == nil }

// each yields what BestFirst gives.
func each(bestFirst func(Target, *lexicon.Tables) func() (Edit, bool)) func(Target, *lexicon.Tables) iter.Seq[Edit] {
	return func(t Target, x *lexicon.Tables) iter.Seq[Edit] {
		return func(yield func(Edit) bool) {
			next := bestFirst(t, x)
			for e, ok := next(); ok && yield(e); e, ok = next() {
			}
		}
	}
}

// rewrite applies changes, which are in rising order and do not overlap, to label.
func rewrite(label string, changes []lurehound.Edit) string {
	out := make([]byte, 0, len(label)+16)
	from := 0
	for _, c := range changes {
		out = append(out, label[from:c.At]...)
		out = append(out, c.To...)
		from = c.At + len(c.From)
	}
	return string(append(out, label[from:]...))
}

// single is an edit with one change of the label.
func (t *Target) single(from, to string, at int, weight float64) Edit {
	return t.edit(weight, lurehound.Edit{From: from, To: to, At: at})
}

// edit is one with these changes of the label, which are in rising order and do not overlap.
func (t *Target) edit(weight float64, changes ...lurehound.Edit) Edit {
	if t.passing != nil {
		*t.passing = appendChanges((*t.passing)[:0], changes)
		return Edit{Changes: *t.passing, Weight: weight}
	}
	return Edit{Label: rewrite(t.Label, changes), Changes: slices.Clone(changes), Weight: weight}
}

// changeBlock keeps changes side by side: thousands of lists of one take longer.
type changeBlock []lurehound.Edit

// keep is a copy of the changes.
func (b *changeBlock) keep(changes ...lurehound.Edit) []lurehound.Edit {
	const room = 64
	n := len(*b)
	if n+len(changes) > cap(*b) {
		n, *b = 0, make(changeBlock, 0, max(room, len(changes)))
	}
	*b = appendChanges(*b, changes)
	return (*b)[n:len(*b):len(*b)]
}

// appendChanges is append, quicker for one change, as nearly all edits have.
func appendChanges(dst, changes []lurehound.Edit) []lurehound.Edit {
	if len(changes) == 1 {
		return append(dst, changes[0])
	}
	return append(dst, changes...)
}

// imitates reports whether the edit of a label leaves any of its characters, or
// look-alikes of all. "c" imitates "x" no more than any other letter.
func (e Edit) imitates(label string) bool {
	return leavesSome(label, e.Changes) || sameSkeleton(label, e.Label)
}

// leavesSome reports whether changes of the label leave any of its characters.
func leavesSome(label string, changes []lurehound.Edit) bool {
	left := len(label)
	for i := range changes {
		left -= len(changes[i].From)
	}
	return left > 0 || slices.ContainsFunc(changes, func(c lurehound.Edit) bool { return strings.ContainsAny(c.To, c.From) })
}

// validLabel reports whether a registry accepts the label: LDH, 1 to 63
// octets, no hyphen at the ends, none in places 3 and 4 (RFC 5891, section 4.2.3.1). A label
// in Unicode form must be valid under IDNA2008; whether its letters please the registry, domain says.
func validLabel[S string | []byte](l S) bool {
	if len(l) == 0 || len(l) > lurehound.MaxLabelLen || l[0] == '-' || l[len(l)-1] == '-' {
		return false
	}
	if len(l) > 3 && l[2] == '-' && l[3] == '-' {
		return false
	}
	for i := range len(l) {
		if !isLDH(l[i]) {
			return l[i] >= utf8.RuneSelf && validULabel(string(l))
		}
	}
	return true
}

func isLDH(c byte) bool { return ldh[c] }

var ldh = func() (is [256]bool) {
	for _, c := range []byte(alphanumeric + "-") {
		is[c] = true
	}
	return is
}()

// isALabel reports whether the label is an IDN's in A-label form, whose octets mean nothing to a reader.
func isALabel(l string) bool { return len(l) > 4 && l[:4] == "xn--" }
