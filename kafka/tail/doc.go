// Package tail follows the records of a topic in bounded memory and turns them into text that is safe on
// a terminal. It joins no group, commits nothing, and knows nothing of how records are fetched or drawn.
package tail
