// Package releases has the tests of what the tool reads and changes on other releases of Apache Kafka, one broker
// each. It holds nothing else.
package releases
