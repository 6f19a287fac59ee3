//go:build !linux

package egress

import "net"

// batched leaves sockets as they are: only Linux has calls for many packets.
func batched(c net.Conn) net.Conn { return c }
