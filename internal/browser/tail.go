package browser

import (
	"fmt"
	"strings"
	"sync"
)

// complaint adds to an error what the browser said last.
func (p *process) complaint(err error) error {
	if why := p.said.fatal(); why != "" {
		return fmt.Errorf("%w; it said %.300q", err, why)
	}
	return err
}

// plainVersion is a product as people know it: headless browsers call themselves so.
func plainVersion(product string) string {
	name, version, _ := strings.Cut(product, "/")
	if name = strings.TrimPrefix(name, "Headless"); name == "Chrome" {
		name = "Chromium"
	}
	return strings.TrimSpace(name + " " + version)
}

// tail keeps the end of what a browser complains of.
type tail struct {
	mu sync.Mutex
	b  []byte
}

const maxTail = 4096

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p[max(0, len(p)-maxTail):]...)
	t.b = t.b[max(0, len(t.b)-maxTail):]
	return len(p), nil
}

// fatal is the last line that says why the browser gave up, or the last line.
func (t *tail) fatal() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.b)), "\n")
	for _, l := range lines {
		if _, why, ok := strings.Cut(l, ":FATAL:"); ok {
			return why
		}
	}
	return lines[len(lines)-1]
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
