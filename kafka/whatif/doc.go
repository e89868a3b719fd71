// Package whatif computes what would become of a group with more or fewer members, another assignor or more
// partitions: who would own what, what would move, and how long the lag would last. It is pure, it changes nothing and
// asks nobody; how to make it so, Steps says.
package whatif
