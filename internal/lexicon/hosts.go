package lexicon

import (
	_ "embed"
	"strings"

	"golang.org/x/net/publicsuffix"
)

//go:embed hosts.txt
var hostFile string

// hostUnit scales the weights of hosts.txt, at most 60, into (0,1].
const hostUnit = 60

// hosts reads the lines "suffix weight", the likeliest first. A bad line is left out, which a test finds.
func hosts(file string) []Suffix {
	out := suffixes(file)
	for i := range out {
		out[i].Weight *= suffixUnit / hostUnit
	}
	return out
}

// IsSecondLevel reports whether the suffix is one that a country's registry
// keeps below its own: co.uk, as against uk and github.io.
func IsSecondLevel(suffix string) bool {
	if strings.Count(suffix, ".") != 1 {
		return false
	}
	s, icann := publicsuffix.PublicSuffix(suffix)
	return icann && s == suffix
}

// hostWords are labels that a site's own hosts have in front of its name.
// "www" comes first: it is the only one that nearly every site has. The others are those that
// sites which offer software or accounts use most, by hand.
func hostWords() []string {
	return []string{
		"www", "login", "download", "downloads", "account", "accounts", "secure", "app", "my", "support", "portal", "update",
		"mail", "signin", "auth", "sso", "id", "help", "get", "store", "shop", "api", "cdn", "web", "cloud", "docs", "dl", "m",
	}
}
