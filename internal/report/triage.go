package report

import (
	"bytes"
	"io"

	"lurehound"
)

// Triaged is a file that was taken apart, or could not be.
type Triaged struct {
	File       string // as it was named
	Facts      lurehound.PayloadFacts
	Brand      string // whose references it was held against, "" for none
	Suspicious bool
	NotRead    bool // its format was not read: only the hashes are known
}

// Triage writes one file: as "json", indented, as "jsonl", or as "table" for people.
func Triage(w io.Writer, format string, t *Triaged, opt Options) error {
	switch format {
	case "json":
		return encodeTo(w, triageContract(t), "  ")
	case "jsonl":
		return encodeTo(w, triageContract(t), "")
	}
	var b bytes.Buffer
	if err := triageTable(&b, t, opt); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// triageJSON is the contract of triage: no list and no object is missing, and of the facts not one is lost.
type triageJSON struct {
	File         string              `json:"file"`
	Name         string              `json:"name"`
	SHA256       string              `json:"sha256"`
	SHA1         string              `json:"sha1"`
	MD5          string              `json:"md5"`
	Size         int64               `json:"size"`
	Type         lurehound.FileType  `json:"type"`
	Imphash      string              `json:"imphash"`
	Authentihash string              `json:"authentihash"`
	TLSH         string              `json:"tlsh"`
	SSDeep       string              `json:"ssdeep"`
	Suspicious   bool                `json:"suspicious"`
	NotRead      bool                `json:"not_read"`
	Signature    signatureJSON       `json:"signature"`
	Indicators   indicatorsJSON      `json:"indicators"`
	Contains     []containedJSON     `json:"contains"`
	Inflated     bool                `json:"inflated"`
	Reference    referenceFactsJSON  `json:"reference"`
	Signals      []signalJSON        `json:"signals"`
	PE           *lurehound.PEFacts  `json:"pe,omitempty"`
	MSI          *lurehound.MSIFacts `json:"msi,omitempty"`
	Problems     []string            `json:"problems"`
	Notes        []string            `json:"notes"`
}

type signatureJSON struct {
	Present           bool                  `json:"present"`
	Digest            lurehound.DigestState `json:"digest"`
	Signer            string                `json:"signer"`
	Subject           string                `json:"subject"`
	Issuer            string                `json:"issuer"`
	Serial            string                `json:"serial"`
	Thumbprint        string                `json:"thumbprint"`
	NotBefore         *string               `json:"not_before"`
	NotAfter          *string               `json:"not_after"`
	Chain             lurehound.ChainState  `json:"chain"`
	Timestamp         *string               `json:"timestamp"`
	Unsigned          int64                 `json:"unsigned"`
	UnknownAttributes int64                 `json:"unknown_attributes"`
	Hash              string                `json:"hash"`
	Problem           string                `json:"problem"`
	Others            []signatureJSON       `json:"others,omitempty"`
}

type indicatorsJSON struct {
	IPs      []string             `json:"ips"`
	Domains  []string             `json:"domains"`
	URLs     []string             `json:"urls"`
	Mails    []string             `json:"mails"`
	Commands []string             `json:"commands"`
	Services []string             `json:"services"`
	Files    []string             `json:"files"`
	Registry []string             `json:"registry"`
	Tasks    []string             `json:"tasks"`
	Keys     []lurehound.KeyFacts `json:"private_keys"`
	Signers  []string             `json:"abused_signers"`
	Machines []string             `json:"machines"`
	Where    []lurehound.Place    `json:"where"`
}

type containedJSON struct {
	Name      string             `json:"name"`
	SHA256    string             `json:"sha256"`
	Size      int64              `json:"size"`
	Type      lurehound.FileType `json:"type"`
	Depth     int                `json:"depth"`
	Signature *signatureJSON     `json:"signature,omitempty"`
	Inflated  bool               `json:"inflated"`
	Problem   string             `json:"problem"`
}

type referenceFactsJSON struct {
	Verdict     lurehound.ReferenceVerdict `json:"verdict"`
	Differences []string                   `json:"differences"`
	Brand       string                     `json:"brand"`
}

func triageContract(t *Triaged) triageJSON {
	p := &t.Facts
	f := p.Found
	j := triageJSON{
		File: t.File, Name: p.Name, SHA256: p.SHA256, SHA1: p.SHA1, MD5: p.MD5, Size: p.Size, Type: p.Type, TLSH: p.TLSH, SSDeep: p.SSDeep,
		Suspicious: t.Suspicious, NotRead: t.NotRead, Signature: signatureContract(p.Signature),
		Indicators: indicatorsJSON{
			IPs: list(f.IPs), Domains: list(f.Domains), URLs: list(f.URLs), Mails: list(f.Mails), Commands: list(f.Commands), Services: list(f.Services), Files: list(f.Files),
			Registry: list(f.Registry), Tasks: list(f.Tasks), Keys: list(f.Keys), Signers: list(f.Signers), Machines: list(f.Machines), Where: list(f.Where),
		},
		Contains: []containedJSON{}, Inflated: p.Inflated, Signals: []signalJSON{}, PE: p.PE, MSI: p.MSI, Problems: list(p.Problems), Notes: list(p.Notes),
		Reference: referenceFactsJSON{p.Reference.Verdict, list(p.Reference.Differences), t.Brand},
	}
	if p.PE != nil {
		j.Imphash, j.Authentihash = p.PE.Imphash, p.PE.Authentihash
	}
	for _, c := range p.Contains {
		one := containedJSON{Name: c.Name, SHA256: c.SHA256, Size: c.Size, Type: c.Type, Depth: c.Depth, Inflated: c.Inflated, Problem: c.Problem}
		if c.Signature != nil {
			s := signatureContract(*c.Signature)
			one.Signature = &s
		}
		j.Contains = append(j.Contains, one)
	}
	for _, s := range p.Signals {
		j.Signals = append(j.Signals, signalJSON{Rule: s.Rule, Points: score(s.Points), Direct: s.Direct, Why: s.Why, Evidence: s.Evidence})
	}
	return j
}

// signatureContract gives a file that is not signed the chain "unknown": nothing is known of a chain that is not there.
func signatureContract(s lurehound.SignatureFacts) signatureJSON {
	j := signatureJSON{
		Present: s.Present, Digest: s.Digest, Signer: s.Signer, Subject: s.Subject, Issuer: s.Issuer, Serial: s.Serial, Thumbprint: s.Thumbprint,
		NotBefore: moment(s.NotBefore), NotAfter: moment(s.NotAfter), Chain: s.Chain, Timestamp: moment(s.Timestamp), Unsigned: s.Unsigned,
		UnknownAttributes: s.UnknownAttributes, Hash: s.Hash, Problem: s.Problem,
	}
	if j.Chain == "" {
		j.Chain = lurehound.ChainUnknown
	}
	for _, o := range s.Others {
		j.Others = append(j.Others, signatureContract(o))
	}
	return j
}
