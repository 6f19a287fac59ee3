package lab

import (
	"io/fs"
	"net"
	"net/netip"
	"time"
)

// start lets every service listen.
func (l *Lab) start(files fs.FS) error {
	n := &l.network
	n.tcp = map[netip.AddrPort]func(net.Conn){}
	n.udp = map[netip.AddrPort]func(*datagram, []byte){}
	n.done = make(chan struct{})
	world := newDNSWorld(l.scenario)
	for addr, role := range world.servers {
		at := netip.AddrPortFrom(addr, 53)
		s := &nameserver{lab: l, world: world, role: role, addr: at}
		n.udp[at] = s.packet
		n.tcp[at] = func(c net.Conn) { n.spawn(func() { s.stream(c) }) }
	}
	l.startWHOIS()
	l.startProxies(world)
	return l.startWeb(files)
}

// after runs f in d of real time, unless the laboratory is closed before.
func (n *network) after(d time.Duration, f func()) {
	n.spawn(func() {
		if n.pause(d) {
			f()
		}
	})
}

// pause waits for d of real time; false when the laboratory was closed.
func (n *network) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-n.done:
		return false
	}
}
