package conn

import (
	"errors"
	"fmt"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kerr"

	"lagtop/kafka"
)

// ErrReadOnly is the answer to every mutating request of a read-only Config.
var ErrReadOnly = errors.New("read-only: the request was not sent")

// translate turns a library's error into ours: protocol errors become kafka.Code, so that callers
// never see sarama or franz-go, and everything names the operation and the object.
func translate(op, object string, err error) error {
	if err == nil {
		return nil
	}
	var s sarama.KError
	var k *kerr.Error
	switch {
	case errors.As(err, &s):
		if s == sarama.ErrNoError {
			return nil
		}
		err = kafka.Code(s)
	case errors.As(err, &k):
		err = kafka.Code(k.Code)
	}
	if object == "" {
		return fmt.Errorf("%s: %w", op, err)
	}
	return fmt.Errorf("%s %s: %w", op, object, err)
}
