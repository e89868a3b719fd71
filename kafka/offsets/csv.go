package offsets

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"lagtop/kafka"
)

// Row is one line of the file that kafka-consumer-groups --export writes and --from-file reads. It has
// no header; Group is empty in the form for a single group, which has three columns.
type Row struct {
	Group string
	kafka.TopicPartition
	Offset int64
}

// WriteCSV writes the rows in the form with group when withGroup is set. It quotes where the stock tool
// does.
func WriteCSV(w io.Writer, rows []Row, withGroup bool) error {
	var b strings.Builder
	for _, r := range rows {
		if withGroup {
			b.WriteString(quoteField(r.Group) + ",")
		}
		fmt.Fprintf(&b, "%s,%d,%d\n", quoteField(r.Topic), r.Partition, r.Offset)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// quoteField follows Jackson, which the stock tool writes with: long fields are quoted unseen, and so
// is anything with a character that sorts before the dash, or with a backslash.
func quoteField(s string) string {
	const unseen = 24 // UTF-16 units
	bare := len(s) <= unseen || len(utf16.Encode([]rune(s))) <= unseen
	if bare && strings.IndexFunc(s, func(r rune) bool { return r < '-' || r == '\\' }) < 0 {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// ReadCSV reads either form; the columns of the first line decide. Its errors name the line.
func ReadCSV(r io.Reader) ([]Row, error) {
	var rows []Row
	err := eachRow(r, func(_ int, _ bool, row Row) error {
		rows = append(rows, row)
		return nil
	})
	return rows, err
}

// ReadFile reads what a file in either form says about one group: in the form for several, the rows that
// name it. Its errors name the line.
func ReadFile(name string, r io.Reader, group string) (FromFile, error) {
	f := FromFile{Name: name, Offsets: map[kafka.TopicPartition]int64{}}
	others := map[string]bool{}
	err := eachRow(r, func(line int, several bool, row Row) error {
		if several && row.Group != group {
			others[row.Group] = true
			return nil
		}
		if _, twice := f.Offsets[row.TopicPartition]; twice {
			return fmt.Errorf("offsets, line %d: %s/%d was there before", line, row.Topic, row.Partition)
		}
		f.Offsets[row.TopicPartition] = row.Offset
		return nil
	})
	switch {
	case err != nil:
		return f, fmt.Errorf("%s: %w", name, err)
	case len(f.Offsets) == 0 && len(others) > 0:
		return f, fmt.Errorf("%s: no row is about group %s, but about %s", name, group, listed(others))
	case len(f.Offsets) == 0:
		return f, fmt.Errorf("%s: the file holds no offsets", name)
	}
	return f, nil
}

// listed are a few of the names, sorted.
func listed(names map[string]bool) string {
	const most = 3
	all := slices.Sorted(maps.Keys(names))
	if more := len(all) - most; more > 0 {
		all = append(all[:most], fmt.Sprintf("%d more", more))
	}
	return strings.Join(all, ", ")
}

// eachRow hands out the rows with the lines on which they begin. several tells that the file is in the form for
// several groups, one of which may have the empty name.
func eachRow(r io.Reader, do func(line int, several bool, row Row) error) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("read offsets: %w", err)
	}
	columns := 0
	rest := strings.TrimPrefix(string(data), "\ufeff")
	for line := 1; rest != ""; {
		fields, tail, err := cutRecord(rest)
		if err != nil {
			return fmt.Errorf("offsets, line %d: %w", line, err)
		}
		if len(fields) > 1 || fields[0] != "" {
			if columns == 0 {
				columns = len(fields)
			}
			row, err := parseRow(fields, columns)
			if err != nil {
				return fmt.Errorf("offsets, line %d: %w", line, err)
			}
			if err := do(line, columns == 4, row); err != nil {
				return err
			}
		}
		line += strings.Count(rest[:len(rest)-len(tail)], "\n")
		rest = tail
	}
	return nil
}

// cutRecord splits off the fields up to the end of the line outside quotes.
func cutRecord(s string) (fields []string, rest string, err error) {
	for {
		field, tail, err := cutField(s)
		if err != nil {
			return nil, "", err
		}
		fields = append(fields, field)
		switch {
		case strings.HasPrefix(tail, ","):
			s = tail[1:]
		default:
			tail = strings.TrimPrefix(tail, "\r")
			return fields, strings.TrimPrefix(tail, "\n"), nil
		}
	}
}

func cutField(s string) (field, rest string, err error) {
	if !strings.HasPrefix(s, `"`) {
		n := strings.IndexAny(s, ",\n")
		if n < 0 {
			n = len(s)
		}
		if n == len(s) || s[n] == '\n' {
			return strings.TrimSuffix(s[:n], "\r"), s[n:], nil
		}
		return s[:n], s[n:], nil
	}
	var b strings.Builder
	for s = s[1:]; ; {
		n := strings.IndexByte(s, '"')
		if n < 0 {
			return "", "", errors.New("a quote is not closed")
		}
		b.WriteString(s[:n])
		s = s[n+1:]
		if !strings.HasPrefix(s, `"`) {
			break
		}
		b.WriteByte('"')
		s = s[1:]
	}
	if s != "" && !strings.HasPrefix(s, ",") && !strings.HasPrefix(s, "\n") && !strings.HasPrefix(s, "\r\n") {
		return "", "", errors.New("text behind a closing quote")
	}
	return b.String(), s, nil
}

func parseRow(fields []string, columns int) (Row, error) {
	if len(fields) != columns || columns != 3 && columns != 4 {
		return Row{}, fmt.Errorf("%d columns: want topic,partition,offset or group,topic,partition,offset", len(fields))
	}
	var r Row
	if columns == 4 {
		r.Group, fields = fields[0], fields[1:]
	}
	partition, err := strconv.ParseInt(strings.TrimSpace(fields[1]), 10, 32)
	if err != nil || partition < 0 {
		return Row{}, fmt.Errorf("partition %q is not a number of 0 or more", fields[1])
	}
	r.Offset, err = strconv.ParseInt(strings.TrimSpace(fields[2]), 10, 64)
	if err != nil {
		return Row{}, fmt.Errorf("offset %q is not a number", fields[2])
	}
	if fields[0] == "" {
		return Row{}, errors.New("the topic is missing")
	}
	r.Topic, r.Partition = fields[0], int32(partition)
	return r, nil
}

// BeforeRows are the commits that the plan would replace, for the file that can bring them back.
// Partitions without a commit have no line: the format cannot say that.
func (p *Plan) BeforeRows() []Row {
	var rows []Row
	for _, c := range p.Changes {
		if c.Acts() && c.Before.OK {
			rows = append(rows, Row{Group: p.Group, TopicPartition: c.TopicPartition, Offset: c.Before.V})
		}
	}
	return rows
}

// AfterRows are the commits that the plan stores, for the file that does the same by the stock tool.
func (p *Plan) AfterRows() []Row {
	var rows []Row
	for _, c := range p.Changes {
		if c.After.OK {
			rows = append(rows, Row{Group: p.Group, TopicPartition: c.TopicPartition, Offset: c.After.V})
		}
	}
	return rows
}
