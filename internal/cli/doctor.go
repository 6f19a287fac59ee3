package cli

import (
	"context"
	"fmt"
	"os"

	"lurehound/internal/egress"
)

type doctorCmd struct{}

func (doctorCmd) Help() string {
	return `Asks the resolvers whether they can be relied on, and says what is set up. Sends DNS questions only.

Example:
  lurehound doctor --resolver 192.0.2.1`
}

// Run prints a line for each thing that a hunt needs. Exit status 4 when
// something is missing.
func (doctorCmd) Run(ctx context.Context, con *console, g *Globals) error {
	if err := g.noFormat(); err != nil {
		return err
	}
	w, err := g.open(con)
	if err != nil {
		return err
	}
	defer w.Close()
	missing := 0
	say := func(ok bool, what, state string) {
		mark := "ok     "
		if !ok {
			mark, missing = "missing", missing+1
		}
		fmt.Fprintf(con.stdout, "%s  %-12s %s\n", mark, what, state)
	}
	health := w.dns.Check(ctx)
	for _, s := range health.Servers {
		state := "answers, and says of random names that they do not exist"
		if s.Problem != "" {
			state = s.Problem
		}
		say(s.Problem == "", "resolver", fmt.Sprintf("%s %s", s.Server, state))
	}
	say(health.Usable > 0, "absence", absence(health.Usable))
	p := egress.DefaultProfile()
	say(true, "visits", fmt.Sprintf("leave %s from here, as %s (%s); the site sees this machine's address", p.Route, p.Name, p.UserAgent))
	dir, err := g.dataDir(con.env)
	if err == nil {
		err = writable(dir)
	}
	say(err == nil, "data", either(err == nil, dir, fmt.Sprint(err)))
	contact := w.contact()
	say(contact != "", "isc feed", either(contact != "", "contact "+contact, "no contact: set LUREHOUND_CONTACT to your mail address, or contact in the configuration"))
	if missing > 0 {
		return exitError(exitIncomplete)
	}
	return nil
}

func absence(usable int) string {
	switch usable {
	case 0:
		return "no resolver can be relied on: every name that does not exist stays unknown; type --resolver ADDR"
	case 1:
		return "one usable resolver: absence rests on it alone; a second --resolver of another operator confirms it"
	}
	return fmt.Sprintf("%d usable resolvers confirm each other", usable)
}

func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	return f.Close()
}

func either(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}
