package probe

import (
	"context"
	"fmt"

	"lurehound"
)

// Look makes one visit to one link, as the subject's profile, in a session of its own: no cookie and
// no connection of another visit is in it. It never fails.
func Look(ctx context.Context, k Kit, s Subject, link string) (o lurehound.Observation) {
	defer func() {
		if r := recover(); r != nil {
			o = lurehound.Observation{Domain: s.Domain, Probe: "http", Profile: s.Profile.Name,
				Outcome: lurehound.Unknown, Reason: fmt.Sprintf("probe failed: %.200v", r)}
		}
	}()
	session := k.Web.Session(s.Profile)
	defer session.Close()
	v := visitor{kit: k, subject: s, session: session, seen: map[string]bool{}}
	v.visit(ctx, []string{link})
	return v.made[0]
}
