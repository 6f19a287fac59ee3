package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lurehound"
)

// A picture that is wider than the terminal goes on below, both names and the marks alike.
func TestPictureFolds(t *testing.T) {
	e := Explained{
		Pieces: []Piece{
			{Brand: strings.Repeat("a", 30), Name: strings.Repeat("a", 30)},
			{Name: "-" + strings.Repeat("b", 9), Changed: true},
			{Brand: ".com", Name: ".com"},
		},
		Match:  lurehound.Match{Why: "why", Score: 0.5, Techniques: []string{"combosquatting", "faux-tld", "insertion"}, Simplest: 1},
		OrElse: []string{"faux-tld"},
	}
	for _, tt := range []struct {
		width int
		color bool
		want  string
	}{
		{80, false, `brand  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa          .com
name   aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbb.com
                                     ^^^^^^^^^^

why
techniques   combosquatting
or else      faux-tld
score        0.50
`},
		{40, false, `brand  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
name   aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-b
                                     ^^
brand          .com
name   bbbbbbbb.com
       ^^^^^^^^

why
techniques   combosquatting
or else      faux-tld
score        0.50
`},
		{80, true, `brand  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa          .com
name   aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` + red + `-bbbbbbbbb` + reset + `.com
       ` + red + `                              ^^^^^^^^^^` + reset + `

why
techniques   combosquatting
or else      faux-tld
score        0.50
`},
	} {
		var b strings.Builder
		if err := Explain(&b, e, Options{Width: tt.width, Color: tt.color}); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tt.want, b.String()); d != "" {
			t.Errorf("%d columns, colour %v: -want +got\n%s", tt.width, tt.color, d)
		}
	}
}
