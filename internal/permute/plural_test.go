package permute

import "testing"

func TestPlural(t *testing.T) {
	check(t, plural(), "microdicom", "microdicoms", "microdicomes microdsicom microsdicom microdicom")
	check(t, plural(), "advanced-ip-scanner", "advanced-ip-scanners advanced-ips-scanner advanceds-ip-scanner", "sadvanced-ip-scanner")
	check(t, plural(), "lexisnexis", "lexisnexises", "lexisnexi lexisnexiss")
	check(t, plural(), "dropbox", "dropboxes", "dropboxs")
	check(t, plural(), "shopify", "shopifies", "shopifys")
	check(t, plural(), "mydisplay", "mydisplays", "mydisplaies")
	check(t, plural(), "uscourts", "uscourt", "ucourts uscourts")
	check(t, plural(), "dropboxes", "dropbox", "dropboxe")
	check(t, plural(), "office365", "", "office365s")
	check(t, plural(), "hp", "hps", "h")
	check(t, plural(), "-a--b-", "-as--b- -a--bs-", "-s-a--b-")
	for _, no := range []string{"rvtools", "rvtoo", "rvtoolsess", "rvtoolss", "rvtolss"} {
		if got, ok := plural().Explain(Target{Label: "rvtools"}, no, nil); ok {
			t.Errorf("rvtools to %s is explained by %v", no, got)
		}
	}
}
