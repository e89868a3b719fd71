package conn

import (
	"errors"

	"github.com/IBM/sarama"
)

// ErrUndecodable is an answer that came whole and cannot be read. The broker is well, and other requests
// are served.
var ErrUndecodable = errors.New("the answer cannot be decoded")

func undecodable(err error) bool {
	var bad sarama.PacketDecodingError
	return errors.As(err, &bad) || errors.Is(err, sarama.ErrInsufficientData)
}

// maxApart bounds the requests that look for the groups which spoil an answer: one among 4,000 takes 25.
const maxApart = 40

// apart asks about names at once. While the answer cannot be decoded it asks about the halves, until the
// groups that spoil it stand alone with that error. After maxApart requests what is left has it too.
func apart(names []string, ask func([]string) ([]Description, error)) ([]Description, error) {
	left := maxApart
	var why error // the last answer that could not be decoded
	var split func(names []string) ([]Description, error)
	split = func(names []string) ([]Description, error) {
		if left == 0 {
			return spoilt(names, why), nil
		}
		left--
		out, err := ask(names)
		if !errors.Is(err, ErrUndecodable) {
			return out, err
		}
		if why = err; len(names) == 1 {
			return spoilt(names, err), nil
		}
		first, err := split(names[:len(names)/2])
		if err != nil {
			return first, err
		}
		second, err := split(names[len(names)/2:])
		return append(first, second...), err
	}
	return split(names)
}

func spoilt(names []string, err error) []Description {
	out := make([]Description, 0, len(names))
	for _, n := range names {
		out = append(out, Description{Name: n, Err: err})
	}
	return out
}
