package match

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lurehound"
)

var update = flag.Bool("update", false, "write the generated files anew")

func TestBackgroundIsMadeFromPopularNames(t *testing.T) {
	seen := map[string]bool{}
	for _, line := range corpusLines(t, "benign/top.list.gz") {
		d, err := lurehound.ParseDomain(line)
		if err != nil || d.Label() == "" || !Sampled(d.Registrable()) {
			continue
		}
		for _, l := range append(d.Subdomains(), d.Label()) {
			seen[strings.ReplaceAll(l, "-", "")] = true
		}
	}
	var labels []string
	for l := range seen {
		// Labels of more than 24 octets are machine-made and would only fill the sample.
		if len(l) <= 24 && !strings.HasPrefix(l, "xn") {
			labels = append(labels, l)
		}
	}
	slices.Sort(labels)
	want := strings.Join(labels, "\n") + "\n"
	if *update {
		var out bytes.Buffer
		z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
		z.Write([]byte(want))
		z.Close()
		if err := os.WriteFile("background.txt.gz", out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	b, err := readBackground()
	if err != nil {
		t.Fatal(err)
	}
	if b.text != "\n"+want {
		t.Errorf("background.txt.gz has %d labels and is not what the popular names give (%d); run with -update", len(b.labels), len(labels))
	}
}

// corpus is the folder of real data, or skips the test.
func corpus(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("LUREHOUND_CORPUS")
	if _, err := os.Stat(dir); dir == "" || err != nil {
		t.Skip("LUREHOUND_CORPUS names no folder with real data")
	}
	return dir
}

func corpusLines(t testing.TB, name string) []string {
	t.Helper()
	f, err := os.Open(filepath.Join(corpus(t), name))
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	if strings.HasSuffix(name, ".gz") {
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		in = bufio.NewScanner(z)
	}
	var lines []string
	for in.Scan() {
		lines = append(lines, in.Text())
	}
	return lines
}

func TestContaining(t *testing.T) {
	b, err := readBackground()
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"google", "viewer", "ana", "microdicom", "aaa", "download", "net", "münchen", "zzqqzzqq", "a", "7", "é", "in", "hp", "x0", "éa", b.labels[0], b.labels[len(b.labels)-1]} {
		want := 0
		for _, l := range b.labels {
			if strings.Contains(l, word) && l != word {
				want++
			}
		}
		read := b.containing(word)
		filed := *b
		filed.often = true
		if got := filed.containing(word); read != want || got != want {
			t.Errorf("%q: read through %d, filed %d, want %d", word, read, got, want)
		}
	}
}
