package permute

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"lurehound"
	"lurehound/internal/lexicon"
)

func TestDotInsertion(t *testing.T) {
	check(t, dotInsertion(), "microdicom", "micro.dicom.com m.icrodicom.com microdico.m.com login-microdicom.com", ".microdicom.com microdicom..com www-microdicom.com microdicom.com")
	check(t, dotInsertion(), "advanced-ip-scanner", "advanced.ip-scanner.com advanced-ip.scanner.com", "advanced-ip-.scanner.com.com")
	micro, scanner := target(t, "", "microdicom.com"), target(t, "", "advanced-ip-scanner.com")
	for _, c := range []struct {
		tg   Target
		name string
		want []lurehound.Edit
	}{
		{micro, "micro.dicom.com", []lurehound.Edit{{To: ".", At: 5}}},
		{micro, "www.micro.dicom.com", []lurehound.Edit{{To: ".", At: 5}}},
		{scanner, "advanced.ip-scanner.com", []lurehound.Edit{{From: "-", To: ".", At: 8}}},
		{micro, "login-microdicom.com", []lurehound.Edit{{To: "login-", At: 0}}},
		{micro, "micro.dicom.org", nil},
		{micro, "micro.d.icom.com", nil},
		{micro, "xmicro.dicom.com", nil},
		{micro, "dicom.com", nil},
		{micro, "www-microdicom.com", nil},
		{micro, "microdicom.com", nil},
		{micro, "com", nil},
	} {
		got, _ := dotInsertion().ExplainName(c.tg, parse(t, c.name), lexicon.Default())
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestWholeNamesAreGivenOnce: a label edit makes login-microdicom.com as well.
func TestWholeNamesAreGivenOnce(t *testing.T) {
	for _, set := range [][]string{nil, {"dot-insertion", "combosquatting"}, {"dot-insertion", "dot-hyphen"}} {
		n, first := 0, ""
		for p := range Permutations(target(t, "", "microdicom.com"), lexicon.Default(), Options{Techniques: set, Budget: 100_000}) {
			if p.Domain.String() == "login-microdicom.com" {
				n++
				first = p.Techniques[0]
			}
		}
		if n != 1 {
			t.Errorf("of %v login-microdicom.com comes %d times, by %s", set, n, first)
		}
	}
}
