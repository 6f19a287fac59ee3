package egress

// Route is how a profile's connections leave.
type Route string

// Direct leaves from this machine, by the guard only.
const Direct Route = "direct"

// Profile is how one visitor appears to a host. Nothing but these values, the
// host's own name and its own cookies goes out to it.
type Profile struct {
	Name           string
	UserAgent      string
	Accept         string
	AcceptLanguage string
	Referrer       string // origin only, as browsers send it across sites; "" sends none
	Route          Route  // an unknown route is refused, never replaced by a direct one
}

// DefaultProfile is who a lure in search results waits for: a desktop Chrome on
// Windows that comes from a search. User agent and Accept are as Chrome sends
// them (its user agent is reduced to the major version).
func DefaultProfile() Profile {
	return Profile{
		Name:           "windows-chrome-search",
		UserAgent:      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/152.0.0.0 Safari/537.36",
		Accept:         "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
		AcceptLanguage: "en-US,en;q=0.9",
		Referrer:       "https://www.google.com/",
		Route:          Direct,
	}
}
