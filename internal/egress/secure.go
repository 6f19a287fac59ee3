package egress

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"time"
)

// handshakeTimeout ends the TLS handshake with a proxy: two ways around the world, each with a retransmission.
const handshakeTimeout = 2 * greetTimeout

// handshake speaks TLS with a proxy, whose certificate has to be for the name or the address by which the user knows it. It takes over c.
func (g *Gateway) handshake(ctx context.Context, r Route, c net.Conn) (net.Conn, error) {
	inner, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	name := r.Host
	if name == "" {
		name = r.Proxy.Addr().Unmap().String()
	}
	t := tls.Client(c, &tls.Config{
		ServerName: name,
		RootCAs:    cmp.Or(r.Roots, g.roots),
		Time:       func() time.Time { return g.clock.Now() },
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"}, // CONNECT of HTTP/2 is another protocol (RFC 9113, section 8.5)
	})
	err := t.HandshakeContext(inner)
	if err == nil {
		return t, nil
	}
	_ = c.Close()
	if ctx.Err() != nil && !timedOut(ctx.Err()) {
		return nil, ctx.Err()
	}
	if inner.Err() != nil {
		err = inner.Err() // whatever it looked like from the connection's side
	}
	return nil, &ProxyError{Route: r.Name, Reason: handshakeReason(err), Err: err}
}

// handshakeReason puts the end of a handshake into words.
func handshakeReason(err error) string {
	var (
		unverified *tls.CertificateVerificationError
		host       x509.HostnameError
		authority  x509.UnknownAuthorityError
		invalid    x509.CertificateInvalidError
		record     tls.RecordHeaderError
		alert      tls.AlertError
	)
	switch {
	case errors.As(err, &host):
		return "shows a certificate that is for others, not for it"
	case errors.As(err, &authority):
		return "shows a certificate of an authority that is not trusted: where it is your own, name it with ca"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "shows a certificate that is out of date"
	case errors.As(err, &unverified):
		return "shows a certificate that cannot be trusted"
	case errors.As(err, &record):
		return "speaks no TLS: its kind may be connect"
	case errors.As(err, &alert):
		return "refuses the TLS handshake"
	}
	return cause(err, "breaks off the TLS handshake")
}
