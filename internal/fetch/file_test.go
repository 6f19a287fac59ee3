package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"lurehound"
	"lurehound/internal/egress"
	webpage "lurehound/internal/page"
)

var fileModified = time.Date(2024, 6, 27, 11, 0, 0, 0, time.UTC)

// installer is a server with one file of n bytes at /setup.exe, and ways to it.
func installer(t testing.TB, n int) (url string, content []byte, asked *[]http.Header) {
	content = make([]byte, n)
	for i := range content {
		content[i] = byte(i * 7 >> 3)
	}
	asked = &[]http.Header{}
	url = web(t, func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.Header.Clone())
		switch r.URL.Path {
		case "/setup.exe":
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Header().Set("Content-Disposition", `attachment; filename="Setup.exe"`)
			w.Header().Set("ETag", `"v1"`)
			http.ServeContent(w, r, "", fileModified, bytes.NewReader(content))
		case "/moved":
			http.Redirect(w, r, "/setup.exe", http.StatusFound)
		case "/thanks":
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, `<meta http-equiv="refresh" content="0;url=/moved">`)
		case "/page.exe":
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, "<p>no longer here</p>")
		case "/packed":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			z.Write(content)
			z.Close()
		case "/whole": // knows no ranges
			w.Header().Set("Content-Length", fmt.Sprint(n))
			w.Write(content)
		case "/other-range":
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 5-9/%d", n))
			w.WriteHeader(http.StatusPartialContent)
			w.Write(content[5:10])
		default:
			http.NotFound(w, r)
		}
	})
	return url, content, asked
}

func getFile(t testing.TB, c *Client, link string, want Want) (Answer, []byte, error) {
	t.Helper()
	s := c.Session(egress.DefaultProfile())
	defer s.Close()
	var b bytes.Buffer
	a, err := s.File(context.Background(), link, want, func(Answer) (io.Writer, error) { return &b, nil })
	return a, b.Bytes(), err
}

func TestFile(t *testing.T) {
	url, content, _ := installer(t, 300_000)
	c := local(t, Config{Refresh: webpage.Refresh})
	for _, tt := range []struct {
		name, path string
		want       Want
		from, to   int
		err        string
		at         int64
	}{
		{"all of it", "/setup.exe", Want{}, 0, 300_000, "", 0},
		{"its beginning", "/setup.exe", Want{Most: 64 << 10}, 0, 64 << 10, "", 0},
		{"its end", "/setup.exe", Want{From: 299_000, Most: 5000}, 299_000, 300_000, "", 299_000},
		{"going on", "/setup.exe", Want{From: 100_000, Validator: `"v1"`}, 100_000, 300_000, "", 100_000},
		{"going on with another version", "/setup.exe", Want{From: 100_000, Validator: `"v0"`}, 0, 300_000, "", 0},
		{"by a redirect", "/moved", Want{}, 0, 300_000, "", 0},
		{"by a page", "/thanks", Want{}, 0, 300_000, "", 0},
		{"packed on the way", "/packed", Want{}, 0, 300_000, "", 0},
		{"a server without ranges", "/whole", Want{Most: 1000}, 0, 1000, "", 0},
		{"a page in its place", "/page.exe", Want{}, 0, 0, "a page came in place of a file", 0},
		{"nothing there", "/gone.exe", Want{}, 0, 0, "status 404", 0},
		{"another range", "/other-range", Want{Most: 1000}, 0, 0, "another part came", 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, b, err := getFile(t, c, url+tt.path, tt.want)
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Fatalf("error %v, want %q", err, tt.err)
			}
			if !bytes.Equal(b, content[tt.from:tt.to]) {
				t.Errorf("%d bytes came, want %d to %d", len(b), tt.from, tt.to)
			}
			if err == nil && (a.From != tt.at || a.Read != int64(len(b))) {
				t.Errorf("from %d, read %d", a.From, a.Read)
			}
			if err == nil && strings.HasSuffix(a.URL, "/setup.exe") && (a.Size != 300_000 || a.Name != "Setup.exe" || a.Validator != `"v1"`) {
				t.Errorf("answer %+v", a)
			}
		})
	}
}

