// Package theme names what is shown by its meaning (Danger, Lagging, Stale) and holds the palettes and
// glyph sets that give each meaning its look. It knows nothing of Kafka, panes or widgets, and draws
// nothing: its styles are escape sequences built once.
package theme
