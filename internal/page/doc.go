// Package page turns the bytes of one web page into the features that tell
// clones, parking pages and interstitials apart: sketches of structure and
// text, assets, downloads, forms. It is pure: it fetches nothing and renders
// nothing, runs no script, and judges nothing; comparing is internal/compare.
// The bytes are hostile, so every feature has a cap and the work is bounded.
package page
