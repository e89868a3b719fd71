// Package kafkatest gives tests a cluster: kfake in the process, or a real three-broker Apache Kafka that all
// packages of a test run share, with members, producers and the stock tools to check against.
// It is for tests alone: nothing that ends up in the program may import it.
package kafkatest
