package lab

import "hash/fnv"

// mostCNAMEs is how far a resolver follows aliases.
const mostCNAMEs = 8

// recursive answers as a resolver does: RA, no AA, every name of the world.
func (w *dnsWorld) recursive(q question) reply {
	r := reply{flags: flagRA}
	name := q.name
	for range mostCNAMEs {
		next := w.find(&r, name, q.typ)
		if next == "" {
			return r
		}
		name = next
	}
	r.rcode, r.answer = rcodeServFail, nil
	return r
}

// find adds what is known of one name to the reply. It returns the target of
// an alias that has to be asked next.
func (w *dnsWorld) find(r *reply, name string, typ uint16) (alias string) {
	z := w.zoneOf(name)
	apex, soa := tld(name), w.soa
	if z != nil {
		if z.fault == faultServFail {
			r.rcode, r.answer = rcodeServFail, nil
			return ""
		}
		apex, soa = z.apex, z.soa
	}
	recs, there := w.records[name]
	if !there {
		if from, wild := w.wildcardOf(name, apex); wild != nil {
			recs, there, apex = wild, true, from
		} else if z == nil {
			recs, there = w.suffixRecords(name)
		}
	}
	if z == nil && !w.isTLD(apex) {
		apex = ""
		there = name == ""
	}
	found := false
	for _, rec := range recs {
		if rec.typ == typ || typ == typeANY || rec.typ == typeCNAME {
			r.answer = append(r.answer, owned{name, rec})
			found = true
			if rec.typ == typeCNAME && typ != typeCNAME && typ != typeANY {
				return aliasTarget(rec)
			}
		}
	}
	if !found {
		r.authority = append(r.authority, owned{apex, soa})
		if !there {
			r.rcode = rcodeNXDomain
		}
	}
	return ""
}

// suffixRecords are those of top-level domains and of public suffixes below.
func (w *dnsWorld) suffixRecords(name string) (recs []record, there bool) {
	if name == tld(name) {
		if !w.isTLD(name) {
			return nil, false
		}
		recs = append(recs, w.soa)
		for _, s := range w.tldNS {
			recs = append(recs, nameRecord(typeNS, s.Name))
		}
		return recs, true
	}
	return nil, isSuffix(name)
}

func aliasTarget(r record) string {
	_, name, err := readName(r.data, 0)
	if err != nil {
		return ""
	}
	return name
}

// authoritative answers as a name server does: for its own zones with AA, for
// delegated ones with a referral, for all others REFUSED.
func (w *dnsWorld) authoritative(q question, as role) reply {
	z := w.zoneOf(q.name)
	switch as.kind {
	case rootServer:
		if label := tld(q.name); label != "" && w.isTLD(label) {
			return w.referral(label, w.tldNS)
		}
		return reply{flags: flagAA, rcode: rcodeNXDomain, authority: []owned{{"", w.soa}}}
	case tldServer:
		if z != nil {
			return w.referral(z.apex, z.servers)
		}
	case operatorServer:
		if z == nil || z.operator != as.operator {
			return reply{rcode: rcodeRefused}
		}
	}
	r := reply{flags: flagAA}
	// An alias inside the zone is followed; one that leaves it is the asker's work.
	name := q.name
	for range mostCNAMEs {
		name = w.find(&r, name, q.typ)
		if name == "" || w.zoneOf(name) != z {
			break
		}
	}
	if r.rcode == rcodeServFail {
		r.flags = 0
	}
	return r
}

// referral names the servers of a delegated zone, with their addresses.
func (w *dnsWorld) referral(apex string, servers []hostData) reply {
	var r reply
	for _, s := range servers {
		r.authority = append(r.authority, owned{apex, nameRecord(typeNS, s.Name)})
		r.additional = append(r.additional, owned{s.Name, addressRecord(s.Address)})
	}
	return r
}

// lost reports whether the next query about the zone is lost. Which ones are
// follows from the zone's name and the number of the query.
func (z *zone) lost() bool {
	if z == nil || z.loss == 0 {
		return false
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(z.apex)) // never fails
	const scale = 1 << 53          // a float64 holds integers up to here
	return float64(mix(h.Sum64()+z.asked.Add(1))>>11)/scale < z.loss
}

// mix is the output function of SplitMix64 (Steele, Lea, Flood: Fast splittable
// pseudorandom number generators, 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
