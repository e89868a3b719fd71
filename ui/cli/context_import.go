package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"lagtop/kafka/conn"
	"lagtop/kafka/properties"
	"lagtop/kafka/secret"
	"lagtop/ui/config"
)

// foreign is a cluster that another program's file names.
type foreign struct {
	config.Written
	source  string
	secrets []foreignSecret
	notes   []string // what a person has to know
	skip    string   // why it is not taken over, empty when it is
}

// foreignSecret is a secret that stands in the other file as plain text.
type foreignSecret struct {
	path  string // where a copy would lie
	value secret.Value
}

// keeping says how secrets are referred to.
type keeping struct {
	dir string // for copies; empty: by environment variable
}

// refer is the key and value that name a secret of a context, such as password-env: LAGTOP_PROD_PASSWORD.
func (k keeping) refer(f *foreign, key, text string) string {
	if k.dir != "" {
		path := filepath.Join(k.dir, f.Name+"."+key)
		f.secrets = append(f.secrets, foreignSecret{path, secret.Literal(text)})
		return key + "-file: " + config.Scalar(path)
	}
	name := "LAGTOP_" + strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' {
			return c - 'a' + 'A'
		}
		if c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return '_'
	}, f.Name+"_"+key)
	f.notes = append(f.notes, "the "+key+" stays in "+f.source+": set "+name+", or write "+key+"-command: with your password manager, or repeat with --copy-secrets")
	return key + "-env: " + name
}

// tlsValue is the value of the key tls from the files that another program names.
func tlsValue(ca, cert, key string, insecure bool) string {
	var out []string
	for _, p := range [][2]string{{"ca", ca}, {"cert", cert}, {"key", key}} {
		if p[1] != "" {
			out = append(out, p[0]+": "+config.Scalar(p[1]))
		}
	}
	if insecure {
		out = append(out, "insecure-skip-verify: true")
	}
	if len(out) == 0 {
		return "true"
	}
	return "{" + strings.Join(out, ", ") + "}"
}

// passwordLine is what stands in the section sasl for PLAIN and SCRAM.
func passwordLine(f *foreign, k keeping, mechanism conn.Mechanism, user, password string) (string, error) {
	if user == "" || password == "" {
		return "", fmt.Errorf("SASL %s without user and password", mechanism)
	}
	return userLine(mechanism, user) + k.refer(f, "password", password), nil
}

func userLine(mechanism conn.Mechanism, user string) string {
	return "mechanism: " + string(mechanism) + ", username: " + config.Scalar(user) + ", "
}

func (r *run) importCommand() *cobra.Command {
	var from string
	var execute, copySecrets bool
	c := &cobra.Command{
		Use:   "import",
		Short: "Take clusters over from the files of kaf, kcat, kcl or a Java client",
		Long: "Take clusters over from the files of kaf (~/.kaf/config), kcat (~/.config/kcat.conf, $KCAT_CONFIG), kcl\n" +
			"(~/.config/kcl/config.toml, $KCL_CONFIG_PATH) or a Java client. Without --execute it only shows what would be\n" +
			"written. A properties file is referred to and read at each start. A secret that stands in kaf's or kcl's file is\n" +
			"never shown and not copied, unless --copy-secrets asks for a file of its own (mode 0600) beside the configuration.",
		Example: "  lagtop context import\n  lagtop context import --from kaf --execute\n  lagtop context import --from client.properties -b kafka-1:9093 --execute",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			k := keeping{}
			if copySecrets {
				k.dir = filepath.Join(filepath.Dir(r.configFile()), "secrets")
			}
			return r.importContexts(c.Context(), from, k, execute)
		},
	}
	c.Flags().StringVar(&from, "from", "", "`source`: kaf, kcat, kcl or a file (default: what is found of the three)")
	c.Flags().BoolVar(&execute, "execute", false, "write them")
	c.Flags().BoolVar(&copySecrets, "copy-secrets", false, "copy secrets into files that only you may read")
	return c
}

func (r *run) importContexts(ctx context.Context, from string, k keeping, execute bool) error {
	settings, err := r.settings()
	if errors.Is(err, fs.ErrNotExist) {
		settings, err = &config.Config{}, nil // it is created
	}
	if err != nil {
		return err
	}
	all, err := r.foreigners(from, k)
	if err != nil {
		return usageError{err}
	}
	var take []foreign
	for i := range all {
		f := &all[i]
		if f.skip == "" && settings.Context(f.Name) != nil {
			f.skip = "there is a context of that name"
		}
		if i := slices.IndexFunc(take, func(t foreign) bool { return t.Name == f.Name }); i >= 0 && f.skip == "" {
			f.skip = "the name is that of a cluster of " + take[i].source
		}
		if err := f.Check(); f.skip == "" && err != nil {
			f.skip = err.Error()
		}
		if f.skip != "" {
			r.say("not taken over: " + f.Name + " of " + f.source + ": " + f.skip)
			continue
		}
		take = append(take, *f)
	}
	if len(take) == 0 {
		return errors.New("there is nothing to take over")
	}
	if err := r.showImport(take); err != nil {
		return err
	}
	if !execute {
		r.say("nothing was written; --execute writes it to " + r.configFile())
		return nil
	}
	return r.writeImport(ctx, take)
}

