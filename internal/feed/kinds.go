package feed

// Kind is a sort of feed that --feed KIND=ARG can name.
type Kind struct {
	Name string
	Doc  string
	Open func(c Config, arg string) (Feed, error)
}

// Kinds is the table of feeds.
func Kinds() []Kind {
	return []Kind{
		{"isc", "new domains of SANS ISC: isc", openISC},
		{"list", "names in a file, one a line, CSV, hosts, dnsmasq or RPZ, gzip or zstd too: list=FILE, list=- for stdin", openList},
		{"zone", "names that a zone delegates, master format, gzip or zstd too: zone=FILE, zone=- for stdin", openZone},
	}
}
