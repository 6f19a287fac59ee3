package egress

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// ways are the names of the standard library and of our dependencies that
// dial, look up or send on their own. A name that ends in * stands for all that
// begin so.
var ways = map[string][]string{
	"net": {"Dial*", "DefaultResolver", "Resolver", "Lookup*", "Resolve*Addr", "ListenPacket", "ListenUDP", "ListenIP",
		"ListenMulticastUDP", "ListenUnixgram", "FileConn", "FilePacketConn"},
	"net/http": {"DefaultClient", "DefaultTransport", "Get", "Head", "Post", "PostForm", "ProxyFromEnvironment", "ProxyURL",
		"NewFileTransport"},
	"crypto/tls":                         {"Dial*"},
	"net/rpc":                            {"Dial*"},
	"net/rpc/jsonrpc":                    {"Dial*"},
	"net/smtp":                           {"*"},
	"net/http/httputil":                  {"NewSingleHostReverseProxy", "ReverseProxy"},
	"log/syslog":                         {"*"},
	"syscall":                            {"Socket", "Connect", "Sendto", "Sendmsg*"},
	"golang.org/x/sys/unix":              {"Socket", "Connect", "Sendto", "Sendmsg*"},
	"golang.org/x/net/proxy":             {"*"},
	"golang.org/x/net/websocket":         {"Dial*"},
	"golang.org/x/net/http/httpproxy":    {"*"},
	"golang.org/x/net/icmp":              {"*"},
	"github.com/miekg/dns":               {"Dial*", "Exchange*", "Client", "Transfer"},
	"github.com/PuerkitoBio/goquery":     {"NewDocument"},
	"github.com/openrdap/rdap/bootstrap": {"DefaultClient"},
}

// mayDial are the folders that may: the one way out, the laboratory that is its
// other end, and the name servers on loopback, which tests and bench alone import.
var mayDial = []string{"internal/egress", "internal/lab", "internal/testbed"}

func TestNoOtherWayOut(t *testing.T) {
	root := moduleRoot(t)
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if name := d.Name(); rel != "." && (name == "testdata" || name == "vendor" || name[0] == '.' || name[0] == '_') || slices.Contains(mayDial, rel) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		for _, w := range waysIn(rel, src) {
			t.Error(w)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 10 {
		t.Fatalf("only %d files were looked at", files)
	}
}

func moduleRoot(t *testing.T) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("there is no go.mod above the tests")
		}
		dir = parent
	}
}

// waysIn names every way out in one file, with its place.
func waysIn(name string, src []byte) []string {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	if err != nil {
		return []string{err.Error()}
	}
	var found []string
	report := func(n ast.Node, what string) {
		found = append(found, fmt.Sprintf("%s: %s leaves past internal/egress", fset.Position(n.Pos()), what))
	}
	packages := map[string]string{} // name in this file → path
	for _, imp := range file.Imports {
		path, _ := strconv.Unquote(imp.Path.Value)
		local := path[strings.LastIndexByte(path, '/')+1:]
		if imp.Name != nil {
			local = imp.Name.Name
		}
		if _, watched := ways[path]; watched && local == "." {
			report(imp, "a dot import of "+path)
		}
		packages[local] = path
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			if ok && forbidden(packages[x.Name], n.Sel.Name) {
				report(n, packages[x.Name]+"."+n.Sel.Name)
			}
		case *ast.CompositeLit:
			sel, ok := n.Type.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok || packages[x.Name] != "net/http" {
				return true
			}
			// Both dial by themselves unless they are told how.
			switch {
			case sel.Sel.Name == "Client" && !hasKey(n, "Transport"):
				report(n, "an http.Client without a Transport")
			case sel.Sel.Name == "Transport" && !hasKey(n, "DialContext"):
				report(n, "an http.Transport without DialContext")
			}
			if hasKey(n, "Proxy") {
				report(n, "an http.Transport with a Proxy")
			}
		}
		return true
	})
	return found
}

func forbidden(path, name string) bool {
	return slices.ContainsFunc(ways[path], func(w string) bool {
		before, after, glob := strings.Cut(w, "*")
		if !glob {
			return name == w
		}
		return strings.HasPrefix(name, before) && strings.HasSuffix(name, after) && len(name) >= len(before)+len(after)
	})
}

func hasKey(lit *ast.CompositeLit, key string) bool {
	return slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		id, ok := kv.Key.(*ast.Ident)
		return ok && id.Name == key
	})
}

// TestWaysAreSeen proves that the walk above can fail.
func TestWaysAreSeen(t *testing.T) {
	for _, c := range []struct {
		imports, body string
		want          int
	}{
		{`"net"`, `net.Dial("tcp", "a:80")`, 1},
		{`"net"`, `var d net.Dialer; d.Dial("tcp", "a:80")`, 1},
		{`n "net"`, `n.LookupHost("a")`, 1},
		{`. "net"`, `Dial("tcp", "a:80")`, 1},
		{`"net"`, `net.DefaultResolver.LookupHost(nil, "a")`, 1},
		{`"net"`, `net.ResolveTCPAddr("tcp", "a:80")`, 1},
		{`"net/http"`, `http.Get("http://a")`, 1},
		{`"net/http"`, `http.DefaultClient.Get("http://a")`, 1},
		{`"net/http"`, `_ = http.Client{}`, 1},
		{`"net/http"`, `_ = &http.Client{Transport: x}`, 0},
		{`"net/http"`, `_ = &http.Transport{}`, 1},
		{`"net/http"`, `_ = &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: f}`, 2},
		{`"crypto/tls"`, `tls.Dial("tcp", "a:443", nil)`, 1},
		{`"github.com/miekg/dns"`, `new(dns.Client).Exchange(nil, "a:53")`, 1},
		{`"net/smtp"`, `smtp.SendMail("a:25", nil, "", nil, nil)`, 1},
		{`"net"`, `net.ParseIP("a"); net.SplitHostPort("a:1"); net.Listen("tcp", "127.0.0.1:0")`, 0},
		{`"net/netip"`, `netip.ParseAddr("a")`, 0},
	} {
		src := "package p\nimport " + c.imports + "\nfunc _() {\n" + c.body + "\n}\n"
		if got := waysIn("p.go", []byte(src)); len(got) != c.want {
			t.Errorf("%s: got %q, want %d", c.body, got, c.want)
		}
	}
}
