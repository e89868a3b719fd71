package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Read returns the entries, oldest first. A torn last line is left out, since its writer was cut short;
// any other line that cannot be decoded is an entry of phase Unreadable, so that nothing disappears
// silently. A file that does not exist has no entries.
func Read(path string) ([]Entry, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read audit file: %w", err)
	}
	return parse(data), nil
}

func parse(data []byte) []Entry {
	var out []Entry
	for n := 1; len(data) > 0; n++ {
		line, rest, whole := bytes.Cut(data, []byte{'\n'})
		data = rest
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var e Entry
		err := json.Unmarshal(line, &e)
		switch {
		case err == nil:
			out = append(out, e)
		case whole:
			out = append(out, Entry{Phase: Unreadable, Error: fmt.Sprintf("line %d: %v", n, err)})
		}
	}
	return out
}
