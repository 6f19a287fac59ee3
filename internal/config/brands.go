package config

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"lurehound"
)

// maxBrands bounds a file of brands.
const maxBrands = 16 << 20

// brandFile is the TOML form.
type brandFile struct {
	Brand []struct {
		Name       string   `toml:"name"`
		Domains    []string `toml:"domains"`
		Words      []string `toml:"words"`
		Signers    []string `toml:"signers"`
		References []struct {
			URL     string `toml:"url"`
			SHA256  string `toml:"sha256"`
			MinSize int64  `toml:"min_size"`
			MaxSize int64  `toml:"max_size"`
			Signer  string `toml:"signer"`

			Thumbprint string `toml:"thumbprint"`
		} `toml:"references"`
	} `toml:"brand"`
}

// ReadBrands reads a file of brands: TOML ([[brand]]), CSV with the header
// brand,domain[,words] (words separated by |, rows of one brand add up), or a
// plain list of domains, one brand each.
func ReadBrands(path string) ([]lurehound.Brand, error) {
	b, err := readCapped(path, maxBrands)
	if err != nil {
		return nil, err
	}
	brands, err := ParseBrands(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrConfig, path, err)
	}
	return brands, nil
}

// ParseBrands reads the bytes of a file of brands; the form is told by its
// first line that says anything.
func ParseBrands(b []byte) ([]lurehound.Brand, error) {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	first := ""
	for line := range strings.Lines(string(b)) {
		if first = strings.TrimSpace(line); first != "" && first[0] != '#' {
			break
		}
		first = ""
	}
	var brands []lurehound.Brand
	var err error
	switch {
	case first == "":
		return nil, errors.New("it names no brand")
	case strings.HasPrefix(first, "[") || strings.Contains(first, "="):
		brands, err = brandsTOML(string(b))
	case strings.HasPrefix(strings.ToLower(first), "brand,domain"):
		brands, err = brandsCSV(b)
	default:
		brands, err = brandsList(string(b))
	}
	if err != nil {
		return nil, err
	}
	for _, br := range brands {
		if err := br.Check(); err != nil {
			return nil, err
		}
	}
	return brands, nil
}

func brandsTOML(text string) ([]lurehound.Brand, error) {
	var f brandFile
	if err := strict(text, &f); err != nil {
		return nil, err
	}
	var brands []lurehound.Brand
	for _, in := range f.Brand {
		br := lurehound.Brand{Name: in.Name, Words: in.Words, Signers: in.Signers}
		for _, s := range in.Domains {
			d, err := lurehound.ParseDomain(s)
			if err != nil {
				return nil, fmt.Errorf("brand %q: %w", in.Name, err)
			}
			br.Domains = append(br.Domains, d)
		}
		for _, r := range in.References {
			br.References = append(br.References, lurehound.Reference{URL: r.URL, SHA256: strings.ToLower(r.SHA256),
				MinSize: r.MinSize, MaxSize: r.MaxSize, Signer: r.Signer, Thumbprint: r.Thumbprint})
		}
		if br.Name == "" && len(br.Domains) > 0 {
			br.Name = br.ID()
		}
		brands = append(brands, br)
	}
	return brands, nil
}

func brandsCSV(b []byte) ([]lurehound.Brand, error) {
	r := csv.NewReader(bytes.NewReader(b))
	r.FieldsPerRecord = -1
	r.Comment = '#'
	if _, err := r.Read(); err != nil {
		return nil, err
	}
	var brands []lurehound.Brand
	at := map[string]int{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return brands, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		if len(row) < 2 {
			return nil, fmt.Errorf("line %d: it needs brand,domain", line)
		}
		d, err := lurehound.ParseDomain(row[1])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		i, ok := at[row[0]]
		if !ok {
			i = len(brands)
			at[row[0]] = i
			brands = append(brands, lurehound.Brand{Name: row[0]})
		}
		br := &brands[i]
		if !slices.Contains(br.Domains, d) {
			br.Domains = append(br.Domains, d)
		}
		if len(row) > 2 {
			for w := range strings.SplitSeq(row[2], "|") {
				if w = strings.TrimSpace(w); w != "" && !slices.Contains(br.Words, w) {
					br.Words = append(br.Words, w)
				}
			}
		}
	}
}

func brandsList(text string) ([]lurehound.Brand, error) {
	var brands []lurehound.Brand
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		d, err := lurehound.ParseDomain(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		brands = append(brands, lurehound.Brand{Name: d.String(), Domains: []lurehound.Domain{d}})
	}
	return brands, nil
}
