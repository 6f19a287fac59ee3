package hunt

import (
	"context"
	"strings"
	"testing"

	"lurehound"
	"lurehound/internal/probe"
)

// probesSaying are three fake probes; dns gives the resolution.
func probesSaying(r lurehound.Resolution) []probe.Probe {
	see := func(name string, touches bool, do func(probe.Subject) lurehound.Observation) probe.Probe {
		return probe.Probe{Name: name, Touches: touches, Observe: func(_ context.Context, s probe.Subject) []lurehound.Observation {
			o := do(s)
			o.Probe = name
			return []lurehound.Observation{o}
		}}
	}
	return []probe.Probe{
		see("dns", false, func(probe.Subject) lurehound.Observation {
			return lurehound.Observation{Outcome: r.Outcome(), Reason: "servfail", DNS: &lurehound.DNSFacts{Resolution: r}}
		}),
		see("rdap", false, func(s probe.Subject) lurehound.Observation {
			if s.DNS == nil {
				panic("rdap ran before dns")
			}
			return lurehound.Observation{Outcome: lurehound.Found}
		}),
		see("http", true, func(probe.Subject) lurehound.Observation {
			panic("a page that nobody foresaw")
		}),
	}
}

func TestObserve(t *testing.T) {
	for _, tt := range []struct {
		resolution lurehound.Resolution
		listed     bool
		want       string // probe:outcome of every observation
	}{
		{lurehound.Exists, false, "dns:found rdap:found http:unknown"},
		{lurehound.NXDomain, false, "dns:absent rdap:skipped http:skipped"},
		{lurehound.NXDomain, true, "dns:absent rdap:found http:skipped"},
		{lurehound.NoData, true, "dns:absent rdap:found http:skipped"},
		{lurehound.NotResolvable, false, "dns:unknown rdap:found http:skipped"},
		{lurehound.Filtered, true, "dns:unknown rdap:found http:skipped"},
	} {
		obs := Observe(t.Context(), probesSaying(tt.resolution), Task{Probes: []string{"dns", "rdap", "http"}, Listed: tt.listed})
		var got []string
		for _, o := range obs {
			got = append(got, o.Probe+":"+string(o.Outcome))
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s, listed %v: %s, want %s", tt.resolution, tt.listed, s, tt.want)
		}
	}
}

func TestUndecided(t *testing.T) {
	dns := func(r lurehound.Resolution) lurehound.Observation {
		return lurehound.Observation{Probe: "dns", Outcome: r.Outcome(), Reason: "why", DNS: &lurehound.DNSFacts{Resolution: r}}
	}
	rdap := func(o lurehound.Outcome) lurehound.Observation {
		return lurehound.Observation{Probe: "rdap", Outcome: o}
	}
	for _, tt := range []struct {
		name         string
		obs          []lurehound.Observation
		open, absent bool
	}{
		{"exists", []lurehound.Observation{dns(lurehound.Exists), rdap(lurehound.Unknown)}, false, false},
		{"gone", []lurehound.Observation{dns(lurehound.NXDomain), rdap(lurehound.Absent)}, false, true},
		{"on hold", []lurehound.Observation{dns(lurehound.NXDomain), rdap(lurehound.Found)}, false, false},
		{"not in DNS, and the registry is silent", []lurehound.Observation{dns(lurehound.NXDomain), rdap(lurehound.Unknown)}, true, false},
		{"hosted, gone", []lurehound.Observation{dns(lurehound.NXDomain), rdap(lurehound.Skipped)}, false, true},
		{"servfail", []lurehound.Observation{dns(lurehound.NotResolvable), rdap(lurehound.Found)}, true, false},
		{"filtered", []lurehound.Observation{dns(lurehound.Filtered)}, true, false},
		{"hijacked", []lurehound.Observation{dns(lurehound.Hijacked)}, true, false},
	} {
		open, absent := undecided(lurehound.Candidate{}, tt.obs)
		if (open != nil) != tt.open || absent != tt.absent {
			t.Errorf("%s: undecided %v, absent %v", tt.name, open, absent)
		}
	}
}
