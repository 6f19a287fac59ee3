package testbed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// startWait is how long a server may take to read its zones and answer.
const startWait = 30 * time.Second

// Server is a running server.
type Server struct {
	Addr netip.AddrPort
	cmd  *exec.Cmd
	out  *output
	done chan struct{}
}

// Program finds a server's program, also where only root's PATH leads. The
// error is exec.ErrNotFound when it is not installed.
func Program(name string) (string, error) {
	for _, p := range []string{name, "/usr/sbin/" + name, "/usr/local/sbin/" + name} {
		if path, err := exec.LookPath(p); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s: %w", name, exec.ErrNotFound)
}

// Knot starts Knot DNS with one worker as the authority for the zones. dir is
// its scratch folder.
func Knot(ctx context.Context, dir string, zones map[string]string) (*Server, error) {
	s, err := newServer()
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "server:\n  rundir: %[1]s\n  listen: 127.0.0.1@%[2]d\n  udp-workers: 1\n  tcp-workers: 1\n  background-workers: 1\n"+
		"database:\n  storage: %[1]s\ntemplate:\n  - id: default\n    storage: %[1]s\n    file: \"%%s.zone\"\nzone:\n", dir, s.Addr.Port())
	for _, z := range slices.Sorted(maps.Keys(zones)) {
		fmt.Fprintf(&b, "  - domain: %s\n", z)
	}
	conf, err := write(dir, "knot.conf", b.String(), zones)
	if err != nil {
		return nil, err
	}
	return s.start(ctx, slices.Sorted(maps.Keys(zones))[0], "knotd", "-c", conf)
}

// NSD starts NSD with one server process as the authority for the zones.
func NSD(ctx context.Context, dir string, zones map[string]string) (*Server, error) {
	s, err := newServer()
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "server:\n  server-count: 1\n  ip-address: 127.0.0.1@%[2]d\n  port: %[2]d\n  username: \"\"\n  chroot: \"\"\n  database: \"\"\n"+
		"  zonesdir: \"%[1]s\"\n  zonelistfile: \"%[1]s/zone.list\"\n  pidfile: \"%[1]s/nsd.pid\"\n  xfrdfile: \"%[1]s/xfrd.state\"\n  xfrdir: \"%[1]s\"\n  rrl-ratelimit: 0\n"+
		"remote-control:\n  control-enable: no\n", dir, s.Addr.Port())
	for _, z := range slices.Sorted(maps.Keys(zones)) {
		fmt.Fprintf(&b, "zone:\n  name: %s\n  zonefile: %s.zone\n", z, z)
	}
	conf, err := write(dir, "nsd.conf", b.String(), zones)
	if err != nil {
		return nil, err
	}
	return s.start(ctx, slices.Sorted(maps.Keys(zones))[0], "nsd", "-d", "-c", conf)
}

// Unbound starts Unbound as a recursive resolver. The authority stands for the
// root and for each of its zones; queries leave from 127.0.0.1 only, so none
// can go anywhere else. more is added to the configuration as it is.
func Unbound(ctx context.Context, dir string, authority netip.AddrPort, zones map[string]string, more string) (*Server, error) {
	s, err := newServer()
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "server:\n  directory: \"%s\"\n  interface: 127.0.0.1\n  port: %d\n  outgoing-interface: 127.0.0.1\n  do-ip6: no\n"+
		"  username: \"\"\n  chroot: \"\"\n  pidfile: \"\"\n  do-daemonize: no\n  use-syslog: no\n  logfile: \"\"\n  num-threads: 1\n"+
		"  module-config: \"iterator\"\n  do-not-query-localhost: no\n  access-control: 127.0.0.0/8 allow\n  num-queries-per-thread: 4096\n  outgoing-range: 8192\n"+
		"remote-control:\n  control-enable: no\n", dir, s.Addr.Port())
	for _, z := range append([]string{"."}, slices.Sorted(maps.Keys(zones))...) {
		fmt.Fprintf(&b, "stub-zone:\n  name: \"%s\"\n  stub-addr: 127.0.0.1@%d\n  stub-first: no\n", z, authority.Port())
	}
	b.WriteString(more)
	conf, err := write(dir, "unbound.conf", b.String(), nil)
	if err != nil {
		return nil, err
	}
	return s.start(ctx, slices.Sorted(maps.Keys(zones))[0], "unbound", "-d", "-c", conf)
}

func newServer() (*Server, error) {
	a, err := freePort()
	return &Server{Addr: a, out: &output{}, done: make(chan struct{})}, err
}

// freePort is a port of 127.0.0.1 that nobody listens on, UDP nor TCP.
func freePort() (netip.AddrPort, error) {
	for range 20 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return netip.AddrPort{}, err
		}
		a := netip.MustParseAddrPort(l.Addr().String())
		u, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(a))
		_ = l.Close()
		if err == nil {
			return a, u.Close()
		}
	}
	return netip.AddrPort{}, errors.New("no free port for UDP and TCP")
}

func write(dir, name, conf string, zones map[string]string) (string, error) {
	for zone, text := range zones {
		if err := os.WriteFile(filepath.Join(dir, zone+".zone"), []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	path := filepath.Join(dir, name)
	return path, os.WriteFile(path, []byte(conf), 0o600)
}

// start runs the program until ctx ends or Stop, and returns when it answers for the zone.
func (s *Server) start(ctx context.Context, zone, program string, args ...string) (*Server, error) {
	q := new(dns.Msg).SetQuestion(dns.Fqdn(zone), dns.TypeSOA)
	client := dns.Client{Timeout: 200 * time.Millisecond}
	return s.run(ctx, func() bool {
		m, _, err := client.ExchangeContext(ctx, q, s.Addr.String())
		return err == nil && m.Rcode == dns.RcodeSuccess && len(m.Answer) > 0
	}, program, args...)
}

// run runs the program until ctx ends or Stop, and returns when it is ready.
func (s *Server) run(ctx context.Context, ready func() bool, program string, args ...string) (*Server, error) {
	path, err := Program(program)
	if err != nil {
		return nil, err
	}
	s.cmd = exec.CommandContext(ctx, path, args...)
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	s.cmd.WaitDelay = time.Second
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { defer close(s.done); _ = s.cmd.Wait() }()
	for began := time.Now(); time.Since(began) < startWait && ctx.Err() == nil; {
		if ready() {
			return s, nil
		}
		select {
		case <-s.done:
			return nil, fmt.Errorf("%s ended:\n%s", program, s.out)
		case <-time.After(20 * time.Millisecond):
		}
	}
	s.Stop()
	return nil, fmt.Errorf("%s does not answer:\n%s", program, s.out)
}

// PID is the server's process.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Stop ends the server and waits for that.
func (s *Server) Stop() {
	_ = s.cmd.Process.Signal(os.Interrupt) // so that it ends its own children
	select {
	case <-s.done:
	case <-time.After(5 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.done
	}
}

// output takes what a process writes.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

// String is the beginning: what is wrong is said early, and again and again.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.buf.Bytes()[:min(o.buf.Len(), 4<<10)])
}
