package conn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"lagtop/kafka"
	"lagtop/kafka/secret"
)

// Auth is how connections are protected and who we are to the brokers. One value serves both client
// libraries; what it names is read at each connection, so that renewed files and tokens count without a
// restart.
type Auth struct {
	TLS  *TLS  // nil is plaintext
	SASL *SASL // nil is no login
}

// Mechanism is a SASL mechanism as brokers name it.
type Mechanism string

// The mechanisms. AWS MSK IAM is OAUTHBEARER with a token that AWS holds for valid.
const (
	Plain       Mechanism = "PLAIN"
	ScramSHA256 Mechanism = "SCRAM-SHA-256"
	ScramSHA512 Mechanism = "SCRAM-SHA-512"
	OAuthBearer Mechanism = "OAUTHBEARER"
	GSSAPI      Mechanism = "GSSAPI"
)

// SASL is a login.
type SASL struct {
	Mechanism  Mechanism
	User       string            // PLAIN and SCRAM
	Password   secret.Value      // PLAIN and SCRAM
	Token      secret.Value      // OAUTHBEARER: asked at each connection and re-authentication (KIP-368)
	AWS        *AWS              // OAUTHBEARER of MSK IAM: Config.Checked makes Token of it
	Extensions map[string]string // OAUTHBEARER (KIP-342)
	Kerberos   *Kerberos         // GSSAPI
}

// check says what the login lacks, before anything is connected.
func (a Auth) check() error {
	if a.TLS != nil {
		if err := a.TLS.check(); err != nil {
			return err
		}
	}
	s := a.SASL
	if s == nil {
		return nil
	}
	switch s.Mechanism {
	case Plain, ScramSHA256, ScramSHA512:
		if s.User == "" {
			return fmt.Errorf("SASL %s: the user name is missing", s.Mechanism)
		}
		if s.Password.IsZero() {
			return fmt.Errorf("SASL %s: the password is missing", s.Mechanism)
		}
	case OAuthBearer:
		if s.Token.IsZero() {
			return errors.New("SASL OAUTHBEARER: nothing says where tokens come from")
		}
	case GSSAPI:
		if s.Kerberos == nil {
			return errors.New("SASL GSSAPI: nothing says who we are to Kerberos")
		}
		return s.Kerberos.check()
	default:
		return fmt.Errorf("SASL mechanism %q is not supported: use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or GSSAPI", s.Mechanism)
	}
	return nil
}

// Warnings are what a person should know who trusts this connection, one sentence each; empty when the
// brokers are verified and passwords travel encrypted.
func (c Config) Warnings() []string {
	var out []string
	switch t := c.Auth.TLS; {
	case t == nil:
		if s := c.Auth.SASL; s != nil && (s.Mechanism == Plain || s.Mechanism == OAuthBearer) {
			out = append(out, "the login travels unencrypted: SASL "+string(s.Mechanism)+" without TLS")
		}
	case t.SkipVerify:
		out = append(out, "TLS unverified: the brokers' certificates are not checked")
	case t.SkipName:
		out = append(out, "TLS host name unverified: certificates are checked, the names in them are not")
	}
	return out
}

// Badge is Warnings in one or two words for a header line, empty when there is nothing to warn of.
func (c Config) Badge() string {
	switch {
	case c.Auth.TLS != nil && (c.Auth.TLS.SkipVerify || c.Auth.TLS.SkipName):
		return "TLS UNVERIFIED"
	case len(c.Warnings()) > 0:
		return "LOGIN UNENCRYPTED"
	}
	return ""
}

// sarama fills in the login of one connection; the secrets are read now.
func (s *SASL) sarama(ctx context.Context, out *sarama.Config) error {
	if s == nil {
		return nil
	}
	n := &out.Net.SASL
	n.Enable = true
	n.Mechanism = sarama.SASLMechanism(s.Mechanism)
	switch s.Mechanism {
	case OAuthBearer:
		n.TokenProvider = &saramaTokens{ctx: ctx, of: s}
		return nil
	case GSSAPI:
		return s.Kerberos.sarama(ctx, &n.GSSAPI)
	}
	n.User = s.User
	n.SCRAMClientGeneratorFunc = func() sarama.SCRAMClient { return &scramClient{mechanism: s.Mechanism} }
	var err error
	n.Password, err = s.Password.Reveal(ctx)
	return err
}

// kgo is the same login for franz-go.
func (s *SASL) kgo() kgo.Opt {
	password := func(ctx context.Context) (string, error) {
		p, err := s.Password.Reveal(ctx)
		if err != nil {
			err = &loginError{err}
		}
		return p, err
	}
	scramAuth := func(ctx context.Context) (scram.Auth, error) {
		p, err := password(ctx)
		return scram.Auth{User: s.User, Pass: p}, err
	}
	var m sasl.Mechanism
	switch s.Mechanism {
	case ScramSHA256:
		m = scram.Sha256(scramAuth)
	case ScramSHA512:
		m = scram.Sha512(scramAuth)
	case OAuthBearer:
		m = oauth.Oauth(func(ctx context.Context) (oauth.Auth, error) {
			t, err := s.Token.Reveal(ctx)
			if err != nil {
				err = &loginError{err}
			}
			return oauth.Auth{Token: t, Extensions: s.Extensions}, err
		})
	case GSSAPI:
		m = s.Kerberos.kgo()
	default:
		m = plain.Plain(func(ctx context.Context) (plain.Auth, error) {
			p, err := password(ctx)
			return plain.Auth{User: s.User, Pass: p}, err
		})
	}
	return kgo.SASL(m)
}

