package page

import (
	"bytes"
	"slices"
	"strings"
)

// Offered reports whether a link leads to a program, archive or disk image, and
// under which name. It goes by the name in the path, a name in the query, the
// name of a script that hands out files, or a file host's path.
func offered(link string) (name string, ok bool) {
	if len(link) > maxURL {
		return "", false
	}
	host, path, query := splitURL(link)
	last := unescape(lastPart(path))
	if isProgram(last) {
		return last, true
	}
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		_, value, _ := strings.Cut(pair, "=")
		if value = unescape(lastPart(unescape(value))); isProgram(value) {
			return value, true
		}
	}
	if handsOut(strings.ToLower(last)) || onFileHost(host, path) {
		return last, true
	}
	return "", false
}

// isProgram goes by the extension: installers, packages, archives, disk images
// and scripts that a double click runs.
func isProgram(name string) bool {
	i := strings.LastIndexByte(name, '.')
	if i < 1 {
		return false
	}
	switch strings.ToLower(name[i+1:]) {
	case "exe", "msi", "msix", "msixbundle", "appx", "appxbundle", "appinstaller", "msp", "scr", "cpl", "pif",
		"dmg", "pkg", "mpkg", "apk", "xapk", "ipa", "deb", "rpm", "appimage", "run", "snap", "flatpak", "jar",
		"zip", "7z", "rar", "cab", "ace", "arj", "gz", "tgz", "bz2", "xz", "zst", "tar", "zipx",
		"iso", "img", "vhd", "vhdx", "udf",
		"js", "jse", "vbs", "vbe", "wsf", "hta", "lnk", "bat", "cmd", "ps1", "sh", "xll", "command", "scpt":
		return true
	}
	return false
}

// handsOut reports whether a last path part, in lower case, is a server-side
// script named after giving out a file.
func handsOut(last string) bool {
	stem, ext, ok := strings.Cut(last, ".")
	if !ok || !slices.Contains([]string{"php", "asp", "aspx", "ashx", "jsp", "cgi", "do"}, ext) {
		return false
	}
	return strings.Contains(stem, "download") || slices.Contains([]string{"dl", "getfile", "get", "setup", "install", "installer", "file"}, stem)
}

// onFileHost reports whether a URL is a file at one of the services that are
// used to hand out files.
func onFileHost(host, path string) bool {
	host = strings.TrimPrefix(host, "www.")
	switch host {
	case "drive.google.com":
		return strings.HasPrefix(path, "uc") || strings.HasPrefix(path, "file/")
	case "drive.usercontent.google.com":
		return strings.HasPrefix(path, "download")
	case "mega.nz":
		return strings.HasPrefix(path, "file/")
	case "mediafire.com":
		return strings.HasPrefix(path, "file/")
	case "dropbox.com":
		return strings.HasPrefix(path, "s/") || strings.HasPrefix(path, "scl/fi/")
	case "cdn.discordapp.com":
		return strings.HasPrefix(path, "attachments/")
	}
	return false
}

// scriptEnds are the ends of quoted links that are looked for in scripts. Only
// what hardly occurs in a script for another reason.
var scriptEnds = [][]byte{
	[]byte(".exe"), []byte(".msi"), []byte(".msix"), []byte(".zip"), []byte(".rar"), []byte(".7z"),
	[]byte(".iso"), []byte(".dmg"), []byte(".pkg"), []byte(".apk"), []byte(".jar"), []byte(".bat"), []byte(".ps1"),
}

// linksInScript finds quoted links to programs in a script: a page that starts
// its download by itself often names it only there.
func linksInScript(script []byte, found func(link string)) {
	for _, end := range scriptEnds {
		for i := 0; ; {
			j := bytes.Index(script[i:], end)
			if j < 0 {
				break
			}
			at := i + j
			i = at + len(end)
			if i >= len(script) {
				break
			}
			quote := script[i]
			if quote != '"' && quote != '\'' && quote != '`' && quote != '?' {
				continue
			}
			from := max(0, at-300) // links in lures are short; a longer one is data
			open := bytes.LastIndexAny(script[from:at], "\"'`")
			if open < 0 {
				continue
			}
			link := script[from+open+1 : i]
			if len(link) <= len(end) || bytes.ContainsAny(link, " \t\n<>(){};,*") {
				continue
			}
			found(strings.ReplaceAll(string(link), `\/`, "/"))
		}
	}
}
