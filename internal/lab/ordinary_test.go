package lab

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/idna"
)

var update = flag.Bool("update", false, "write ordinary.csv anew")

// ordinaryNames is how many registrations the look-alikes hide among.
const ordinaryNames = 2000

// dice draws the same numbers in every run.
type dice struct{ state uint64 }

func (d *dice) roll(n int) int {
	d.state++
	return int(mix(d.state*0x2545f4914f6cdd1d) % uint64(n))
}

func pick(d *dice, words string) string {
	ws := strings.Fields(words)
	return ws[d.roll(len(ws))]
}

const (
	qualities = "amber blue bright calm clear copper crisp early east fair fresh gentle golden grand green happy hidden honest humble ivory jolly kind little lucky merry mild noble north olive open polar proper quick quiet rapid red river royal rustic silver simple slow smart soft solid south steady sunny swift tidy true urban velvet warm west white wild windy wise"
	things    = "acorn anchor apple arrow badger bakery barn basket beacon bell bicycle boat bridge brook canyon castle cedar cellar chimney clover corner cottage crane creek dahlia desk dune elm engine falcon farm feather fern field finch flower forest fountain fox garden gate glacier hammer harbor hare harvest hazel heron hill hive house iris island juniper kettle kitchen ladder lake lantern larch leaf lemon lighthouse lily linen loft maple market meadow mill moon moss mountain needle nest oak orchard otter owl paper park pear pebble pine plum pond poplar press quarry quilt rabbit raven reef ridge robin roof rose saddle sail sparrow spruce station stone studio swan table thistle timber tower trail tulip valley village vine walnut wharf wheel willow window wolf wool yard"
	trades    = "academy advisors agency architects arts bikes books builders butchers cafe carpentry catering ceramics cleaning clinic coaching coffee consulting crafts dental design electric fashion finance fitness florist foods furniture gallery games gardens gifts guides heating homes insurance interiors jewelry joinery kids labs laundry lawyers lighting logistics marketing massage motors music optics paint parts pets photo physio plumbing pottery realty records rentals repairs roofing salon school shoes solar spa sports studio tailor tattoo tea tiles tools tours toys travel trucks vets weddings windows wines yoga"
	people    = "abel adler almeida baker bauer becker berg blanc bruno carter castro conti costa craig cruz dahl duarte ekman eriksen fabre ferrari fischer foster garcia geller graf haas hansen hoffman hughes ibarra jansen jensen keller kovac kruger lambert larsen leroy lopez lund maier marino martel meyer moreau nagy navarro nielsen novak olsen owens pereira petit price quinn ramos reyes ricci rossi roy sanders santos schmid serra silva sloan soto stein taylor torres turner urban vargas vega vidal wagner walsh weber winter young zimmer"
	foreign   = "bücherstube.com käsehof.de cafémarais.fr blåbærhytten.com piñatafiesta.com münzhandel.info straßenkunst.online façades-lyon.fr smörgåsgården.com jardínverde.com niñosfelices.online übersetzerin.com 花屋.com 山の宿.com книжныйдвор.com садоводы.info ελαιώνας.com žabalov.com łazienki24.com çiçekçim.com"
	suffixes  = "com com com com com com com com net net org org info info online online shop shop site store xyz top club app dev co.uk de nl fr me"
)

// odd are names that feeds really bring in kind: as long as a label may be,
// short, of digits, with an underscore, with hyphens where none should be.
const odd = "the-very-long-name-of-a-small-choir-that-sings-by-my-green-lake.com " +
	"a-name-of-many-parts.and-more-parts.and-even-more-parts.summer-orchard-association.org " +
	"my_shop_yard.online _acme.orchardpress.com q7.xyz 88213790.top 365-247.shop x.club -leading-oak.com trailing-elm-.net two--hyphens-pond.com"

