package payload

// perStretch is how many bytes may be read for anchors of one kind that stand in the same stretch of text. Text that
// repeats an anchor would have all that follows read again for each: a megabyte of "sc sc sc" is a minute.
const perStretch = 4 * tail

// keyEffort is what one key's text counts for: it is 32 times as much, and keys stand closely in honest bundles.
const keyEffort = maxKey / 32

func (r *textRun) keyEffort() int {
	if r.wide {
		return 4 * keyEffort // zeros are taken out of twice as many bytes
	}
	return keyEffort
}

// effort is what was spent on one kind of anchor in a stretch of tail bytes.
type effort struct {
	until int64 // where in the file's text the stretch ends
	spent int
}

type effortKey struct {
	kind string
	wide bool
}

// effort gives what was spent on a kind of anchor around i; nil is all that may be, and is counted.
func (f finder) effort(kind string, i int) *effort {
	k, at := effortKey{kind, f.run.wide}, f.run.base+int64(i)
	e := f.acc.efforts[k]
	if e == nil {
		e = &effort{}
		f.acc.efforts[k] = e
	}
	if at >= e.until {
		e.until, e.spent = at+tail, 0
	}
	if e.spent > perStretch {
		f.acc.crowded++
		return nil
	}
	return e
}