// foreigners reads the named source, or those that are there.
func (r *run) foreigners(from string, k keeping) ([]foreign, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, err
	}
	kcl, err := kclPath()
	if err != nil {
		return nil, err
	}
	kcat := cmp.Or(os.Getenv("KCAT_CONFIG"), filepath.Join(home, ".config", "kcat.conf"))
	known := []struct {
		name, path string
		read       func(string) ([]foreign, error)
	}{
		{"kaf", filepath.Join(home, ".kaf", "config"), func(path string) ([]foreign, error) { return readKaf(path, k) }},
		{"kcat", kcat, func(path string) ([]foreign, error) { return r.readProperties(path, "kcat") }},
		{"kcl", kcl, func(path string) ([]foreign, error) { return readKcl(path, k) }},
	}
	var out []foreign
	var paths []string
	for _, p := range known {
		if from == p.name {
			return p.read(p.path)
		}
		paths = append(paths, p.path)
		if _, err := os.Stat(p.path); err != nil || from != "" {
			continue
		}
		more, err := p.read(p.path)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	switch {
	case from != "":
		return r.foreignFile(from, k)
	case len(out) == 0:
		return nil, fmt.Errorf("none of %s names a cluster; name a file with --from", strings.Join(paths, ", "))
	}
	return out, nil
}

// foreignFile reads a file of whichever program.
func (r *run) foreignFile(path string, k keeping) ([]foreign, error) {
	switch {
	case strings.EqualFold(filepath.Ext(path), ".toml"):
		return readKcl(path, k)
	case isKaf(path):
		return readKaf(path, k)
	}
	return r.readProperties(path, contextNameOf(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))))
}

// readProperties refers to a file of kcat or Java, whose secrets stay where they are.
func (r *run) readProperties(path, name string) ([]foreign, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	text, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	cfg, err := properties.Parse(path, text)
	if err != nil {
		return nil, err
	}
	f := foreign{source: path, Written: config.Written{Context: config.Context{Name: name}, Lines: []string{"properties: " + config.Scalar(path)}}}
	if r.flags.bootstrap != "" {
		if f.Bootstrap, err = conn.ParseBootstrap(r.flags.bootstrap); err != nil {
			return nil, err
		}
	}
	if len(cfg.Bootstrap)+len(f.Bootstrap) == 0 {
		f.skip = "the file names no brokers: give them with -b"
	}
	return []foreign{f}, nil
}

const maxForeign = 1 << 20 // bytes

func readSmall(path string) ([]byte, error) {
	i, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case i.Size() > maxForeign:
		return nil, fmt.Errorf("%s: larger than 1 MiB", path)
	}
	return os.ReadFile(path)
}

// contextNameOf makes a name that the configuration file allows.
func contextNameOf(name string) string {
	out := strings.Map(func(c rune) rune {
		if config.CheckName("x" + string(c)) {
			return c
		}
		return '-'
	}, name)
	return strings.TrimLeft(out, "-._")
}

// showImport prints what is written; secrets are in it by reference alone.
func (r *run) showImport(take []foreign) error {
	if _, err := fmt.Fprintln(r.out, "contexts:"); err != nil {
		return err
	}
	for i := range take {
		for _, line := range strings.Split(strings.TrimSuffix(take[i].Text(), "\n"), "\n") {
			if err := r.print(line); err != nil {
				return err
			}
		}
	}
	for i := range take {
		for _, n := range take[i].notes {
			r.say(take[i].Name + ": " + n)
		}
	}
	return nil
}

func (r *run) writeImport(ctx context.Context, take []foreign) error {
	var written []string
	err := func() error {
		for i := range take {
			for _, s := range take[i].secrets {
				if err := writeSecret(ctx, s); err != nil {
					return err
				}
				written = append(written, s.path)
			}
		}
		ws := make([]config.Written, len(take))
		for i := range take {
			ws[i] = take[i].Written
		}
		return config.Add(r.flags.config, ws...)
	}()
	if err != nil {
		for _, path := range written {
			err = errors.Join(err, os.Remove(path))
		}
		return err
	}
	names := make([]string, len(take))
	for i := range take {
		names[i] = take[i].Name
	}
	r.say("added " + strings.Join(names, ", ") + " to " + r.configFile())
	return nil
}

// writeSecret makes a file that only its owner may read. It replaces none.
func writeSecret(ctx context.Context, s foreignSecret) (err error) {
	text, err := s.value.Reveal(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return fmt.Errorf("copy a secret: %w", err)
	}
	f, err := os.OpenFile(s.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("copy a secret: %w", err)
	}
	_, err = f.WriteString(text + "\n")
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("copy a secret: %w", err), os.Remove(s.path))
	}
	return nil
}
