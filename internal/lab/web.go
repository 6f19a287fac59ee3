package lab

import (
	"context"
	"crypto/tls"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"lurehound/internal/lab/installer"
)

// Ports of the web.
const (
	portHTTP  = 80
	portHTTPS = 443
)

// headerWait ends connections that never send a request, in real time.
const headerWait = 30 * time.Second

// web is every web server of the laboratory: one per address and port, told
// apart by the address that was dialled and the Host that was asked for.
type web struct {
	lab      *Lab
	pages    map[string]*pageSet
	sites    map[string]*site        // by host; www too
	services map[string]service      // by host
	bound    map[netip.Addr][]string // hosts at an address, the first is shown to clients without SNI
	files    map[string]installer.File
}

// service is a web server that is no site.
type service struct {
	name    Service
	addr    netip.Addr
	handler http.Handler
}

type connKey struct{}

// startWeb makes the servers and lets them listen on every address that has a
// site, a service or plain hosting.
func (l *Lab) startWeb(files fs.FS) error {
	w := &web{
		lab: l, pages: map[string]*pageSet{}, sites: map[string]*site{}, services: map[string]service{},
		bound: map[netip.Addr][]string{}, files: map[string]installer.File{},
	}
	list, err := installer.All()
	if err != nil {
		return err
	}
	for _, f := range list {
		w.files[f.Name] = f
	}
	if err := w.addSites(files); err != nil {
		return err
	}
	w.addServices()
	secure := &tls.Config{GetCertificate: w.certificate, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12}
	plainIn := newListener(&net.TCPAddr{Port: portHTTP})
	secureIn := newListener(&net.TCPAddr{Port: portHTTPS})
	serve := func(in *listener, config *tls.Config) {
		s := &http.Server{
			Handler:           w,
			TLSConfig:         config,
			ReadHeaderTimeout: headerWait,
			ErrorLog:          log.New(io.Discard, "", 0),
			ConnContext: func(ctx context.Context, c net.Conn) context.Context {
				return context.WithValue(ctx, connKey{}, c.LocalAddr().(*net.TCPAddr).AddrPort())
			},
		}
		l.network.stop = append(l.network.stop, func() { _ = s.Close() }) // closes streams, which never fails
		l.network.spawn(func() {
			if config != nil {
				_ = s.ServeTLS(in, "", "") // ends with ErrServerClosed, or ErrClosed of the listener
				return
			}
			_ = s.Serve(in)
		})
	}
	serve(plainIn, nil)
	serve(secureIn, secure)
	for addr, hosts := range w.bound {
		l.network.tcp[netip.AddrPortFrom(addr, portHTTP)] = l.network.into(plainIn)
		if w.secured(hosts) {
			l.network.tcp[netip.AddrPortFrom(addr, portHTTPS)] = l.network.into(secureIn)
		}
	}
	return nil
}

// into hands connections to a listener.
func (n *network) into(in *listener) func(net.Conn) {
	return func(c net.Conn) {
		select {
		case in.conns <- c:
		case <-in.done:
			_ = c.Close() // a stream's Close never fails
		}
	}
}

func (w *web) secured(hosts []string) bool {
	for _, h := range hosts {
		if s := w.sites[h]; s == nil || !s.data.NoTLS {
			return true
		}
	}
	return len(hosts) == 0
}

// certificate picks by SNI among the hosts of the dialled address; clients
// that send none, or ask for a stranger, get the first host's.
func (w *web) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	addr := hello.Conn.LocalAddr().(*net.TCPAddr).AddrPort().Addr()
	hosts := w.bound[addr]
	name := strings.TrimSuffix(strings.ToLower(hello.ServerName), ".")
	known := false
	for _, h := range hosts {
		known = known || h == name
	}
	if !known {
		if len(hosts) == 0 {
			return w.lab.authority.leaf("default.plain-hosting.example", time.Time{}, 0)
		}
		name = hosts[0]
	}
	if s := w.sites[name]; s != nil {
		return w.lab.authority.leaf(s.domain, s.data.Issued, s.data.Days)
	}
	return w.lab.authority.leaf(name, time.Time{}, 0)
}

