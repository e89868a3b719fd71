package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

func (r *run) importCommand() *cobra.Command {
	var from string
	var execute, copySecrets bool
	c := &cobra.Command{
		Use:   "import",
		Short: "Take clusters over from the files of kaf, kcat or a Java client",
		Long: "Take clusters over from the files of kaf (~/.kaf/config), kcat (~/.config/kcat.conf, $KCAT_CONFIG) or a Java\n" +
			"client. Without --execute it only shows what would be written. A properties file is referred to and read\n" +
			"at each start. A secret that stands in kaf's file is never shown and not copied, unless --copy-secrets asks\n" +
			"for a file of its own (mode 0600) beside the configuration.",
		Example: "  lagtop context import\n  lagtop context import --from kaf --execute\n  lagtop context import --from client.properties -b kafka-1:9093 --execute",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			k := keeping{}
			if copySecrets {
				k.dir = filepath.Join(filepath.Dir(r.configFile()), "secrets")
			}
			return r.importContexts(c.Context(), from, k, execute)
		},
	}
	c.Flags().StringVar(&from, "from", "", "`source`: kaf, kcat or a file (default: what is found of both)")
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
	kaf, kcat := filepath.Join(home, ".kaf", "config"), os.Getenv("KCAT_CONFIG")
	if kcat == "" {
		kcat = filepath.Join(home, ".config", "kcat.conf")
	}
	switch from {
	case "kaf":
		return readKaf(kaf, k)
	case "kcat":
		return r.readProperties(kcat, "kcat")
	case "kcl":
		return nil, errors.New("--from kcl: its TOML is not read; lagtop context add NAME -b host:port writes a context")
	case "":
	default:
		if isKaf(from) {
			return readKaf(from, k)
		}
		return r.readProperties(from, contextNameOf(strings.TrimSuffix(filepath.Base(from), filepath.Ext(from))))
	}
	var out []foreign
	if _, err := os.Stat(kaf); err == nil {
		if out, err = readKaf(kaf, k); err != nil {
			return nil, err
		}
	}
	if _, err := os.Stat(kcat); err == nil {
		more, err := r.readProperties(kcat, "kcat")
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("neither %s nor %s names a cluster; name a file with --from", kaf, kcat)
	}
	return out, nil
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
