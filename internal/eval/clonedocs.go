package eval

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// manual is a package's documentation: its folder below the folder of all, and its start page.
type manual struct{ generator, dir, start string }

// manuals are Debian's packages of documentation, small ones, several of each generator.
var manuals = [...]manual{
	{"sphinx", "doc/python-attr-doc/html", "index.html"},
	{"sphinx", "doc/python-requests-doc/html", "index.html"},
	{"sphinx", "doc/python-click-doc/html", "index.html"},
	{"sphinx", "doc/python-jinja2-doc/html", "index.html"},
	{"sphinx", "doc/python-werkzeug-doc/html", "index.html"},
	{"sphinx", "doc/python-babel-doc/html", "index.html"},
	{"sphinx", "doc/python-mako-doc/html", "index.html"},
	{"sphinx", "doc/python-tornado-doc/html", "index.html"},
	{"sphinx", "doc/python-pygments-doc/html", "index.html"},
	{"sphinx", "doc/python-pyparsing-doc/html", "index.html"},
	{"sphinx", "doc/python-simplejson-doc", "index.html"},
	{"doxygen", "doc/libopus-dev/html", "index.html"},
	{"doxygen", "doc/libtheora-dev/html", "index.html"},
	{"doxygen", "doc/libftdi1-dev/html", "index.html"},
	{"doxygen", "doc/libflac-doc/api", "index.html"},
	{"doxygen", "doc/libjsoncpp-doc", "index.html"},
	{"doxygen", "doc/libusb-1.0-doc/api-1.0", "index.html"},
	{"gtk-doc", "gtk-doc/html/atk", "index.html"},
	{"gtk-doc", "gtk-doc/html/cairo", "index.html"},
	{"gtk-doc", "gtk-doc/html/libsoup-2.4", "index.html"},
	{"gtk-doc", "gtk-doc/html/libnotify", "index.html"},
	{"gtk-doc", "gtk-doc/html/libtasn1", "index.html"},
	{"javadoc", "doc/libcommons-io-java/api", "index.html"},
	{"javadoc", "doc/libcommons-codec-java/api", "index.html"},
	{"javadoc", "doc/libcommons-lang3-java/api", "index.html"},
	{"mkdocs", "doc/mkdocs/html", "index.html"},
	{"mkdocs", "doc/python-markdown-doc/docs", "index.html"},
	{"halibut", "doc/putty-doc", "index.html"},
	{"texinfo", "doc/libfftw3-dev/html", "index.html"},
}

const (
	mostManualPage = 400 << 10 // bytes; longer pages are lists
	leastManual    = 2 << 10
	morePages      = 3 // of each manual, beside its start page
)

// manualPages are the start page of a manual and some more. Pages that a generator or a licence writes are no one's:
// indexes, help and licences are the same at many.
func manualPages(share string, m manual) (pages []site) {
	dir := filepath.Join(share, m.dir)
	names, err := filepath.Glob(filepath.Join(dir, "*.html"))
	if err != nil || len(names) == 0 {
		return nil
	}
	add := func(name string, least int64) {
		info, err := os.Stat(name)
		if err != nil || info.Size() > mostManualPage || info.Size() < least {
			return
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return
		}
		base := filepath.Base(name)
		pages = append(pages, site{
			name: m.dir + "/" + base, generator: m.generator, html: b,
			url: "https://" + strings.NewReplacer("/", "-", ".", "-").Replace(m.dir) + ".example/" + base,
			file: func(link string) []byte {
				if !filepath.IsLocal(strings.TrimPrefix(link, "/")) {
					return nil
				}
				b, _ := os.ReadFile(filepath.Join(dir, link)) // what a manual lacks is not inlined
				return b
			},
		})
	}
	start := filepath.Join(dir, m.start)
	add(start, 0)
	for _, name := range names {
		if name != start && !everybodys(filepath.Base(name)) && len(pages) <= morePages {
			add(name, leastManual)
		}
	}
	return pages
}

func everybodys(name string) bool {
	for _, s := range []string{"genindex", "modindex", "search", "licen", "copying", "404", "help-doc", "index-all", "allclasses", "allpackages", "deprecated",
		"annotation", "graph_legend", "overview-tree", "serialized", "constant-values", "fdl", "gpl", "globals", "functions", "dir_"} {
		if strings.Contains(strings.ToLower(name), s) {
			return true
		}
	}
	return false
}

// mirrors copies the start pages with a program, from a server on the loopback: what it wrote for each, "" for none.
func mirrors(ctx context.Context, share, program string, of []manual) ([]string, error) {
	if _, err := exec.LookPath(program); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: http.FileServer(http.Dir(share)), ReadTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	defer func() { server.Close(); <-done }()
	dir, err := os.MkdirTemp("", "lurehound-mirror-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := make([]string, len(of))
	for i, m := range of {
		to := filepath.Join(dir, program, strings.ReplaceAll(m.dir, "/", "-"))
		if err := os.MkdirAll(to, 0o700); err != nil {
			return nil, err
		}
		b, err := mirror(ctx, program, "http://"+l.Addr().String()+"/"+m.dir+"/"+m.start, l.Addr().String(), to, m)
		if err != nil {
			return nil, err
		}
		out[i] = string(b)
	}
	return out, nil
}

// mirror runs one of the two programs for one page, its files and the pages next to it.
func mirror(ctx context.Context, program, url, host, to string, m manual) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	args := []string{"-q", "-m", "-k", "-l", "1", "-np", "-e", "robots=off", "-P", to, url}
	if program == "httrack" {
		args = []string{url, "-O", to, "-q", "-%v0", "-r1", "-n", "-s0", "-A100000000", "-c4", "-%c50", "--disable-security-limits"}
	}
	c := exec.CommandContext(ctx, program, args...)
	c.Dir = to
	c.Env = append(os.Environ(), "http_proxy=", "HTTP_PROXY=", "no_proxy=*")
	// A link that leads nowhere makes either exit with a failure: what counts is whether the page is there.
	if err := c.Run(); err != nil && ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, ctx.Err()
	}
	for _, h := range []string{host, strings.ReplaceAll(host, ":", "_")} {
		if b, err := os.ReadFile(filepath.Join(to, h, m.dir, m.start)); err == nil {
			return b, nil
		}
	}
	return nil, nil
}
