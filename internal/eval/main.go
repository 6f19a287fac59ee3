package eval

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// Options say what is measured and where the lists are.
type Options struct {
	Corpus string   // folder of the real data
	Gold   string   // folder of the campaigns in it
	Lists  string   // folder of the reviewed lists
	Dump   string   // folder for the rows themselves; "" for none
	Mirror []string // programs that copy the manuals' start pages: httrack, wget
	Share  string   // folder above the manuals whose pages are copied; "" for none
}

// Main runs the program and gives its exit status: 0 also without a corpus,
// as there is nothing to measure then; 1 failed, 2 misused.
func Main(ctx context.Context, env []string, stdout, stderr io.Writer, args []string) int {
	var opt Options
	fs := flag.NewFlagSet("eval", flag.ContinueOnError)
	fs.SetOutput(stderr)
	format := fs.String("format", "table", "table or json")
	fs.StringVar(&opt.Gold, "gold", "gold/dev", "folder of campaigns-*.csv and brands.csv, below the corpus")
	fs.StringVar(&opt.Lists, "lists", "eval", "folder of the reviewed lists")
	fs.StringVar(&opt.Dump, "dump", "", "folder for the rows themselves, as TSV")
	fs.StringVar(&opt.Share, "share", "/usr/share", "folder above doc and gtk-doc, where manuals are")
	mirror := fs.String("mirror", "", "programs that copy manuals, with a comma: httrack,wget; may take minutes")
	fit := fs.String("fit", "", "folder of package match: find the weights of its score anew and write them there")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if *format != "table" && *format != "json" || fs.NArg() > 0 {
		fmt.Fprintln(stderr, "eval: type eval [--format table|json] [--gold DIR] [--lists DIR] [--dump DIR] [--share DIR] [--fit DIR]")
		return 2
	}
	if *mirror != "" {
		opt.Mirror = strings.Split(*mirror, ",")
	}
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, "LUREHOUND_CORPUS="); ok {
			opt.Corpus = v
		}
	}
	if opt.Corpus == "" {
		fmt.Fprintln(stderr, "eval: LUREHOUND_CORPUS is not set: there is nothing to measure")
		return 0
	}
	if opt.Dump != "" {
		if err := os.MkdirAll(opt.Dump, 0o700); err != nil {
			fmt.Fprintln(stderr, "eval:", err)
			return 1
		}
	}
	if *fit != "" {
		if err := Fit(ctx, opt, *fit, stderr); err != nil {
			fmt.Fprintln(stderr, "eval:", err)
			return 1
		}
		return 0
	}
	rows, err := Run(ctx, opt, stderr)
	if err == nil && *format == "json" {
		err = writeJSON(stdout, rows)
	} else if err == nil {
		err = writeTable(stdout, rows)
	}
	if err != nil {
		fmt.Fprintln(stderr, "eval:", err)
		return 1
	}
	return 0
}
