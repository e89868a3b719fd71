package conn

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jcmturner/gokrb5/v8/config"
)

// krb5Conf is a krb5.conf as the library can read it: with the files that it includes (MIT's include and includedir),
// one section of each name, and without the settings whose values the library refuses, such as Red Hat's
// dns_canonicalize_hostname = fallback.
type krb5Conf struct {
	sections map[string][]string
	keys     map[string]bool // of libdefaults: the first value counts
	changed  bool
}

// krb5Sections are the ones that matter to a client.
func krb5Sections() []string { return []string{"libdefaults", "realms", "domain_realm"} }

// maxIncludes bounds files that include each other.
const maxIncludes = 8

// loadKrb5Conf reads a krb5.conf. Where it has to be changed for the library, which reads it by its path, path becomes
// that of a copy in the user's cache folder.
func loadKrb5Conf(path string) (*config.Config, string, error) {
	k := krb5Conf{sections: map[string][]string{}, keys: map[string]bool{}}
	if err := k.read(path, 0); err != nil {
		return nil, "", err
	}
	if k.changed {
		var err error
		if path, err = k.copy(); err != nil {
			return nil, "", fmt.Errorf("keep a copy that can be read: %w", err)
		}
	}
	c, err := config.Load(path)
	return c, path, err
}

func (k *krb5Conf) read(path string, depth int) error {
	if depth > maxIncludes {
		return fmt.Errorf("%s: included too deeply", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	section := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		words := strings.Fields(line)
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case len(words) == 2 && (words[0] == "include" || words[0] == "includedir"):
			k.changed = true
			if err := k.include(words[0], words[1], depth); err != nil {
				return err
			}
		case line[0] == '[':
			section = strings.Trim(line, "[]*")
			if _, twice := k.sections[section]; twice {
				k.changed = true
			}
			k.sections[section] = append(k.sections[section], "")
		default:
			k.add(section, line)
		}
	}
	return nil
}

// include follows MIT's rules: of a folder, files of letters, digits, - and _, and those that end in .conf. What does
// not exist is left out.
func (k *krb5Conf) include(word, path string, depth int) error {
	paths := []string{path}
	if word == "includedir" {
		entries, err := os.ReadDir(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		paths = nil
		for _, e := range entries {
			name := strings.TrimSuffix(e.Name(), ".conf")
			if name != e.Name() && name[:min(1, len(name))] != "." || !strings.ContainsFunc(name, oddInName) {
				paths = append(paths, filepath.Join(path, e.Name()))
			}
		}
	}
	for _, p := range paths {
		if err := k.read(p, depth+1); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func oddInName(c rune) bool {
	return c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
}

// add keeps a line, unless it is a setting that the library refuses or has already.
func (k *krb5Conf) add(section, line string) {
	if section == "libdefaults" {
		key, _, _ := strings.Cut(line, "=")
		key = strings.TrimSpace(key)
		if _, err := config.NewFromString("[libdefaults]\n" + line + "\n"); err != nil || k.keys[key] {
			k.changed = true
			return
		}
		k.keys[key] = true
	}
	k.sections[section] = append(k.sections[section], line)
}

// copy writes the file anew, named by what is in it. There is no secret in it.
func (k *krb5Conf) copy() (string, error) {
	var b bytes.Buffer
	for _, name := range krb5Sections() {
		lines := slices.DeleteFunc(k.sections[name], func(l string) bool { return l == "" })
		fmt.Fprintf(&b, "[%s]\n%s\n", name, strings.Join(lines, "\n"))
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, "lagtop")
	path := filepath.Join(dir, fmt.Sprintf("krb5-%x.conf", sha256.Sum256(b.Bytes())))
	if there, err := os.ReadFile(path); err == nil && bytes.Equal(there, b.Bytes()) {
		return path, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, "krb5-*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(b.Bytes())
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return path, nil
}
