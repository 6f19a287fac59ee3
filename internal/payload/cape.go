package payload

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"lurehound"
)

// Limits of reading a sandbox's report.
const (
	maxCAPE      = 256 << 20 // bytes
	maxCAPEDepth = 64        // objects and lists in each other
)

// SandboxReport is what a sandbox saw when a file ran in it.
type SandboxReport struct {
	SHA256     string // of the file that ran; "" where the report does not say
	Indicators lurehound.Indicators
	Problems   []string // what was left out
}

// ReadCAPE reads the report.json of a CAPE sandbox: what is found in the places that name commands, files, registry
// keys, services and hosts. The report is read as a stream, at most 256 MiB of it; what is no JSON object is an
// error of one line. Source of the names: the documentation of CAPEv2's reports.
func ReadCAPE(r io.Reader) (SandboxReport, error) {
	limited := &io.LimitedReader{R: r, N: maxCAPE + 1}
	c := capeReader{d: json.NewDecoder(limited), acc: newFound()}
	c.d.UseNumber()
	c.acc.files = 1
	err := c.report()
	if limited.N <= 0 {
		err = fmt.Errorf("longer than %d bytes", maxCAPE)
	}
	if err != nil {
		return SandboxReport{}, fmt.Errorf("reading the sandbox report: %w", err)
	}
	if c.known == 0 {
		return SandboxReport{}, errors.New("reading the sandbox report: it has no behavior, network or dropped: is it a report.json of CAPE?")
	}
	out := SandboxReport{SHA256: c.sha256}
	out.Indicators, out.Problems = c.acc.result()
	return out, nil
}

// fromSandbox is the file that a place of an indicator names when the sandbox saw it.
const fromSandbox = "sandbox report"

// AddReport joins what a sandbox saw to what was read in the file: what stands in both keeps its place in the file.
func AddReport(p *lurehound.PayloadFacts, r SandboxReport) {
	union := func(to *[]string, more []string) {
		for _, s := range more {
			if !slices.Contains(*to, s) {
				*to = append(*to, s)
			}
		}
	}
	a, b := &p.Found, r.Indicators
	union(&a.IPs, b.IPs)
	union(&a.Domains, b.Domains)
	union(&a.URLs, b.URLs)
	union(&a.Mails, b.Mails)
	union(&a.Commands, b.Commands)
	union(&a.Services, b.Services)
	union(&a.Files, b.Files)
	union(&a.Registry, b.Registry)
	union(&a.Tasks, b.Tasks)
	union(&a.Signers, b.Signers)
	union(&a.Machines, b.Machines)
	for _, k := range b.Keys {
		if !slices.Contains(a.Keys, k) {
			a.Keys = append(a.Keys, k)
		}
	}
	for _, w := range b.Where {
		if !slices.ContainsFunc(a.Where, func(o lurehound.Place) bool { return o.Kind == w.Kind && o.Value == w.Value }) {
			w.File = fromSandbox
			a.Where = append(a.Where, w)
		}
	}
	for _, s := range r.Problems {
		p.Problems = append(p.Problems, fromSandbox+": "+s)
	}
}

type capeReader struct {
	d     *json.Decoder
	acc   *found
	known int // places of a report that were there

	sha256 string // of the file that ran
}

func (c *capeReader) report() error {
	t, err := c.d.Token()
	if errors.Is(err, io.EOF) {
		return errors.New("it is empty")
	}
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return errors.New("it is no JSON object")
	}
	if err := c.inside(t, "", 1); err != nil {
		return err
	}
	if _, err := c.d.Token(); err != io.EOF {
		return errors.New("more follows its end")
	}
	return nil
}

// inside reads an object or a list to its end. path is the names that lead to it; lists add "[]".
func (c *capeReader) inside(open json.Token, path string, depth int) error {
	if depth > maxCAPEDepth {
		return fmt.Errorf("at byte %d: more than %d levels", c.d.InputOffset(), maxCAPEDepth)
	}
	for {
		at := path + "[]"
		if open == json.Delim('{') {
			t, err := c.token()
			if err != nil {
				return err
			}
			if t == json.Delim('}') {
				return nil
			}
			name, _ := t.(string)
			if at = path + "." + name; path == "" {
				at = name
			}
			if len(at) > maxValue { // no place of ours is so long
				at = "-"
			}
		}
		t, err := c.token()
		if err != nil {
			return err
		}
		switch v := t.(type) {
		case json.Delim:
			if v == ']' {
				return nil
			}
			if at == "behavior" || at == "network" || at == "dropped" {
				c.known++
			}
			if err := c.inside(v, at, depth+1); err != nil {
				return err
			}
		case string:
			c.text(at, v)
		}
	}
}

func (c *capeReader) token() (json.Token, error) {
	t, err := c.d.Token()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("it ends at byte %d, in the middle", c.d.InputOffset())
	}
	return t, err
}

// text takes what a place names. Where the offset of a value in a file would be, its offset in the report stands.
func (c *capeReader) text(at, v string) {
	v = strings.TrimSpace(strings.ToValidUTF8(v, "\uFFFD"))
	offset := c.d.InputOffset()
	add := func(kind, value string) {
		if value != "" {
			c.acc.add(kind, value, offset, false)
		}
	}
	switch at {
	case "target.file.sha256":
		if len(v) == 64 && strings.Trim(v, "0123456789abcdefABCDEF") == "" {
			c.sha256 = strings.ToLower(v)
		}
	case "behavior.processes[].environ.CommandLine", "behavior.processes[].command_line", "behavior.processtree[].environ.CommandLine", "behavior.summary.executed_commands[]":
		before := c.acc.tried["command"]
		c.acc.decoded(v, offset, false, 0)
		if c.acc.tried["command"] == before && strings.ContainsAny(v, " \t") {
			add("command", v)
		}
	case "behavior.summary.write_files[]", "behavior.summary.created_files[]", "behavior.summary.delete_files[]", "behavior.summary.files[]", "dropped[].guest_paths[]", "dropped[].guest_paths":
		add("file", v)
	case "dropped[].name[]", "dropped[].name":
		if extension(v) != "" {
			add("file", v)
		}
	case "behavior.summary.write_keys[]", "behavior.summary.keys[]", "behavior.summary.delete_keys[]":
		add("registry", v)
	case "behavior.summary.created_services[]", "behavior.summary.started_services[]":
		add("service", v)
	case "network.domains[].domain", "network.dns[].request", "network.http[].host":
		c.host(v, add)
	case "network.domains[].ip", "network.hosts[].ip", "network.hosts[]", "network.tcp[].dst", "network.udp[].dst":
		c.host(v, add)
	case "network.http[].uri", "network.http_ex[].uri", "network.https_ex[].uri":
		c.acc.decoded(v, offset, false, 0)
	}
}

// host adds an address, or a name under which something may be registered. The sandbox's own network is none of the file's.
func (c *capeReader) host(v string, add func(kind, value string)) {
	v = strings.ToLower(strings.TrimSuffix(v, "."))
	host, port, ok := strings.Cut(v, ":")
	if ok && strings.Trim(port, "0123456789") == "" {
		v = host
	}
	a, err := netip.ParseAddr(v)
	switch {
	case err == nil && (a.IsMulticast() || a.IsLoopback() || a.IsUnspecified() || a.IsLinkLocalUnicast() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255})):
	case err == nil:
		add("ip", a.Unmap().WithZone("").String())
	case registrable(v) && isNoise(v):
		c.acc.noise++
	case registrable(v):
		add("domain", v)
	}
}
