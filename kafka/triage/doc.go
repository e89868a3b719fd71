// Package triage judges how groups and their partitions are doing, from what package lag remembers, and
// says why in one sentence. It is pure and holds no samples of its own: only which rules held lately.
//
// # Adding a verdict
//
// A verdict is one value in the table that Rules returns:
//
//   - ID names it for good: it goes into filters, logs and tests.
//   - Kind is its rank. The table is sorted by it, worst first; among equals the first one wins.
//     A rank of its own is one more constant in package kafka.
//   - Needs is how much history the rule must have; it is not asked before. Verdicts of a group that was
//     watched for less than a minute carry for how long they are still being watched.
//   - Test looks at one partition in one poll and answers Yes, No, Hold or Over. Hold is for a moment that
//     proves nothing, such as a rebalance: it is not counted. A verdict is entered after three Yes of
//     the last five answers and left after five No, so Test need not smooth anything itself. Over leaves
//     it at once, where nothing is left that it could be about.
//   - Sentence is the evidence, with names and numbers. It runs only while the verdict stands.
//   - Whole, where set, words it for the group instead of its worst partition's Sentence.
//   - Advice says what to do, Command which command of the screen helps most with it, Also which others do. While
//     the verdict is being left it says so instead of Advice.
//
// Then write the test that shows it being entered and left: a row in worseLives or milderLives.
//
// # Adding a finding
//
// Verdicts in trouble are findings of their own. Whatever else should be looked at is one value in the table
// that Checks returns:
//
//   - Of says what it is asked about, one after another: the cluster, each broker, topic or group.
//   - Instead names the verdict whose cause it is; that verdict is then not listed beside it.
//   - Needs is how long lagtop must have watched, After how long it must have held. Until both have passed
//     since the start the snapshot says that the rule is still watching.
//   - Test answers as above, with the same three of five and five No. Sentence runs in polls with a Yes
//     alone: while the finding is being left it keeps its last words, without the advice.
//   - Where names the partition and the member it is about, for the keys that act on them.
//
// Then write its course in find_test.go, and what must not set it off in alarms_test.go.
package triage
