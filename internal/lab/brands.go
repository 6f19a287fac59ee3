package lab

import "lurehound"

// Brands lists what the scenario knows of every brand that lives in it.
func (l *Lab) Brands() []lurehound.Brand {
	var list []lurehound.Brand
	for _, b := range l.scenario.brands {
		copied, _ := l.Brand(b.Domains[0])
		list = append(list, copied)
	}
	return list
}
