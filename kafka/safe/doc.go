// Package safe makes any text that came from a cluster or a network fit for a terminal line, and measures
// and cuts it in cells. It holds pure functions only: no styling, no escape sequences of our own, no I/O.
package safe
