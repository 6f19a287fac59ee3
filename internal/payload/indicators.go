package payload

import (
	"bytes"
	_ "embed"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/publicsuffix"

	"lurehound"
)

const (
	maxOfKind = 200       // distinct values of one kind
	maxFound  = 256 << 10 // bytes of all values
	maxValue  = 512       // bytes of a value
	maxLine   = 2048      // bytes of a command or URL
)

// found gathers what the files of one payload hold. Its order is that of the files, then of the offsets.
type found struct {
	file    string
	files   int
	places  []order
	seen    map[string]int // kind and value: index into places
	count   map[string]int
	tried   map[string]int // values of a kind that were met, kept or not
	size    int
	cut     map[string]int
	noise   int
	crowded int // anchors that were not looked at: see effort
	efforts map[effortKey]*effort
	padding int64
	problem []string
	keys    map[string]lurehound.KeyFacts
	scan    *scanner
}

type order struct {
	lurehound.Place
	file int
}

func newFound() *found {
	return &found{seen: map[string]int{}, count: map[string]int{}, tried: map[string]int{}, cut: map[string]int{}, efforts: map[effortKey]*effort{}, keys: map[string]lurehound.KeyFacts{}}
}

// indicators scans one file.
func indicators(f file, acc *found) { acc.read(f, windowSize) }

// enter makes f the file in which what is added next stands.
func (a *found) enter(f file) {
	a.files++
	a.file = ""
	clear(a.efforts)
	if f.depth > 0 {
		a.file = f.name
	}
}

// texts searches strings that a table of the file holds. They have no offset: their place is the file's
// beginning.
func (a *found) texts(list []string) {
	for _, s := range list {
		if len(s) >= minRun {
			a.decoded(s, 0, false, 0)
		}
	}
}

// command keeps a line that the file says it runs, whatever the program is.
func (a *found) command(line string) {
	a.add("command", strings.ToValidUTF8(unquoted(line), "\uFFFD"), 0, false)
}

func (a *found) read(f file, window int) {
	a.enter(f)
	if a.scan == nil || len(a.scan.buf) < window {
		a.scan = newScanner(window, nil)
	}
	s := a.scan
	emit := func(r *textRun) { finder{acc: a, run: r, f: f}.all() }
	s.narrow.emit, s.wide.emit = emit, emit
	s.narrow.nprev, s.wide.nprev, s.padding = 0, 0, 0
	if err := s.scan(f.r, f.size); err != nil {
		a.problem = append(a.problem, in(f.name, fmt.Sprintf("was searched for indicators only in part: %v", err)))
	}
	a.padding += s.padding
}

// add keeps one value, at the lowest offset at which the file has it.
func (a *found) add(kind, value string, offset int64, wide bool) {
	a.tried[kind]++
	if limit := maxValue; len(value) > limit && kind != "command" && kind != "url" {
		a.cut[kind]++
		return
	}
	if len(value) > maxLine {
		value = strings.ToValidUTF8(value[:maxLine], "") + " …"
	}
	k := kind + "\x00" + value
	p := order{lurehound.Place{Kind: kind, Value: value, File: a.file, Offset: offset, Wide: wide}, a.files}
	if i, ok := a.seen[k]; ok {
		if o := &a.places[i]; o.file == p.file && offset < o.Offset {
			*o = p
		}
		return
	}
	if a.count[kind] >= maxOfKind || a.size+len(value) > maxFound {
		a.cut[kind]++
		return
	}
	a.seen[k] = len(a.places)
	a.count[kind]++
	a.size += len(value)
	a.places = append(a.places, p)
}

// result is what was found, and sentences on what was not read or has no room.
func (a *found) result() (x lurehound.Indicators, problems []string) {
	problems = slices.Clone(a.problem)
	slices.SortFunc(a.places, func(p, q order) int {
		if p.file != q.file {
			return p.file - q.file
		}
		if p.Offset != q.Offset {
			return int(max(-1, min(1, p.Offset-q.Offset)))
		}
		return strings.Compare(p.Kind+p.Value, q.Kind+q.Value)
	})
	for _, l := range []struct {
		kind string
		to   *[]string
	}{{"ip", &x.IPs}, {"domain", &x.Domains}, {"url", &x.URLs}, {"mail", &x.Mails}, {"command", &x.Commands}, {"service", &x.Services},
		{"file", &x.Files}, {"registry", &x.Registry}, {"task", &x.Tasks}, {"key", nil}, {"signer", &x.Signers}, {"machine", &x.Machines}} {
		for _, p := range a.places {
			if p.Kind != l.kind {
				continue
			}
			x.Where = append(x.Where, p.Place)
			if l.to != nil {
				*l.to = append(*l.to, p.Value)
			} else {
				x.Keys = append(x.Keys, a.keys[p.Value])
			}
		}
		if n := a.cut[l.kind]; n > 0 {
			problems = append(problems, fmt.Sprintf("%d occurrences of kind %s are not listed: too long, or past the limit of %d values of a kind", n, l.kind, maxOfKind))
		}
	}
	if a.crowded > 0 {
		problems = append(problems, fmt.Sprintf("%d links, commands, paths or keys stand so closely repeated that they were not looked at", a.crowded))
	}
	return x, problems
}

