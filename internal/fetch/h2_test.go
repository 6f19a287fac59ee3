package fetch

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"lurehound"
)

// h2 is a TLS server that speaks frames: it takes the preface and the request,
// then does what flood says with the request's stream.
func h2(t testing.TB, ca *authority, flood func(f *http2.Framer, stream uint32) error) func(net.Conn) {
	cfg := with(ca.issue(t, nil))
	cfg.NextProtos = []string{"h2"}
	return overTLS(cfg, func(c net.Conn) {
		if _, err := io.ReadFull(c, make([]byte, len(http2.ClientPreface))); err != nil {
			return
		}
		f := http2.NewFramer(c, c)
		if f.WriteSettings() != nil {
			return
		}
		var stream uint32
		for stream == 0 {
			fr, err := f.ReadFrame()
			if err != nil {
				return
			}
			if h, ok := fr.(*http2.HeadersFrame); ok {
				stream = h.StreamID
			}
		}
		go func() { _, _ = io.Copy(io.Discard, c) }() // so that its replies do not block it
		for flood(f, stream) == nil {
		}
	})
}

func block(pairs ...string) []byte {
	var b bytes.Buffer
	e := hpack.NewEncoder(&b)
	for i := 0; i < len(pairs); i += 2 {
		_ = e.WriteField(hpack.HeaderField{Name: pairs[i], Value: pairs[i+1]})
	}
	return b.Bytes()
}

// h2Flood is a form of A39: frames without end that are no answer.
type h2Flood struct {
	name      string
	flood     func() func(*http2.Framer, uint32) error // a fresh one for each connection
	truncated string
}

func (f h2Flood) talk(t testing.TB, ca *authority) func(net.Conn) {
	return func(c net.Conn) { h2(t, ca, f.flood())(c) }
}

func h2Floods() []h2Flood {
	answered := func(f *http2.Framer, stream uint32) error {
		return f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block(":status", "200"), EndHeaders: true})
	}
	return []h2Flood{
		{"A39 settings", func() func(*http2.Framer, uint32) error {
			return func(f *http2.Framer, _ uint32) error {
				return f.WriteSettings(http2.Setting{ID: http2.SettingMaxFrameSize, Val: 1 << 14})
			}
		}, ""},
		{"A39 ping", func() func(*http2.Framer, uint32) error {
			return func(f *http2.Framer, _ uint32) error { return f.WritePing(false, [8]byte{1}) }
		}, ""},
		{"A39 continuation", func() func(*http2.Framer, uint32) error {
			first := true
			big := block("x", strings.Repeat("y", 8000))
			return func(f *http2.Framer, s uint32) error {
				if first {
					first = false
					return f.WriteHeaders(http2.HeadersFrameParam{StreamID: s, BlockFragment: block(":status", "200")})
				}
				return f.WriteContinuation(s, false, big)
			}
		}, ""},
		{"A39 empty continuation", func() func(*http2.Framer, uint32) error {
			first := true
			return func(f *http2.Framer, s uint32) error {
				if first {
					first = false
					return f.WriteHeaders(http2.HeadersFrameParam{StreamID: s, BlockFragment: block(":status", "200")})
				}
				return f.WriteContinuation(s, false, nil)
			}
		}, ""},
		{"A39 reset", func() func(*http2.Framer, uint32) error {
			return func(f *http2.Framer, s uint32) error { return f.WriteRSTStream(s, http2.ErrCodeCancel) }
		}, ""},
		{"A39 refused for ever", func() func(*http2.Framer, uint32) error {
			return func(f *http2.Framer, s uint32) error { return f.WriteRSTStream(s, http2.ErrCodeRefusedStream) }
		}, ""},
		{"A39 push", func() func(*http2.Framer, uint32) error {
			return func(f *http2.Framer, s uint32) error {
				return f.WritePushPromise(http2.PushPromiseParam{StreamID: s, PromiseID: 2, BlockFragment: block(":method", "GET"), EndHeaders: true})
			}
		}, ""},
		{"A39 interim answers", func() func(*http2.Framer, uint32) error {
			return func(f *http2.Framer, s uint32) error {
				return f.WriteHeaders(http2.HeadersFrameParam{StreamID: s, BlockFragment: block(":status", "103", "link", strings.Repeat("l", 4000)), EndHeaders: true})
			}
		}, ""},
		{"A39 go away", func() func(*http2.Framer, uint32) error {
			return func(f *http2.Framer, _ uint32) error { return f.WriteGoAway(0, http2.ErrCodeEnhanceYourCalm, nil) }
		}, ""},
		{"A39 empty data", func() func(*http2.Framer, uint32) error {
			first := true
			return func(f *http2.Framer, s uint32) error {
				if first {
					first = false
					return answered(f, s)
				}
				return f.WriteData(s, false, nil)
			}
		}, tooSlow},
	}
}

func TestH2Floods(t *testing.T) {
	ca := newAuthority(t)
	for _, c := range h2Floods() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client := local(t, Config{Roots: ca.pool, Clock: day{today}})
			srv := serve(t, c.talk(t, ca))
			got := visitOnce(t, client, "https://"+srv+"/")
			if most := client.limits.Total + time.Second; got.took > most {
				t.Errorf("took %s, the deadline is %s", got.took, most)
			}
			if c.truncated != "" {
				if got.err != nil || got.facts.Truncated != c.truncated {
					t.Errorf("%v, truncated %q", got.err, got.facts.Truncated)
				}
				return
			}
			if got.err == nil {
				t.Fatalf("got an answer: %+v", got.facts)
			}
			if got.err.Outcome != lurehound.Unknown {
				t.Errorf("got %v", got.err)
			}
			if got.facts.Certificate == nil {
				t.Error("the certificate that was shown is lost")
			}
		})
	}
}
