package requests

import (
	"iter"
	"slices"

	"lagtop/kafka"
)

// fields answers the filter for a row.
type fields struct{ r *row }

// Texts are the values of a text field.
func (f fields) Texts(field string) iter.Seq[string] {
	var out []string
	switch field {
	case "":
		out = append(purposes(f.r.By), where(f.r), f.r.API, f.r.Failure.V.Reason)
	case "broker":
		out = []string{where(f.r)}
	case "api":
		out = []string{f.r.API}
	case "for":
		out = purposes(f.r.By)
	}
	return slices.Values(out)
}

// Number is the value of a number field.
func (f fields) Number(field string) kafka.Known[float64] {
	switch field {
	case "n":
		return kafka.Some(float64(f.r.Count))
	case "errors":
		return kafka.Some(float64(f.r.Errors))
	case "ms":
		return kafka.Known[float64]{V: f.r.Max.V.Seconds() * 1000, OK: f.r.Max.OK}
	}
	return kafka.Known[float64]{}
}
