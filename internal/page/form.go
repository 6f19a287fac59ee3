package page

import (
	"bytes"
	"strings"

	"lurehound"
)

// forms gathers the forms that ask for a password or a card. Fields outside any
// form count as one form without action: scripts send them.
type forms struct {
	done  []lurehound.Form
	now   lurehound.Form
	open  bool
	stray lurehound.Form
}

func (f *forms) begin(action string) {
	f.end()
	f.now, f.open = lurehound.Form{Action: action}, true
}

func (f *forms) end() {
	if f.open && (f.now.Password || f.now.Card) && len(f.done) < maxForms {
		f.done = append(f.done, f.now)
	}
	f.now, f.open = lurehound.Form{}, false
}

func (f *forms) field(a *attributes) {
	form := &f.stray
	if f.open {
		form = &f.now
	}
	if bytes.EqualFold(a.typ, []byte("hidden")) {
		return
	}
	form.Password = form.Password || bytes.EqualFold(a.typ, []byte("password"))
	form.Card = form.Card || asksForCard(a)
}

func (f *forms) all() []lurehound.Form {
	f.end()
	if f.stray.Password || f.stray.Card {
		f.done = append(f.done, f.stray)
	}
	return f.done
}

// asksForCard goes by the autofill names of the HTML standard ("cc-number"),
// and by what fields for card numbers are called.
func asksForCard(a *attributes) bool {
	if bytes.HasPrefix(bytes.ToLower(a.autocomplete[:min(len(a.autocomplete), 40)]), []byte("cc-")) {
		return true
	}
	for _, v := range [][]byte{a.name, a.id, a.placeholder} {
		s := strings.ToLower(string(v[:min(len(v), 80)]))
		s = strings.NewReplacer("-", "", "_", "", " ", "").Replace(s)
		switch {
		case strings.Contains(s, "cardnum"), strings.Contains(s, "cardno"), strings.Contains(s, "creditcard"),
			strings.Contains(s, "ccnum"), s == "cvv", s == "cvc", s == "cardcvv", s == "cardcvc", strings.Contains(s, "securitycode"):
			return true
		}
	}
	return false
}
