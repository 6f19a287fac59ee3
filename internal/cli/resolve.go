package cli

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"lurehound"
	"lurehound/internal/asn"
	"lurehound/internal/feed"
	"lurehound/internal/report"
	"lurehound/internal/resolve"
)

type resolveCmd struct {
	visitFlags
	File      string   `arg:"" optional:"" help:"File of names, one a line, gzip and zstd too; - or none is stdin."`
	Type      []string `help:"Record types: A, AAAA, NS, MX, TXT, CNAME, CAA, PTR (of the addresses)." default:"A,AAAA,NS,MX" placeholder:"T,…"`
	Rate      string   `help:"Questions a second over all resolvers; 0 or unlimited: no cap, for resolvers of your own (default: 1000 for each resolver)." placeholder:"N"`
	Again     int      `help:"How often a name that stays unknown is asked for again, later, through another resolver." default:"3" placeholder:"N"`
	Unordered bool     `help:"Names that are asked for again don't hold up those after them."`
	ASN       string   `name:"asn" help:"Table of who announces which addresses: iptoasn's TSV or RouteViews prefix2as, gzip too." placeholder:"FILE" type:"path"`
}

func (resolveCmd) Help() string {
	return `One line out for each line in, in the same order. The outcome is one of exists, nxdomain, nodata, filtered, hijacked,
unknown; the reason says why. A timeout is never "not registered", and what stays unknown is counted at the end. With
MX and TXT both asked for, a name's set-up for mail is told too: routes, SPF, DMARC.

Examples:
  lurehound permute microdicom.com --format csv | cut -d, -f1 | lurehound resolve --type A,NS
  lurehound resolve names.txt --resolver 192.0.2.1 --resolver 198.51.100.1
  lurehound resolve names.txt.gz --resolver tls://192.0.2.1#dns.example --type A,MX,TXT,CAA,PTR --asn ip2asn-combined.tsv.gz
  lurehound resolve - --resolvers own.txt --rate unlimited --unordered <names.txt >answers.jsonl`
}

// Run resolves every line.
func (c *resolveCmd) Run(ctx context.Context, con *console, g *Globals) error {
	format, err := g.format(con.stdout, "table", "json", "jsonl", "csv")
	if err != nil {
		return err
	}
	types, also, err := c.types()
	if err != nil {
		return err
	}
	g.profiles = c.Profiles
	if g.rate, err = c.rate(); err != nil {
		return err
	}
	if c.Again < 0 {
		return misuse("--again is a number of times, 0 or more")
	}
	table, err := c.table()
	if err != nil {
		return err
	}
	if table != nil {
		also = append(also, "asn")
	}
	raw, err := input(con, c.File)
	if err != nil {
		return err
	}
	defer raw.Close()
	w, err := g.open(ctx, con)
	if err != nil {
		return err
	}
	defer w.Close()
	w.warn(ctx)
	rows, err := report.ResolutionsWith(con.stdout, format, reportOptions(con), also...)
	if err != nil {
		return err
	}
	// What lives is some 6 MB, what a row leaves behind is gone with it: collecting
	// less often saves a tenth of the time and costs 20 MB.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	shown := newProgress(con)
	if isTerminal(con.stdout) {
		shown = &progress{out: con.stderr} // the rows themselves show that it goes on
	}
	defer shown.Close()
	r := &resolving{rows: rows, asn: table, shown: shown, began: time.Now()}
	err = r.run(ctx, w, c, shown.Reading(either(c.File == "" || c.File == "-", "stdin", filepath.Base(c.File)), size(raw), raw), types)
	shown.Close()
	err = errors.Join(err, rows.Close())
	for _, line := range r.summary(ctx.Err() != nil, len(w.dns.Servers())) {
		fmt.Fprintln(con.stderr, line)
	}
	return err
}

// maxNameLine bounds a line of the input, in octets. Names have at most 253, links some thousands.
const maxNameLine = 1 << 20

// resolving is one run of the verb.
type resolving struct {
	asn   *asn.Table // may be nil
	shown *progress
	began time.Time

	mu    sync.Mutex // guards rows and dirty
	rows  *report.Rows[report.Resolved]
	dirty bool // something was written and not flushed

	read     int // lines
	written  int
	outcomes map[lurehound.Resolution]int
	reasons  map[string]int // of those that are unknown, filtered or hijacked
}

