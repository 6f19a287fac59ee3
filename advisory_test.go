package lurehound

import "testing"

func TestAdvisoryConcerns(t *testing.T) {
	a := Advisory{Vendors: []string{"MicroDicom"}, Products: []string{"DICOM Viewer", "X-ray PACS Lite"}, Hosts: []string{"www.microdicom.com", "not a host/"}}
	domain := func(s string) []Domain {
		d, err := ParseDomain(s)
		if err != nil {
			t.Fatal(err)
		}
		return []Domain{d}
	}
	tests := []struct {
		domain string
		words  []string
		want   bool
	}{
		{"microdicom.com", nil, true},
		{"microdicom.org", nil, true}, // by the vendor's name
		{"example.org", nil, false},
		{"example.org", []string{"DICOM viewer"}, true},
		{"example.org", []string{"PACS"}, true}, // a whole word
		{"example.org", []string{"pac"}, false}, // part of one, and short
		{"micro.example", nil, false},           // part of a word
		{"mic.example", []string{"", "-"}, false},
		{"example.org", []string{"Viewer X-Ray"}, false},
		{"example.org", []string{"XRay Pacs"}, true},
	}
	for _, tt := range tests {
		if got := a.Concerns(domain(tt.domain), tt.words); got != tt.want {
			t.Errorf("Concerns(%s, %q) = %v", tt.domain, tt.words, got)
		}
	}
}
