package egress

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
)

// maxConnectHeader bounds the header of a proxy's answer to CONNECT; real ones have a few hundred bytes.
const maxConnectHeader = 16 << 10

// httpConnect asks for a tunnel to an address (RFC 9110, section 9.3.6).
func httpConnect(c io.ReadWriter, r Route, ap netip.AddrPort) error {
	req := "CONNECT " + ap.String() + " HTTP/1.1\r\nHost: " + ap.String() + "\r\n"
	if r.User != "" {
		// The proxy asks for it by its own 407 at the latest, and knows us by our address anyhow.
		req += "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(r.User+":"+r.Password.reveal())) + "\r\n"
	}
	if _, err := io.WriteString(c, req+"\r\n"); err != nil {
		return err
	}
	header, err := connectHeader(c)
	if err != nil {
		return err
	}
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(header)), &http.Request{Method: http.MethodConnect})
	if err != nil {
		return says("speaks no HTTP")
	}
	_ = resp.Body.Close() // a tunnel's is empty
	return connectVerdict(resp, r)
}

// connectHeader reads up to the empty line. Nobody speaks in the tunnel before we do, so bytes after it are
// no host's: a proxy that sends them has answered with a page.
func connectHeader(c io.Reader) ([]byte, error) {
	buf := make([]byte, 0, 1<<10)
	for {
		if len(buf) == cap(buf) {
			if len(buf) >= maxConnectHeader {
				return nil, says("answers with a header of more than %d bytes", maxConnectHeader)
			}
			buf = append(make([]byte, 0, min(2*cap(buf), maxConnectHeader)), buf...)
		}
		n, err := c.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if !looksHTTP(buf) {
			return nil, notHTTP(buf)
		}
		if i := bytes.Index(buf, []byte("\r\n\r\n")); i >= 0 {
			rest := buf[i+4:]
			buf = buf[:i+4]
			if len(rest) > 0 && succeeds(buf) {
				return nil, says("answers with a page")
			}
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

const httpPrefix = "HTTP/1."

// Record types of TLS (RFC 8446, section 5.1), one of which an answer to what is no TLS begins with.
const (
	tlsAlert     = 21
	tlsHandshake = 22
)

// looksHTTP reports whether an answer begins, as far as it came, as one of HTTP/1 does.
func looksHTTP(b []byte) bool {
	n := min(len(b), len(httpPrefix))
	return string(b[:n]) == httpPrefix[:n]
}

func notHTTP(b []byte) error {
	switch b[0] {
	case tlsAlert, tlsHandshake:
		return says("speaks TLS: its kind may be https")
	case socksVersion, 0:
		return says("speaks SOCKS and no HTTP: its kind may be socks5")
	case '<':
		return says("answers with a page")
	}
	return says("speaks no HTTP")
}

// succeeds reports whether a status line is one of 2xx.
func succeeds(header []byte) bool {
	const at = len(httpPrefix) + len("1 ")
	return len(header) > at && header[at] == '2'
}

// connectVerdict is what an answer to CONNECT means.
func connectVerdict(resp *http.Response, r Route) error {
	code := resp.StatusCode
	if about := connectReason(resp.Header); about != nil && code/100 == 5 {
		return about
	}
	switch {
	case code/100 == 2:
		// Login pages of networks answer every request with 200. RFC 9110 lets no length and no type come with a tunnel.
		if resp.ContentLength > 0 || len(resp.TransferEncoding) > 0 || strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
			return says("answers with a page")
		}
		return nil
	case code/100 == 3:
		return says("answers with a redirect")
	case code == http.StatusProxyAuthRequired && r.User == "":
		return says("wants credentials, and the route has none: give it user and password")
	case code == http.StatusProxyAuthRequired:
		return says("wants other credentials")
	case code == http.StatusForbidden:
		return &misspoken{reason: "does not let us to that address (403; many allow port 443 only)", destination: true}
	case code == http.StatusMethodNotAllowed, code == http.StatusNotImplemented:
		return says("knows no CONNECT (%d)", code)
	case code == http.StatusBadGateway:
		return &behind{syscall.EHOSTUNREACH}
	case code == http.StatusGatewayTimeout:
		return &behind{syscall.ETIMEDOUT}
	}
	return says("refuses with status %d", code)
}

// connectReason is what a proxy says of its failure besides the status: by Proxy-Status (RFC 9209, section 2.3), or as Squid
// does, which has 503 for any host that it cannot reach, with the number of the kernel's error. nil when it says nothing.
func connectReason(h http.Header) error {
	if kind, number, _ := strings.Cut(h.Get("X-Squid-Error"), " "); kind == "ERR_CONNECT_FAIL" {
		switch number {
		case "110":
			return &behind{syscall.ETIMEDOUT}
		case "111":
			return &behind{syscall.ECONNREFUSED}
		case "101":
			return &behind{syscall.ENETUNREACH}
		}
		return &behind{syscall.EHOSTUNREACH}
	}
	_, named, ok := strings.Cut(h.Get("Proxy-Status"), "error=")
	if !ok {
		return nil
	}
	named, _, _ = strings.Cut(named, ";")
	switch strings.TrimSpace(named) {
	case "connection_refused":
		return &behind{syscall.ECONNREFUSED}
	case "connection_timeout":
		return &behind{syscall.ETIMEDOUT}
	case "destination_unavailable", "destination_ip_unroutable", "connection_terminated":
		return &behind{syscall.EHOSTUNREACH}
	case "destination_ip_prohibited":
		return &misspoken{reason: "does not let us to that address", destination: true}
	}
	return nil
}
