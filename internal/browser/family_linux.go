package browser

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// member is one living process of a browser.
type member struct{ pid, parent, session int }

// family lists the living processes of a session, and who descends from them, as the kernel tells.
func family(leader int) []member {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	all := map[int]member{}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if m, ok := readMember(pid); ok {
			all[pid] = m
		}
	}
	var found []member
	for _, m := range all {
		if descends(all, m, leader) {
			found = append(found, m)
		}
	}
	return found
}

// withHome lists the living processes whose environment names this folder as their home: of a family whose head has died, one
// that made a session of its own is known by nothing else.
func withHome(home string) []member {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	marker := []byte("HOME=" + home)
	var found []member
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		f, err := os.Open(fmt.Sprintf("/proc/%d/environ", pid))
		if err != nil {
			continue // somebody else's, or it has ended
		}
		b, err := io.ReadAll(io.LimitReader(f, 64<<10))
		_ = f.Close()
		if err != nil || !slices.ContainsFunc(bytes.Split(b, []byte{0}), func(v []byte) bool { return bytes.Equal(v, marker) }) {
			continue
		}
		if m, ok := readMember(pid); ok {
			found = append(found, m)
		}
	}
	return found
}

// descends reports whether m, or whoever began it, is of the leader's session.
func descends(all map[int]member, m member, leader int) bool {
	for range 64 { // deep; parents change while we look, and could go round
		if m.pid == leader || m.session == leader {
			return true
		}
		parent, ok := all[m.parent]
		if !ok || m.parent <= 1 {
			return false
		}
		m = parent
	}
	return false
}

// readMember reads /proc/PID/stat (proc_pid_stat(5)): after the name in brackets come state, parent, group and session.
func readMember(pid int) (member, bool) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return member{}, false
	}
	_, rest, ok := bytes.Cut(b[max(0, bytes.LastIndexByte(b, ')')):], []byte(") "))
	f := strings.Fields(string(rest))
	if !ok || len(f) < 4 || f[0] == "Z" || f[0] == "X" {
		return member{}, false
	}
	parent, err1 := strconv.Atoi(f[1])
	session, err2 := strconv.Atoi(f[3])
	return member{pid, parent, session}, err1 == nil && err2 == nil
}

// field is the value of a line of /proc/PID/status.
func field(status []byte, name string) string {
	for line := range bytes.Lines(status) {
		if v, ok := bytes.CutPrefix(line, []byte(name)); ok {
			return string(bytes.TrimSpace(v))
		}
	}
	return ""
}

// resident is how much memory the processes hold that belongs to no file: private, and shared, which is counted for each. Address
// space says nothing, a browser reserves terabytes.
func (p *process) resident() (bytes int64) {
	for _, m := range family(p.cmd.Process.Pid) {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", m.pid))
		if err != nil {
			continue // it has ended
		}
		for _, name := range []string{"RssAnon:", "RssShmem:"} {
			kib, _, _ := strings.Cut(field(status, name), " ")
			n, _ := strconv.ParseInt(kib, 10, 64)
			bytes += n << 10
		}
	}
	return bytes
}
