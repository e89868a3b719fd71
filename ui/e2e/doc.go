// Package e2e runs the real binary in a pseudo terminal, types keys and reads the screen through an
// emulator. It holds whole stories and measurements only; what one package can show is tested there.
package e2e
