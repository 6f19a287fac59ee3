package payload

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lurehound"
)

const nsi = `OutFile "out.exe"
Name "Test"
Unicode true
SetCompressor %s
Section
SetOutPath "$INSTDIR\sub"
File a.txt
File numbers.txt
File noise.bin
ExecShell "open" "http://example.test/x"
SectionEnd
`

func TestInstallersOfNSIS(t *testing.T) {
	t.Parallel()
	needs(t, "makensis", "7z")
	dir := t.TempDir()
	sums := sources(t, dir)
	for _, packing := range []string{"zlib", "/SOLID zlib", "lzma", "/SOLID lzma", "bzip2", "/SOLID bzip2"} {
		t.Run(packing, func(t *testing.T) {
			write(t, dir, "t.nsi", fmt.Appendf(nil, nsi, packing))
			run(t, dir, "makensis", "-V2", "t.nsi")
			got := triageFile(t, filepath.Join(dir, "out.exe"))
			if got.Type != lurehound.TypePE {
				t.Fatalf("type %s", got.Type)
			}
			for name, sum := range sums {
				found := false
				for _, c := range got.Contains {
					found = found || c.SHA256 == sum
				}
				if !found {
					t.Errorf("%s is not among %+v; problems %q", name, got.Contains, got.Problems)
				}
			}
			if strings.Contains(packing, "zlib") && (len(got.Problems) > 0 || got.Contains[0].Name != "[header]") {
				t.Errorf("contains %+v, problems %q", got.Contains, got.Problems)
			}
			b, err := os.ReadFile(filepath.Join(dir, "out.exe"))
			if err != nil {
				t.Fatal(err)
			}
			f := file{r: strings.NewReader(string(b)), size: int64(len(b))}
			_, l, err := readLayout(f.r, f.size)
			if err != nil {
				t.Fatal(err)
			}
			if kind, _ := programOf(l).installer(f); kind != "nsis" {
				t.Errorf("installer %q", kind)
			}
		})
	}
}
