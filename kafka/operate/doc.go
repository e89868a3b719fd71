// Package operate changes what surrounds a group's offsets: it deletes groups, elects preferred leaders and
// sets the retention of topics, each as a plan that is shown, checked again, carried out by one request,
// read back and, where Kafka has a way, undone. It holds no connection and draws nothing; offsets
// themselves belong to package offsets, members to package rebalance.
package operate
