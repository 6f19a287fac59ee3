package payload

import (
	"fmt"
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
		{"tunnel", "T1572", 60, true, commandRule("opens a tunnel back into the network that it runs in", func(c string) bool {
			return (strings.HasPrefix(c, "ssh") || strings.HasPrefix(c, "plink")) && strings.Contains(c, "@") && (strings.Contains(c, " -r ") || reverse(c)) || strings.HasPrefix(c, "netsh") && strings.Contains(c, "portproxy add")
		})},
		{"encoded-powershell", "T1059.001", 30, false, commandRule("runs an encoded PowerShell script", func(c string) bool {
			return (strings.HasPrefix(c, "powershell") || strings.HasPrefix(c, "pwsh")) && strings.HasSuffix(c, "}") && strings.Contains(c, " {")
		})},
		{"certutil-download", "T1105", 30, false, commandRule("downloads or decodes a file with certutil", func(c string) bool { return strings.HasPrefix(c, "certutil") })},
		{"service", "T1543.003", 10, false, commandRule("installs a service by a command", func(c string) bool {
			return strings.HasPrefix(c, "sc") && strings.Contains(c, " create ") || strings.HasPrefix(c, "new-service")
		})},
		{"scheduled-task", "T1053.005", 10, false, commandRule("makes a scheduled task", func(c string) bool { return strings.HasPrefix(c, "schtasks") || strings.HasPrefix(c, "register-") })},
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
		{"tampered", "T1553.002", 40, false, func(p *lurehound.PayloadFacts) (string, string) {
			if p.Signature.Digest != lurehound.DigestMismatch {
				return "", ""
			}
			return fmt.Sprintf("was changed after %q signed it", p.Signature.Signer), p.Signature.Thumbprint
		}},
		{"other-signer", "T1553.002", 30, false, func(p *lurehound.PayloadFacts) (string, string) {
			for _, d := range p.Reference.Differences {
				if p.Signature.Present && p.Reference.Verdict == lurehound.Differs && strings.HasPrefix(d, "signer: ") {
					return "is signed by another than the vendor", d
				}
			}
			return "", ""
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

// reverse reports whether ssh's -R stands together with its argument: -R7655:….
func reverse(c string) bool {
	_, rest, ok := strings.Cut(c, " -r")
	return ok && rest != "" && digit(rest[0])
}

func commandRule(why string, is func(lower string) bool) func(*lurehound.PayloadFacts) (string, string) {
	return func(p *lurehound.PayloadFacts) (string, string) {
		for _, c := range p.Found.Commands {
			if is(strings.ToLower(c)) {
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
