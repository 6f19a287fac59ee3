package permute

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lurehound/internal/lexicon"
)

// results is what a technique makes of a label under .com, valid or not.
func results(tech Technique, label string, more ...func(*Target)) []string {
	t := Target{Label: label, Suffix: "com"}
	for _, f := range more {
		f(&t)
	}
	var out []string
	for e := range tech.Apply(t, lexicon.Default()) {
		out = append(out, e.Label+e.Suffix+e.Name)
		if len(out) == 20_000 {
			break
		}
	}
	return out
}

// check compares what a technique makes of a label with names that it must and must not make.
func check(t *testing.T, tech Technique, label, makes, not string) {
	t.Helper()
	got := results(tech, label)
	for want := range strings.FieldsSeq(makes) {
		if !slices.Contains(got, want) {
			t.Errorf("%s does not make %s of %s", tech.Name, want, label)
		}
	}
	for no := range strings.FieldsSeq(not) {
		if slices.Contains(got, no) {
			t.Errorf("%s makes %s of %s", tech.Name, no, label)
		}
	}
}

// TestEveryTechniqueIsListed: every function of the package that returns a
// Technique is called in the table.
func TestEveryTechniqueIsListed(t *testing.T) {
	var declared, listed []string
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil {
				continue
			}
			if fn.Name.Name == "Techniques" {
				ast.Inspect(fn, func(n ast.Node) bool {
					if call, ok := n.(*ast.CallExpr); ok {
						listed = append(listed, call.Fun.(*ast.Ident).Name)
					}
					return true
				})
			}
			if r := fn.Type.Results; r != nil && len(r.List) == 1 && fn.Type.Params.NumFields() == 0 {
				if id, ok := r.List[0].Type.(*ast.Ident); ok && id.Name == "Technique" {
					declared = append(declared, fn.Name.Name)
				}
			}
		}
	}
	slices.Sort(declared)
	slices.Sort(listed)
	if len(declared) < 13 || !slices.Equal(declared, listed) {
		t.Errorf("declared are %v, listed are %v", declared, listed)
	}
}

func TestTableIsComplete(t *testing.T) {
	seen := map[string]Technique{}
	for _, tech := range Techniques() {
		if _, dup := seen[tech.Name]; dup || tech.Name == "" || tech.Apply == nil || tech.Weight <= 0 || tech.Weight > 1 ||
			strings.Contains(tech.Doc, "\n") || !strings.Contains(tech.Doc, ": ") {
			t.Errorf("%q is incomplete or comes twice", tech.Name)
		}
		if (tech.On == OnLabel || tech.On == OnSuffix) && tech.Explain == nil || tech.On == OnName && tech.ExplainName == nil {
			t.Errorf("%q cannot say which names it makes", tech.Name)
		}
		seen[tech.Name] = tech
	}
	for _, p := range pairs() {
		a, b := seen[p.first], seen[p.second]
		if a.Apply == nil || b.Apply == nil || a.On != OnLabel || b.On != OnLabel || p.first == p.second {
			t.Errorf("pair %v is not of two label techniques", p)
		}
		if a.Around {
			t.Errorf("pair %v puts something around a label before it changes that", p)
		}
	}
}

// TestChangesMakeTheEdit: for every technique and label, the changes rewrite the
// label into the edit's, weights are positive, those of a BestFirst technique fall and add up to
// no more than 1, and Explain, where there is one, recognises the edit.
func TestChangesMakeTheEdit(t *testing.T) {
	x := lexicon.Default()
	label := rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?`)
	rapid.Check(t, func(t *rapid.T) {
		tg := Target{Label: label.Draw(t, "label"), Suffix: "com", Products: []string{"product"}, Words: []string{"word"}}
		tg.addParts(tg.Label)
		for _, tech := range Techniques() {
			n, last, sum := 0, 1.0, 0.0
			for e := range tech.Apply(tg, x) {
				if n++; n > 300 {
					break
				}
				if e.Weight <= 0 {
					t.Fatalf("%s: weight %g", tech.Name, e.Weight)
				}
				if sum += e.Weight; tech.BestFirst != nil && (e.Weight > last*(1+1e-9) || sum > 1) {
					t.Fatalf("%s: weight %g after %g, sum %g", tech.Name, e.Weight, last, sum)
				}
				last = e.Weight
				if tech.On == OnName {
					checkNameEdit(t, tech, tg, e)
					continue
				}
				if tech.On == OnSuffix {
					if e.Suffix == "" || e.Suffix == tg.Suffix {
						t.Fatalf("%s gives suffix %q", tech.Name, e.Suffix)
					}
					continue
				}
				if got := rewrite(tg.Label, e.Changes); got != e.Label {
					t.Fatalf("%s: %v makes %q of %q, not %q", tech.Name, e.Changes, got, tg.Label, e.Label)
				}
				if tech.Explain == nil || e.Label == tg.Label || !validLabel(e.Label) {
					continue
				}
				if changes, ok := tech.Explain(tg, e.Label, x); !ok || rewrite(tg.Label, changes) != e.Label {
					t.Fatalf("%s makes %q of %q and explains it by %v", tech.Name, e.Label, tg.Label, changes)
				}
			}
		}
	})
}

// checkNameEdit: a whole name says nothing else, and when it can be registered its technique explains it.
func checkNameEdit(t *rapid.T, tech Technique, tg Target, e Edit) {
	if e.Name == "" || e.Label != "" || e.Suffix != "" {
		t.Fatalf("%s gives %+v", tech.Name, e)
	}
	d, ok := tg.name(e.Name)
	if !ok {
		return
	}
	if changes, ok := tech.ExplainName(tg, d, lexicon.Default()); !ok || len(changes) != len(e.Changes) {
		t.Fatalf("%s makes %s of %s and explains it by %v", tech.Name, d, tg.Label, changes)
	}
}

func TestMerge(t *testing.T) {
	abc := Target{Label: "abc"}
	a := abc.single("b", "x", 1, 1).Changes
	for _, c := range []struct {
		b    Edit
		want string
	}{
		{abc.single("", "pre-", 0, 1), "pre-axc"},
		{abc.single("", "-post", 3, 1), "axc-post"},
		{abc.single("", "i", 1, 1), "aixc"},
		{abc.single("", "i", 2, 1), "axic"},
		{abc.single("c", "", 2, 1), "ax"},
		{abc.single("bc", "cb", 1, 1), ""},
		{abc.single("b", "y", 1, 1), ""},
	} {
		for _, m := range [][2]Edit{{{Changes: a}, c.b}, {c.b, {Changes: a}}} {
			all, ok := merge(nil, m[0].Changes, m[1].Changes)
			if ok != (c.want != "") || ok && rewrite("abc", all) != c.want {
				t.Errorf("%v and %v merge to %v, %v; want %q", m[0].Changes, m[1].Changes, all, ok, c.want)
			}
		}
	}
}

func TestTokenize(t *testing.T) {
	for name, want := range map[string]string{
		"MicroDicom DICOM Viewer": "micro.dicom dicom viewer", "Notepad++": "notepad plus plus", "7-Zip": "7 zip",
		"RVTools": "rvtools", "Müller's Büro": "mullers buro", "AT&T": "at and t", "": "", "日本": "", "qBittorrent": "q.bittorrent",
	} {
		var got []string
		for _, parts := range tokenize(name) {
			got = append(got, strings.Join(parts, "."))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q gives %q, want %q", name, got, want)
		}
	}
}
