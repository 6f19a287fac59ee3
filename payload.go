package lurehound

import "time"

// PayloadFacts is a file taken apart without running it. Nothing in it is a
// judgement of the site that offered it.
type PayloadFacts struct {
	URL      string `json:"url,omitempty"` // where it was offered; "" for a file of the user's
	Name     string `json:"name"`          // what it was called: data, never a path of ours
	Artifact        // of the whole file; no hash when only parts of it were read
	SHA1     string `json:"sha1,omitempty"`
	MD5      string `json:"md5,omitempty"`
	TLSH     string `json:"tlsh,omitempty"` // "" for files too short or too uniform
	SSDeep   string `json:"ssdeep,omitempty"`

	Type      FileType        `json:"type"`
	PE        *PEFacts        `json:"pe,omitempty"`
	MSI       *MSIFacts       `json:"msi,omitempty"`
	Signature SignatureFacts  `json:"signature"`
	Found     Indicators      `json:"indicators"`         // in the file itself and in all that it contains
	Contains  []ContainedFile `json:"contains,omitempty"` // in the order of the container, depth first
	Inflated  bool            `json:"inflated,omitempty"` // something in it is packed over 200:1, as bombs and padded installers are
	Reference ReferenceFacts  `json:"reference"`
	Signals   []Signal        `json:"signals,omitempty"`
	Problems  []string        `json:"problems,omitempty"` // what could not be read, and why; caps that were met
	Notes     []string        `json:"notes,omitempty"`    // what was left out because it tells nothing, and padding
}

// FileType is what a file is by its content, never by its name.
type FileType string

// The file types.
const (
	TypePE      FileType = "pe"
	TypeMSI     FileType = "msi"
	TypeCFB     FileType = "cfb" // a compound file that is no MSI
	TypeZip     FileType = "zip"
	TypeCab     FileType = "cab"
	Type7z      FileType = "7z"
	TypeRAR     FileType = "rar"
	TypeGzip    FileType = "gzip"
	TypeISO     FileType = "iso"
	TypeDMG     FileType = "dmg"
	TypePKG     FileType = "pkg" // xar
	TypeAPK     FileType = "apk"
	TypeLNK     FileType = "lnk"
	TypeELF     FileType = "elf"
	TypeMachO   FileType = "macho"
	TypePDF     FileType = "pdf"
	TypeHTML    FileType = "html"
	TypePNG     FileType = "png"
	TypeScript  FileType = "script" // bat, ps1, vbs, js: PayloadFacts says no more, the signals do
	TypeKey     FileType = "key"    // a private key in PEM or OpenSSH form
	TypeText    FileType = "text"
	TypeEmpty   FileType = "empty"
	TypeUnknown FileType = "unknown"
)

// PEFacts is what the headers of a Windows program say.
type PEFacts struct {
	Machine      string            `json:"machine"` // "amd64", "386", "arm64", or the number in hex
	DLL          bool              `json:"dll,omitempty"`
	DotNet       bool              `json:"dotnet,omitempty"`
	Compiled     time.Time         `json:"compiled,omitzero"` // as the header says; reproducible builds put a hash there
	Imphash      string            `json:"imphash,omitempty"`
	Authentihash string            `json:"authentihash,omitempty"` // SHA-256 over what Authenticode covers
	RichHash     string            `json:"rich_hash,omitempty"`    // MD5 of the decoded rich header
	Sections     []PESection       `json:"sections,omitempty"`
	Overlay      int64             `json:"overlay"` // bytes after the last section and before or after the certificates
	OverlayType  FileType          `json:"overlay_type,omitempty"`
	Version      map[string]string `json:"version,omitempty"` // StringFileInfo: "CompanyName", "OriginalFilename" …
	PDB          string            `json:"pdb,omitempty"`
	Installer    string            `json:"installer,omitempty"` // "nsis", "inno", "7z-sfx", "wix-burn"
}

// PESection is one section of a PE file.
type PESection struct {
	Name    string  `json:"name"`
	Size    int64   `json:"size"`             // bytes in the file
	Entropy float64 `json:"entropy"`          // bits a byte, 0 to 8
	Unread  bool    `json:"unread,omitempty"` // its bytes were not read: Entropy says nothing
}

// MSIFacts is what the tables of a Windows Installer package say.
type MSIFacts struct {
	Product      string   `json:"product,omitempty"`
	Manufacturer string   `json:"manufacturer,omitempty"`
	Version      string   `json:"version,omitempty"`
	Services     []string `json:"services,omitempty"`
	Actions      []string `json:"actions,omitempty"` // custom actions: what they run
	Tables       []string `json:"tables,omitempty"`
}

