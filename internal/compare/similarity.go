package compare

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/page"
)

// What each kind of evidence can bring at most, were it alone, and how many
// things in common bring half of that. Text needs no other evidence; names of
// own files and link targets need several; a title can be had by
// accident. The icon is told apart, and score counts it: not twice. docs/clones.md has the measurements that these were chosen by.
const (
	ownMost      = 0.90
	ownHalf      = 1.0
	namesMost    = 0.95
	namesHalf    = 3.0
	contentsMost = 0.90
	contentsHalf = 0.5
	scriptsMost  = 0.30
	scriptsHalf  = 1.0
	titleMost    = 0.20
	genuineMost  = 0.20
	formsMost    = 0.05
)

// design is the share of the similarity that the structure decides: the same
// text in another design is a quotation. It never adds: sites of one generator
// have one structure.
const design = 0.25

// Where neither page has text, structure and assets are all there is.
const (
	bareStructure = 0.6
	bareAssets    = 0.4
)

// classless is what structure is worth when only the classes differ, and
// contained what agreement is worth when one page is a piece of the other.
const (
	classless = 0.9
	contained = 0.95
)

// measure fills in the parts and the similarity. It is symmetric in a and b but
// for genuine, and 1 for a page and itself.
func measure(c *lurehound.Comparison, a, b *lurehound.PageFacts, genuine bool) {
	c.Structure = max(agreement(a.Structure, b.Structure), classless*agreement(a.Shape, b.Shape))
	c.Text = agreement(a.TextHash, b.TextHash)
	c.Names = agreement(a.Names, b.Names)
	c.Scripts = agreement(a.Scripts, b.Scripts)
	hasAssets := len(a.Assets) > 0 || len(b.Assets) > 0
	if hasAssets {
		c.Assets = overlap(a.Assets, b.Assets)
	}
	c.Contents = common(a.Contents, b.Contents)
	c.Favicon = a.Favicon.SHA256 != "" && a.Favicon.SHA256 == b.Favicon.SHA256
	c.Title = a.Title != "" && sayingTitle(a.Title) && strings.EqualFold(a.Title, b.Title)
	c.Forms = len(a.Forms) > 0 && slices.EqualFunc(a.Forms, b.Forms, func(x, y lurehound.Form) bool { return x.Password == y.Password && x.Card == y.Card })
	c.Genuine = genuine
	if d, err := page.Distance(a.TLSH, b.TLSH); err == nil {
		c.TLSH = &d
	}
	var s float64
	if a.Words >= minWords || b.Words >= minWords {
		s = similarity(c, a, b)
	} else {
		s = bare(agreement(a.Structure, b.Structure), c.Assets, hasAssets)
	}
	c.Similarity = &s
	c.Why = because(c, hasAssets)
}

// similarity joins the evidence that this very site was copied: what is left of
// the doubt after each kind. Kinds that neither page has say nothing.
func similarity(c *lurehound.Comparison, a, b *lurehound.PageFacts) float64 {
	doubt := 1 - phrase(c.Text)
	doubt *= 1 - evidence(ownMost, ownHalf, agreement(a.Own, b.Own), common(a.Own, b.Own))
	doubt *= 1 - evidence(namesMost, namesHalf, c.Names, common(a.Names, b.Names))
	doubt *= 1 - evidence(contentsMost, contentsHalf, 1, c.Contents)
	doubt *= 1 - evidence(scriptsMost, scriptsHalf, c.Scripts, common(a.Scripts, b.Scripts))
	for _, e := range []struct {
		is   bool
		most float64
	}{{c.Title, titleMost}, {c.Genuine, genuineMost}, {c.Forms, formsMost}} {
		if e.is {
			doubt *= 1 - e.most
		}
	}
	return min(1, max(0, (1-doubt)*(1-design+design*c.Structure)))
}

// evidence is what n things in common are worth, when share of all agrees. Half
// of the names in common is less than half: neighbours in a field share some.
func evidence(most, half, share float64, n int) float64 {
	return most * math.Pow(share, 1.5) * float64(n) / (float64(n) + half)
}

