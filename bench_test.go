package lurehound

import (
	"bytes"
	"fmt"
	"testing"
)

// BenchmarkReadLines is the baseline that `make bench` divides by: a loop that
// finds the lines of names in memory and does nothing with them.
func BenchmarkReadLines(b *testing.B) {
	var text []byte
	const names = 100_000
	for i := range names {
		text = fmt.Appendf(text, "some-name-%d.com\n", i)
	}
	lines := 0
	for b.Loop() {
		for rest := text; len(rest) > 0; lines++ {
			i := bytes.IndexByte(rest, '\n')
			rest = rest[i+1:]
		}
	}
	b.ReportMetric(float64(lines)/b.Elapsed().Seconds(), "names/s")
}
