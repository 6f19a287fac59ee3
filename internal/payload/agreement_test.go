package payload

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lurehound"
)

// digestBySomebodyElse is what osslsigncode says of the digest of a file's first signature. It would ask the
// network for lists of revoked certificates, and gets none.
func digestBySomebodyElse(path string) lurehound.DigestState {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "osslsigncode", "verify", "-in", path)
	cmd.Env = append(os.Environ(), "http_proxy=http://127.0.0.1:9", "https_proxy=http://127.0.0.1:9")
	b, _ := cmd.CombinedOutput()
	out := string(b)
	switch first, _, _ := strings.Cut(out, "Signature Index: 1"); {
	case strings.Contains(first, "MISMATCH"):
		return lurehound.DigestMismatch
	case strings.Contains(out, "No signature found"), strings.Contains(out, "has no signature"), strings.Contains(out, "nsupported input file type"), strings.Contains(out, "nrecognized file type"):
		return lurehound.DigestNone
	case strings.Contains(first, "Calculated "):
		return lurehound.DigestMatch
	}
	return lurehound.DigestState("osslsigncode: " + out)
}

// toldByOthers is what other programs say of one file. Imphash is of programs, files of archives and packages only.
type toldByOthers struct {
	SHA256, SSDeep, TLSH, Imphash string
	Digest                        lurehound.DigestState
	Files                         []string // "size name"; in packages the names of streams
	Tables                        []string
}

// lines are what a program prints, without the first skip of them.
func lines(t *testing.T, skip int, program string, args ...string) []string {
	t.Helper()
	out, err := exec.Command(program, args...).Output()
	if err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	return strings.Split(strings.TrimRight(string(out), "\n"), "\n")[skip:]
}

const imphashes = `import sys, pefile
for path in sys.argv[1:]:
    p = pefile.PE(path, fast_load=True)
    p.parse_data_directories([pefile.DIRECTORY_ENTRY['IMAGE_DIRECTORY_ENTRY_IMPORT']])
    print("imphash", p.get_imphash())
    p.close()
`

