// Package kafka is the language of the domain: what a cluster, a group, a lag and a verdict are.
// It does no I/O, holds no state and imports nothing of ours; everything else in the program speaks it.
package kafka
