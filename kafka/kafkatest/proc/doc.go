// Package proc has the attributes of processes that tests start: out of reach of Ctrl-C, and not left behind.
// What differs between systems is here and nowhere else in kafkatest.
package proc
