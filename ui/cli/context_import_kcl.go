package cli

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"lagtop/kafka/conn"
	"lagtop/ui/config"
)

// kclFile is the part of kcl's configuration that says how clusters are reached: profiles, or, where there are none,
// one cluster at the top level.
type kclFile struct {
	Profiles map[string]kclProfile `toml:"profiles"`
	kclProfile
}

type kclProfile struct {
	Brokers  []string       `toml:"seed_brokers"`
	TLS      *kclTLS        `toml:"tls"`
	SASL     *kclSASL       `toml:"sasl"`
	Registry map[string]any `toml:"schema_registry"`
}

type kclTLS struct {
	CA         string   `toml:"ca_cert_path"`
	Cert       string   `toml:"client_cert_path"`
	Key        string   `toml:"client_key_path"`
	ServerName string   `toml:"server_name"`
	Insecure   bool     `toml:"insecure"`
	MinVersion string   `toml:"min_version"`
	Ciphers    []string `toml:"cipher_suites"`
	Curves     []string `toml:"curve_preferences"`
}

type kclSASL struct {
	Method  string `toml:"method"`
	Zid     string `toml:"zid"`
	User    string `toml:"user"`
	Pass    string `toml:"pass"`
	IsToken bool   `toml:"is_token"`
}

// kclPath is where kcl looks for its file.
func kclPath() (string, error) {
	if p := os.Getenv("KCL_CONFIG_PATH"); p != "" {
		return p, nil
	}
	dir, name := os.Getenv("KCL_CONFIG_DIR"), os.Getenv("KCL_CONFIG_FILE")
	if dir == "" {
		base, err := os.UserConfigDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(base, "kcl")
	}
	if name == "" {
		name = "config.toml"
	}
	return filepath.Join(dir, name), nil
}

func readKcl(path string, k keeping) ([]foreign, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	text, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	var f kclFile
	if err := toml.Unmarshal(text, &f); err != nil {
		return nil, kclError(path, err)
	}
	if len(f.Profiles) == 0 {
		return []foreign{f.foreign(path, "kcl", k)}, nil
	}
	var out []foreign
	for _, name := range slices.Sorted(maps.Keys(f.Profiles)) {
		p := f.Profiles[name]
		out = append(out, p.foreign(path, name, k))
	}
	return out, nil
}

// kclError leaves out what the library says of a mistake: it quotes lines, which may hold a password.
func kclError(path string, err error) error {
	var parse toml.ParseError
	if errors.As(err, &parse) {
		return fmt.Errorf("%s: line %d: it is not in the form of kcl's configuration", path, parse.Position.Line)
	}
	return fmt.Errorf("%s: it is not in the form of kcl's configuration", path)
}

func (p *kclProfile) foreign(path, name string, k keeping) foreign {
	f := foreign{source: path, Written: config.Written{Context: config.Context{Name: contextNameOf(name)}}}
	if !config.CheckName(f.Name) {
		f.skip = "its name cannot be that of a context"
		return f
	}
	if err := p.fill(&f, k); err != nil {
		f.skip = err.Error()
	}
	return f
}

func (p *kclProfile) fill(f *foreign, k keeping) error {
	brokers := strings.Join(p.Brokers, ",")
	if brokers == "" {
		brokers = "localhost:9092" // kcl's own default
	}
	if err := p.plain(brokers); err != nil {
		return err
	}
	var err error
	if f.Bootstrap, err = conn.ParseBootstrap(brokers); err != nil {
		return err
	}
	if t := p.TLS; t != nil {
		if t.ServerName != "" {
			return errors.New("tls.server_name: lagtop checks certificates for the broker's own name; with --map it may be reached elsewhere")
		}
		f.Lines = append(f.Lines, "tls: "+tlsValue(t.CA, t.Cert, t.Key, t.Insecure))
		if t.MinVersion != "" || len(t.Ciphers)+len(t.Curves) > 0 {
			f.notes = append(f.notes, "min_version, cipher_suites and curve_preferences are not taken over")
		}
	}
	if len(p.Registry) > 0 {
		f.notes = append(f.notes, "schema_registry is not taken over")
	}
	if p.SASL == nil {
		return nil
	}
	line, err := p.SASL.line(f, k)
	if line != "" {
		f.Lines = append(f.Lines, "sasl: {"+line+"}")
	}
	return err
}

// plain refuses values that kcl completes from the environment: a context has no such thing but for secrets.
func (p *kclProfile) plain(brokers string) error {
	values := [][2]string{{"seed_brokers", brokers}}
	if t := p.TLS; t != nil {
		values = append(values, [][2]string{{"tls.ca_cert_path", t.CA}, {"tls.client_cert_path", t.Cert}, {"tls.client_key_path", t.Key}}...)
	}
	if s := p.SASL; s != nil {
		values = append(values, [2]string{"sasl.user", s.User}, [2]string{"sasl.method", s.Method})
	}
	for _, v := range values {
		if strings.Contains(v[1], "${") {
			return fmt.Errorf("%s comes from the environment", v[0])
		}
	}
	return nil
}

// kclVariable is a value that stands in the environment.
var kclVariable = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)

// line is what stands in the section sasl, empty without a login.
func (s *kclSASL) line(f *foreign, k keeping) (string, error) {
	if s.Zid != "" || s.IsToken {
		return "", errors.New("sasl.zid and sasl.is_token are not supported")
	}
	var mechanism conn.Mechanism
	switch strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(strings.TrimSpace(s.Method))) {
	case "":
		return "", nil
	case "plain", "plaintext":
		mechanism = conn.Plain
	case "scramsha256":
		mechanism = conn.ScramSHA256
	case "scramsha512":
		mechanism = conn.ScramSHA512
	case "awsmskiam":
		return "aws: {}", nil
	default:
		return "", errors.New("SASL mechanism that lagtop does not know")
	}
	if m := kclVariable.FindStringSubmatch(s.Pass); m != nil && s.User != "" {
		return userLine(mechanism, s.User) + "password-env: " + m[1], nil
	}
	word := strings.ReplaceAll(s.Pass, "$${", "\x00")
	if strings.Contains(word, "${") {
		return "", errors.New("sasl.pass comes from the environment in part")
	}
	return passwordLine(f, k, mechanism, s.User, strings.ReplaceAll(word, "\x00", "${"))
}
