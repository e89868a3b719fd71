package conn

import (
	"bytes"
	"io"
	"net"
)

// WriteReadOnly writes pieces to a read-only connection and returns what came through.
func WriteReadOnly(pieces ...[]byte) ([]byte, error) {
	var out sink
	c := Config{ReadOnly: true}.guard(&out)
	for _, p := range pieces {
		if _, err := c.Write(p); err != nil {
			if _, again := c.Write(p); again == nil {
				return out.Bytes(), nil // a refused connection wrote on
			}
			return out.Bytes(), err
		}
	}
	return out.Bytes(), nil
}

// sink is a connection that keeps what is written.
type sink struct {
	net.Conn
	bytes.Buffer
}

// Write implements net.Conn.
func (s *sink) Write(p []byte) (int, error) { return s.Buffer.Write(p) }

// Read implements net.Conn.
func (s *sink) Read([]byte) (int, error) { return 0, io.EOF }
