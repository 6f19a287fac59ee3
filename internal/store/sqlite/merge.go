package sqlite

import (
	"encoding/json"
	"slices"

	"lurehound"
)

// rich is the JSON columns of a candidate.
type rich struct{ matches, sightings, links string }

// merged adds what c has to what is stored, in order of arrival. Sightings and
// links are kept once. Of matches that name the same word, techniques and
// edits the newest is kept: weights change, what the name looks like does not.
func merged(old rich, c lurehound.Candidate) (rich, error) {
	for i := range c.Sightings {
		if s := c.Sightings[i].FirstSeen; s != s.UTC() {
			c.Sightings = slices.Clone(c.Sightings)
			c.Sightings[i].FirstSeen = s.UTC()
		}
	}
	var now rich
	var err error
	if now.matches, err = mergeList(old.matches, c.Matches, matchKey); err != nil {
		return rich{}, err
	}
	if now.sightings, err = mergeList(old.sightings, c.Sightings, nil); err != nil {
		return rich{}, err
	}
	now.links, err = mergeList(old.links, c.Links, nil)
	return now, err
}

// matchKey is what two spellings of the same match share.
func matchKey(m lurehound.Match) any {
	return []any{m.Brand, m.Word, m.Edits}
}

// mergeList appends to the JSON list old, each key once; a later value takes
// the place of an earlier one. A nil key is the value itself. Keys are
// compared as JSON, as they are stored.
func mergeList[T any](old string, add []T, key func(T) any) (string, error) {
	if old == "" && len(add) == 1 {
		one, err := encode(add[0])
		return "[" + one + "]", err
	}
	var raw []json.RawMessage
	if old != "" {
		if err := decode(old, &raw); err != nil {
			return "", err
		}
	}
	keys := make([]string, 0, len(raw)+len(add))
	for _, r := range raw {
		k := string(r)
		if key != nil {
			var v T
			if err := decode(string(r), &v); err != nil {
				return "", err
			}
			var err error
			if k, err = encode(key(v)); err != nil {
				return "", err
			}
		}
		keys = append(keys, k)
	}
	for _, v := range add {
		r, err := json.Marshal(v)
		if err != nil {
			return "", err
		}
		k := string(r)
		if key != nil {
			if k, err = encode(key(v)); err != nil {
				return "", err
			}
		}
		if i := slices.Index(keys, k); i >= 0 {
			raw[i] = r
			continue
		}
		keys, raw = append(keys, k), append(raw, r)
	}
	if raw == nil {
		return "[]", nil
	}
	return encode(raw)
}
