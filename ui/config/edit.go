package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// The file is edited as lines: only those that an edit is about are touched, so comments, order and
// spelling of everything else stay as they are.

// Use makes a context the current one in the file at path, or at DefaultPath when path is empty.
func Use(path, name string) error {
	return edit(path, func(d *draft) error {
		x := d.now.Context(name)
		if x == nil {
			return d.now.Unknown(name)
		}
		d.now.Current = name
		return d.setCurrent(name)
	})
}

// Remove takes a context away. When it is the current one, none is current afterwards.
func Remove(path, name string) error {
	return edit(path, func(d *draft) error {
		i := slices.Index(d.now.Names(), name)
		if i < 0 {
			return d.now.Unknown(name)
		}
		if err := d.remove(i); err != nil {
			return err
		}
		d.now.Contexts = slices.Delete(d.now.Contexts, i, i+1)
		if len(d.now.Contexts) == 0 {
			d.now.Contexts = nil
		}
		if d.now.Current == name {
			d.now.Current = ""
			return d.setCurrent("")
		}
		return nil
	})
}

// Unknown is the error for a context that is not there, with the nearest one that is.
func (c *Config) Unknown(name string) error {
	if len(c.Contexts) == 0 {
		return fmt.Errorf("there is no context %q: there are none yet", name)
	}
	return fmt.Errorf("no context is called %q%s", name, meant(name, c.Names()))
}

// errByHand is the answer to a file that is written in a way that cannot be edited line by line.
var errByHand = errors.New("it is written in a way that this command does not edit: please change it by hand")

// draft is the file while it is edited, and what it should say in the end.
type draft struct {
	lines []string // with their line ends
	now   *Config
}

// edit reads the file, lets change alter it, and replaces it when the result says what it should. A file
// with a mistake in it is not touched.
func edit(path string, change func(*draft) error) error {
	if path == "" {
		path = DefaultPath()
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	before, err := read(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the configuration: %w", err)
	}
	want, err := Parse(path, before)
	if err != nil {
		return fmt.Errorf("not edited, mend this first: %w", err)
	}
	d := &draft{lines: slices.Collect(strings.Lines(string(before))), now: want}
	if err := change(d); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	after := strings.Join(d.lines, "")
	got, err := Parse(path, []byte(after))
	if err != nil || !same(got, want) {
		return fmt.Errorf("%s: %w", path, errByHand)
	}
	return replace(path, []byte(after))
}

// replace writes the file aside and renames it, so that no reader ever sees half of it.
func replace(path string, content []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	mode := fs.FileMode(0o600)
	if i, err := os.Stat(path); err == nil {
		mode = i.Mode().Perm()
	}
	f, err := os.CreateTemp(dir, ".config-*.yaml")
	if err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
			err = fmt.Errorf("write the configuration: %w", err)
		}
	}()
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// top is the line of a key of the top level, from 0, and the node of its value; nil when it is not there.
func (d *draft) top(name string) (int, ast.Node) {
	file, err := parser.ParseBytes([]byte(strings.Join(d.lines, "")), 0)
	if err != nil {
		return 0, nil
	}
	for _, doc := range file.Docs {
		var pairs []*ast.MappingValueNode
		switch v := doc.Body.(type) {
		case *ast.MappingNode:
			pairs = v.Values
		case *ast.MappingValueNode:
			pairs = []*ast.MappingValueNode{v}
		}
		for _, p := range pairs {
			if s, ok := p.Key.(*ast.StringNode); ok && s.Value == name {
				return s.GetToken().Position.Line - 1, p.Value
			}
		}
	}
	return 0, nil
}

var currentLine = regexp.MustCompile(`^(\s*["']?current-context["']?\s*:)[ \t]*(?:"[^"]*"|'[^']*'|[^\s#"']+)?`)

// setCurrent writes the line of current-context, or takes it away when name is empty.
func (d *draft) setCurrent(name string) error {
	line, value := d.top("current-context")
	switch {
	case value == nil && name == "":
		return nil
	case value == nil:
		d.insert(d.firstKey(), "current-context: "+scalar(name))
		return nil
	case !currentLine.MatchString(d.lines[line]):
		return errByHand
	case name == "":
		d.lines = slices.Delete(d.lines, line, line+1)
		return nil
	}
	rest := d.lines[line][len(currentLine.FindString(d.lines[line])):]
	d.lines[line] = currentLine.FindStringSubmatch(d.lines[line])[1] + " " + scalar(name) + rest
	return nil
}

