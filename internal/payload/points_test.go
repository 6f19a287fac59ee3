package payload

import (
	"os"
	"strings"
	"testing"

	"lurehound"
)

// The manual names every reason for suspicion.
func TestRulesAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/payloads.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range payloadRules() {
		if !strings.Contains(string(doc), "`"+r.name+"`") {
			t.Errorf("docs/payloads.md does not tell of %s", r.name)
		}
	}
}

func TestSuspicious(t *testing.T) {
	for want, signals := range map[bool][]lurehound.Signal{
		true:  {{Points: 20}, {Points: 25}},
		false: {{Points: 20}, {Points: 20}},
	} {
		if Suspicious(signals) != want {
			t.Errorf("%v: want %v", signals, want)
		}
	}
	if !Suspicious([]lurehound.Signal{{Points: 1, Direct: true}}) || Suspicious(nil) {
		t.Error("direct evidence, or none")
	}
}