// ServeHTTP finds who is asked, keeps the access log, and dates answers by the
// laboratory's clock.
func (w *web) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	dst, _ := r.Context().Value(connKey{}).(netip.AddrPort)
	src, _ := netip.ParseAddrPort(r.RemoteAddr)
	now := w.lab.clock.Now()
	rw.Header().Set("Date", now.Format(http.TimeFormat))
	host := strings.ToLower(r.Host)
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	logged := Request{
		Time: now, Service: HTTP, Src: src, Dst: dst, Host: r.Host,
		Method: r.Method, Path: r.RequestURI, Header: r.Header.Clone(),
	}
	if r.TLS != nil {
		logged.Service = HTTPS
	}
	out := &statusWriter{ResponseWriter: rw, status: http.StatusOK}
	// The log is written also when a client goes away in the middle.
	defer func() {
		logged.Status = out.status
		w.lab.journal.add(logged)
	}()
	v := visitor{addr: src.Addr(), country: w.lab.scenario.country(src.Addr()), referrer: r.Referer(), agent: r.UserAgent(),
		language: r.Header.Get("Accept-Language"), query: r.URL.Query()}
	if s, ok := w.services[host]; ok && s.addr == dst.Addr() {
		logged.Service = s.name
		s.handler.ServeHTTP(out, r)
		return
	}
	if s := w.sites[host]; s != nil && s.at(dst.Addr()) {
		s.serve(out, r, v)
		return
	}
	w.unknownHost(out, r, host)
}

// statusWriter remembers the status for the log.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (s *statusWriter) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// ReadFrom and Flush stay those of the server.
func (s *statusWriter) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// unknownHost is what a hosting company shows for names that it doesn't know.
func (w *web) unknownHost(rw http.ResponseWriter, r *http.Request, host string) {
	set := w.pages[w.lab.scenario.Hosting.Pages]
	if set == nil {
		http.NotFound(rw, r)
		return
	}
	set.serve(rw, r, pageView{status: w.lab.scenario.Hosting.Status, values: map[string]string{"site": host}})
}

// addServices binds the laboratory's own web services.
func (w *web) addServices() {
	sc := w.lab.scenario
	boot, rdap := sc.Registry.Bootstrap, sc.Registry.RDAP
	register := newRegister(sc)
	w.addService(sc.ISC.Host, service{ISC, sc.ISC.Address, newISCFeed(sc, w.lab.clock)})
	w.addService(boot.Host, service{RDAP, boot.Address, http.HandlerFunc(register.bootstrap)})
	w.addService(rdap.Host, service{RDAP, rdap.Address, http.HandlerFunc(register.rdap)})
	for _, a := range sc.Hosting.Addresses {
		w.bound[a] = append(w.bound[a], []string{}...)
	}
}

func (w *web) addService(host string, s service) {
	w.services[host] = s
	w.bound[s.addr] = append(w.bound[s.addr], host)
}

// addSites reads the page sets and binds every site to its addresses.
func (w *web) addSites(files fs.FS) error {
	sc := w.lab.scenario
	for _, name := range sc.pageSets() {
		set, err := readPageSet(files, name)
		if err != nil {
			return err
		}
		w.pages[name] = set
	}
	for i := range sc.names {
		n := &sc.names[i]
		if n.Site == nil {
			continue
		}
		s := &site{web: w, domain: n.Domain, addrs: append(append([]netip.Addr(nil), n.A...), n.AAAA...), data: n.Site}
		for _, host := range []string{n.Domain, "www." + n.Domain} {
			w.sites[host] = s
			for _, a := range s.addrs {
				w.bound[a] = append(w.bound[a], host)
			}
		}
	}
	return nil
}

// pageSets lists every set of pages that the scenario names, once.
func (sc *scenario) pageSets() []string {
	var sets []string
	seen := map[string]bool{"": true}
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			sets = append(sets, name)
		}
	}
	add(sc.Hosting.Pages)
	for i := range sc.names {
		if s := sc.names[i].Site; s != nil {
			add(s.Pages)
			for _, r := range s.Rules {
				add(r.Pages)
			}
		}
	}
	return sets
}
