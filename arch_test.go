package lurehound

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport is the one-way table: which of our packages each package may
// import, besides the root package, which all may. It holds for tests too.
// A package that is not listed here may not exist.
var mayImport = map[string][]string{
	".":                        nil,
	"cmd/lurehound":            {"cli"},
	"cmd/bench":                {"bench"},
	"cmd/eval":                 {"eval"},
	"internal/lexicon":         nil,
	"internal/lexicon/gen":     {"lexicon"},
	"internal/page":            nil,
	"internal/egress":          nil,
	"internal/campaign":        {"payload", "compare"},
	"internal/report":          nil,
	"internal/config":          nil,
	"internal/lab":             {"lab/installer"},
	"internal/lab/installer":   nil,
	"internal/lab/gen":         {"lab/installer"},
	"internal/asn":             nil,
	"internal/testbed":         nil,
	"internal/vault":           nil,
	"internal/payload":         nil,
	"internal/sandbox":         nil,
	"internal/examine":         {"payload", "sandbox", "vault"},
	"internal/permute":         {"lexicon"},
	"internal/permute/gen":     {"permute", "lexicon"},
	"internal/match":           {"lexicon", "permute"},
	"internal/resolve":         {"egress"},
	"internal/fetch":           {"egress"},
	"internal/picture":         nil,
	"internal/browser":         {"egress", "picture"},
	"internal/feed":            {"fetch"},
	"internal/advisory":        {"fetch"},
	"internal/compare":         {"page"},
	"internal/score":           {"page"},
	"internal/cloak":           {"page", "egress"},
	"internal/probe":           {"egress", "resolve", "fetch", "page", "cloak", "payload", "vault", "examine", "browser", "picture"},
	"internal/hunt":            {"lexicon", "permute", "match", "feed", "egress", "resolve", "fetch", "page", "payload", "probe", "compare", "score", "campaign"},
	"internal/store/sqlite":    {"hunt"},
	"internal/store/storetest": {"hunt"},
	"internal/eval":            {"lexicon", "permute", "match", "page", "compare", "payload"},
	"internal/bench":           {"lexicon", "permute", "match", "config", "testbed"},
	"internal/cli":             {"*"},
}

// testsMayImport lists what tests import beyond mayImport: the laboratory and
// the conformance suite exist for them.
var testsMayImport = map[string][]string{
	"internal/payload":      {"lab/installer"},
	"internal/store/sqlite": {"store/storetest"},
	"internal/resolve":      {"lab", "testbed"},
	"internal/fetch":        {"lab", "testbed", "page"},
	"internal/feed":         {"lab", "egress"},
	"internal/probe":        {"lab", "sandbox"},
	"internal/examine":      {"lab"},
	"internal/browser":      {"lab", "resolve"},
	"internal/hunt":         {"lab", "store/sqlite", "cloak"},
}

func TestImportsGoOneWay(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if n := e.Name(); n != "." && (strings.HasPrefix(n, ".") || n == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		dir := filepath.ToSlash(filepath.Dir(p))
		seen[dir] = true
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, im := range f.Imports {
			ipath, _ := strconv.Unquote(im.Path.Value)
			if ours, ok := strings.CutPrefix(ipath, "lurehound/"); ok && !allowed(dir, path.Clean(ours), strings.HasSuffix(p, "_test.go")) {
				t.Errorf("%s imports %s: the table in arch_test.go does not allow it", p, ipath)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir := range seen {
		if _, ok := mayImport[dir]; !ok {
			t.Errorf("package %s is not in the table of arch_test.go", dir)
		}
	}
	for dir := range mayImport {
		if !seen[dir] {
			t.Errorf("the table of arch_test.go lists %s, which does not exist", dir)
		}
	}
}

func allowed(dir, imported string, test bool) bool {
	name := strings.TrimPrefix(imported, "internal/")
	list := mayImport[dir]
	if test {
		list = slices.Concat(list, testsMayImport[dir])
	}
	return imported == dir || slices.Contains(list, "*") || slices.Contains(list, name)
}
