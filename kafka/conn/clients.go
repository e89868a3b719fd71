package conn

import (
	"context"
	"net"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Dial opens a connection to addr as all others of this Config are opened: by map and proxy, with TLS. Its
// error is a *StepError.
func (c Config) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return c.withDefaults().dialInTime(ctx, network, addr)
}

// Login is what a franz-go client of another package needs beside Dial and Bootstrap; none where there is no
// login.
func (c Config) Login() []kgo.Opt {
	if c.Auth.SASL == nil {
		return nil
	}
	return []kgo.Opt{c.Auth.SASL.kgo()}
}
