package lurehound

// Outcome is how a probe ended. Absent, unknown and blocked never mix, and
// none of them is an error of the program.
type Outcome string

// The outcomes.
const (
	Found   Outcome = "found"   // it is there, the facts say what
	Absent  Outcome = "absent"  // it is certainly not there
	Unknown Outcome = "unknown" // we could not find out; the reason says why
	Blocked Outcome = "blocked" // our own guard, egress or budget refused
	Skipped Outcome = "skipped" // not asked for: passive, or an earlier outcome made it pointless
)

// Resolution is what DNS says of a name.
type Resolution string

// The resolutions. Exists includes a delegated name without any address.
const (
	Exists        Resolution = "exists"
	NXDomain      Resolution = "nxdomain"
	NoData        Resolution = "nodata" // no delegation and no record
	Filtered      Resolution = "filtered"
	Hijacked      Resolution = "hijacked"
	NotResolvable Resolution = "unknown"
)

// Outcome is the one table from what DNS says to what we know.
func (r Resolution) Outcome() Outcome {
	switch r {
	case Exists:
		return Found
	case NXDomain, NoData:
		return Absent
	}
	return Unknown
}

// Verdict is what the evidence allows to say of a candidate.
type Verdict string

// The verdicts. What each needs is decided by the rules in internal/score.
const (
	Malicious    Verdict = "malicious"    // direct evidence
	Suspicious   Verdict = "suspicious"   // circumstances only
	Inconclusive Verdict = "inconclusive" // neither way
	Parked       Verdict = "parked"       // by evidence on the page
	TakenDown    Verdict = "taken-down"   // confirms rather than clears
	Benign       Verdict = "benign"       // positive evidence from two views
)

// Verdicts lists all verdicts, the gravest first.
func Verdicts() []Verdict {
	return []Verdict{Malicious, TakenDown, Suspicious, Inconclusive, Parked, Benign}
}

// Rank orders verdicts as Verdicts does; the gravest is 0. An undeclared
// verdict ranks last.
func (v Verdict) Rank() int {
	for i, w := range Verdicts() {
		if v == w {
			return i
		}
	}
	return len(Verdicts())
}

// State is what a person decided about a finding.
type State string

// The triage states.
const (
	New       State = "new"
	Confirmed State = "confirmed"
	Ignored   State = "ignored"
	Resolved  State = "resolved"
)

// States lists all triage states.
func States() []State { return []State{New, Confirmed, Ignored, Resolved} }