// run asks for names as they come; a line that is no name is answered too.
func (r *resolving) run(ctx context.Context, w *world, c *resolveCmd, raw io.Reader, types []uint16) error {
	r.outcomes, r.reasons = map[lurehound.Resolution]int{}, map[string]int{}
	in, err := feed.Inflate(newInterruptible(ctx, raw))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return misuse("%s: %v", cmp.Or(c.File, "stdin"), err)
	}
	defer in.Close()
	sc := bufio.NewScanner(in)
	sc.Buffer(nil, maxNameLine)
	names := func(yield func(string) bool) {
		for sc.Scan() {
			r.read++
			if !yield(typedName(sc.Text(), r.read == 1)) {
				return
			}
		}
	}
	stop := r.flushing(ctx)
	var writing error
	p := resolve.Patient{Client: w.dns, Rounds: c.Again, Pause: againPause, Unordered: c.Unordered}
	err = p.LookupAll(ctx, names, types, 0, func(_ int, name string, f lurehound.DNSFacts) bool {
		if ctx.Err() != nil && f.Resolution == lurehound.NotResolvable {
			return true // not asked to the end: no answer
		}
		writing = r.write(name, f)
		return writing == nil
	})
	stop()
	if err := sc.Err(); errors.Is(err, bufio.ErrTooLong) {
		return misuse("line %d of %s is longer than %d octets: that is no list of names", r.read+1, cmp.Or(c.File, "stdin"), maxNameLine)
	}
	return firstError(writing, err, sc.Err())
}

// againPause is before a name is asked for again; the further pauses are 8 and
// 32 s, the last of which outlasts the time for which a silent resolver is put aside.
const againPause = 2 * time.Second

// typedName is the name that a line gives: the host of a link, everything else
// as it stands, refanged.
func typedName(line string, first bool) string {
	if first {
		line = strings.TrimPrefix(line, "\ufeff") // as some editors begin a file
	}
	name := lurehound.Refang(strings.TrimSpace(line))
	if strings.Contains(name, "://") {
		if l, err := lurehound.ParseLink(name); err == nil {
			return l.Domain.String()
		}
	}
	return name
}

func (r *resolving) write(name string, f lurehound.DNSFacts) error {
	if r.asn != nil {
		for _, a := range f.Addrs() {
			if o, ok := r.asn.Lookup(a); ok {
				f.ASN = append(f.ASN, lurehound.ASNFacts{Addr: a, Number: o.Number, Country: o.Country, Name: o.Name})
			}
		}
	}
	r.written++
	r.outcomes[f.Resolution]++
	if f.Resolution.Outcome() == lurehound.Unknown {
		why, _, _ := strings.Cut(f.Reason, ",")
		r.reasons[why]++
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dirty = true
	return r.rows.Write(report.Resolved{Name: name, DNS: f})
}

// flushing hands on what was written, so that a row is not kept until the next
// name comes in. The function it returns ends it.
func (r *resolving) flushing(ctx context.Context) (stop func()) {
	const every = 200 * time.Millisecond // what a reader does not notice
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			r.mu.Lock()
			if r.dirty {
				_ = r.rows.Flush() // the next write says the same
				r.dirty = false
			}
			r.mu.Unlock()
		}
	})
	return func() { cancel(); wg.Wait() }
}

// summary is what is said at the end: what came out, what could not be found
// out, and what to do about it.
func (r *resolving) summary(interrupted bool, servers int) []string {
	took := time.Since(r.began)
	counts := make([]string, 0, 6)
	for _, o := range []lurehound.Resolution{lurehound.Exists, lurehound.NXDomain, lurehound.NoData, lurehound.Filtered, lurehound.Hijacked, lurehound.NotResolvable} {
		if n := r.outcomes[o]; n > 0 || o == lurehound.Exists || o == lurehound.NXDomain || o == lurehound.NotResolvable {
			counts = append(counts, fmt.Sprintf("%s %d", o, n))
		}
	}
	lines := []string{fmt.Sprintf("read %d, %s; %.0f names/s", r.read, strings.Join(counts, ", "), float64(r.written)/max(took.Seconds(), 1e-9))}
	if open := r.read - r.written; interrupted {
		lines = append(lines, fmt.Sprintf("interrupted: %d of the lines read have no answer", open))
	}
	if len(r.reasons) == 0 {
		return lines
	}
	whys := make([]string, 0, len(r.reasons))
	for why := range r.reasons {
		whys = append(whys, why)
	}
	slices.SortFunc(whys, func(a, b string) int { return cmp.Or(r.reasons[b]-r.reasons[a], strings.Compare(a, b)) })
	said := make([]string, len(whys))
	for i, why := range whys {
		said[i] = fmt.Sprintf("%d %s", r.reasons[why], why)
	}
	lines = append(lines, "not decided: "+strings.Join(said, ", "))
	if a := advice(r.reasons, r.outcomes, servers); a != "" {
		lines = append(lines, a)
	}
	return lines
}

