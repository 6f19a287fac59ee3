package payload

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"lurehound"
)

func triageBytes(t *testing.T, b []byte, name string) lurehound.PayloadFacts {
	t.Helper()
	return Triage(t.Context(), bytes.NewReader(b), int64(len(b)), name, DefaultLimits())
}

func sumOf(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func gzipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	w.Write(b)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func hasProblem(facts lurehound.PayloadFacts, words string) bool {
	for _, p := range facts.Problems {
		if strings.Contains(p, words) {
			return true
		}
	}
	return false
}

func TestTriageOpensNestedGzipToTheLimit(t *testing.T) {
	b := []byte("hello, this is a text\n")
	for range 6 {
		b = gzipped(t, b)
	}
	got := triageBytes(t, b, "a.gz")
	if got.Type != lurehound.TypeGzip || got.SHA256 != sumOf(b) {
		t.Errorf("type %s, hash %s", got.Type, got.SHA256)
	}
	if len(got.Contains) != 3 || got.Contains[2].Depth != 3 || got.Contains[2].Type != lurehound.TypeGzip {
		t.Errorf("contains %+v", got.Contains)
	}
	if !hasProblem(got, "was not opened") {
		t.Errorf("problems %q", got.Problems)
	}
}

func TestTriageSaysALyingGzip(t *testing.T) {
	b := gzipped(t, bytes.Repeat([]byte("x"), 5000))
	b[len(b)-1] ^= 0x40 // the length that the trailer declares
	got := triageBytes(t, b, "a.gz")
	if len(got.Contains) != 1 || got.Contains[0].Size != 5000 || !hasProblem(got, "invalid checksum") {
		t.Errorf("contains %+v, problems %q", got.Contains, got.Problems)
	}
}