// SignatureFacts is what a file's embedded signature says, and whether it covers these bytes.
type SignatureFacts struct {
	Present           bool             `json:"present"`
	Digest            DigestState      `json:"digest"`
	Signer            string           `json:"signer,omitempty"`     // common name, else organisation, of the leaf
	Subject           string           `json:"subject,omitempty"`    // RFC 4514
	Issuer            string           `json:"issuer,omitempty"`     // common name of the leaf's issuer
	Serial            string           `json:"serial,omitempty"`     // hex
	Thumbprint        string           `json:"thumbprint,omitempty"` // SHA-1 of the leaf certificate, hex: what Windows shows
	NotBefore         time.Time        `json:"not_before,omitzero"`
	NotAfter          time.Time        `json:"not_after,omitzero"`
	Chain             ChainState       `json:"chain,omitempty"`
	Timestamp         time.Time        `json:"timestamp,omitzero"`           // countersigned; zero when there is none or it does not verify
	Unsigned          int64            `json:"unsigned,omitempty"`           // bytes inside the signature's own area that no digest covers
	UnknownAttributes int64            `json:"unknown_attributes,omitempty"` // bytes of unauthenticated attributes of kinds that we do not know
	Hash              string           `json:"hash,omitempty"`               // of the digest: "SHA-256"
	Problem           string           `json:"problem,omitempty"`
	Others            []SignatureFacts `json:"others,omitempty"` // dual and nested signatures
}

// DigestState is whether a signature's digest is the file's.
type DigestState string

// The digest states.
const (
	DigestMatch      DigestState = "match"
	DigestMismatch   DigestState = "mismatch"   // the file was changed after it was signed
	DigestUnverified DigestState = "unverified" // could not be computed: only parts were read, or an algorithm unknown to us
	DigestNone       DigestState = "none"       // nothing is signed
)

// ChainState is whether a signer's certificate leads to a root that is trusted.
type ChainState string

// The chain states. A root that we do not know leaves the chain unknown.
const (
	ChainTrusted   ChainState = "trusted"
	ChainUntrusted ChainState = "untrusted" // expired at the time of signing, broken, or not for code
	ChainUnknown   ChainState = "unknown"
)

// Indicators are what a file holds that a defender can search for.
type Indicators struct {
	IPs      []string   `json:"ips"`
	Domains  []string   `json:"domains"`
	URLs     []string   `json:"urls"`
	Mails    []string   `json:"mails"`
	Commands []string   `json:"commands"` // decoded where they were encoded
	Services []string   `json:"services"`
	Files    []string   `json:"files"`
	Registry []string   `json:"registry"`
	Tasks    []string   `json:"tasks"` // scheduled tasks
	Keys     []KeyFacts `json:"private_keys"`
	Signers  []string   `json:"abused_signers,omitempty"` // organisations known from malware, named anywhere in the text
	Machines []string   `json:"machines,omitempty"`       // computers that made it, as shortcuts record them
	Where    []Place    `json:"where,omitempty"`          // where each was first seen, in the order of the lists above
}

// KeyFacts is a private key that somebody left in a file. The key itself is not kept.
type KeyFacts struct {
	Kind        string `json:"kind"`        // "rsa", "ed25519", "ecdsa", "encrypted" …
	Fingerprint string `json:"fingerprint"` // SHA256:… as ssh-keygen -l prints it, or the hash of the blob where the public half cannot be had
	Comment     string `json:"comment,omitempty"`
}

// Place is where an indicator stands.
type Place struct {
	Kind   string `json:"kind"` // "ip", "domain" …
	Value  string `json:"value"`
	File   string `json:"file,omitempty"` // contained file; "" for the file itself
	Offset int64  `json:"offset"`
	Wide   bool   `json:"utf16,omitempty"`
}

// ContainedFile is a file inside a file.
type ContainedFile struct {
	Name      string          `json:"name"` // as the container gives it; joined with " > " below the first level
	SHA256    string          `json:"sha256,omitempty"`
	Size      int64           `json:"size"`
	Type      FileType        `json:"type"`
	Depth     int             `json:"depth"`
	Signature *SignatureFacts `json:"signature,omitempty"` // nil when it has none
	Inflated  bool            `json:"inflated,omitempty"`  // packed over 200:1
	Problem   string          `json:"problem,omitempty"`
}

// ReferenceFacts is a payload held against the brand's genuine installer.
type ReferenceFacts struct {
	Verdict     ReferenceVerdict `json:"verdict"`
	Differences []string         `json:"differences"`
	Times       float64          `json:"times,omitempty"` // size divided by the largest usual one; 0 where none is known
}

// ReferenceVerdict is what a payload is beside the genuine one.
type ReferenceVerdict string

// The reference verdicts.
const (
	Genuine          ReferenceVerdict = "genuine"       // the known-good hash, nothing less
	VendorSigned     ReferenceVerdict = "vendor-signed" // the vendor's valid signature over other bytes
	KnownBad         ReferenceVerdict = "known-bad"
	Differs          ReferenceVerdict = "differs" // a genuine one is known and this is not it
	ReferenceUnknown ReferenceVerdict = "unknown"
)
