package payload

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"lurehound"
)

// payloadRule is one reason to distrust a payload.
type payloadRule struct {
	name   string
	attack string // MITRE ATT&CK technique, "" where none fits
	points float64
	direct bool
	judge  func(p *lurehound.PayloadFacts) (why, evidence string)
}

// payloadRules is the table. Only what ordinary installers never show is direct.
func payloadRules() []payloadRule {
	return []payloadRule{
		{"tunnel", "T1572", 60, true, commandRule("opens a tunnel back into the network that it runs in", opensTunnel)},
		{"port-proxy", "T1090.001", 20, false, commandRule("passes connections on to another machine", func(_, c string) bool {
			return strings.HasPrefix(c, "netsh") && strings.Contains(c, "portproxy") && strings.Contains(c, " add ")
		})},
		{"encoded-powershell", "T1059.001", 40, false, commandRule("runs an encoded PowerShell script", func(_, c string) bool {
			return (strings.HasPrefix(c, "powershell") || strings.HasPrefix(c, "pwsh")) && strings.HasSuffix(c, "}") && strings.Contains(c, " {")
		})},
		{"certutil-download", "T1105", 30, false, commandRule("downloads or decodes a file with certutil", func(_, c string) bool { return strings.HasPrefix(c, "certutil") })},
		{"service", "T1543.003", 10, false, func(p *lurehound.PayloadFacts) (string, string) {
			if p.MSI != nil && len(p.MSI.Services) > 0 {
				return "installs a service", p.MSI.Services[0]
			}
			return commandRule("installs a service by a command", func(_, c string) bool {
				return (strings.HasPrefix(c, "sc ") || strings.HasPrefix(c, "sc.exe ")) && strings.Contains(c, " create ") || strings.HasPrefix(c, "new-service")
			})(p)
		}},
		{"scheduled-task", "T1053.005", 10, false, commandRule("makes a scheduled task", func(_, c string) bool { return strings.HasPrefix(c, "schtasks") || strings.HasPrefix(c, "register-") })},
		{"run-key", "T1547.001", 10, false, func(p *lurehound.PayloadFacts) (string, string) {
			for _, k := range p.Found.Registry {
				if l := strings.ToLower(k); strings.Contains(l, `\currentversion\run`) {
					return "names the registry key of programs that start at logon", k
				}
			}
			return "", ""
		}},
		{"private-key", "T1552.004", 20, false, func(p *lurehound.PayloadFacts) (string, string) {
			if len(p.Found.Keys) == 0 {
				return "", ""
			}
			return "holds a private key", p.Found.Keys[0].Fingerprint
		}},
		{"abused-signer", "T1553.002", 60, true, func(p *lurehound.PayloadFacts) (string, string) {
			if name, what, ok := abused(p.Signature.Signer); ok {
				return fmt.Sprintf("is signed by %q, known from %s", name, what), p.Signature.Thumbprint
			}
			return "", ""
		}},
		{"abused-signer-named", "T1553.002", 20, false, func(p *lurehound.PayloadFacts) (string, string) {
			if len(p.Found.Signers) == 0 {
				return "", ""
			}
			return "names an organisation whose certificate was used for malware", p.Found.Signers[0]
		}},
		{"tampered", "T1553.002", 60, false, func(p *lurehound.PayloadFacts) (string, string) {
			if p.Signature.Digest != lurehound.DigestMismatch {
				return "", ""
			}
			return fmt.Sprintf("was changed after %q signed it", p.Signature.Signer), p.Signature.Thumbprint
		}},
		{"stuffed", "T1027.009", 20, false, func(p *lurehound.PayloadFacts) (string, string) {
			if p.Signature.Unsigned == 0 {
				return "", ""
			}
			return fmt.Sprintf("has %s bytes in its signature's area that no digest covers", grouped(p.Signature.Unsigned)), p.Signature.Thumbprint
		}},
		{"inflated", "T1027.001", 20, false, func(p *lurehound.PayloadFacts) (string, string) {
			if !p.Inflated {
				return "", ""
			}
			for _, c := range p.Contains {
				if c.Inflated {
					return "is packed so that it grows beyond all proportion", c.Name
				}
			}
			return "is packed so that it grows beyond all proportion", p.Name
		}},
		{"other-signer", "T1553.002", 30, false, func(p *lurehound.PayloadFacts) (string, string) {
			for _, d := range p.Reference.Differences {
				switch {
				case p.Reference.Verdict != lurehound.Differs || !strings.HasPrefix(d, "signer: "):
				case !p.Signature.Present:
					return "is not signed, as the vendor's is", d
				default:
					return "is signed by another than the vendor", d
				}
			}
			return "", ""
		}},
		{"unproved-signer", "T1553.002", 30, false, func(p *lurehound.PayloadFacts) (string, string) {
			for _, d := range p.Reference.Differences {
				if p.Reference.Verdict == lurehound.Differs && strings.HasPrefix(d, "chain: ") {
					return "is signed in the vendor's name by a certificate that no known root vouches for", p.Signature.Thumbprint
				}
			}
			return "", ""
		}},
		{"not-genuine", "", 30, false, func(p *lurehound.PayloadFacts) (string, string) {
			if p.Reference.Verdict != lurehound.Differs {
				return "", ""
			}
			return "is not the genuine one that is known", p.SHA256
		}},
		{"known-bad", "", 100, true, func(p *lurehound.PayloadFacts) (string, string) {
			if p.Reference.Verdict != lurehound.KnownBad {
				return "", ""
			}
			return "is a file that is known to be bad", p.SHA256
		}},
		{"double-extension", "T1036.007", 20, false, func(p *lurehound.PayloadFacts) (string, string) {
			low := strings.ToLower(p.Name)
			for _, first := range []string{".pdf", ".doc", ".docx", ".xls", ".xlsx", ".jpg", ".png", ".txt"} {
				if x := extension(low); x != "" && strings.HasSuffix(strings.TrimSuffix(low, x), first) {
					return "has a name that hides that it is a program", p.Name
				}
			}
			return "", ""
		}},
	}
}

