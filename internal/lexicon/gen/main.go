// Command gen writes the generated tables of package lexicon: confusables.go
// from UTS #39 data, suffixes.txt from the public suffix list and counts of
// registered names, words.txt from lists of words (whose index TestWordIndex writes), layouts.txt from
// descriptions of keyboards. Run it in internal/lexicon:
//
//	go run ./gen -corpus DIR -rules FILE -words DIR -symbols DIR
//
// where FILE is publicsuffix/table_test.go of golang.org/x/net, which lists the
// rules of the public suffix list one a line, and the directory of words has the
// lists that words.txt names as en.json, de.json, fr.json, es-es.json, and that of
// symbols is the one of xkb-data.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	corpus := flag.String("corpus", os.Getenv("LUREHOUND_CORPUS"), "directory of the data sets")
	rules := flag.String("rules", "", "table_test.go of golang.org/x/net/publicsuffix; without it suffixes.txt stays as it is")
	words := flag.String("words", "", "directory of the lists of words; without it words.txt stays as it is")
	symbols := flag.String("symbols", "", "directory of xkb-data's symbols; without it layouts.txt stays as it is")
	flag.Parse()
	if err := run(*corpus, *rules, *words, *symbols); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(corpus, rules, words, symbols string) error {
	if symbols != "" {
		if err := writeKeyboards(symbols, "layouts.txt"); err != nil {
			return fmt.Errorf("writing layouts: %w", err)
		}
	}
	if corpus != "" {
		if err := writeConfusables(corpus, "confusables.go"); err != nil {
			return fmt.Errorf("writing confusables: %w", err)
		}
		if err := writeIdentifiers(corpus, "identifiers.go"); err != nil {
			return fmt.Errorf("writing identifiers: %w", err)
		}
		if err := writeHomographs(corpus, "homographs.txt"); err != nil {
			return fmt.Errorf("writing homographs: %w", err)
		}
		if err := writeLures(corpus, "trade.txt", "lures.txt"); err != nil {
			return fmt.Errorf("writing words beside brands: %w", err)
		}
	}
	if words != "" {
		if err := writeWords(words, "../match/background.txt.gz", "words.txt"); err != nil {
			return fmt.Errorf("writing words: %w", err)
		}
	}
	if rules == "" {
		return nil
	}
	if err := writeSuffixes(corpus, rules, "suffixes.txt"); err != nil {
		return fmt.Errorf("writing suffixes: %w", err)
	}
	return nil
}
