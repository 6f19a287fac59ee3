package payload

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// commandNeeds are the programs that intruders misuse, and what a command line of them has to hold to be more
// than a mention: one of the words. They are compared in lower case.
// It is the project's own selection among the programs of Windows and OpenSSH.
func commandNeeds(word string) []string {
	switch word {
	case "ssh":
		return []string{" -r", " -l ", " -d", " -n", " -f", " -i ", " -o"}
	case "plink":
		return []string{" -r", " -l ", " -d", " -n", "-pw ", " -ssh", " -batch"}
	case "powershell", "pwsh":
		return []string{" -e", " /e", " -w", " -nop", " -c ", "iex", "invoke-", "download", "-file "}
	case "certutil":
		return []string{"urlcache", "-decode", "/decode", "-verifyctl"}
	case "bitsadmin":
		return []string{"/transfer", "/addfile", "/create"}
	case "mshta":
		return []string{"http", "javascript:", "vbscript:", ".hta"}
	case "regsvr32":
		return []string{"/i:", " /s", "scrobj"}
	case "rundll32":
		return []string{",", "javascript:"}
	case "msiexec":
		return []string{"http", "/i ", "/q"}
	case "curl", "wget":
		return []string{"http://", "https://", "ftp://"}
	case "sc":
		return []string{" create ", " config "}
	case "net", "net1":
		return []string{" user ", " localgroup ", " start "}
	case "reg":
		return []string{" add ", " import "}
	case "wmic":
		return []string{"process", "shadowcopy", "/node"}
	case "cmstp":
		return []string{"/s", "/au", ".inf"}
	case "vssadmin":
		return []string{"delete", "resize"}
	case "netsh":
		return []string{"portproxy", "advfirewall"}
	case "schtasks":
		return []string{"/create"}
	case "new-service", "register-scheduledtask":
		return []string{"-"}
	}
	return nil
}

// word looks whether a command begins at i. Carets, back ticks and quotes inside a word, which the
// shells drop, hide nothing.
func (f finder) word(i int) {
	t := f.run.text
	var w [24]byte
	n, e := 0, i
	for ; e < len(t) && n < len(w); e++ {
		c := t[e]
		if letter(c) || digit(c) || c == '-' {
			w[n] = c
			if letter(c) {
				w[n] |= 0x20
			}
			n++
		} else if !(c == '^' || c == '`' || c == '"') {
			break
		}
	}
	switch string(w[:n]) {
	case "ssh", "plink", "powershell", "pwsh", "certutil", "bitsadmin", "mshta", "regsvr32", "rundll32", "msiexec", "curl", "wget", "sc", "net", "net1",
		"reg", "wmic", "cmstp", "vssadmin", "netsh", "schtasks", "new-service", "register-scheduledtask":
	case "putty-user-key-file-2", "putty-user-key-file-3":
		f.putty(i)
		return
	case "helping":
		f.signer(i)
		return
	default:
		return
	}
	if e >= len(t) || t[e] != ' ' && t[e] != '\t' && t[e] != '.' {
		return
	}
	work := f.effort(string(w[:n]), i)
	if work == nil {
		return
	}
	end := i
	for quoted := false; end < len(t) && end-i < tail; end++ {
		if t[end] == '"' {
			quoted = !quoted
		}
		if t[end] == '&' && !quoted {
			break
		}
	}
	work.spent += end - i
	line := strings.TrimSpace(unquoted(string(t[i:end])))
	low := strings.ToLower(line)
	args, ok := strings.CutPrefix(low, string(w[:n]))
	args = strings.TrimPrefix(args, ".exe")
	if !ok || args == "" || args[0] != ' ' && args[0] != '\t' {
		return
	}
	for _, need := range commandNeeds(string(w[:n])) {
		if strings.Contains(args, need) {
			f.command(string(w[:n]), line, i)
			return
		}
	}
}

// unquoted takes away the carets and back ticks that shells drop, and quotes inside words.
func unquoted(s string) string {
	if !strings.ContainsAny(s, "^`\"") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		c := s[i]
		inside := c == '"' && i > 0 && i+1 < len(s) && letter(s[i-1]) && letter(s[i+1])
		if c == '^' || c == '`' || inside || c == '"' && i+1 < len(s) && letter(s[0]) && i < 12 && wordByte(s[i+1]) && wordByte(s[i-1]) {
			continue
		}
		b = append(b, c)
	}
	return string(b)
}

// command keeps a command line, decoded, and what it installs.
func (f finder) command(program, line string, at int) {
	if program == "powershell" || program == "pwsh" {
		if before, script, ok := decodePowerShell(line); ok {
			f.add("command", before+" {"+script+"}", at)
			f.acc.decoded(script, f.run.offset(at), f.run.wide, f.depth+1)
			return
		}
	}
	f.add("command", line, at)
	fields := strings.Fields(strings.ReplaceAll(line, `"`, ` `))
	for i, w := range fields {
		if i+1 >= len(fields) {
			break
		}
		next := strings.Trim(fields[i+1], `'"`)
		switch w = strings.ToLower(w); {
		case program == "sc" && w == "create", program == "new-service" && w == "-name":
			f.add("service", next, at)
		case program == "schtasks" && w == "/tn", program == "register-scheduledtask" && w == "-taskname":
			f.add("task", next, at)
		}
	}
}

// decodePowerShell takes the encoded command out of a command line: what stands before it, and the script.
// PowerShell takes any beginning of -EncodedCommand, and -ec, after a hyphen, dash or slash.
func decodePowerShell(line string) (before, script string, ok bool) {
	fields := strings.Fields(line)
	for i := 1; i+1 < len(fields); i++ {
		opt := strings.ToLower(strings.TrimLeft(fields[i], "-/–—―"))
		if opt == strings.ToLower(fields[i]) || opt == "" || opt != "ec" && !strings.HasPrefix("encodedcommand", opt) {
			continue
		}
		text := strings.TrimRight(strings.Trim(fields[i+1], `"'`), "=")
		raw, err := base64.RawStdEncoding.DecodeString(text)
		if err != nil || len(raw) < 2 {
			continue
		}
		if s, ok := mostlyASCII(raw); ok {
			return strings.Join(fields[:i+1], " "), s, true
		}
	}
	return "", "", false
}

// mostlyASCII decodes UTF-16LE that is mostly ASCII.
func mostlyASCII(raw []byte) (string, bool) {
	units := make([]uint16, len(raw)/2)
	plain := 0
	for i := range units {
		units[i] = uint16(raw[2*i]) | uint16(raw[2*i+1])<<8
		if u := units[i]; u == '\n' || u == '\r' || u < 0x80 && printable[byte(u)] {
			plain++
		}
	}
	s := string(utf16.Decode(units))
	return s, len(units) > 0 && plain*5 >= len(units)*4 && utf8.ValidString(s)
}
