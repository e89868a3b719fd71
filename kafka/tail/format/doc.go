// Package format finds out how a value is written, and what it says: severity, time of the event, message and
// fields. It is pure, looks at a bounded beginning of a value, and what it returns is as hostile as the value:
// whoever draws it passes it through package safe.
package format
