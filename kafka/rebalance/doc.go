// Package rebalance compares assignments and makes groups rebalance on purpose: a pure Plan says what a
// probe or a kick will do and cost, and Apply does it and watches until the group is stable again.
// Protocol requests and drawing do not belong here.
package rebalance
