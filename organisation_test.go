package lurehound

import "testing"

func TestWithoutLegalForm(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"SOOIL Developments Co, Ltd.":        "SOOIL Developments",
		"i-SENS Inc":                         "i-SENS",
		"Baxter International Inc.":          "Baxter International",
		"Innokas Yhtymä Oy":                  "Innokas Yhtymä",
		"Hamilton Medical AG":                "Hamilton Medical",
		"Becton, Dickinson and Company":      "Becton, Dickinson",
		"Smith & Co. KG":                     "Smith",
		"Bad Company":                        "Bad Company",
		"Advanced IP Scanner":                "Advanced IP Scanner",
		"Inc":                                "Inc",
		"Ltd Ltd":                            "Ltd",
		"":                                   "",
		"  two  spaces ":                     "  two  spaces ",
		"Helping Businesses Limited":         "Helping Businesses",
		"Becton, Dickinson and Company (BD)": "Becton, Dickinson and Company (BD)",
	} {
		if got := WithoutLegalForm(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}