// notes says what is left out because it tells nothing.
func (a *found) notes() (notes []string) {
	if a.noise > 0 {
		notes = append(notes, fmt.Sprintf("%d mentions of well-known hosts (schemas, certificate services, vendors) are not listed", a.noise))
	}
	if a.padding > 0 {
		notes = append(notes, fmt.Sprintf("%d bytes are padding: stretches of one value", a.padding))
	}
	return notes
}

//go:embed noise.txt
var noiseText string

var noiseHosts = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for l := range strings.Lines(noiseText) {
		if l = strings.TrimSpace(l); l != "" && l[0] != '#' {
			m[l] = true
		}
	}
	return m
})

// isNoise reports whether a host is on the list. Of authorities for certificates only the hosts of certificates and
// of their revocation are.
func isNoise(host string) bool {
	m := noiseHosts()
	if m[host] {
		return true
	}
	service := strings.HasPrefix(host, "crl") || strings.HasPrefix(host, "ocsp") || strings.HasPrefix(host, "cacerts.")
	for h := "." + host; h != ""; {
		if m[h] || service && m["pki "+h] {
			return true
		}
		i := strings.IndexByte(h[1:], '.')
		if i < 0 {
			break
		}
		h = h[i+1:]
	}
	return false
}

// finder finds what one run holds.
type finder struct {
	acc   *found
	run   *textRun
	f     file
	depth int // of decoding: 0 is the file's own text
}

func (f finder) add(kind, value string, at int) { f.acc.add(kind, value, f.run.offset(at), f.run.wide) }

// all visits the anchors. What lies in a URL is the URL's.
func (f finder) all() {
	t := f.run.text
	covered := 0
	for i := 0; i < f.run.hi; i++ {
		mine := i >= f.run.lo
		switch c := t[i]; {
		case c == ':' && bytes.HasPrefix(t[i:], []byte("://")):
			covered = max(covered, f.url(i, mine))
		case !mine:
		case c == ':' && i >= covered:
			f.ip6(i)
		case c == '@' && i >= covered:
			f.mail(i)
		case c == '.' && i >= covered:
			f.dot(i)
		case c == '\\' && i >= covered:
			f.path(i)
		case c == '-' && bytes.HasPrefix(t[i:], []byte("-----BEGIN ")):
			f.key(i)
		case letter(c) && (i == 0 || !wordByte(t[i-1])):
			f.word(i)
		}
	}
}

