// Package component holds the widgets that panes and modals are made of: table, frame, dialog, form, list,
// toasts, sparkline. They draw lines of an exact size, know no Kafka request, start no goroutine and read
// no clock.
package component
