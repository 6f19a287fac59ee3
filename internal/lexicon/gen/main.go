// Command gen writes the generated tables of package lexicon: confusables.go
// from UTS #39 data, suffixes.txt from the public suffix list and counts of
// registered names. Run it in internal/lexicon:
//
//	go run ./gen -corpus DIR -rules FILE
//
// where FILE is publicsuffix/table_test.go of golang.org/x/net, which lists the
// rules of the public suffix list one a line.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	corpus := flag.String("corpus", os.Getenv("LUREHOUND_CORPUS"), "directory of the data sets")
	rules := flag.String("rules", "", "table_test.go of golang.org/x/net/publicsuffix; without it suffixes.txt stays as it is")
	flag.Parse()
	if err := run(*corpus, *rules); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(corpus, rules string) error {
	if err := writeConfusables(corpus, "confusables.go"); err != nil {
		return fmt.Errorf("writing confusables: %w", err)
	}
	if rules == "" {
		return nil
	}
	if err := writeSuffixes(corpus, rules, "suffixes.txt"); err != nil {
		return fmt.Errorf("writing suffixes: %w", err)
	}
	return nil
}