// firstKey is the line where a key can be put before all others: below the comments that begin the file.
func (d *draft) firstKey() int {
	for i, l := range d.lines {
		if s := strings.TrimSpace(l); s != "" && s != "---" && !strings.HasPrefix(s, "#") && !strings.HasPrefix(s, "%") {
			return i
		}
	}
	return len(d.lines)
}

// append adds an item to contexts.
func (d *draft) append(x Written) error {
	line, value := d.top("contexts")
	switch v := value.(type) {
	case nil:
		d.insert(len(d.lines), append([]string{"contexts:"}, x.item("  ")...)...)
	case *ast.NullNode:
		d.insert(line+1, x.item("  ")...)
	case *ast.SequenceNode:
		if v.IsFlowStyle && len(v.Values) > 0 {
			return errByHand
		}
		if v.IsFlowStyle { // contexts: []
			d.lines[line] = strings.Replace(d.lines[line], "[]", "", 1)
			d.insert(line+1, x.item("  ")...)
			return nil
		}
		first, last := d.item(v, 0), d.item(v, len(v.Values)-1)
		d.insert(last.end, x.item(strings.Repeat(" ", first.indent))...)
	default:
		return errByHand
	}
	return nil
}

// remove takes the lines of an item of contexts away. Comments around it stay.
func (d *draft) remove(i int) error {
	_, value := d.top("contexts")
	v, ok := value.(*ast.SequenceNode)
	if !ok || v.IsFlowStyle || i >= len(v.Values) {
		return errByHand
	}
	s := d.item(v, i)
	d.lines = slices.Delete(d.lines, s.begin, s.end)
	return nil
}

// stretch are the lines of an item of a list, and the column of its dash.
type stretch struct{ begin, end, indent int }

// item finds the lines of an item: from its dash to the last one that is indented deeper.
func (d *draft) item(v *ast.SequenceNode, i int) stretch {
	begin := v.Values[i].GetToken().Position.Line - 1
	for begin > 0 && !strings.HasPrefix(strings.TrimLeft(d.lines[begin], " "), "-") {
		begin-- // the dash may stand on a line of its own, or the token be a later one
	}
	s := stretch{begin, begin + 1, indentOf(d.lines[begin])}
	for n := begin + 1; n < len(d.lines); n++ {
		switch l := strings.TrimSpace(d.lines[n]); {
		case l == "":
		case indentOf(d.lines[n]) > s.indent:
			s.end = n + 1
		case !strings.HasPrefix(l, "#"):
			return s
		}
	}
	return s
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// insert puts lines before line i.
func (d *draft) insert(i int, lines ...string) {
	end := "\n"
	if len(d.lines) > 0 && strings.HasSuffix(d.lines[0], "\r\n") {
		end = "\r\n"
	}
	if i > 0 && !strings.HasSuffix(d.lines[i-1], "\n") {
		d.lines[i-1] += end
	}
	for k := range lines {
		lines[k] += end
	}
	d.lines = slices.Insert(d.lines, i, lines...)
}

// item is a context as it is written.
func item(x Context, indent string) []string {
	out := []string{indent + "- name: " + scalar(x.Name)}
	add := func(key, value string) { out = append(out, indent+"  "+key+": "+value) }
	switch len(x.Bootstrap) {
	case 0: // they are in its properties
	case 1:
		add("bootstrap", scalar(x.Bootstrap[0]))
	default:
		quoted := make([]string, len(x.Bootstrap))
		for i, a := range x.Bootstrap {
			quoted[i] = scalar(a)
		}
		add("bootstrap", "["+strings.Join(quoted, ", ")+"]")
	}
	if w := ColorWord(x.Color); w != "" {
		add("color", w)
	}
	if x.ReadOnly {
		add("read-only", "true")
	}
	if x.Protected {
		add("protected", "true")
	}
	if x.ClientID != "" {
		add("client-id", scalar(x.ClientID))
	}
	if x.Interval != 0 {
		add("interval", scalar(x.Interval.String()))
	}
	return out
}

var plain = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._/-]*(:[0-9]+)?$`)

// scalar is a text in quotes where YAML would take it for something else.
func scalar(s string) string {
	switch strings.ToLower(s) {
	case "null", "true", "false", "yes", "no", "on", "off", "y", "n":
		return strconv.Quote(s)
	}
	if plain.MatchString(s) {
		return s
	}
	return strconv.Quote(s)
}
