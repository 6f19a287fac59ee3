package lab

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"lurehound/internal/lab/installer"
)

// visitor is what a site can tell one visitor from another by.
type visitor struct {
	addr     netip.Addr
	country  string
	referrer string
	agent    string
	language string
	query    url.Values
	times    int // that the address has asked for the start page, this time too
	all      int // that anybody has
}

// site is the web site of one name.
type site struct {
	web    *web
	domain string
	addrs  []netip.Addr
	data   *siteData

	mu     sync.Mutex
	starts map[netip.Addr]int // requests for the start page by address
	all    int
}

// count notes a request, and says how often the start page was asked for.
func (s *site) count(r *http.Request, a netip.Addr) (times, all int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.URL.Path == "/" {
		if s.starts == nil {
			s.starts = map[netip.Addr]int{}
		}
		s.starts[a]++
		s.all++
	}
	return s.starts[a], s.all
}

func (s *site) at(a netip.Addr) bool { return slices.Contains(s.addrs, a) }

// serve shows the visitor the pages meant for him.
func (s *site) serve(rw http.ResponseWriter, r *http.Request, v visitor) {
	if s.data.Server != "" {
		rw.Header().Set("Server", s.data.Server)
	}
	if s.data.Secure && r.TLS == nil {
		http.Redirect(rw, r, "https://"+r.Host+r.URL.RequestURI(), http.StatusMovedPermanently)
		return
	}
	view := pageView{set: s.data.Pages, status: s.data.Status, values: s.data.Values}
	open := view.status == 0 || view.status == http.StatusOK
	v.times, v.all = s.count(r, v.addr)
	for _, rule := range s.data.Rules {
		if rule.fits(v) {
			view.set, view.status = rule.Pages, rule.Status
			view.values = maps.Clone(view.values)
			maps.Copy(view.values, rule.Values)
			open = view.status == 0 || view.status == http.StatusOK
			break
		}
	}
	if key, ok := s.data.Downloads[r.URL.Path]; ok && open {
		s.download(rw, r, key)
		return
	}
	s.web.pages[view.set].serve(rw, r, view)
}

func (rule *ruleData) fits(v visitor) bool {
	return (len(rule.Countries) == 0 || slices.Contains(rule.Countries, v.country)) &&
		strings.Contains(v.referrer, rule.Referrer) && strings.Contains(v.agent, rule.Agent) &&
		strings.HasPrefix(v.language, rule.Language) && (rule.Click == "" || v.query.Has(rule.Click)) &&
		(!rule.First || v.times <= 1) && (rule.Visits == 0 || v.all <= rule.Visits)
}

// download serves an installer with its length, ranges and HEAD.
func (s *site) download(rw http.ResponseWriter, r *http.Request, key string) {
	file := s.web.files[key]
	content, err := installer.Open(file)
	if err != nil { // a test opens every file that is listed
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	h := rw.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": path.Base(r.URL.Path)}))
	h.Set("ETag", fmt.Sprintf(`"%.16s"`, file.SHA256))
	http.ServeContent(rw, r, "", file.Modified, io.NewSectionReader(content, 0, file.Size))
}

// pageView is one way to show a set of pages.
type pageView struct {
	set    string
	status int // of its HTML pages; 0 is 200
	values map[string]string
}

// pageSet is one folder under pages/. Its .html files are templates; a file
// whose name begins with "_" is for the others to include. notfound.html
// answers for everything that is not there; without it the index does, as
// parking pages and warnings do.
type pageSet struct {
	templates *template.Template
	files     map[string][]byte // path → bytes, of what is no template
}

func readPageSet(files fs.FS, name string) (*pageSet, error) {
	set := &pageSet{templates: template.New(""), files: map[string][]byte{}}
	root := "pages/" + name
	err := fs.WalkDir(files, root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(files, p)
		if err != nil {
			return err
		}
		local := strings.TrimPrefix(p, root)
		if path.Ext(local) != ".html" {
			set.files[local] = b
			return nil
		}
		_, err = set.templates.New(local).Parse(string(b))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the pages %s: %w", name, err)
	}
	if set.templates.Lookup("/index.html") == nil {
		return nil, fmt.Errorf("reading the pages %s: there is no index.html", name)
	}
	return set, nil
}

// serve answers GET and HEAD for one path.
func (set *pageSet) serve(rw http.ResponseWriter, r *http.Request, view pageView) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(rw, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	local := path.Clean("/" + r.URL.Path)
	if local == "/" {
		local = "/index.html"
	}
	if b, ok := set.files[local]; ok {
		rw.Header().Set("Content-Type", contentType(local))
		http.ServeContent(rw, r, "", time.Time{}, bytes.NewReader(b))
		return
	}
	status := view.status
	if status == 0 {
		status = http.StatusOK
	}
	page := set.templates.Lookup(local)
	if page == nil || strings.HasPrefix(path.Base(local), "_") {
		if page = set.templates.Lookup("/notfound.html"); page != nil {
			status = http.StatusNotFound
		} else {
			page = set.templates.Lookup("/index.html")
		}
	}
	var out bytes.Buffer
	if err := page.Execute(&out, view.values); err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.Header().Set("Content-Length", fmt.Sprint(out.Len()))
	rw.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = rw.Write(out.Bytes()) // the client may have gone
	}
}

// contentType is fixed here: the system's table differs from machine to machine.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/vnd.microsoft.icon"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}
