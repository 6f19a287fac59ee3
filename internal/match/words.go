package match

import (
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/permute"
)

// What a brand is recognised by: the words of its domains and names, and what the
// base techniques put in their place.

// wordKind is where a word comes from, the most telling first.
type wordKind uint8

const (
	ofLabel   wordKind = iota // label of an own domain
	ofProduct                 // whole product name
	ofVariant                 // what else permute puts in a label's place
	ofRest                    // what the product's name has besides the site's label
	ofKnown                   // another product that its maker is known for
	ofLead                    // first word of a product name of several
	ofPart                    // another word of several
)

// word is one thing that a brand is recognised by.
type word struct {
	text   string // lower case; hyphens as the label has them
	plain  string
	brand  int32
	kind   wordKind
	rarity float64 // [0,1]: how unlikely innocent names hold it
	common float64 // [0,1]: how common a word of some language it is

	origins []origin // of the text first; then of others that fold to the same form
}

// origin is how a word came to stand for the brand.
type origin struct {
	text      string           // as this way writes it
	technique string           // that puts it in place of the label; "" for a label of the brand
	changes   []lurehound.Edit // from the label to text, as permute has them; none where it has no part
}

// What a single word of a product name must be to be looked for alone.
const (
	minPart    = 4   // characters
	rarePart   = 0.5 // rarity: in less than one of 3,000 innocent labels
	commonWord = 0.3 // commonness: "development" is in few labels, and is a word of everyday language
)

// minFamily is how many characters a word of the brand has that tells something
// beside another one.
const minFamily = 3

// rests are what product names have besides the site's label: "sora" of OpenAI Sora.
func rests(t permute.Target, names []string) []string {
	var out []string
	for _, name := range names {
		words := strings.Fields(strings.ToLower(name))
		rest := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == t.Label })
		if len(rest) > 0 && len(rest) < len(words) {
			out = append(out, strings.Join(rest, ""))
		}
	}
	return out
}

func (ix *Index) addBrand(b lurehound.Brand) error {
	t, err := permute.NewTarget(b)
	if err != nil {
		return err
	}
	id := int32(len(ix.brands))
	e := brand{Brand: b, id: b.ID(), target: t, firstWord: int32(len(ix.words))}
	seen := map[string]int32{}
	for _, d := range b.Domains {
		own := d
		if r, err := lurehound.ParseDomain(d.Registrable()); err == nil {
			own = r
		}
		e.own = append(e.own, own)
		ix.addWord(id, ofLabel, origin{text: d.UnicodeLabel()}, seen)
	}
	for _, w := range slices.Concat(t.Words, t.Parts, []string{t.Label}) {
		if len(w) >= minFamily && !slices.Contains(e.family, w) {
			e.family = append(e.family, w)
		}
	}
	ix.brands = append(ix.brands, e)
	for _, p := range t.Products {
		ix.addWord(id, ofProduct, origin{text: p, technique: productWord}, seen)
	}
	var names []string
	for _, name := range append([]string{b.Name}, b.Words...) {
		names = append(names, lurehound.WithoutLegalForm(name))
	}
	for _, name := range names {
		// A product name of three words or more is cut short at either end.
		if f := strings.Fields(name); len(f) >= 3 {
			ix.addWord(id, ofLead, origin{text: strings.Join(f[:len(f)-1], ""), technique: wordOrder}, seen)
			ix.addWord(id, ofLead, origin{text: strings.Join(f[1:], ""), technique: wordOrder}, seen)
		}
	}
	for _, rest := range rests(t, names) {
		ix.addWord(id, ofRest, origin{text: rest, technique: wordOrder}, seen)
	}
	for _, d := range b.Domains {
		for _, p := range ix.x.Products(d.UnicodeLabel()) {
			// What popular names hold has sites of its own, and is the business of its own brand.
			if p = strings.ToLower(strings.NewReplacer(" ", "", "-", "", ".", "").Replace(p)); ix.common.containing(p) == 0 {
				ix.addWord(id, ofKnown, origin{text: p, technique: productWord}, seen)
				ix.brands[id].family = append(ix.brands[id].family, p)
			}
		}
	}
	for _, p := range t.Leads {
		ix.addWord(id, ofLead, origin{text: p, technique: wordOrder}, seen)
	}
	for _, technique := range ix.bases {
		for edit := range technique.Apply(t, ix.x) {
			ix.addWord(id, ofVariant, origin{edit.Label, technique.Name, edit.Changes}, seen)
		}
	}
	for _, p := range append(t.Words, t.Parts...) {
		// Ordinary words of a name tell nothing, and would match every feed.
		if len(p) >= minPart && !ix.ordinary(p) {
			ix.addWord(id, ofPart, origin{text: p, technique: wordOrder}, seen)
		}
	}
	added := &ix.brands[id]
	added.lastWord = int32(len(ix.words))
	for w := added.firstWord; w < added.lastWord; w++ {
		ix.limits[w].family = shortestWithout(added.family, ix.words[w].plain)
	}
	return nil
}

// ordinary reports whether a word of a name, or its singular, tells nothing where it stands alone.
func (ix *Index) ordinary(word string) bool {
	for _, w := range [...]string{word, strings.TrimSuffix(word, "s")} {
		if ix.common.rarity(w) < rarePart || ix.commonness(w) >= commonWord {
			return true
		}
	}
	return false
}

// shortestWithout is the length of the shortest word that plain does not hold, else 0.
func shortestWithout(words []string, plain string) uint8 {
	n := uint8(0)
	for _, w := range words {
		if (n == 0 || len(w) < int(n)) && !strings.Contains(plain, w) {
			n = uint8(len(w))
		}
	}
	return n
}

// addWord files a word. One of the same form that the brand has already gets
// another origin instead, unless this is only a part of a name.
func (ix *Index) addWord(brand int32, kind wordKind, from origin, seen map[string]int32) {
	from.text = strings.ToLower(from.text)
	plain := ix.fold.plainForm(from.text)
	if plain == "" || strings.IndexByte(plain, other) >= 0 || len(plain) > lurehound.MaxLabelLen {
		return
	}
	if id, ok := seen[plain]; ok {
		w := &ix.words[id]
		if kind < ofLead && !slices.ContainsFunc(w.origins, func(o origin) bool {
			return o.text == from.text && (o.technique == from.technique || o.technique == "")
		}) {
			w.origins = append(w.origins, from)
		}
		return
	}
	seen[plain] = int32(len(ix.words))
	w := word{text: from.text, plain: plain, brand: brand, kind: kind, origins: []origin{from}}
	w.rarity = ix.common.rarity(strings.ReplaceAll(from.text, "-", ""))
	w.common = ix.commonness(strings.ReplaceAll(from.text, "-", ""))
	ix.limits = append(ix.limits, ix.limitOf(&w))
	f := form{plain: plain, word: int32(len(ix.words))}
	switch n := len(plain); {
	case kind == ofPart: // ordinary words have ordinary neighbours
	case kind == ofVariant && n >= oneEdit: // what is further away is nearer to what it varies
		f.edits = 1
	case n >= threeEdits:
		f.edits = 3
	case n >= twoEdits:
		f.edits = 2
	case n >= oneEdit:
		f.edits = 1
	}
	for _, s := range ix.fold.wideForms(plain) {
		ix.wides = append(ix.wides, wide{s, int32(len(ix.forms))})
	}
	ix.words = append(ix.words, w)
	ix.forms = append(ix.forms, f)
}
