package eval

import (
	"testing"

	"lurehound"
)

func domain(t testing.TB, s string) lurehound.Domain {
	t.Helper()
	d, err := lurehound.ParseDomain(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func brand(t testing.TB, name string, domains ...string) lurehound.Brand {
	t.Helper()
	b := lurehound.Brand{Name: name, Words: []string{name}}
	for _, s := range domains {
		b.Domains = append(b.Domains, domain(t, s))
	}
	return b
}

func TestOwners(t *testing.T) {
	o := owners{
		entities: map[string][]string{
			"acme.com": {"acme"}, "acmestatic.net": {"acme"}, "play.acme.org": {"acme"}, "other.com": {"other", "third"},
		},
		tlds:      map[string]string{"acme": "acme.com", "else": "else.com"},
		listed:    map[claim]bool{{"acme-shop.com", "Acme"}: true, {"acme-cdn.example.net", "Acme"}: true},
		undecided: map[claim]bool{{"acme.tk", "Acme"}: true},
	}
	acme, meet := brand(t, "Acme", "acme.com"), brand(t, "Acme Meet", "meet.acme.com")
	for _, tt := range []struct {
		b                 lurehound.Brand
		name              string
		owns, undecidable bool
	}{
		{acme, "acme.com", true, false},
		{acme, "www.acme.com", true, false},
		{acme, "notacme.com", false, false},
		{acme, "acmestatic.net", true, false},
		{acme, "a.b.acmestatic.net", true, false},
		{acme, "play.acme.org", true, false},
		{acme, "acme.org", false, false}, // only what is below play is listed
		{acme, "other.com", false, false},
		{acme, "www.acme", true, false},
		{acme, "www.else", false, false},
		{acme, "acme-shop.com", true, false},
		{acme, "www.acme-shop.com", true, false},
		{acme, "acme-cdn.example.net", true, false},
		{acme, "example.net", false, false},
		{acme, "acme.tk", false, true},
		{acme, "www.acme.tk", false, true},
		{meet, "mail.acme.com", true, false}, // a product's host stands for its owner's domain
		{meet, "acmestatic.net", true, false},
		{meet, "acme-shop.com", false, false}, // the list speaks of another brand
		{meet, "acme.tk", false, false},
		{brand(t, "Else", "else.org"), "www.else", false, false},
	} {
		d := domain(t, tt.name)
		if got := o.owns(tt.b, d); got != tt.owns {
			t.Errorf("owns(%s, %s) = %v", tt.b.Name, tt.name, got)
		}
		if got := o.undecidable(tt.b, d); got != tt.undecidable {
			t.Errorf("undecidable(%s, %s) = %v", tt.b.Name, tt.name, got)
		}
	}
}
