package eval

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/compare"
	"lurehound/internal/page"
	"lurehound/internal/payload"
)

// copyFrom is the similarity from which score calls a page a copy.
const copyFrom = 0.8

// madeInnocents are the made sites of each framework that nobody copied; genuine ones are two of each.
const (
	madeGenuine   = 2
	madeInnocents = 20
)

// subject is a page with all that is compared of it.
type subject struct {
	site
	facts            lurehound.PageFacts
	ssdeep, stripped string // of the bytes, and after dnstwist's normaliser
}

// trial is a pair: a genuine page, and a copy of it or somebody else's page.
type trial struct {
	how                string // the mutation or the program that made the copy; "" for an innocent
	genuine, candidate string
	clone              bool
	scores             [len(rulers)]float64
}

// rulers are what is measured side by side; the more, the more alike.
var rulers = [...]string{"similarity", "ssdeep", "ssdeep after dnstwist's normaliser", "TLSH"}

// clones measures whether pages that were copied are told from those that only look alike.
func (r *run) clones(ctx context.Context) ([]Row, error) {
	if r.opt.Share == "" {
		return nil, fmt.Errorf("no folder of documentation: %w", fs.ErrNotExist)
	}
	genuine, innocents, docs := cast(r.opt.Share)
	trials := make([][]trial, len(genuine))
	if err := each(ctx, len(genuine), func(i int) error {
		for _, m := range mutations {
			trials[i] = append(trials[i], try(genuine[i], read(copied(genuine[i].site, m.do(genuine[i].site))), m.name))
		}
		for _, s := range innocents {
			if s.owner() != genuine[i].owner() {
				trials[i] = append(trials[i], try(genuine[i], s, ""))
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	rows := []Row{{What: "genuine pages", Value: float64(len(genuine)), Unit: Amount, Remark: fmt.Sprintf("%d of them start pages of manuals", len(docs))},
		{What: "innocent pages", Value: float64(len(innocents)), Unit: Amount}}
	all := slices.Concat(trials...)
	for _, program := range r.opt.Mirror {
		got, err := mirrors(ctx, r.opt.Share, program, docs)
		if err != nil {
			rows = append(rows, Row{What: "mirrors by " + program, Remark: "skipped: " + err.Error()})
			continue
		}
		for i, b := range got {
			if b == "" {
				rows = append(rows, Row{What: "mirrors by " + program, Remark: "no copy of " + docs[i].dir})
				continue
			}
			all = append(all, try(genuine[i], read(copied(genuine[i].site, []byte(b))), "mirrored by "+program))
		}
	}
	d, err := r.dump("clones", "genuine", "candidate", "how", "similarity", "ssdeep", "ssdeep, dnstwist", "TLSH")
	if err != nil {
		return nil, err
	}
	for _, t := range all {
		how := t.how
		if how == "" {
			how = "innocent"
		}
		d.row(t.genuine, t.candidate, how, fmt.Sprintf("%.4f", t.scores[0]), fmt.Sprint(t.scores[1]), fmt.Sprint(t.scores[2]), fmt.Sprint(t.scores[3]))
	}
	if err := d.close(); err != nil {
		return nil, err
	}
	kin, err := families(ctx, genuine, innocents)
	if err != nil {
		return nil, err
	}
	return append(append(rows, curves(all)...), kin...), nil
}

// owner tells sites apart: pages of one site are nobody's copies of each other.
func (s *subject) owner() string { return strings.SplitN(s.url, "/", 4)[2] }

// cast are the genuine pages, the start pages of manuals first, and everybody's pages.
func cast(share string) (genuine, innocents []subject, docs []manual) {
	for _, m := range manuals {
		for i, p := range manualPages(share, m) {
			s := read(p)
			if s.facts.Words < 20 && s.facts.Tags < 40 {
				break // a stub, which is compared with nothing
			}
			if i == 0 {
				genuine, docs = append(genuine, s), append(docs, m)
			}
			innocents = append(innocents, s)
		}
	}
	for k := range frameworks {
		for i := range madeGenuine + madeInnocents {
			s := read(madeSite(k, uint64(1000*k+i)))
			if i < madeGenuine {
				genuine = append(genuine, s)
			}
			innocents = append(innocents, s)
		}
	}
	return genuine, innocents, docs
}

// copied is a site's page as somebody else serves it.
func copied(s site, html []byte) site {
	s.url, s.html = "https://copy-of-it.example/", html
	return s
}

func read(s site) subject {
	out := subject{site: s, facts: page.Features(s.html, s.url, "text/html; charset=utf-8")}
	for _, link := range fileLinks(s.html) {
		if b := s.file(link); len(b) > 0 {
			page.AddContent(&out.facts, link, b)
		}
	}
	out.ssdeep, out.stripped = ssdeep(s.html), ssdeep(normalised(s.html))
	return out
}

func ssdeep(b []byte) string {
	h := payload.NewHashes()
	h.Write(b)
	var p lurehound.PayloadFacts
	h.Sum(&p)
	return p.SSDeep
}

var (
	fromLink = regexp.MustCompile(`(?i)(action|src|href)=".+"`)
	fromURL  = regexp.MustCompile(`(?i)url.+`)
)

// normalised does what dnstwist does before it hashes a page: all white space becomes one blank, so the page is one line; then
// what stands between the first quoted link and the last quote of the line goes, and all behind the first "url".
func normalised(b []byte) []byte {
	line := []byte(strings.Join(strings.Fields(string(b)), " "))
	line = fromLink.ReplaceAll(line, []byte(`$1=""`))
	return fromURL.ReplaceAll(line, []byte("url()"))
}

func try(genuine, other subject, how string) trial {
	t := trial{how: how, genuine: genuine.name, candidate: other.name, clone: how != ""}
	c := compare.Pages(lurehound.Reference{URL: genuine.url, Page: &genuine.facts}, []*lurehound.VisitFacts{{URL: other.url, Status: 200, Page: &other.facts}})
	if c.Similarity != nil {
		t.scores[0] = *c.Similarity
	}
	for i, pair := range [][2]string{{genuine.ssdeep, other.ssdeep}, {genuine.stripped, other.stripped}} {
		if n, err := payload.SSDeepScore(pair[0], pair[1]); err == nil {
			t.scores[1+i] = float64(n)
		}
	}
	t.scores[3] = math.Inf(-1) // too short a page has no TLSH, and is like nothing
	if d, err := page.Distance(genuine.facts.TLSH, other.facts.TLSH); err == nil {
		t.scores[3] = -float64(d)
	}
	return t
}

// falseShares are the shares of innocents at which the curves are read.
var falseShares = [...]float64{0, 0.001, 0.01, 0.05}

// curves are the rows: recall over false alarms by ruler, and by mutation where the verdict turns.
func curves(trials []trial) (rows []Row) {
	var good, bad []trial
	for _, t := range trials {
		if t.clone {
			bad = append(bad, t)
		} else {
			good = append(good, t)
		}
	}
	for k, ruler := range rulers {
		scores := make([]float64, len(good))
		for i, t := range good {
			scores[i] = t.scores[k]
		}
		slices.SortFunc(scores, func(a, b float64) int { return cmp.Compare(b, a) })
		for _, f := range falseShares {
			min := math.Inf(-1)
			if most := int(f * float64(len(scores))); most < len(scores) {
				min = math.Nextafter(scores[most], math.Inf(1))
			}
			row := share(fmt.Sprintf("%s: recall at %g %% false alarms", ruler, 100*f), reach(bad, k, min), len(bad))
			row.Remark = fmt.Sprintf("from %.3f", min)
			rows = append(rows, row)
		}
	}
	rows = append(rows, share(fmt.Sprintf("false alarms from %.2f, the threshold", copyFrom), reach(good, 0, copyFrom), len(good)),
		share(fmt.Sprintf("false alarms from %.2f, what resembles", 0.5), reach(good, 0, 0.5), len(good)),
		share(fmt.Sprintf("recall from %.2f, the threshold", copyFrom), reach(bad, 0, copyFrom), len(bad)))
	var hows []string
	by := map[string][]trial{}
	for _, t := range bad {
		if by[t.how] == nil {
			hows = append(hows, t.how)
		}
		by[t.how] = append(by[t.how], t)
	}
	for _, how := range hows {
		row := share(how+": recall at the threshold", reach(by[how], 0, copyFrom), len(by[how]))
		least := slices.MinFunc(by[how], func(a, b trial) int { return cmp.Compare(a.scores[0], b.scores[0]) })
		row.Remark = fmt.Sprintf("the least is %.3f", least.scores[0])
		rows = append(rows, row)
	}
	return rows
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func reach(trials []trial, ruler int, min float64) (n int) {
	for _, t := range trials {
		n += btoi(t.scores[ruler] >= min)
	}
	return n
}
