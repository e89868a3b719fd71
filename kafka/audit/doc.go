// Package audit keeps the append-only record of every action: who meant to do what before the request
// is sent, and what came of it. It decides nothing about the actions and talks to no cluster.
package audit
