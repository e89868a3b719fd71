// Package explain says where a number on the screen comes from: what it means, which request gave it or which
// two numbers it was computed from, how old it is, how exact, and why it may be off. It is pure: it reads values
// that others have fetched, asks nobody, and knows no screen.
//
// # Explaining one more number
//
// A Quantity is one line in book: its title, its meaning, and a function that adds the sources, the quality and
// the caveats that apply to the place at hand. Whoever shows the number names it by a Ref.
package explain
