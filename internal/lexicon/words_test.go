package lexicon

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write words.idx anew")

func TestWordIndex(t *testing.T) {
	index := indexOf(wordFile)
	if *update {
		if err := os.WriteFile("words.idx", index, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(index, []byte(wordIndex)) {
		t.Fatal("words.idx is not the index of words.txt: go test -run TestWordIndex -update ./internal/lexicon writes it")
	}
	w := defaultWords()
	for rank := 1; rank <= w.Len(); rank++ {
		if got, ok := w.Rank(w.At(rank)); !ok || got != rank {
			t.Fatalf("word %d, %q, has rank %d %v", rank, w.At(rank), got, ok)
		}
	}
	if w.Len() == mostWords {
		t.Error("the list has more words than fit")
	}
}
