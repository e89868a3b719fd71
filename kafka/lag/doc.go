// Package lag turns commits and log ends into lag, rates, horizons and ages, and keeps their history.
// It is pure: no I/O, no goroutines, no clock of its own; judging what the numbers mean is package triage's.
package lag
