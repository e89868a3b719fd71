// Package advise says what limits the throughput of a group and of a topic, with the numbers that show it, and
// which setting changes it. It is pure: it reads values that others have fetched, and asks nobody.
//
// # Adding a piece of advice
//
// A piece of advice is one value in a table, groupRules or topicRules:
//
//   - ID names it for good, in tests and logs.
//   - Say looks at one topic, for groupRules as one group reads it, and answers with what it has to say; the zero
//     Advice is nothing. It says numbers only where they are known, and guesses nothing.
//
// Rules of one Family answer the same question, such as who is the limit: the first that has something to say is
// heard, so the more special stands first.
//
// Then write a row of the table test that shows it, and one of the same world in which it is silent.
package advise
