package lurehound

// PageFacts are the features of one HTML page that tell clones, parking pages
// and interstitials apart. They are a few kilobytes, whatever the page's size.
type PageFacts struct {
	Title       string     `json:"title,omitempty"`
	Description string     `json:"description,omitempty"`
	Lang        string     `json:"lang,omitempty"`
	Text        string     `json:"text,omitempty"`        // visible text, the first 2 KiB, for rules and people
	Words       int        `json:"words"`                 // in the visible text
	Tags        int        `json:"tags"`                  // elements
	Structure   []uint32   `json:"structure,omitempty"`   // MinHash of tag shingles
	TextHash    []uint32   `json:"text_hash,omitempty"`   // MinHash of word shingles
	Assets      []string   `json:"assets,omitempty"`      // file names of images, scripts and styles, sorted, at most 200
	AssetHosts  []string   `json:"asset_hosts,omitempty"` // other hosts that assets come from, sorted
	LinkHosts   []string   `json:"link_hosts,omitempty"`  // other hosts that links lead to, sorted, at most 50
	Shape       []uint32   `json:"shape,omitempty"`       // MinHash of tag shingles without classes
	Names       []uint32   `json:"names,omitempty"`       // MinHash of the site's own link targets and ids
	Own         []uint32   `json:"own,omitempty"`         // MinHash of file names of assets that no framework or theme brings
	Contents    []uint64   `json:"contents,omitempty"`    // of own assets: the first 8 bytes of SHA-256, sorted, at most 200
	Scripts     []uint32   `json:"scripts,omitempty"`     // MinHash of inline scripts, white space apart
	Favicon     Favicon    `json:"favicon,omitzero"`
	TLSH        string     `json:"tlsh,omitempty"` // of the HTML bytes, "" where it is too short or too uniform
	Downloads   []Download `json:"downloads,omitempty"`
	Forms       []Form     `json:"forms,omitempty"`
	Frames      []string   `json:"frames,omitempty"`    // URLs of frames, in order, at most 20
	Refresh     string     `json:"refresh,omitempty"`   // target of a meta refresh
	Canonical   string     `json:"canonical,omitempty"` // what the page says it is a copy of
	ParseError  string     `json:"parse_error,omitempty"`
}

// Favicon is the page's icon: where it is, and its hashes where it was fetched.
type Favicon struct {
	URL    string `json:"url,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	Murmur int32  `json:"murmur,omitempty"` // MurmurHash3 of the base64 form, as scanners index it
}

// Download is a link to a program, archive or disk image.
type Download struct {
	URL  string `json:"url"`
	Name string `json:"name"`           // last part of the path
	Text string `json:"text,omitempty"` // of the link
}

// Form is an HTML form that asks for something.
type Form struct {
	Action   string `json:"action"`
	Password bool   `json:"password"` // has a password field
	Card     bool   `json:"card"`     // has a field for a card number
}

// Comparison is a candidate's page held against a brand's reference page.
// Similarity is nil when either page could not be had: never 0 for that.
type Comparison struct {
	Reference  string   `json:"reference"`      // URL of the reference page
	URL        string   `json:"url,omitempty"`  // of the candidate's page
	Similarity *float64 `json:"similarity"`     // [0,1]
	Structure  float64  `json:"structure"`      // [0,1], the parts of Similarity
	Text       float64  `json:"text"`           // [0,1]
	Assets     float64  `json:"assets"`         // [0,1]
	Favicon    bool     `json:"favicon"`        // the same icon, byte for byte
	Title      bool     `json:"title"`          // the same title, and one that says something
	Names      float64  `json:"names"`          // [0,1], of link targets and ids
	Contents   int      `json:"contents"`       // own assets with the same bytes
	Scripts    float64  `json:"scripts"`        // [0,1], of inline scripts
	Forms      bool     `json:"forms"`          // both ask for the same, and for something
	Genuine    bool     `json:"genuine"`        // the candidate's page loads from or leads to the reference's site
	TLSH       *int     `json:"tlsh,omitempty"` // distance, 0 is alike; nil when either has no hash
	Why        string   `json:"why,omitempty"`  // why Similarity is nil, or what it rests on
}
