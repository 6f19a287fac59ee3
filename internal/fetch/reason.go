package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"unicode"
	"unicode/utf8"

	"lurehound"
	"lurehound/internal/egress"
)

// Error is why a visit got no HTTP answer. The outcome is unknown or blocked:
// that nothing listens now does not show that nothing is there.
type Error struct {
	Outcome lurehound.Outcome
	Reason  string // a short phrase, safe to print
	Err     error  // what it came from; may be nil
}

func (e *Error) Error() string { return string(e.Outcome) + ": " + e.Reason }

func (e *Error) Unwrap() error { return e.Err }

// Causes of our own cancellations.
var (
	errTotal = errors.New("timeout")
	errSlow  = errors.New("too slow")
)

// phase is how far a request came, for the reason of a timeout. The transport
// dials in a goroutine of its own, hence the atomic.
type phase struct{ at atomic.Int32 }

const (
	lookingUp int32 = iota
	connecting
	handshaking
	waiting // for the header
)

func (p *phase) set(to int32) {
	if p != nil {
		p.at.Store(to)
	}
}

func (p *phase) String() string {
	switch p.at.Load() {
	case lookingUp:
		return "while looking up the address"
	case connecting:
		return "while connecting"
	case handshaking:
		return "in the TLS handshake"
	}
	return "while waiting for the header"
}

// failure puts an error of the transport into words.
func failure(ctx context.Context, ph *phase, err error) *Error {
	unknown := func(format string, args ...any) *Error {
		return &Error{Outcome: lurehound.Unknown, Reason: fmt.Sprintf(format, args...), Err: err}
	}
	var b *egress.BlockedError
	if errors.As(err, &b) {
		return &Error{Outcome: lurehound.Blocked, Reason: visible(b.Addr, maxReason) + " is refused: " + visible(b.Why, maxReason), Err: err}
	}
	var p *egress.ProxyError
	if errors.As(err, &p) {
		return &Error{Outcome: lurehound.Blocked, Reason: visible(p.Error(), maxReason), Err: err}
	}
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errTotal), errors.Is(cause, context.DeadlineExceeded):
		return unknown("timeout %s", ph)
	case cause != nil:
		return &Error{Outcome: lurehound.Unknown, Reason: "cancelled", Err: cause}
	}
	if errors.Is(err, errNoAddress) {
		return unknown("%s", visible(err.Error(), maxReason))
	}
	var ne net.Error
	if errors.As(err, &ne) && ne.Timeout() {
		return unknown("timeout %s", ph)
	}
	inTLS := ph.at.Load() == handshaking
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return unknown("connection refused")
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		if inTLS {
			return unknown("tls: connection reset in the handshake")
		}
		return unknown("connection reset")
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return unknown("unreachable")
	}
	if why := tlsFailure(err, inTLS); why != "" {
		return unknown("tls: %s", why)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "server closed idle connection") {
		return unknown("closed without an answer")
	}
	if ph.at.Load() < waiting {
		return unknown("could not connect: %s", visible(err.Error(), maxReason))
	}
	return unknown("malformed answer: %s", visible(err.Error(), maxReason))
}

func tlsFailure(err error, inTLS bool) string {
	var record tls.RecordHeaderError
	if errors.As(err, &record) {
		return "the answer is no TLS"
	}
	var alert tls.AlertError
	if errors.As(err, &alert) {
		return visible(strings.TrimPrefix(alert.Error(), "tls: "), maxReason)
	}
	if !inTLS && !strings.Contains(err.Error(), "tls: ") {
		return ""
	}
	if errors.Is(err, io.EOF) {
		return "closed in the handshake"
	}
	text := err.Error()
	if i := strings.LastIndex(text, "tls: "); i >= 0 {
		text = text[i+len("tls: "):]
	}
	return visible(text, maxReason)
}

// Lengths in bytes of foreign text that is kept in facts.
const (
	maxReason = 160
	maxURL    = 2048 // what every browser and server takes; RFC 9110 asks for 8000
	maxField  = 256  // Server, Content-Type
)

// visible is s cut to most bytes, with controls, invisible characters and
// broken UTF-8 escaped, so that it can be printed and stored anywhere.
func visible(s string, most int) string {
	cut := false
	if len(s) > most {
		s, cut = s[:most], true
		for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
		if n := len(s); n > 0 && s[n-1] >= utf8.RuneSelf {
			s = s[:n-1]
		}
	}
	var b strings.Builder
	for i, r := range s {
		_, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	if cut {
		b.WriteString("…")
	}
	return b.String()
}