// ordinary makes ordinary.csv.
func ordinary() []byte {
	var b bytes.Buffer
	b.WriteString("# Registrations among which the look-alikes hide. Every name and everything told of\n")
	b.WriteString("# it is invented: made from word lists by ordinary_test.go, which also checks that this\n")
	b.WriteString("# file is what it makes. Any likeness to a registered domain is chance.\n")
	b.WriteString(strings.Join(ordinaryColumns, ",") + "\n")
	d := &dice{state: 2024}
	names := append(strings.Fields(odd), strings.Fields(foreign)...)
	seen := map[string]bool{}
	for _, n := range names {
		seen[n] = true
	}
	for len(names) < ordinaryNames {
		if n := ordinaryLabel(d) + "." + pick(d, suffixes); !seen[n] {
			seen[n] = true
			names = append(names, n)
		}
	}
	last := time.Date(2024, 7, 15, 0, 0, 0, 0, time.UTC)
	for i, n := range names {
		if a, err := idna.Punycode.ToASCII(n); err == nil {
			n = a
		}
		// Days in turn, so that every day has its share; today is not over, and has less.
		age := i % 31
		if age == 0 && d.roll(3) > 0 {
			age = 1 + d.roll(30)
		}
		seen := last.AddDate(0, 0, -age)
		registered := seen.Add(-time.Duration(d.roll(20*3600)) * time.Second)
		ip := ""
		switch d.roll(5) {
		case 0, 1:
			ip = fmt.Sprintf("198.51.100.%d", 140+d.roll(4))
		case 2:
			ip = fmt.Sprintf("198.51.100.%d", 160+d.roll(29))
		}
		score, reason := "0", ""
		if e := entropy(n[:strings.IndexByte(n, '.')]); e > 3 {
			score = fmt.Sprintf("%.2f", e-3)
			reason = fmt.Sprintf("High entropy: %.2f (+%s)", e, score)
		}
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%s,%s,%s\n", n, registered.Format(time.RFC3339),
			pick(d, "northgate northgate cheapnames harbour sofia"), pick(d, "plain plain meridian edge balkan"),
			ip, seen.Format(time.DateOnly), score, reason)
	}
	return b.Bytes()
}

func ordinaryLabel(d *dice) string {
	switch d.roll(9) {
	case 0:
		return pick(d, qualities) + pick(d, things)
	case 1:
		return pick(d, qualities) + "-" + pick(d, things)
	case 2:
		return pick(d, people) + pick(d, trades)
	case 3:
		return pick(d, people) + "-" + pick(d, trades)
	case 4:
		return pick(d, things) + pick(d, trades)
	case 5:
		return "the" + pick(d, qualities) + pick(d, things)
	case 6:
		return pick(d, people) + "and" + pick(d, people)
	case 7:
		return fmt.Sprintf("%s%d", pick(d, things), 1+d.roll(99))
	}
	return pick(d, qualities) + "-" + pick(d, things) + "-" + pick(d, trades)
}

// entropy is Shannon's, in bits per character.
func entropy(s string) float64 {
	count := map[rune]float64{}
	n := 0.0
	for _, c := range s {
		count[c]++
		n++
	}
	var h float64
	for _, c := range sortedValues(count) {
		h -= c / n * math.Log2(c/n)
	}
	return h
}

// sortedValues keeps the sum, and so its last digit, the same in every run.
func sortedValues(m map[rune]float64) []float64 {
	var vs []float64
	for c := rune(0); len(vs) < len(m); c++ {
		if v, ok := m[c]; ok {
			vs = append(vs, v)
		}
	}
	return vs
}

func TestOrdinaryFileIsWhatIsMade(t *testing.T) {
	const file = "scenarios/microdicom/" + ordinaryFile
	want := ordinary()
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what is made; run: go test ./internal/lab -update", file)
	}
}

// A story in which an ordinary name resembles a brand would test something else.
func TestOrdinaryNamesResembleNothing(t *testing.T) {
	l := openLab(t)
	ordinary, days := 0, map[string]int{}
	for _, n := range l.scenario.names {
		if n.What != "" {
			continue
		}
		ordinary++
		days[n.Feed[0]]++
		for _, part := range []string{"micro", "dicom", "micr", "icom", "dico", "com.info", "scan", "advanc"} {
			if strings.Contains(n.Domain, part) {
				t.Errorf("%s contains %q", n.Domain, part)
			}
		}
		for label := range strings.SplitSeq(n.Domain, ".") {
			for _, brand := range []string{"microdicom", "advanced-ip-scanner"} {
				if d := distance(label, brand); d < 5 {
					t.Errorf("%s is %d edits from %s", n.Domain, d, brand)
				}
			}
		}
	}
	if ordinary != ordinaryNames {
		t.Errorf("%d ordinary names, want %d", ordinary, ordinaryNames)
	}
	if len(days) != l.scenario.ISC.Days {
		t.Errorf("they lie on %d days, want %d", len(days), l.scenario.ISC.Days)
	}
	for day, n := range days {
		if n < 10 {
			t.Errorf("%s has only %d names", day, n)
		}
	}
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(row[j+1]+1, row[j]+1, cost)
		}
	}
	return row[len(b)]
}
