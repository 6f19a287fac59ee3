package eval

import (
	"errors"
	"math"
)

// witness is the evidence of one name for one brand.
type witness struct {
	x      []float64
	weight float64
	lure   bool
}

// sign is what a feature may say.
type sign int8

const (
	either  sign = iota
	against      // speaks against a lure, or not at all
	favours      // speaks for it, or not at all
)

// regress is weighted logistic regression with a ridge, by Newton's method. Weights of
// the wrong sign are held at 0 and the others found again.
func regress(samples []witness, n int, bound func(i int) sign) ([]float64, error) {
	held := make([]bool, n)
	for {
		w, err := newton(samples, n, held)
		if err != nil {
			return nil, err
		}
		again := false
		for i := range w {
			if s := bound(i); !held[i] && (s == against && w[i] > 0 || s == favours && w[i] < 0) {
				held[i], again = true, true
			}
		}
		if !again {
			return w, nil
		}
	}
}

var errSingular = errors.New("the evidence does not decide the weights")

func newton(samples []witness, n int, held []bool) ([]float64, error) {
	const rounds, enough = 40, 1e-4
	w := make([]float64, n)
	for range rounds {
		gradient := make([]float64, n)
		hessian := make([][]float64, n)
		for i := range hessian {
			hessian[i] = make([]float64, n)
		}
		var on []int // features that a witness has
		for _, s := range samples {
			z := 0.0
			on = on[:0]
			for i, x := range s.x {
				if x != 0 && !held[i] {
					z += x * w[i]
					on = append(on, i)
				}
			}
			p := 1 / (1 + math.Exp(-min(max(z, -30), 30)))
			g, h := -s.weight*p, s.weight*p*(1-p)
			if s.lure {
				g += s.weight
			}
			for k, i := range on {
				gradient[i] += g * s.x[i]
				for _, j := range on[:k+1] {
					hessian[i][j] += h * s.x[i] * s.x[j]
				}
			}
		}
		for i := range n {
			for j := range i {
				hessian[j][i] = hessian[i][j]
			}
			r := ridge
			if i == 0 {
				r = 1e-3 // the first is not held back
			}
			gradient[i] -= r * w[i]
			hessian[i][i] += r
		}
		step, err := solve(hessian, gradient)
		if err != nil {
			return nil, err
		}
		most := 0.0
		for i, s := range step {
			w[i] += s
			most = max(most, math.Abs(s))
		}
		if most < enough {
			break
		}
	}
	return w, nil
}

// solve solves ax = b, which it overwrites, by Gauss's elimination.
func solve(a [][]float64, b []float64) ([]float64, error) {
	n := len(b)
	for i := range n {
		p := i
		for k := i + 1; k < n; k++ {
			if math.Abs(a[k][i]) > math.Abs(a[p][i]) {
				p = k
			}
		}
		if math.Abs(a[p][i]) < 1e-12 {
			return nil, errSingular
		}
		a[i], a[p], b[i], b[p] = a[p], a[i], b[p], b[i]
		for k := i + 1; k < n; k++ {
			f := a[k][i] / a[i][i]
			for j := i; j < n; j++ {
				a[k][j] -= f * a[i][j]
			}
			b[k] -= f * b[i]
		}
	}
	for i := n - 1; i >= 0; i-- {
		for j := i + 1; j < n; j++ {
			b[i] -= a[i][j] * b[j]
		}
		b[i] /= a[i][i]
	}
	return b, nil
}
