package egress

import (
	"encoding/binary"
	"io"
	"net/netip"
	"syscall"
)

// SOCKS 5 (RFC 1928), of which we need CONNECT alone, with user and password (RFC 1929).
const (
	socksVersion      = 5
	socksNoAuth       = 0x00
	socksPassword     = 0x02
	socksNoMethod     = 0xff
	passwordVersion   = 1
	socksConnectCmd   = 1
	socksIPv4         = 1
	socksName         = 3
	socksIPv6         = 4
	socksRequestGrant = 0x5a // reply of SOCKS 4, after a zero
)

// socksGreeting agrees with the proxy on how we prove ourselves, and does so. The password goes to
// a proxy only that asks for it.
func socksGreeting(c io.ReadWriter, r Route) error {
	hello := []byte{socksVersion, 1, socksNoAuth}
	if r.User != "" {
		hello = []byte{socksVersion, 2, socksNoAuth, socksPassword}
	}
	if _, err := c.Write(hello); err != nil {
		return err
	}
	var b [2]byte
	if err := socksRead(c, b[:]); err != nil {
		return err
	}
	switch {
	case b[1] == socksNoAuth:
		return nil
	case b[1] == socksPassword && r.User != "":
		return socksLogin(c, r)
	case b[1] == socksNoMethod && r.User == "":
		return says("wants credentials, and the route has none: give it user and password")
	case b[1] == socksNoMethod:
		return says("takes neither nobody nor a user with a password")
	}
	return says("chooses a way to log in that was not offered (%d)", b[1])
}

// socksRead fills b, of which the first byte is the version.
func socksRead(c io.Reader, b []byte) error {
	if _, err := io.ReadFull(c, b); err != nil {
		return err
	}
	switch {
	case b[0] == socksVersion:
		return nil
	case b[0] == 0 && b[1] >= socksRequestGrant && b[1] <= socksRequestGrant+3, b[0] == 4:
		return says("speaks SOCKS 4 only")
	case b[0] == 'H' && b[1] == 'T':
		return says("speaks HTTP and no SOCKS: its kind may be connect")
	case b[0] == '<':
		return says("answers with a page")
	}
	return says("speaks no SOCKS 5 (version byte %d)", b[0])
}

func socksLogin(c io.ReadWriter, r Route) error {
	password := r.Password.reveal()
	b := []byte{passwordVersion, byte(len(r.User))}
	b = append(append(b, r.User...), byte(len(password)))
	if _, err := c.Write(append(b, password...)); err != nil {
		return err
	}
	var answer [2]byte
	if _, err := io.ReadFull(c, answer[:]); err != nil {
		return err
	}
	// RFC 1929 wants version 1; some servers answer 5 there, and mean well.
	if answer[0] != passwordVersion && answer[0] != socksVersion {
		return says("speaks no SOCKS 5 (version byte %d after the password)", answer[0])
	}
	if answer[1] != 0 {
		return says("wants other credentials")
	}
	return nil
}

// socksConnect asks for a tunnel to an address and reads the answer to its end, and no byte further.
func socksConnect(c io.ReadWriter, ap netip.AddrPort) error {
	b := []byte{socksVersion, socksConnectCmd, 0, socksIPv4}
	if ap.Addr().Is6() {
		b[3] = socksIPv6
	}
	b = append(b, ap.Addr().AsSlice()...)
	if _, err := c.Write(binary.BigEndian.AppendUint16(b, ap.Port())); err != nil {
		return err
	}
	var head [4]byte
	if err := socksRead(c, head[:]); err != nil {
		return err
	}
	if head[1] != 0 {
		return socksRefusal(head[1])
	}
	// The address that the proxy dials from. It is read and not used: it says what a proxy likes to say.
	size := 0
	switch head[3] {
	case socksIPv4:
		size = 4
	case socksIPv6:
		size = 16
	case socksName:
		var n [1]byte
		if _, err := io.ReadFull(c, n[:]); err != nil {
			return err
		}
		size = int(n[0])
	default:
		return says("speaks no SOCKS 5 (address type %d)", head[3])
	}
	_, err := io.ReadFull(c, make([]byte, size+2))
	return err
}

// socksRefusal puts a reply of RFC 1928, section 6 into words. What is wrong with the host is told apart from
// what is wrong with the proxy.
func socksRefusal(code byte) error {
	switch code {
	case 1:
		return says("fails for a reason that it does not tell")
	case 2:
		return &misspoken{reason: "does not let us to that address", destination: true}
	case 3:
		return &behind{syscall.ENETUNREACH}
	case 4:
		return &behind{syscall.EHOSTUNREACH}
	case 5:
		return &behind{syscall.ECONNREFUSED}
	case 6:
		return &behind{syscall.ETIMEDOUT}
	case 8:
		return &misspoken{reason: "takes no addresses of that kind", destination: true}
	}
	return says("refuses with code %d", code)
}