// askOthers asks other programs about all files; programs are those that we take for PE.
func askOthers(t *testing.T, paths []string, programs []string) map[string]*toldByOthers {
	t.Helper()
	told := map[string]*toldByOthers{}
	sums, fuzzy := lines(t, 0, "sha256sum", paths...), lines(t, 1, "ssdeep", append([]string{"-s"}, paths...)...)
	if len(sums) != len(paths) || len(fuzzy) != len(paths) {
		t.Fatalf("%d files: sha256sum gave %d lines, ssdeep %d", len(paths), len(sums), len(fuzzy))
	}
	for i, path := range paths {
		o := &toldByOthers{Digest: digestBySomebodyElse(path)}
		o.SHA256, _, _ = strings.Cut(strings.TrimPrefix(sums[i], `\`), " ")
		o.SSDeep, _, _ = strings.Cut(fuzzy[i], ",")
		if digest, _, ok := strings.Cut(peOutput("tlsh", "-f", path), "\t"); ok && digest != "" {
			o.TLSH = "T1" + digest
		}
		told[path] = o
	}
	for i, line := range lines(t, 0, "/usr/bin/python3", append([]string{"-c", imphashes}, programs...)...) {
		told[programs[i]].Imphash = strings.TrimSpace(strings.TrimPrefix(line, "imphash"))
	}
	return told
}

// listed are the files of an archive as 7z lists them.
func listed(t *testing.T, path string) (files []string) {
	t.Helper()
	_, list, _ := strings.Cut(run(t, ".", "7z", "l", "-slt", path), "\n----------\n")
	for entry := range strings.SplitSeq(list, "\n\n") {
		fields := map[string]string{}
		for line := range strings.Lines(entry) {
			k, v, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " = ")
			fields[k] = v
		}
		if fields["Path"] != "" && fields["Folder"] != "+" && !strings.HasPrefix(fields["Attributes"], "D") {
			files = append(files, fields["Size"]+" "+fields["Path"])
		}
	}
	slices.Sort(files)
	return files
}

// agreement holds what we say of one file against what others say, and gives the row of the table.
func agreement(t *testing.T, path string, p lurehound.PayloadFacts, want *toldByOthers) string {
	t.Helper()
	note := ""
	if len(p.Signature.Others) > 0 && strings.Contains(string(want.Digest), "Corrupted attribute certificate table") {
		note = "(osslsigncode reads no table of two entries)"
		want.Digest = p.Signature.Digest
	}
	got := &toldByOthers{SHA256: p.SHA256, SSDeep: p.SSDeep, TLSH: p.TLSH, Digest: p.Signature.Digest}
	held := []string{"sha256sum", "ssdeep", "tlsh", "osslsigncode"}
	switch {
	case p.Type == lurehound.TypePE:
		got.Imphash = p.PE.Imphash
		held = append(held, "pefile")
	case p.Type == lurehound.TypeMSI:
		want.Tables = slices.DeleteFunc(strings.Fields(run(t, ".", "msiinfo", "tables", path)), func(s string) bool {
			return strings.HasPrefix(s, "_") && s != "_Validation" // these are in no list of tables
		})
		slices.Sort(want.Tables)
		want.Files = strings.FieldsFunc(run(t, ".", "msiinfo", "streams", path), func(r rune) bool { return r == '\n' })
		slices.Sort(want.Files)
		got.Tables = p.MSI.Tables
		for _, c := range p.Contains {
			if c.Depth == 1 {
				got.Files = append(got.Files, c.Name)
			}
		}
		held = append(held, "msiinfo")
	case slices.Contains([]lurehound.FileType{lurehound.TypeZip, lurehound.TypeCab, lurehound.Type7z, lurehound.TypeISO}, p.Type):
		want.Files = listed(t, path)
		for _, c := range p.Contains {
			if c.Depth == 1 {
				got.Files = append(got.Files, fmt.Sprint(c.Size, " ", c.Name))
			}
		}
		held = append(held, "7z")
	}
	slices.Sort(got.Files)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: -others +ours\n%s", path, diff)
		note = "DIFFERS"
	}
	return fmt.Sprintf("%-34.34s %-5s %-10s %.8s  %-32s %3d  %s %s", filepath.Base(path), p.Type, p.Signature.Digest, p.SHA256, got.Imphash, len(got.Files), strings.Join(held, " "), note)
}

// Other programs say the same of every file: osslsigncode of the digest, sha256sum, ssdeep and tlsh of the
// hashes, pefile of the imports, msiinfo and 7z of what is inside. The test's log is the table.
func TestAgreement(t *testing.T) {
	t.Parallel()
	needs(t, "osslsigncode", "sha256sum", "ssdeep", "tlsh", "msiinfo", "7z", "makensis", "wixl", "gcab", "zip", "genisoimage", "openssl", "/usr/bin/python3")
	if strings.Contains(peOutput("/usr/bin/python3", "-c", "import pefile"), "Error") {
		if os.Getenv("CI_REQUIRE") != "" {
			t.Fatal("python3-pefile is missing")
		}
		t.Skip("python3-pefile is missing")
	}
	paths := agreed(t)
	facts := map[string]lurehound.PayloadFacts{}
	var programs []string
	for _, path := range paths {
		facts[path] = triageFile(t, path)
		if facts[path].Type == lurehound.TypePE {
			programs = append(programs, path)
		}
	}
	told := askOthers(t, paths, programs)
	rows := []string{fmt.Sprintf("%-34s %-5s %-10s %-8s  %-32s %3s  %s", "file", "type", "digest", "sha256", "imphash", "has", "held against")}
	states := map[lurehound.DigestState]int{}
	for _, path := range paths {
		states[facts[path].Signature.Digest]++
		rows = append(rows, agreement(t, path, facts[path], told[path]))
	}
	for _, s := range slices.Sorted(maps.Keys(states)) {
		rows = append(rows, fmt.Sprintf("%d with digest %s", states[s], s))
	}
	t.Logf("%d files; all agree unless said otherwise:\n%s", len(paths), strings.Join(rows, "\n"))
	if least := 50; len(paths) < least && !testing.Short() {
		t.Errorf("%d files, and not %d", len(paths), least)
	}
}
