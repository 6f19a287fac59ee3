package payload

import (
	"crypto"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lurehound"
)

const wxs = `<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
<Product Id="*" Name="OBS Studio" Language="1033" Version="30.1.2" Manufacturer="Lure Works" UpgradeCode="12345678-1234-1234-1234-123456789012">
<Package InstallerVersion="200" Compressed="yes"/>
<Media Id="1" Cabinet="cab1.cab" EmbedCab="yes"/>
<Directory Id="TARGETDIR" Name="SourceDir"><Directory Id="ProgramFilesFolder"><Directory Id="INSTALLDIR" Name="Studio">
<Component Id="C1" Guid="12345678-1234-1234-1234-123456789013">
<File Id="F1" Source="a.txt" KeyPath="yes"/><File Id="F2" Source="numbers.txt"/><File Id="F3" Source="noise.bin"/>
<ServiceInstall Id="S1" Name="UpdateSvc" DisplayName="Update Service" Type="ownProcess" Start="auto" ErrorControl="normal"/>
</Component></Directory></Directory></Directory>
<Binary Id="B1" SourceFile="a.txt"/>
<CustomAction Id="Run" BinaryKey="B1" DllEntry="Entry" Execute="deferred"/>
<Property Id="LONG" Value="LONGVALUE"/>
<Feature Id="Main" Level="1"><ComponentRef Id="C1"/></Feature>
</Product></Wix>`

// madePackage is a package of wixl's with the sources in it.
func madePackage(t testing.TB) (dir string, sums map[string]string) {
	t.Helper()
	needs(t, "wixl")
	dir = t.TempDir()
	sums = sources(t, dir)
	write(t, dir, "p.wxs", []byte(strings.Replace(wxs, "LONGVALUE", strings.Repeat("long ", 20_000), 1)))
	run(t, dir, "wixl", "-o", "p.msi", "p.wxs")
	return dir, sums
}

func TestPackageAgreesWithMsiinfo(t *testing.T) {
	dir, sums := madePackage(t)
	needs(t, "msiinfo")
	got := triageFile(t, filepath.Join(dir, "p.msi"))
	if got.Type != lurehound.TypeMSI || got.MSI == nil {
		t.Fatalf("type %s, problems %q", got.Type, got.Problems)
	}
	if len(got.Problems) > 0 {
		t.Errorf("problems %q", got.Problems)
	}
	want := &lurehound.MSIFacts{
		Product: "OBS Studio", Manufacturer: "Lure Works", Version: "30.1.2", Services: []string{"UpdateSvc (Update Service)"},
		Actions: []string{"Run: DLL in the package: B1 Entry"},
	}
	want.Tables = slices.DeleteFunc(strings.Fields(run(t, dir, "msiinfo", "tables", "p.msi")), func(s string) bool {
		return strings.HasPrefix(s, "_") && s != "_Validation" // these are in no list of tables
	})
	slices.Sort(want.Tables)
	if diff := cmp.Diff(want, got.MSI); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for i, k := range []string{"f1", "f2", "f3"} {
		hasFiles(t, got, map[string]string{k: sums[[]string{"a.txt", "numbers.txt", "noise.bin"}[i]]})
	}
	var streams []string
	for _, c := range got.Contains {
		if c.Depth == 1 {
			streams = append(streams, c.Name)
		}
	}
	theirs := strings.FieldsFunc(run(t, dir, "msiinfo", "streams", "p.msi"), func(r rune) bool { return r == '\n' })
	slices.Sort(streams)
	slices.Sort(theirs)
	if diff := cmp.Diff(theirs, streams); diff != "" {
		t.Errorf("streams: -msiinfo +ours\n%s", diff)
	}
}

func TestPackageNamesInstalledFiles(t *testing.T) {
	dir, _ := madePackage(t)
	c := openedPackage(t, filepath.Join(dir, "p.msi"))
	db, err := openMSI(c)
	if err != nil {
		t.Fatal(err)
	}
	got := db.installed(func(s string) { t.Error(s) })
	if got["F2"] != "PFiles/Studio/numbers.txt" && got["F2"] != "Studio/numbers.txt" && got["F2"] != "ProgramFilesFolder/Studio/numbers.txt" {
		t.Errorf("%q", got)
	}
	long := false
	for _, s := range db.strings {
		long = long || len(s) == 5*20_000
	}
	if !long {
		t.Error("the string of 100,000 bytes is not among the strings")
	}
}

func openedPackage(t testing.TB, path string) *compound {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := openCompound(strings.NewReader(string(b)), int64(len(b)), 10_000)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The digest of a signed package is somewhere in its signature; after a change
// it is not.
func TestPackageDigestIsTheSignedOne(t *testing.T) {
	t.Parallel()
	dir, _ := madePackage(t)
	needs(t, "osslsigncode", "openssl")
	run(t, dir, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "k.pem", "-out", "c.pem", "-subj", "/CN=Lure Works", "-addext", "extendedKeyUsage=codeSigning")
	for _, extra := range [][]string{nil, {"-add-msi-dse"}} {
		out := "signed" + strings.Join(extra, "") + ".msi"
		run(t, dir, "osslsigncode", append(append([]string{"sign", "-h", "sha256", "-certs", "c.pem", "-key", "k.pem"}, extra...), "-in", "p.msi", "-out", out)...)
		c := openedPackage(t, filepath.Join(dir, out))
		der, err := c.msiSigned()
		if err != nil || der == nil {
			t.Fatalf("%s: signature %d bytes, %v", out, len(der), err)
		}
		sum, err := c.msiDigest(crypto.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(der), string(sum)) {
			t.Errorf("%s: our digest %x is not the signed one", out, sum)
		}
		b, _ := os.ReadFile(filepath.Join(dir, out))
		i := strings.Index(string(b), "Lure Works")
		b[i] = 'l'
		write(t, dir, "changed.msi", b)
		c = openedPackage(t, filepath.Join(dir, "changed.msi"))
		if sum, err := c.msiDigest(crypto.SHA256); err != nil || strings.Contains(string(der), string(sum)) {
			t.Errorf("%s: the digest of a changed package is the signed one (%v)", out, err)
		}
	}
}
