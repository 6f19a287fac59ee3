// Package lurehound holds the words that every other package speaks: Domain,
// Brand, Sighting, Match, Candidate, Observation, Finding, Campaign and the
// tables of outcomes and verdicts. It does no I/O and imports nothing of ours.
// What makes, looks at or judges these values lives under internal/.
package lurehound
