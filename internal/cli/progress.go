package cli

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"lurehound"
)

// progress shows bars on stderr when that is a terminal, and findings as they come.
// Elsewhere it says only what must be said before packets leave.
type progress struct {
	out io.Writer

	mu   sync.Mutex
	bars *mpb.Progress // nil when stderr is no terminal
	bar  *mpb.Bar
}

func newProgress(con *console) *progress {
	p := &progress{out: con.stderr}
	if isTerminal(con.stderr) {
		p.bars = mpb.New(mpb.WithOutput(con.stderr), mpb.WithWidth(barWidth(con)), mpb.WithRefreshRate(100*time.Millisecond), mpb.WithAutoRefresh())
		p.out = p.bars
	}
	return p
}

// barWidth leaves room for the label and the count: a line as wide as the
// terminal would leave its traces behind.
func barWidth(con *console) int {
	const beside, most, least = 44, 40, 6
	return min(most, max(least, terminalWidth(con.stderr)-beside))
}

// Stage ends the bar before and begins one.
func (p *progress) Stage(name string, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bars == nil {
		return
	}
	p.endBar()
	label := decor.Name(name+" ", decor.WC{C: decor.DindentRight | decor.DextraSpace, W: 26})
	if total < 0 {
		p.bar = p.bars.AddSpinner(0, mpb.PrependDecorators(label), mpb.AppendDecorators(decor.CurrentNoUnit("%d")), mpb.BarRemoveOnComplete())
		return
	}
	p.bar = p.bars.AddBar(int64(total), mpb.PrependDecorators(label), mpb.AppendDecorators(decor.CountersNoUnit("%d/%d")), mpb.BarRemoveOnComplete())
}

// Reading ends the bar before and begins one for a file of size octets, or of
// unknown size when that is 0. What is read of the reader that it returns advances it.
func (p *progress) Reading(name string, size int64, r io.Reader) io.Reader {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bars == nil {
		return r
	}
	p.endBar()
	label := decor.Name(name+" ", decor.WC{C: decor.DindentRight | decor.DextraSpace, W: 26})
	read := mpb.AppendDecorators(decor.CurrentKibiByte("% .1f"))
	if size > 0 {
		p.bar = p.bars.AddBar(size, mpb.PrependDecorators(label), mpb.AppendDecorators(decor.CountersKibiByte("% .1f of % .1f")), mpb.BarRemoveOnComplete())
	} else {
		p.bar = p.bars.AddSpinner(0, mpb.PrependDecorators(label), read, mpb.BarRemoveOnComplete())
	}
	return advancing{r, p}
}

// advancing advances the bar by what is read.
type advancing struct {
	io.Reader
	p *progress
}

func (c advancing) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.p.Advance(n)
	return n, err
}

func (p *progress) endBar() {
	if p.bar != nil {
		p.bar.SetTotal(-1, true)
		p.bar.Abort(true)
		p.bar = nil
	}
}

// Advance counts.
func (p *progress) Advance(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		p.bar.IncrBy(n)
	}
}

// Finding shows what was found, above the bars.
func (p *progress) Finding(f lurehound.Finding) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bars != nil && f.Verdict.Rank() <= lurehound.Suspicious.Rank() {
		fmt.Fprintf(p.out, "%s: %s\n", f.Candidate.Domain.Defanged(), f.Verdict)
	}
}

// Say shows a line above the bars.
func (p *progress) Say(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintln(p.out, line)
}

// Close removes the bars; what was said stays.
func (p *progress) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bars == nil {
		return
	}
	p.endBar()
	p.bars.Wait()
	p.bars = nil
}
