package egress

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// maxSockets is how much of the kernel's list of TCP sockets is read, 150 bytes each.
const maxSockets = 16 << 20

// socketOwner is the user whose socket is at peer, connected to ours. Both are of IPv4.
func socketOwner(peer, ours netip.AddrPort) (uid int, err error) {
	// The kernel gives the list piece by piece, and one that changes meanwhile may lack what is in it.
	for range 5 {
		if uid, err = readOwner(peer, ours); err == nil {
			return uid, nil
		}
	}
	return 0, fmt.Errorf("its owner is not known: %w", err)
}

func readOwner(peer, ours netip.AddrPort) (uid int, err error) {
	f, err := os.Open("/proc/self/net/tcp")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return ownerIn(io.LimitReader(f, maxSockets), peer, ours)
}

// ownerIn reads the list as proc_pid_net(5) has it: number, local and remote address, state, queues, timer, retransmissions, uid.
func ownerIn(list io.Reader, peer, ours netip.AddrPort) (uid int, err error) {
	const established = "01"
	local, remote := kernelAddr(peer), kernelAddr(ours)
	lines := bufio.NewScanner(list)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) > 7 && f[1] == local && f[2] == remote && f[3] == established {
			return strconv.Atoi(f[7])
		}
	}
	if err := lines.Err(); err != nil {
		return 0, err
	}
	return 0, errors.New("the kernel lists no such socket")
}

// kernelAddr is an IPv4 address as the kernel prints it: a number of the machine's byte order.
func kernelAddr(ap netip.AddrPort) string {
	b := ap.Addr().Unmap().As4()
	return fmt.Sprintf("%08X:%04X", binary.NativeEndian.Uint32(b[:]), ap.Port())
}