// phrase is what shared phrases are worth. Notices and menus that everybody has
// make up a third of a short page; from there on it climbs steeply.
func phrase(share float64) float64 { return share * share * (3 - 2*share) }

func bare(structured, alike float64, hasAssets bool) float64 {
	structure, assets := bareStructure, bareAssets
	if !hasAssets {
		assets = 0
	}
	return min(1, max(0, (structure*structured+assets*alike)/(structure+assets)))
}

// agreement says which share of what both have is common to both, from two
// sketches; a large piece of the other page agrees as well. 0 where neither has any.
func agreement(a, b []uint32) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	j := page.Jaccard(a, b)
	return max(dice(j), contained*containment(a, b, j))
}

// leastPiece is how many hashes the smaller page needs, and leastShare what
// part of the larger it must come to, to count as a piece of it.
const (
	leastPiece = 40
	leastShare = 0.2
)

// containment is the share of the smaller set that the larger one has too.
func containment(a, b []uint32, jaccard float64) float64 {
	x, y := size(a), size(b)
	least := min(x, y)
	if least < leastPiece || least < leastShare*max(x, y) {
		return 0
	}
	return min(1, jaccard/(1+jaccard)*(x+y)/least)
}

// size estimates how large the set is that a sketch is of: exact when it is whole.
func size(sketch []uint32) float64 {
	if len(sketch) < page.SketchSize {
		return float64(len(sketch))
	}
	last := sketch[page.SketchSize-1]
	return (page.SketchSize - 1) * float64(1<<32) / float64(max(last, 1))
}

// dice turns a Jaccard index into the Dice coefficient. One changed word in a
// short page breaks few of its phrases, and this is what it should cost.
func dice(jaccard float64) float64 { return 2 * jaccard / (1 + jaccard) }

// overlap is the Dice coefficient of two sorted lists without doubles.
func overlap(a, b []string) float64 {
	return 2 * float64(common(a, b)) / float64(len(a)+len(b))
}

// common counts what two sorted lists without doubles share.
func common[T interface{ ~string | ~uint32 | ~uint64 }](a, b []T) int {
	both := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			both++
			i++
			j++
		}
	}
	return both
}

// sayingTitle tells titles that a site chose from those that software sets.
func sayingTitle(title string) bool {
	switch strings.ToLower(strings.TrimSpace(title)) {
	case "home", "home page", "homepage", "index", "welcome", "download", "downloads", "documentation", "overview", "main page", "login",
		"sign in", "untitled", "untitled document", "index of /", "loading...", "just a moment...", "table of contents":
		return false
	}
	return len(title) >= 4
}

// leadsTo reports whether a page loads from, or links to, the site of a URL.
func leadsTo(p *lurehound.PageFacts, url string) bool {
	want := site(url)
	for _, hosts := range [][]string{p.AssetHosts, p.LinkHosts} {
		for _, h := range hosts {
			if h == want || want != "" && strings.HasSuffix(h, "."+want) {
				return true
			}
		}
	}
	return false
}

func because(c *lurehound.Comparison, hasAssets bool) string {
	s := fmt.Sprintf("text %.0f %%, structure %.0f %%", 100*c.Text, 100*c.Structure)
	if hasAssets {
		s += fmt.Sprintf(", assets %.0f %%", 100*c.Assets)
	}
	if c.Names > 0 {
		s += fmt.Sprintf(", links and names %.0f %%", 100*c.Names)
	}
	if c.Scripts > 0 {
		s += fmt.Sprintf(", scripts %.0f %%", 100*c.Scripts)
	}
	if c.Contents > 0 {
		s += fmt.Sprintf(", %d of its files byte for byte", c.Contents)
	}
	if c.Favicon {
		s += ", the same icon"
	}
	if c.Title {
		s += ", the same title"
	}
	if c.Genuine {
		s += ", leads to the genuine site"
	}
	if c.TLSH != nil {
		s += fmt.Sprintf(", TLSH distance %d", *c.TLSH)
	}
	return s
}
