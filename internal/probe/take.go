package probe

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"slices"
	"strings"
	"time"

	"lurehound"
	"lurehound/internal/fetch"
)

// mostOffers is how many files one visitor looks at. Lures offer one or two; a page of
// downloads is a collection.
const mostOffers = 4

// offer is a file that a page offers.
type offer struct{ url, name, page string }

// take looks at the files that the pages offer, as the visitor who was shown them, in the same session.
// Forms are never submitted, and nothing is looked at that only a click by a script would give.
func (v *visitor) take(ctx context.Context) {
	if v.kit.Payloads == nil {
		return
	}
	queue := v.offers(v.made)
	seen := map[string]bool{}
	taken := 0
	for i := 0; i < len(queue) && ctx.Err() == nil; i++ {
		o := queue[i]
		if seen[o.url] || seen[bare(o.url)] {
			continue
		}
		seen[o.url] = true
		if taken == mostOffers {
			v.skip(fmt.Sprintf("more than %d files are offered: the others were not looked at", mostOffers))
			return
		}
		taken++
		made, err := v.file(ctx, o)
		v.made = append(v.made, made)
		if err == nil {
			seen[bare(o.url)] = true
		}
		if errors.Is(err, fetch.ErrPage) && o.page != o.url {
			// A page that thanks for the download starts it.
			before := len(v.made)
			v.visit(ctx, []string{o.url})
			for _, next := range v.offers(v.made[before:]) {
				next.page = o.url
				if i < mostOffers { // a page behind it is not followed further
					queue = append(queue, next)
				}
			}
		}
	}
}

// bare is a link without www: apex and www hand out the same files.
func bare(link string) string {
	scheme, rest, _ := strings.Cut(link, "://")
	return scheme + "://bare/" + strings.TrimPrefix(rest, "www.")
}

// offers are the files of the pages, in their order. A visit that ended in a file is one, too.
func (v *visitor) offers(made []lurehound.Observation) []offer {
	var list []offer
	for _, o := range made {
		switch {
		case o.Visit == nil || o.Visit.Status != 200:
		case o.Visit.Page != nil:
			for _, d := range o.Visit.Page.Downloads {
				if u, err := url.Parse(d.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" {
					v.skip(fmt.Sprintf("%q stands in the page itself and was not looked at", d.Name))
					continue
				}
				list = append(list, offer{d.URL, d.Name, o.Visit.URL})
			}
		case isFile(o.Visit.ContentType):
			list = append(list, offer{o.Visit.URL, "", ""})
		}
	}
	return list
}

func (v *visitor) skip(reason string) {
	v.made = append(v.made, lurehound.Observation{Domain: v.subject.Domain, Probe: payloadProbe, Profile: v.subject.Profile.Name,
		At: v.kit.Clock.Now(), Outcome: lurehound.Skipped, Reason: reason})
}

// payloadProbe names the observations of files. They are part of the http probe's visit.
const payloadProbe = "payload"

// file looks at one offered file. The error is why there are no facts.
func (v *visitor) file(ctx context.Context, f offer) (lurehound.Observation, error) {
	began := time.Now()
	o := lurehound.Observation{Domain: v.subject.Domain, Probe: payloadProbe, Profile: v.subject.Profile.Name, At: v.kit.Clock.Now()}
	facts, err := v.kit.Payloads.look(ctx, v.session, o.Profile, f)
	o.Took = time.Since(began)
	if err == nil {
		o.Outcome, o.Payload = lurehound.Found, &facts
		return o, nil
	}
	o.Outcome, o.Reason = lurehound.Unknown, err.Error()
	if fe := (*fetch.Error)(nil); errors.As(err, &fe) {
		o.Outcome, o.Reason = fe.Outcome, fe.Reason
	}
	o.Payload = &lurehound.PayloadFacts{URL: f.url, Name: f.name, Type: lurehound.TypeUnknown,
		Signature: lurehound.SignatureFacts{Digest: lurehound.DigestUnverified}, Problems: []string{"it could not be looked at: " + o.Reason}}
	return o, err
}

// isFile goes by the declared type of a visit that ended in no page.
func isFile(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	kind, sub, _ := strings.Cut(t, "/")
	return err == nil && kind == "application" && !strings.HasSuffix(sub, "xml") && !strings.HasSuffix(sub, "json") &&
		!slices.Contains([]string{"javascript", "x-javascript", "ecmascript", "font-woff"}, sub)
}
