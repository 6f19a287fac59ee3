package lab

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"
)

// proxy is a way to look from elsewhere: what it dials comes from its own
// address, and so from its own country.
type proxy struct {
	lab   *Lab
	world *dnsWorld
	at    netip.AddrPort
}

func (l *Lab) startProxies(world *dnsWorld) {
	for _, d := range l.scenario.Proxies {
		p := &proxy{lab: l, world: world, at: d.Address}
		serve := p.http
		if d.Kind == "socks5" {
			serve = p.socks5
		}
		l.network.tcp[d.Address] = func(c net.Conn) {
			l.network.spawn(func() {
				defer c.Close()
				serve(c)
			})
		}
		if d.Secure == 0 {
			continue
		}
		secure := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return l.authority.leaf(d.Host, time.Time{}, 0)
		}}
		l.network.tcp[netip.AddrPortFrom(d.Address.Addr(), d.Secure)] = func(c net.Conn) {
			l.network.spawn(func() {
				t := tls.Server(c, secure)
				defer t.Close()
				serve(t)
			})
		}
	}
}

var errNoAddress = errors.New("the name has no address")

// dial reaches a target as the proxy's own machine, and resolves names itself.
func (p *proxy) dial(client net.Conn, method, host string, port int) (net.Conn, error) {
	target := net.JoinHostPort(host, strconv.Itoa(port))
	p.lab.journal.add(Request{
		Time: p.lab.clock.Now(), Service: Proxy, Dst: p.at, Host: target, Method: method,
		Src: client.RemoteAddr().(*net.TCPAddr).AddrPort(),
	})
	addr, err := netip.ParseAddr(host)
	if err != nil {
		if addr, err = p.lookup(host); err != nil {
			return nil, err
		}
	}
	to := netip.AddrPortFrom(addr, uint16(port)).String()
	return p.lab.network.dial(context.Background(), "tcp", p.at.Addr(), to)
}

func (p *proxy) lookup(host string) (netip.Addr, error) {
	_, name, err := readName(appendName(nil, host), 0)
	if err != nil {
		return netip.Addr{}, err
	}
	for _, o := range p.world.recursive(question{name: name, typ: typeA}).answer {
		if a, ok := netip.AddrFromSlice(o.rec.data); ok && o.rec.typ == typeA {
			return a, nil
		}
	}
	return netip.Addr{}, errNoAddress
}

// splice copies both ways until both directions have ended.
func splice(a io.ReadWriter, b net.Conn) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(b, a) // an end of either side ends the direction
		endWriting(b)
	}()
	_, _ = io.Copy(a, b)
	endWriting(a)
	<-done
}

func endWriting(w any) {
	if c, ok := w.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite() // a stream's never fails
	}
}

// buffered reads what was read ahead before the rest of the connection.
type buffered struct {
	net.Conn
	r io.Reader
}

func (b buffered) Read(p []byte) (int, error) { return b.r.Read(p) }

func (b buffered) CloseWrite() error {
	endWriting(b.Conn)
	return nil
}

// http is a proxy for CONNECT and for plain requests (RFC 9110, sections 9.3.6
// and 7.6). One request a connection.
func (p *proxy) http(c net.Conn) {
	r := bufio.NewReader(c)
	req, err := http.ReadRequest(r)
	if err != nil {
		return
	}
	port := portHTTP
	if req.Method == http.MethodConnect {
		port = portHTTPS
	}
	host := req.URL.Hostname()
	if s := req.URL.Port(); s != "" {
		if port, err = strconv.Atoi(s); err != nil {
			return
		}
	}
	target, err := p.dial(c, req.Method, host, port)
	if err != nil {
		_, _ = io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") // the client may have gone
		return
	}
	defer target.Close()
	if req.Method == http.MethodConnect {
		if _, err := io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\n"); err == nil {
			splice(buffered{c, r}, target)
		}
		return
	}
	req.Close = true
	if req.Write(target) == nil {
		_, _ = io.Copy(c, target)
	}
}

// SOCKS version 5 (RFC 1928).
const (
	socksVersion = 5
	socksConnect = 1
	socksIPv4    = 1
	socksDomain  = 3
	socksIPv6    = 4
	socksRefused = 5 // reply "connection refused"
	socksUnknown = 4 // reply "host unreachable"
)

func (p *proxy) socks5(c net.Conn) {
	var b [256]byte
	if _, err := io.ReadFull(c, b[:2]); err != nil || b[0] != socksVersion {
		return
	}
	if _, err := io.ReadFull(c, b[:b[1]]); err != nil { // methods; none is needed here
		return
	}
	if _, err := c.Write([]byte{socksVersion, 0}); err != nil {
		return
	}
	if _, err := io.ReadFull(c, b[:4]); err != nil || b[0] != socksVersion || b[1] != socksConnect {
		return
	}
	host, port, err := socksTarget(c, b[3])
	if err != nil {
		return
	}
	target, err := p.dial(c, "CONNECT", host, port)
	code := byte(0)
	switch {
	case errors.Is(err, errNoAddress):
		code = socksUnknown
	case err != nil:
		code = socksRefused
	}
	if _, werr := c.Write([]byte{socksVersion, code, 0, socksIPv4, 0, 0, 0, 0, 0, 0}); err != nil || werr != nil {
		return
	}
	defer target.Close()
	splice(c, target)
}

// socksTarget reads an address of the given type, and a port.
func socksTarget(r io.Reader, kind byte) (host string, port int, err error) {
	var b [256]byte
	n := 0
	switch kind {
	case socksIPv4:
		n = net.IPv4len
	case socksIPv6:
		n = net.IPv6len
	case socksDomain:
		if _, err := io.ReadFull(r, b[:1]); err != nil {
			return "", 0, err
		}
		n = int(b[0])
	default:
		return "", 0, errors.New("no SOCKS address type")
	}
	if _, err := io.ReadFull(r, b[:n]); err != nil {
		return "", 0, err
	}
	host = string(b[:n])
	if kind != socksDomain {
		a, _ := netip.AddrFromSlice(b[:n])
		host = a.String()
	}
	if _, err := io.ReadFull(r, b[:2]); err != nil {
		return "", 0, err
	}
	return host, int(binary.BigEndian.Uint16(b[:2])), nil
}
