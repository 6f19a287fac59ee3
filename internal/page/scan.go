package page

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/net/html"
)

// Bounds on the work that one page can cause. A page of a real product site
// has some thousand elements and rarely a megabyte of HTML; these leave two
// orders of magnitude, and stay under 0.2 s on a slow core.
const (
	maxToken  = 256 << 10 // bytes of one token; what is longer is stepped over
	maxRead   = 12 << 20  // bytes handed to the tokenizer; what is stepped over does not count
	maxTags   = 40_000    // start tags
	maxAttrs  = 100_000   // attributes, over all tags
	maxDepth  = 512       // open elements; parsers that build trees stop here
	rawMargin = 32        // bytes to look back for an end tag that a cut went through
)

// scan walks the token stream of a page and survives tokens of any length: one
// that exceeds maxToken is given as far as it was read, then the stream goes on
// behind its end. No tree is built: building one is what deep nesting and
// missing end tags make slow or impossible.
type scan struct {
	body    []byte
	off     int // bytes consumed
	start   int // where the last token began
	last    html.TokenType
	raw     string // element whose raw text comes next or is being cut, "" when none
	read    int    // bytes tokenized
	tags    int
	attrs   int
	problem string // the first thing that was not as it should be
	z       *html.Tokenizer
}

func newScan(body []byte) *scan {
	s := &scan{body: body}
	s.restart("")
	return s
}

func (s *scan) restart(context string) {
	r := bytes.NewReader(s.body[s.off:])
	if context == "" {
		s.z = html.NewTokenizer(r)
	} else {
		s.z = html.NewTokenizerFragment(r, context)
	}
	s.z.SetMaxBuf(maxToken)
}

func (s *scan) note(format string, args ...any) {
	if s.problem == "" {
		s.problem = fmt.Sprintf(format, args...)
	}
}

// next is the next token; html.ErrorToken is the end of the page or of the
// work allowed.
func (s *scan) next() html.TokenType {
	for {
		if s.read > maxRead || s.tags > maxTags || s.attrs > maxAttrs {
			s.note("too large: only the first %d bytes were read", s.off)
			return html.ErrorToken
		}
		tt := s.z.Next()
		n := len(s.z.Raw())
		if tt != html.ErrorToken {
			s.start, s.last = s.off, tt
			s.off += n
			s.read += n
			if tt == html.StartTagToken || tt == html.SelfClosingTagToken {
				s.tags++
			}
			return tt
		}
		s.off += n
		err := s.z.Err()
		if errors.Is(err, html.ErrBufferExceeded) && s.off < len(s.body) {
			s.note("a token is longer than %d bytes and was cut", maxToken)
			s.skip()
			continue
		}
		if !errors.Is(err, io.EOF) && !errors.Is(err, html.ErrBufferExceeded) {
			s.note("reading HTML: %v", err)
		}
		return html.ErrorToken
	}
}

// opened tells the scan the name of the start tag it just gave, so that a cut
// in the raw text that follows is mended at the right end tag.
func (s *scan) opened(name []byte) {
	s.raw = ""
	switch string(name) {
	case "script", "style", "textarea", "title", "iframe", "noembed", "noframes", "noscript", "plaintext", "xmp":
		s.raw = string(name)
	}
}

// skip steps over the rest of a token that was cut.
func (s *scan) skip() {
	from := s.off
	switch s.last {
	case html.TextToken:
		if s.raw != "" {
			from = max(s.start, s.off-rawMargin)
			s.off = indexFold(s.body, from, "</"+s.raw)
			s.raw = ""
		}
	case html.CommentToken:
		end := ">"
		if bytes.HasPrefix(s.body[s.start:], []byte("<!--")) {
			end, from = "-->", max(s.start+4, s.off-2)
		}
		if i := bytes.Index(s.body[from:], []byte(end)); i >= 0 {
			s.off = from + i + len(end)
		} else {
			s.off = len(s.body)
		}
	case html.DoctypeToken:
		if i := bytes.IndexByte(s.body[from:], '>'); i >= 0 {
			s.off = from + i + 1
		} else {
			s.off = len(s.body)
		}
	default:
		s.off = max(s.off, tagEnd(s.body, s.start))
	}
	context := ""
	if s.last == html.StartTagToken {
		context = s.raw
	}
	s.restart(context)
}

// tagEnd is the offset behind the tag that begins at start. A quote opens a
// value only behind "=".
func tagEnd(b []byte, start int) int {
	var quote, prev byte
	for i := start; i < len(b); i++ {
		c := b[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
			continue
		case (c == '"' || c == '\'') && prev == '=':
			quote = c
		case c == '>':
			return i + 1
		}
		if c != ' ' && c != '\n' && c != '\t' && c != '\r' && c != '\f' {
			prev = c
		}
	}
	return len(b)
}

// indexFold is the offset of the first ASCII-case-insensitive want at or after
// from; the length of b when there is none. want begins with "</".
func indexFold(b []byte, from int, want string) int {
	for i := from; i < len(b); {
		j := bytes.Index(b[i:], []byte("</"))
		if j < 0 {
			break
		}
		i += j
		if i+len(want) <= len(b) && bytes.EqualFold(b[i:i+len(want)], []byte(want)) {
			return i
		}
		i += 2
	}
	return len(b)
}
