package sandbox

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_AARCH64

// forkCalls is empty: arm64 forks by clone.
var forkCalls []uint32
