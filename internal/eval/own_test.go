package eval

import (
	"testing"

	"lurehound"
	"lurehound/internal/lexicon"
	"lurehound/internal/match"
)

func TestClearance(t *testing.T) {
	ix, err := match.NewIndex([]lurehound.Brand{brand(t, "Microdicom", "microdicom.com")}, lexicon.Default())
	if err != nil {
		t.Fatal(err)
	}
	c := clearance{unusable: 2}
	for _, name := range []string{"microdicom.com", "www.microdicom.com", "microdicom.net"} {
		c.look(ix, name)
	}
	row := cleared([]clearance{c, {names: 5}})
	if row.Value != 7.0/8 || row.Of != 8 {
		t.Errorf("%+v: one name of eight is accused", row)
	}
}