// forget drops what is remembered of secrets and tokens: the brokers refused it.
func (s *SASL) forget() {
	s.Password.Forget()
	s.Token.Forget()
}

// saramaTokens is a TokenSource for sarama, which asks without a context, at the first login within ctx
// and at re-authentications after it.
type saramaTokens struct {
	ctx context.Context
	of  *SASL
}

// Token implements sarama.AccessTokenProvider.
func (p *saramaTokens) Token() (*sarama.AccessToken, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), tokenTime)
	defer cancel()
	stop := func() bool { return false }
	if p.ctx.Err() == nil {
		stop = context.AfterFunc(p.ctx, cancel)
	}
	defer stop()
	t, err := p.of.Token.Reveal(ctx)
	if err != nil {
		return nil, &loginError{err}
	}
	return &sarama.AccessToken{Token: t, Extensions: p.of.Extensions}, nil
}

// loginError is a login that failed on our side: a file, a command or a token endpoint.
type loginError struct{ error }

// Unwrap is the cause.
func (e *loginError) Unwrap() error { return e.error }

// StepLogin is the login, between ApiVersions and the first request.
const StepLogin Step = "SASL login"

const (
	adviceRefusedLogin = "check user and password, and that this user exists for this mechanism"
	adviceToken        = "check the token: its audience, scope and expiry, and the clock of this machine"
	adviceMechanism    = "the listener does not offer this mechanism: choose another one, or another port"
	adviceNoLogin      = "the listener knows no login: leave SASL out, or use the SASL listener's port"
	adviceSource       = "the login could not be prepared on this machine; nothing was sent to the broker"
	adviceKerberos     = "check the ticket with klist, the service name, and that DNS gives the broker's name as in its principal"
)

// stepError is err as a failed login to addr, nil when it is something else. answered tells that the
// broker answered ApiVersions before.
func (s *SASL) stepError(addr string, err error, answered bool) *StepError {
	if s == nil || err == nil {
		return nil
	}
	out := &StepError{Addr: addr, Step: StepLogin, Err: err}
	var own *loginError
	switch code := protocolCode(err); {
	case errors.As(err, &own):
		out.Err, out.Advice = own.error, adviceSource
	case code == codeSASLFailed:
		s.forget()
		out.Err, out.Advice = saslRefusal(err), s.refused()
	case code == codeMechanism:
		out.Err, out.Advice = fmt.Errorf("%s is not offered: %w", s.Mechanism, code), adviceMechanism
	case code == codeSASLState:
		out.Err, out.Advice = code, adviceNoLogin
	case answered && errors.Is(err, io.EOF): // brokers before 1.0, and those of other makers, just hang up
		s.forget()
		out.Err, out.Advice = errors.New("the broker closed the connection at the login"), s.refused()
	case s.Mechanism == GSSAPI && code == 0 && isKerberos(err):
		out.Advice = kerberosAdvice(err)
	default:
		return nil
	}
	return out
}

func (s *SASL) refused() string {
	switch s.Mechanism {
	case OAuthBearer:
		return adviceToken
	case GSSAPI:
		return adviceKerberos
	}
	return adviceRefusedLogin
}

// The codes of a failed login.
const (
	codeMechanism  kafka.Code = 33
	codeSASLState  kafka.Code = 34
	codeSASLFailed kafka.Code = 58
)

// protocolCode asks by errors.Is where sarama's own wrapper hides the code from errors.As.
func protocolCode(err error) kafka.Code {
	var g *kerr.Error
	switch {
	case errors.Is(err, sarama.ErrSASLAuthenticationFailed):
		return codeSASLFailed
	case errors.Is(err, sarama.ErrUnsupportedSASLMechanism):
		return codeMechanism
	case errors.Is(err, sarama.ErrIllegalSASLState):
		return codeSASLState
	case errors.As(err, &g):
		return kafka.Code(g.Code)
	}
	return 0
}

// saslRefusal keeps what the broker says, which names the mechanism and never the password.
func saslRefusal(err error) error {
	text := err.Error()
	for _, own := range []string{sarama.ErrSASLAuthenticationFailed.Error() + ": ", "SASL_AUTHENTICATION_FAILED: "} {
		if _, after, ok := strings.Cut(text, own); ok {
			text = after
		}
	}
	return &refusedError{text: strings.TrimSpace(text)}
}

// refusedError reads as what the broker says and is code 58 to errors.Is.
type refusedError struct{ text string }

func (e *refusedError) Error() string { return e.text }

// Unwrap is the protocol error.
func (e *refusedError) Unwrap() error { return codeSASLFailed }