// advice is what to do about the names that were not decided, "" when nothing helps.
func advice(reasons map[string]int, outcomes map[lurehound.Resolution]int, servers int) string {
	notNames := reasons["not-a-name"]
	wild := reasons["wildcard"]
	switch open := outcomes[lurehound.NotResolvable] - notNames - wild; {
	case outcomes[lurehound.Filtered] > 0:
		return "a resolver hides names: ask others that do not filter, with --resolver ADDR"
	case outcomes[lurehound.Hijacked] > 0:
		return "a resolver invents answers: ask others, with --resolver ADDR"
	case open > 0 && servers == 1:
		return "ask for these again with a second --resolver, of another operator"
	case open > 0:
		return "ask for these again later, or with another --resolver"
	case wild > 0:
		return "wildcard: the suffix answers for every name; registration data (lurehound check NAME) tells which exist"
	case notNames > 0:
		return "not-a-name: these lines are no domain names; no question was asked"
	}
	return ""
}

func firstError(errs ...error) error {
	i := slices.IndexFunc(errs, func(err error) bool { return err != nil })
	if i < 0 {
		return nil
	}
	return errs[i]
}

// types are the record types by their names, and the columns that they need
// beyond the usual ones.
func (c *resolveCmd) types() (types []uint16, also []string, err error) {
	known := []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeNS, dns.TypeMX, dns.TypeTXT, dns.TypeCNAME, dns.TypeCAA, dns.TypePTR}
	for _, s := range c.Type {
		t := dns.StringToType[strings.ToUpper(strings.TrimSpace(s))]
		if !slices.Contains(known, t) {
			return nil, nil, misuse("--type %s is not asked for here; type some of A,AAAA,NS,MX,TXT,CNAME,CAA,PTR", s)
		}
		if !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	for _, col := range []struct {
		name  string
		needs []uint16
	}{{"caa", []uint16{dns.TypeCAA}}, {"ptr", []uint16{dns.TypePTR}}, {"mail", []uint16{dns.TypeMX, dns.TypeTXT}}} {
		if !slices.ContainsFunc(col.needs, func(t uint16) bool { return !slices.Contains(types, t) }) {
			also = append(also, col.name)
		}
	}
	if slices.Equal(types, []uint16{dns.TypePTR}) {
		types = []uint16{dns.TypeA, dns.TypePTR}
	}
	return types, also, nil
}

// rate is questions a second, as resolve.Config has it: 0 is its default, below
// 0 there is no cap.
func (c *resolveCmd) rate() (float64, error) {
	switch strings.ToLower(c.Rate) {
	case "":
		return 0, nil
	case "unlimited":
		return -1, nil
	}
	r, err := strconv.ParseFloat(c.Rate, 64)
	switch {
	case err != nil || r < 0 || math.IsNaN(r) || math.IsInf(r, 0):
		return 0, misuse("--rate %s is no number of questions a second; type for example --rate 500, or --rate unlimited", c.Rate)
	case r == 0:
		return -1, nil
	}
	return r, nil
}

// table reads --asn.
func (c *resolveCmd) table() (*asn.Table, error) {
	if c.ASN == "" {
		return nil, nil
	}
	f, err := os.Open(c.ASN)
	if err != nil {
		return nil, misuse("--asn: %v", err)
	}
	defer f.Close()
	t, err := asn.Read(f)
	if err != nil {
		return nil, misuse("--asn %s: %v", c.ASN, err)
	}
	return t, nil
}

// input is a file, or stdin for "-" and "".
func input(con *console, name string) (io.ReadCloser, error) {
	if name == "" || name == "-" {
		return io.NopCloser(con.stdin), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, misuse("%v", err)
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, misuse("%s is a folder; type the names of its files", name)
	}
	return f, nil
}
