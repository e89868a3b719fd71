// Package offsets plans and carries out offset resets: a pure Plan says for every partition what would
// change and why, and Apply makes exactly that happen and proves it. Protocol requests and drawing do
// not belong here; both reach it through small interfaces and plain values.
package offsets
