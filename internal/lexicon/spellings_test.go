package lexicon

import (
	"slices"
	"strings"
	"testing"
)

func TestHomophones(t *testing.T) {
	x := Default()
	for word, c := range map[string]struct{ want, not string }{
		"for": {"4", ""}, "you": {"u", ""}, "photo": {"foto", "photo"}, "quick": {"kwik quik kwick", ""},
		"micro": {"mikro mycro", "misro"}, "center": {"centre senter centa", "kenter"}, "scanner": {"skanner scanna", "zcanner"},
		"phish": {"fish phich", ""}, "ware": {"wear", ""}, "knight": {"night knite", ""}, "ox": {"", "ocks oks"}, "check": {"chek", "khek"},
		"fuchs": {"fux", ""}, "chateau": {"chato", ""}, "llave": {"yave llabe", ""}, "": {"", ""},
	} {
		var got []string
		for _, s := range x.AppendHomophones(nil, word) {
			if s.Word == "" || s.Word == word || slices.Contains(got, s.Word) || s.Weight <= 0 || s.Weight > 1 {
				t.Errorf("%s sounds like %+v", word, s)
			}
			got = append(got, s.Word)
		}
		for w := range strings.FieldsSeq(c.want) {
			if !slices.Contains(got, w) {
				t.Errorf("%s is not written %s, but %q", word, w, got)
			}
		}
		for w := range strings.FieldsSeq(c.not) {
			if slices.Contains(got, w) {
				t.Errorf("%s is written %s", word, w)
			}
		}
	}
}

func TestMisspellings(t *testing.T) {
	x := Default()
	for word, c := range map[string]struct{ want, not string }{
		"download": {"downlode donwload downlod", "download"}, "federal": {"fedral", ""}, "scanner": {"scaner", "scannerr"},
		"browser": {"browzer broswer", ""}, "viewer": {"veiwer", ""}, "independent": {"independant", ""}, "receiver": {"reciever", ""},
		"editor": {"editer", ""}, "rechnung": {"rechung", ""}, "paiement": {"payement", ""}, "servicio": {"servisio", ""}, "zip": {"", "zipp"}, "": {"", ""},
	} {
		var got []string
		for _, s := range x.AppendMisspellings(nil, word) {
			if s.Word == "" || s.Word == word || slices.Contains(got, s.Word) || s.Weight <= 0 || s.Weight > 1 {
				t.Errorf("%s is misspelt %+v", word, s)
			}
			got = append(got, s.Word)
		}
		for w := range strings.FieldsSeq(c.want) {
			if !slices.Contains(got, w) {
				t.Errorf("%s is not misspelt %s, but %q", word, w, got)
			}
		}
		for w := range strings.FieldsSeq(c.not) {
			if slices.Contains(got, w) {
				t.Errorf("%s is misspelt %s", word, w)
			}
		}
	}
}

// Every line of the files is read.
func TestSpellingFiles(t *testing.T) {
	for name, file := range map[string]string{"homophones": homophoneFile, "misspellings": misspellingFile} {
		h := readSpellings(file)
		rules := 0
		for _, r := range h.rules {
			rules += len(r)
		}
		for line := range strings.Lines(file) {
			f := strings.Fields(line)
			switch f[0] {
			case "word":
				for _, to := range f[3:] {
					if !slices.ContainsFunc(h.words[f[2]], func(s Spelling) bool { return s.Word == to && s.Language == f[1] }) {
						t.Errorf("%s: line %q is not read", name, line)
					}
				}
			case "rule":
				rules--
			default:
				if f[0] != "#" {
					t.Errorf("%s: line %q is neither word nor rule", name, line)
				}
			}
		}
		if rules != 0 {
			t.Errorf("%s: %d lines of rules are not read", name, -rules)
		}
	}
}
