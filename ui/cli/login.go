package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"lagtop/kafka/conn"
	"lagtop/kafka/registry"
	"lagtop/ui/config"
)

// envProxy names a proxy where no flag does: it may hold a password, which a command line shows to all.
const envProxy = "LAGTOP_PROXY"

func (r *run) loginFlags(p *pflag.FlagSet) {
	p.StringVar(&r.flags.properties, "properties", "", "`file` of a Java client (client.properties) or of kcat that says how to log in")
	p.StringVar(&r.flags.commandConfig, "command-config", "", "the same as --properties, as Kafka's own tools call it")
	p.BoolVar(&r.flags.tls, "tls", false, "connect with TLS, by the certificates that this machine trusts")
	p.StringVar(&r.flags.registry, "registry", "", "`URL` of the schema registry that values are decoded by; a password for it stands in the file, under a context")
	p.StringVar(&r.flags.proxy, "proxy", "", "`address` of a proxy for brokers: socks5://host:1080 or http://host:3128 (or $"+envProxy+")")
	p.StringArrayVar(&r.flags.addressMap, "map", nil, "`from=to`: where an address that brokers name is reached from here, such as kafka-1:9092=127.0.0.1:19092; repeatable")
}

// login lets the flags win over the login of x. A properties file takes the place of what x says of TLS
// and SASL.
func (r *run) login(x *config.Context) error {
	f := &r.flags
	file := f.properties
	switch {
	case file != "" && f.commandConfig != "" && file != f.commandConfig:
		return usageError{errors.New("--properties and --command-config name the same thing: leave one of them out")}
	case file == "":
		file = f.commandConfig
	}
	if file != "" {
		x.Login.Auth, x.Login.NoTLS, x.Login.Properties = conn.Auth{}, false, file
	}
	if f.tls && x.Login.Auth.TLS == nil && file == "" {
		x.Login.Auth.TLS = &conn.TLS{}
	}
	if f.registry != "" {
		if err := registry.Check(f.registry); err != nil {
			return usageError{fmt.Errorf("--registry: %w", err)}
		}
		if f.registry != x.Registry.URL { // its password is not for another
			x.Registry = registry.Config{URL: f.registry}
		}
	}
	proxy := f.proxy
	if proxy == "" {
		proxy = os.Getenv(envProxy)
	}
	if proxy != "" {
		p, err := conn.ParseProxy(proxy)
		if err != nil {
			return usageError{fmt.Errorf("--proxy: %w", err)}
		}
		x.Login.Proxy = p
	}
	if len(f.addressMap) > 0 {
		if _, err := conn.ParseMap(f.addressMap); err != nil {
			return usageError{fmt.Errorf("--map: %w", err)}
		}
		x.Login.Map = f.addressMap
	}
	return nil
}

// loginLines are the flags about the login as a context of the file says them. A proxy is left out: its
// address may hold a password.
func (r *run) loginLines() []string {
	var out []string
	file := cmp.Or(r.flags.properties, r.flags.commandConfig)
	if file != "" {
		if abs, err := filepath.Abs(file); err == nil {
			file = abs
		}
		out = append(out, "properties: "+config.Scalar(file))
	}
	if r.flags.tls && file == "" {
		out = append(out, "tls: true")
	}
	if len(r.flags.addressMap) > 0 {
		pairs := make([]string, len(r.flags.addressMap))
		for i, p := range r.flags.addressMap {
			pairs[i] = config.Scalar(p)
		}
		out = append(out, "map: ["+strings.Join(pairs, ", ")+"]")
	}
	if r.flags.registry != "" {
		out = append(out, "schema-registry: {url: "+config.Scalar(r.flags.registry)+"}")
	}
	return out
}

// byProperties is a cluster that only a properties file names, nil when the flags name it otherwise or
// the file holds no addresses.
func (r *run) byProperties() (*config.Context, error) {
	if r.flags.context != "" || r.flags.bootstrap != "" || r.flags.properties == "" && r.flags.commandConfig == "" {
		return nil, nil
	}
	x := config.Context{}
	if err := r.login(&x); err != nil {
		return nil, err
	}
	c, err := x.Login.Apply(conn.Config{})
	if err != nil {
		return nil, usageError{err}
	}
	if len(c.Bootstrap) == 0 {
		return nil, nil
	}
	x.Name, x.Bootstrap = c.Bootstrap[0], c.Bootstrap
	return &x, nil
}
