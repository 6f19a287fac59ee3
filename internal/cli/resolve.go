package cli

import (
	"bufio"
	"context"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"lurehound"
	"lurehound/internal/report"
)

type resolveCmd struct {
	File string   `arg:"" optional:"" help:"File of names, one a line; - or none is stdin."`
	Type []string `help:"Record types: A, AAAA, NS, MX, TXT, CNAME." default:"A,AAAA,NS,MX" placeholder:"T,…"`
	Rate float64  `help:"Questions a second over all resolvers." default:"1000"`
}

func (resolveCmd) Help() string {
	return `One line out for each line in, in the same order. The outcome is one of exists, nxdomain, nodata,
filtered, hijacked, unknown; the reason says why. A timeout is never "not registered".

Examples:
  lurehound permute microdicom.com --format csv | cut -d, -f1 | lurehound resolve --type A,NS
  lurehound resolve names.txt --resolver 192.0.2.1 --resolver 198.51.100.1`
}

// Run resolves every line.
func (c *resolveCmd) Run(ctx context.Context, con *console, g *Globals) error {
	format, err := g.format(con.stdout, "table", "json", "jsonl", "csv")
	if err != nil {
		return err
	}
	types, err := c.types()
	if err != nil {
		return err
	}
	if c.Rate <= 0 {
		return misuse("--rate is more than 0")
	}
	in, err := input(con, c.File)
	if err != nil {
		return err
	}
	defer in.Close()
	g.rate = c.Rate
	w, err := g.open(con)
	if err != nil {
		return err
	}
	defer w.Close()
	w.warn(ctx)
	rows, err := report.Resolutions(con.stdout, format, reportOptions(con))
	if err != nil {
		return err
	}
	if err := c.resolve(ctx, w, in, types, rows); err != nil {
		return err
	}
	return rows.Close()
}

// resolve asks for names as they come; a line that is no name is answered too.
func (c *resolveCmd) resolve(ctx context.Context, w *world, in io.Reader, types []uint16, rows *report.Rows[report.Resolved]) error {
	given := make(chan string, 1<<16) // names in the order of the answers
	sc := bufio.NewScanner(in)
	sc.Buffer(nil, 1<<20)
	names := func(yield func(string) bool) {
		for sc.Scan() {
			name := lurehound.Refang(strings.TrimSpace(sc.Text()))
			given <- name
			if !yield(name) {
				return
			}
		}
	}
	var writing error
	err := w.dns.LookupAll(ctx, names, types, 0, func(_ int, _ string, f lurehound.DNSFacts) bool {
		writing = rows.Write(report.Resolved{Name: <-given, DNS: f})
		return writing == nil
	})
	return firstError(writing, err, sc.Err())
}

func firstError(errs ...error) error {
	i := slices.IndexFunc(errs, func(err error) bool { return err != nil })
	if i < 0 {
		return nil
	}
	return errs[i]
}

// types are the record types by their names.
func (c *resolveCmd) types() ([]uint16, error) {
	known := []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeNS, dns.TypeMX, dns.TypeTXT, dns.TypeCNAME}
	var types []uint16
	for _, s := range c.Type {
		t := dns.StringToType[strings.ToUpper(strings.TrimSpace(s))]
		if !slices.Contains(known, t) {
			return nil, misuse("--type %s is not asked for here; type some of A,AAAA,NS,MX,TXT,CNAME", s)
		}
		types = append(types, t)
	}
	return types, nil
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