// opensTunnel reports whether a command has the other side of an SSH connection listen for connections into
// this network. Case tells -R from the flags of other programs.
func opensTunnel(line, lower string) bool {
	if !strings.HasPrefix(lower, "ssh") && !strings.HasPrefix(lower, "plink") {
		return false
	}
	words := strings.Fields(line)
	account, back := false, false
	for i, w := range words[1:] {
		next := ""
		if i+2 < len(words) {
			next = words[i+2]
		}
		w = strings.Trim(w, `"'`)
		flags, isFlags := strings.CutPrefix(w, "-")
		switch low := strings.ToLower(w); {
		case strings.Contains(w, "@"), w == "-l":
			account = true
		case strings.Contains(low, "remoteforward"): // -o RemoteForward=…
			back = true
		case isFlags:
			// ssh takes flags together, and the argument right behind its letter.
			flags = strings.TrimLeft(flags, "46AaCfGgKkMNnqsTtVvXxYy")
			if at, ok := strings.CutPrefix(flags, "R"); ok {
				back = back || listens(cmp.Or(at, next))
			}
		}
	}
	return account && back
}

// listens reports whether s is what ssh's -R takes: [address:]port[:host:port].
func listens(s string) bool {
	s = strings.Trim(s, `"'`)
	for part := range strings.SplitSeq(s, ":") {
		if n, err := strconv.Atoi(part); err == nil && n >= 0 && n <= 65535 {
			return true
		}
	}
	return false
}

func commandRule(why string, is func(line, lower string) bool) func(*lurehound.PayloadFacts) (string, string) {
	return func(p *lurehound.PayloadFacts) (string, string) {
		for _, c := range p.Found.Commands {
			if is(c, strings.ToLower(c)) {
				return why, c
			}
		}
		return "", ""
	}
}

// Signals are the reasons to distrust a payload, in the order of the table.
func Signals(p *lurehound.PayloadFacts) []lurehound.Signal {
	var out []lurehound.Signal
	for _, r := range payloadRules() {
		why, evidence := r.judge(p)
		if why == "" {
			continue
		}
		if r.attack != "" {
			why += " (" + r.attack + ")"
		}
		out = append(out, lurehound.Signal{Rule: r.name, Points: r.points, Direct: r.direct, Why: "the file " + why, Evidence: evidence})
	}
	return out
}

// suspiciousPoints is what signals have to come to together when none of them is direct: that of findings.
const suspiciousPoints = 45

// Suspicious reports whether the signals are enough to warn of a file.
func Suspicious(signals []lurehound.Signal) bool {
	sum := 0.0
	for _, s := range signals {
		if s.Direct {
			return true
		}
		sum += s.Points
	}
	return sum >= suspiciousPoints
}