func letter(c byte) bool   { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func digit(c byte) bool    { return c >= '0' && c <= '9' }
func wordByte(c byte) bool { return letter(c) || digit(c) || c == '_' }

func urlByte(c byte) bool { return c > ' ' && !bytes.ContainsRune([]byte("\"'<>\\^`{|}"), rune(c)) }

// url returns the end of the URL whose "://" is at i; it adds it when it is the run's own.
func (f finder) url(i int, mine bool) int {
	t := f.run.text
	s := i
	for s > 0 && i-s < 5 && letter(t[s-1]) {
		s--
	}
	scheme := strings.ToLower(string(t[s:i]))
	switch k := slices.IndexFunc([]string{"https", "http", "ftp"}, func(x string) bool { return strings.HasSuffix(scheme, x) }); k {
	case -1:
		return 0
	default:
		s = i - len([]string{"https", "http", "ftp"}[k])
	}
	work := f.effort("url", i)
	if work == nil {
		return 0
	}
	e := i + 3
	for e < len(t) && e-s < maxLine && urlByte(t[e]) {
		e++
	}
	if !mine {
		return e
	}
	work.spent += e - s
	inDER := false
	if !f.run.wide { // an ASN.1 string has its length in front: [6] of a GeneralName, or IA5String
		var tag [2]byte
		if _, err := f.f.r.ReadAt(tag[:], f.run.offset(s)-2); err == nil && (tag[0] == 0x86 || tag[0] == 0x16) && int(tag[1]) <= e-s && tag[1] > 10 {
			e, inDER = s+int(tag[1]), true
		}
	}
	trim := ".,;:!?')]*&"
	if t[min(i+3, len(t)-1)] == '[' { // an IPv6 address may end it
		trim = ".,;:!?')*&"
	}
	text := strings.TrimRight(string(t[s:e]), trim)
	u, err := url.Parse(text)
	if err != nil {
		return e
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	addr, ipErr := netip.ParseAddr(host)
	if ipErr != nil && !registrable(host) && !strings.HasSuffix(host, ".example") {
		return e
	}
	p := strings.ToLower(u.Path)
	if isNoise(host) || inDER && (strings.HasPrefix(host, "ocsp") || strings.HasPrefix(host, "crl") || slices.ContainsFunc([]string{".crl", ".crt", ".cer", ".p7c", "/cps", "/rpa"}, func(x string) bool { return strings.HasSuffix(p, x) })) {
		f.acc.noise++
		return e
	}
	f.add("url", text, s)
	if ipErr == nil {
		f.add("ip", addr.String(), s)
	} else {
		f.add("domain", host, s)
	}
	return e
}

// registrable reports whether a name has a suffix under which names are registered, and a label before it.
func registrable(host string) bool {
	if len(host) > 253 || strings.Contains(host, "..") || !strings.Contains(host, ".") {
		return false
	}
	for l := range strings.SplitSeq(host, ".") {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
		for i := range len(l) {
			if !wordByte(l[i]) && l[i] != '-' {
				return false
			}
		}
	}
	suffix, icann := publicsuffix.PublicSuffix(host)
	return suffix != host && (icann || strings.Contains(suffix, "."))
}

func hostByte(c byte) bool { return letter(c) || digit(c) || c == '-' || c == '.' }

func (f finder) mail(i int) {
	t := f.run.text
	s, e := i, i+1
	for s > 0 && i-s < 64 && (wordByte(t[s-1]) || bytes.IndexByte([]byte(".-+%"), t[s-1]) >= 0) {
		s--
	}
	for e < len(t) && e-i < 254 && hostByte(t[e]) {
		e++
	}
	host := strings.ToLower(strings.Trim(string(t[i+1:e]), "."))
	// Shorter ones stand in every stretch of packed bytes.
	if s == i || t[s] == '.' || e-s < 10 || i-s < 2 || !oneCase(string(t[i+1:e])) || !registrable(host) || isNoise(host) || codeSuffix(host) {
		return
	}
	f.add("mail", string(t[s:i])+"@"+host, s)
}

// dot looks at the token around the first dot of a name: an address, a file name or a domain.
func (f finder) dot(i int) {
	t := f.run.text
	s, e := i, i+1
	for s > 0 && i-s < 256 && (hostByte(t[s-1]) || t[s-1] == '_') {
		s--
	}
	if bytes.IndexByte(t[s:i], '.') >= 0 && s > 0 || i-s >= 256 {
		if bytes.IndexByte(t[s:i], '.') >= 0 {
			return // the first dot speaks for the name
		}
		return
	}
	if bytes.IndexByte(t[s:i], '.') >= 0 {
		return
	}
	for e < len(t) && e-i < 256 && (hostByte(t[e]) || t[e] == '_') {
		e++
	}
	if e-s < minRun || e-i >= 256 { // no host, file or address is so short
		return
	}
	name := strings.TrimRight(string(t[s:e]), ".-")
	if name == "" {
		return
	}
	if digit(name[0]) && f.ip(name, s, e) {
		return
	}
	if s > 0 && (t[s-1] == '\\' || t[s-1] == '%') {
		return // the path's
	}
	if ext := extension(name); ext != "" {
		if !ordinaryFile(name) && len(name) > len(ext)+3 {
			f.add("file", name, s)
		}
		return
	}
	f.domain(name, s, e)
}

// extension is the suffix of a program or script, with its dot, else "".
func extension(name string) string {
	low := strings.ToLower(name)
	for _, x := range []string{".exe", ".dll", ".bat", ".cmd", ".ps1", ".vbs", ".sys", ".job", ".scr", ".hta", ".msi", ".lnk", ".pdb"} {
		if strings.HasSuffix(low, x) {
			return x
		}
	}
	return ""
}

// ordinaryFile reports whether a bare name is a part of Windows that every program imports or runs.
func ordinaryFile(name string) bool {
	low := strings.ToLower(name)
	if strings.HasPrefix(low, "api-ms-win-") || strings.HasPrefix(low, "ext-ms-") || strings.HasPrefix(low, "vcruntime") || strings.HasPrefix(low, "msvc") {
		return true
	}
	stem, _, _ := strings.Cut(low, ".")
	return slices.Contains(strings.Fields(`kernel32 kernelbase ntdll user32 gdi32 advapi32 shell32 ole32 oleaut32 comctl32 comdlg32 ws2_32 wsock32 mswsock
		crypt32 wintrust bcrypt ncrypt secur32 version winmm psapi dbghelp iphlpapi userenv shlwapi shfolder uxtheme winhttp wininet urlmon setupapi rpcrt4
		mscoree mscorlib ucrtbase imm32 powrprof propsys cryptbase ntmarta clbcatq apphelp dwmapi riched20 cmd powershell rundll32 regsvr32 explorer msiexec
		conhost svchost`), stem)
}

// codeSuffix reports whether a name's last label is as often a property or an extension in program text.
func codeSuffix(name string) bool {
	last := strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
	return slices.Contains(strings.Fields(`cs py rs md sh zip mov app pl so cc in ai id io is it as do my no re at by be me to us name info host data next map call
		properties link style page watch read date email events open run show select top bar box cat ps js ts java text test types build tools network
		menu support services security systems media global plus green red blue new now one pub here how id ink int foo win mo mm cpa py ms la st sc`), last)
}

// domain adds a bare name. In the text of programs a dotted name is mostly none, so it has to be written
// as names are, and where the suffix is a word of programs, to stand alone or to look like a host.
func (f finder) domain(name string, s, e int) {
	t := f.run.text
	low := strings.ToLower(name)
	if len(name) < minRun || !oneCase(name) || !registrable(low) || strings.Contains(name, "_") {
		return
	}
	end := s + len(name)
	if end < len(t) && bytes.IndexByte([]byte("([={$%"), t[end]) >= 0 || s > 0 && bytes.IndexByte([]byte("$%#-+*@.&~"), t[s-1]) >= 0 {
		return
	}
	alone := (s == 0 || bytes.IndexByte([]byte(`"' `), t[s-1]) >= 0) && (end == len(t) || bytes.IndexByte([]byte(`"':/ ,;`), t[end]) >= 0)
	host := strings.HasPrefix(low, "www.") || end+1 < len(t) && t[end] == ':' && digit(t[end+1])
	quoted := s > 0 && end < len(t) && t[end] == t[s-1] && (t[end] == '"' || t[end] == '\'')
	whole := quoted || s == 0 && end == len(t) && f.bordered()
	if !alone && !host || !host && (codeHead(low) || codeSuffix(low) && !siteLike(low, whole)) {
		return
	}
	if len(name) < 8 && !(whole && wordLike(low)) {
		return
	}
	if len(name) == len(t) && len(name) < 12 && !f.bordered() {
		return
	}
	if isNoise(low) {
		f.acc.noise++
		return
	}
	f.add("domain", low, s)
}

func oneCase(s string) bool { return s == strings.ToLower(s) || s == strings.ToUpper(s) }

// bordered reports whether the bytes around a run are those around a string: its length or an end before it,
// an end behind it. Around text that chance makes, which packed bytes are full of, there is anything.
func (f finder) bordered() bool {
	var b [1]byte
	end := func(off int64) bool {
		n, _ := f.f.r.ReadAt(b[:], off)
		return n == 0 || b[0] == 0 || b[0] == '\n' || b[0] == '\r'
	}
	if f.run.wide {
		return true
	}
	if f.run.base > 0 && !end(f.run.base-1) && int(b[0]) != len(f.run.text) {
		return false
	}
	return end(f.run.base + int64(len(f.run.text)))
}

// ip adds an IPv4 address. It reports whether the token was four numbers at all.
func (f finder) ip(name string, s, e int) bool {
	if strings.Trim(name, "0123456789.") != "" {
		return false
	}
	a, err := netip.ParseAddr(name)
	t := f.run.text
	if err != nil || e < len(t) && (wordByte(t[e]) || t[e] == '-') {
		return true
	}
	b := a.As4()
	before := strings.ToLower(string(t[max(0, s-32):s]))
	if s == 0 && f.run.gap >= 0 && f.run.gap <= 16 {
		before = strings.ToLower(string(f.run.before))
	}
	after := byte(0)
	if end := s + len(name); end+1 < len(t) && t[end] == ':' && digit(t[end+1]) {
		after = ':'
	}
	for _, w := range []string{"version", "ver", "release", "build", "revision", "oid"} {
		if at := strings.LastIndex(before, w); at >= 0 && !strings.Contains(before[at:], "://") && !strings.Contains(before[at:], "@") && len(before)-at < len(w)+6 {
			return true
		}
	}
	if s > 0 && (wordByte(t[s-1]) || t[s-1] == '-' || t[s-1] == '/' && s > 1 && wordByte(t[s-2])) {
		return true // v1.2.3.4, Chrome/1.2.3.4
	}
	if b[0] == 0 || b[0] == 255 || b[0] == 127 || b[0] >= 224 {
		f.acc.noise++
		return true
	}
	small := b[0] < 20 && b[1] < 20 && b[2] < 20 && b[3] < 20 && !slices.Contains([]string{"8.8.8.8", "8.8.4.4", "1.1.1.1", "9.9.9.9"}, name)
	if small || b[2] == 0 && b[3] == 0 || b[0] <= 2 && b[1] < 40 {
		tells := after == ':' || s > 0 && (t[s-1] == '@' || t[s-1] == '\\')
		for _, w := range []string{"host", "server", "addr", "connect", "ping", "dns", "gateway", "ip"} {
			tells = tells || strings.Contains(before, w)
		}
		if !tells {
			return true
		}
	}
	f.add("ip", a.String(), s)
	return true
}

func pathByte(c byte) bool { return c >= ' ' && !bytes.ContainsRune([]byte(`"<>|*?;,=`), rune(c)) }

// path adds the path or registry key whose first backslash is at i.
func (f finder) path(i int) {
	t := f.run.text
	s := i
	for s > 0 && i-s < 40 && (wordByte(t[s-1]) || bytes.IndexByte([]byte(":%$()"), t[s-1]) >= 0) {
		s--
	}
	if s == i && i+1 < len(t) && t[i+1] == '\\' {
		f.share(i)
		return
	}
	root := strings.ToUpper(string(t[s:i]))
	drive, variable := len(root) == 2 && root[1] == ':' && letter(root[0]), len(root) > 2 && root[0] == '%' && root[len(root)-1] == '%'
	key := strings.HasPrefix(root, "HKEY_") || slices.Contains([]string{"HKLM", "HKCU", "HKCR", "HKU"}, strings.TrimSuffix(root, ":"))
	if !drive && !variable && !key {
		return
	}
	work := f.effort("path", i)
	if work == nil {
		return
	}
	e := i
	for e < len(t) && e-s < maxValue && pathByte(t[e]) {
		e++
	}
	work.spent += e - s
	rest := string(t[s:e])
	switch {
	case key:
		if j := strings.Index(rest, " /"); j >= 0 {
			rest = rest[:j]
		}
		if j := strings.LastIndexByte(rest, '\\'); j > 0 {
			if k := strings.IndexByte(rest[j:], ' '); k > 0 {
				rest = rest[:j+k]
			}
		}
		rest = strings.Trim(rest, ` '\)`)
		f.add("registry", rest, s)
		if _, name, ok := strings.Cut(strings.ToLower(rest), `\currentcontrolset\services\`); ok && name != "" {
			name, _, _ = strings.Cut(rest[len(rest)-len(name):], `\`)
			f.add("service", name, s)
		}
	default:
		low := strings.ToLower(rest)
		end := -1
		for _, x := range []string{".exe", ".dll", ".bat", ".cmd", ".ps1", ".vbs", ".sys", ".job", ".scr", ".hta", ".msi", ".lnk", ".pdb"} {
			if j := strings.Index(low, x); j >= 0 && (end < 0 || j+len(x) < end) && (j+len(x) == len(low) || !wordByte(low[j+len(x)])) {
				end = j + len(x)
			}
		}
		if end < 0 && root[0] == '%' {
			end = len(strings.Fields(rest)[0])
		}
		if end > len(root)+1 {
			f.add("file", rest[:end], s)
		}
	}
}

// share adds the host of a path in the network, \\host\share or \\host@SSL@port\share, whose first backslash is at i.
func (f finder) share(i int) {
	t := f.run.text
	if i > 0 && (pathByte(t[i-1]) && t[i-1] != ' ' && t[i-1] != '\'' && t[i-1] != '(') {
		return
	}
	e := i + 2
	for e < len(t) && e-i < 256 && hostByte(t[e]) {
		e++
	}
	if e+1 >= len(t) || t[e] != '\\' && t[e] != '@' || !wordByte(t[e+1]) {
		return
	}
	host := strings.ToLower(string(t[i+2 : e]))
	if a, err := netip.ParseAddr(host); err == nil {
		f.add("ip", a.String(), i+2)
	} else if registrable(host) && extension(host) == "" && !isNoise(host) {
		f.add("domain", host, i+2)
	}
}
