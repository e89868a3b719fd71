package conn

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kerr"

	"lagtop/kafka"
)

// ErrReadOnly is the answer to every mutating request of a read-only Config.
var ErrReadOnly = errors.New("read-only: the request was not sent")

// ErrUnsupported is a request that the cluster does not know. It is said where the feature would be.
var ErrUnsupported = errors.New("the brokers do not offer it: their release is too old, or another product")

// unsupported tells whether franz-go did not send the request, because the broker does not offer it in any
// version: it exports no name for that. sarama calls it UNSUPPORTED_VERSION, as brokers do.
func unsupported(err error) bool {
	return strings.Contains(err.Error(), "broker is too old") || strings.Contains(err.Error(), "request key is unknown")
}

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
	case unsupported(err):
		err = kafka.CodeUnsupportedVersion
	}
	if errors.Is(err, kafka.CodeUnsupportedVersion) && !errors.Is(err, ErrUnsupported) {
		err = fmt.Errorf("%w (%w)", ErrUnsupported, kafka.CodeUnsupportedVersion)
	}
	if right := topicRights[op]; right != "" && errors.Is(err, kafka.CodeTopicAuthorization) {
		topic, _, _ := strings.Cut(object, "/")
		return refusal(op, right, "topic "+topic, kafka.CodeTopicAuthorization, "")
	}
	if object == "" {
		return fmt.Errorf("%s: %w", op, err)
	}
	return fmt.Errorf("%s %s: %w", op, object, err)
}

// groupError is the error of a code in an answer to a request of a group's member, nil for 0. Those take READ.
func groupError(group string, c kafka.Code) error {
	if c == kafka.CodeGroupAuthorization {
		return refusal("", "READ", "group "+group, c, "")
	}
	return c.Err()
}

// topicRights are what requests about one topic, or topic/partition, take.
var topicRights = map[string]string{"Fetch": "READ", "Metadata": "DESCRIBE"}

// Step is a step on the way to a broker.
type Step string

// The steps, in their order.
const (
	StepResolve Step = "resolve the name"
	StepConnect Step = "connect"
	StepTLS     Step = "TLS handshake"
	StepAPI     Step = "ApiVersions"
	StepRequest Step = "first request"
)

// StepError says which address failed at which step, why, and what to try.
type StepError struct {
	Addr   string // host:port
	Step   Step
	Err    error
	Advice string // one sentence, may be empty
}

// Error leaves the advice out: it is shown apart.
func (e *StepError) Error() string { return fmt.Sprintf("%s: %s: %v", e.Addr, e.Step, e.Err) }

// Unwrap is the cause.
func (e *StepError) Unwrap() error { return e.Err }

// Try is the advice, for those who know the error by this method only.
func (e *StepError) Try() string { return e.Advice }

const (
	adviceName       = "check the host name's spelling and your DNS or /etc/hosts"
	adviceRefused    = "nothing listens there: check the port, and that the broker runs and its listener is bound to this address"
	adviceNoRoute    = "no answer to the connect: check host and port, the VPN and the firewall"
	adviceClosed     = "the other side closed the connection at once: this may be a TLS port spoken to in plaintext, or not a Kafka broker"
	adviceSpeakTLS   = "this port speaks TLS: connect with TLS, or use the plaintext listener's port"
	adviceNotKafka   = "this is not a Kafka broker: check the port"
	advicePlaintext  = "this port does not speak TLS: connect without it, or use the TLS listener's port"
	adviceCert       = "the broker's certificate is not trusted for this name: check the CA and the host name"
	adviceCertDate   = "a certificate of the broker has expired, or is not valid yet: it must be renewed, unless the clock of this machine is wrong"
	adviceCertName   = "the broker's certificate is for other names: lagtop doctor says for which; connect by one of them (--map leads it elsewhere)"
	adviceHangs      = "the port is open but nothing answers: the broker hangs, or this is not a Kafka broker"
	adviceAdvertised = "the cluster tells clients to come to this address: make it reachable from here, or fix advertised.listeners"
	adviceThrottled  = "our request quota is used up: raise it (kafka-configs.sh, users and clients), or poll less often (--interval)"
	adviceSASL       = "the broker closed the connection at the first request: this listener may ask for a login (SASL)"
)

// Advice is what to try against err, empty when nothing is known to help.
func Advice(err error) string {
	var s *StepError
	var throttled *throttledError
	switch {
	case errors.As(err, &s):
		return s.Advice
	case errors.As(err, &throttled):
		return adviceThrottled
	case kafka.Unauthorized(err):
		return "ask for the right, or ignore it: the rest of the view is not affected"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return adviceHangs
	}
	return ""
}

func connectError(addr string, err error) *StepError {
	e := &StepError{Addr: addr, Step: StepConnect, Err: bare(err)}
	var name *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &name):
		e.Step, e.Advice, e.Err = StepResolve, adviceName, bareName(name)
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Advice = adviceRefused
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Advice = adviceNoRoute
	}
	return e
}

// bare takes off what net repeats: the StepError names the address.
func bare(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		return call.Err
	}
	return err
}

func bareName(e *net.DNSError) error {
	if e.IsNotFound {
		return fmt.Errorf("no such host: %w", e)
	}
	return e
}

func tlsError(addr string, err error) *StepError {
	e := &StepError{Addr: addr, Step: StepTLS, Err: err}
	var record tls.RecordHeaderError
	var cert *tls.CertificateVerificationError
	var timeout net.Error
	switch {
	case errors.As(err, &record), errors.Is(err, io.EOF):
		e.Advice = advicePlaintext
	case errors.As(err, &cert):
		e.Advice = certAdvice(cert.Err)
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Advice = advicePlaintext
	}
	return e
}

func certAdvice(err error) string {
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return adviceCertDate
	case errors.As(err, &name):
		return adviceCertName
	}
	return adviceCert
}