// A file is asked for as from the page that offers it, and nothing of a look is in it but a range.
func TestFileTellsWhatABrowserTells(t *testing.T) {
	url, _, asked := installer(t, 1000)
	c := local(t, Config{})
	if _, _, err := getFile(t, c, url+"/setup.exe", Want{Page: url + "/downloads.html"}); err != nil {
		t.Fatal(err)
	}
	h := (*asked)[0]
	if h.Get("Referer") != url+"/downloads.html" || h.Get("Range") != "" || h.Get("If-Range") != "" {
		t.Errorf("asked with %v", h)
	}
}

// What breaks off, drips, stalls or never ends is an error that says how far it came.
func TestFileOfHostileHosts(t *testing.T) {
	head := "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
	lim := hasty()
	lim.FileTotal, lim.FileWindow, lim.FileRate, lim.File = 3*time.Second, 300*time.Millisecond, 16<<10, 1<<20
	for _, tt := range []struct {
		name string
		talk func(net.Conn)
		err  string
	}{
		{"stalls", func(c net.Conn) {
			readRequest(c)
			io.WriteString(c, head+"Content-Length: 1000000\r\n\r\nMZ")
			io.Copy(io.Discard, c)
		}, "broke off after 2 bytes: slow"},
		{"bursts, then drips", func(c net.Conn) {
			readRequest(c)
			io.WriteString(c, head+"Content-Length: 1000000\r\n\r\n"+strings.Repeat("x", 500_000))
			for {
				if _, err := io.WriteString(c, "x"); err != nil {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
		}, "slow"},
		{"ends early", func(c net.Conn) {
			readRequest(c)
			io.WriteString(c, head+"Content-Length: 100\r\nConnection: close\r\n\r\nshort")
		}, "broke off after 5 bytes: short"},
		{"never ends", func(c net.Conn) {
			readRequest(c)
			io.WriteString(c, head+"\r\n")
			for {
				if _, err := c.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		}, "too_large"},
		{"a length that is none", answer(head + "Content-Range: bytes 0-9/5\r\nContent-Length: 0\r\n\r\n"), ""},
		{"brotli", answer(head + "Content-Encoding: br\r\nContent-Length: 2\r\n\r\nxx"), "encoding: br"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := local(t, Config{Limits: lim})
			_, _, err := getFile(t, c, "http://"+serve(t, tt.talk)+"/setup.exe", Want{})
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
}

// The writer's own failure ends the download and is no word about the host.
func TestFileWriterFails(t *testing.T) {
	url, _, _ := installer(t, 300_000)
	c := local(t, Config{})
	s := c.Session(egress.DefaultProfile())
	defer s.Close()
	full := errors.New("disk full")
	_, err := s.File(context.Background(), url+"/setup.exe", Want{}, func(Answer) (io.Writer, error) { return failing{full}, nil })
	if err != full {
		t.Errorf("error %v", err)
	}
	_, err = s.File(context.Background(), url+"/setup.exe", Want{}, func(Answer) (io.Writer, error) { return nil, ErrStop })
	if err != nil {
		t.Errorf("stopping is an error: %v", err)
	}
	if fe := (*Error)(nil); errors.As(err, &fe) && fe.Outcome == lurehound.Found {
		t.Error("an error that found something")
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func FuzzContentRange(f *testing.F) {
	for _, s := range []string{"bytes 0-65535/187695104", "bytes 5-1/3", "bytes -1-2/3", "bytes 0-0/*", "", "bytes 9223372036854775807-9223372036854775807/9223372036854775807"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		from, size, ok := contentRange(s)
		if ok && (from < 0 || size >= 0 && size <= from) {
			t.Errorf("%q is from %d of %d", s, from, size)
		}
	})
}
