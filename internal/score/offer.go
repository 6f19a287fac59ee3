package score

import (
	"fmt"
	"mime"
	"strings"

	"lurehound"
)

// offer is the first download on one of the candidate's pages.
func (c Case) offer() (lurehound.Download, bool) {
	for _, v := range c.own() {
		if v.Page != nil && len(v.Page.Downloads) > 0 {
			return v.Page.Downloads[0], true
		}
		if offersFile(v) {
			return lurehound.Download{URL: v.URL, Name: v.URL[strings.LastIndexByte(v.URL, '/')+1:]}, true
		}
	}
	return lurehound.Download{}, false
}

// offersFile reports whether the visit itself ended in a file.
func offersFile(v view) bool {
	if v.Page != nil || v.Status >= 300 {
		return false
	}
	t, _, err := mime.ParseMediaType(v.ContentType)
	if err != nil {
		return false
	}
	switch t {
	case "application/octet-stream", "application/x-msdownload", "application/x-msi", "application/x-ms-installer", "application/zip",
		"application/x-zip-compressed", "application/x-7z-compressed", "application/vnd.rar", "application/x-rar-compressed",
		"application/x-apple-diskimage", "application/vnd.android.package-archive", "application/x-iso9660-image",
		"application/x-dosexec", "application/java-archive", "application/vnd.microsoft.portable-executable":
		return true
	}
	return false
}

func (c Case) form() (lurehound.Form, bool) {
	for _, v := range c.own() {
		if v.Page != nil && len(v.Page.Forms) > 0 {
			return v.Page.Forms[0], true
		}
	}
	return lurehound.Form{}, false
}

func asked(f lurehound.Form) string {
	if f.Card {
		return "a card number"
	}
	return "a password"
}

func download(c Case) (lurehound.Signal, bool) {
	d, ok := c.offer()
	if !ok {
		return lurehound.Signal{}, false
	}
	return lurehound.Signal{Points: 15, Why: fmt.Sprintf("%q is offered for download", d.Name), Evidence: d.URL}, true
}

func credentials(c Case) (lurehound.Signal, bool) {
	f, ok := c.form()
	if !ok {
		return lurehound.Signal{}, false
	}
	return lurehound.Signal{Points: 15, Why: "the page asks for " + asked(f), Evidence: f.Action}, true
}
