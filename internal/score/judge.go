package score

import (
	"math"

	"lurehound"
)

// How points become a verdict and a number. Points are on a scale where 100
// leaves little doubt.
const (
	// A look-alike by name (30) that is new (15) is not suspicious by that: it
	// takes a circumstance besides, and this sum.
	suspiciousPoints = 45
	// Score is 1 - e^(-points/scale): 45 points are 0.63, 100 are 0.89, and a
	// fresh clone with a download, 160, is 0.97. It never reaches 1.
	scale = 45
)

// Score is the documented function of the points: 1 - e^(-points/45), and 0 for
// a sum that is not positive.
func Score(points float64) float64 {
	if !(points > 0) {
		return 0
	}
	return 1 - math.Exp(-points/scale)
}

// Judge applies all rules. The signals are those that had something to say, in
// the order of the table. The verdict is the first that holds:
//
//   - malicious: direct evidence;
//   - taken-down, then parked: a signal that shows it;
//   - suspicious: 45 points or more, and one signal with points that is not
//     about the name, its age, registrar or host;
//   - benign: a signal that shows it, which takes two views;
//   - inconclusive: everything else.
func Judge(c Case) (signals []lurehound.Signal, score float64, verdict lurehound.Verdict) {
	var sum float64
	var direct, circumstance bool
	shown := map[lurehound.Verdict]bool{}
	rules := Rules()
	if c.Brand.Owns(c.Candidate.Domain) {
		rules = ownRules()
	}
	for _, r := range rules {
		s, ok := r.Judge(c)
		if !ok {
			continue
		}
		s.Rule = r.Name
		signals = append(signals, s)
		sum += s.Points
		direct = direct || s.Direct
		circumstance = circumstance || !r.Background && s.Points > 0
		if s.Verdict != "" {
			shown[s.Verdict] = true
		}
	}
	score = Score(sum)
	switch {
	case direct:
		return signals, score, lurehound.Malicious
	case shown[lurehound.TakenDown]:
		return signals, score, lurehound.TakenDown
	case shown[lurehound.Parked]:
		return signals, score, lurehound.Parked
	case circumstance && sum >= suspiciousPoints:
		return signals, score, lurehound.Suspicious
	case shown[lurehound.Benign]:
		return signals, score, lurehound.Benign
	}
	return signals, score, lurehound.Inconclusive
}
