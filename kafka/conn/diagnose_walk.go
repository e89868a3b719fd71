package conn

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

// walk goes the way to one address step by step, over a connection of its own as far as the login.
type walk struct {
	cfg  Config
	addr string
	out  Check
	now  Taken    // the step that is being taken
	conn net.Conn // nil before it is open
	next int32    // correlation id
}

// run takes the steps until one fails.
func (p *walk) run(ctx context.Context) *StepError {
	defer p.hangUp()
	for _, s := range []struct {
		step Step
		take func(context.Context) *StepError
	}{
		{StepResolve, p.resolve}, {StepConnect, p.connect}, {StepTLS, p.secure}, {StepAPI, p.speak},
		{StepLogin, p.offered}, {StepRequest, p.enter},
	} {
		began := time.Now()
		p.now = Taken{Step: s.step}
		err := s.take(ctx)
		p.now.Took = time.Since(began)
		if err != nil {
			p.out.Notes = p.now.Notes
			return err
		}
		if len(p.now.Notes)+len(p.now.Warns) > 0 {
			p.out.Steps = append(p.out.Steps, p.now)
		}
	}
	return nil
}

func (p *walk) note(format string, args ...any) {
	p.now.Notes = append(p.now.Notes, fmt.Sprintf(format, args...))
}

func (p *walk) warn(format string, args ...any) {
	p.now.Warns = append(p.now.Warns, fmt.Sprintf(format, args...))
}

func (p *walk) hangUp() {
	if p.conn != nil {
		_ = p.conn.Close()
	}
}

func (p *walk) resolve(ctx context.Context) *StepError {
	place, name := p.cfg.place(p.addr), p.addr
	if place != p.addr {
		p.note("mapped to %s", place)
		name += " (by way of " + place + ")"
	}
	host, _, err := net.SplitHostPort(place)
	if _, no := netip.ParseAddr(host); err == nil && no == nil {
		return nil
	}
	if p.cfg.Proxy != nil {
		p.note("by the proxy %s", p.cfg.Proxy.Addr)
		return nil
	}
	if err == nil {
		var ips []string
		if ips, err = net.DefaultResolver.LookupHost(ctx, host); err == nil {
			p.note("%s is %s", host, strings.Join(ips, ", "))
			return nil
		}
	}
	e := connectError(name, err)
	e.Step = StepResolve
	return e
}

func (p *walk) connect(ctx context.Context) *StepError {
	raw, err := p.open(ctx)
	if err != nil {
		return err
	}
	p.conn = raw
	p.note("%s", raw.RemoteAddr())
	return nil
}

// open is one more connection to the address.
func (p *walk) open(ctx context.Context) (net.Conn, *StepError) {
	ctx, cancel := context.WithTimeout(ctx, p.cfg.DialTimeout)
	defer cancel()
	raw, err := p.cfg.connect(ctx, "tcp", p.addr)
	if err == nil {
		return raw, nil
	}
	var step *StepError
	if errors.As(err, &step) {
		return nil, step
	}
	return nil, connectError(p.addr, err)
}

// speak asks ApiVersions, the one request that brokers answer to everybody.
func (p *walk) speak(ctx context.Context) *StepError {
	p.wire(p.conn)
	v, err := p.apiVersions(ctx)
	if err != nil {
		return p.speechless(ctx, err)
	}
	p.out.Seen = &Seen{Version: release(v), Mode: mode(v), Missing: missing(v)}
	version := p.out.Seen.Version
	if version == "" {
		version = "of an unknown release"
	}
	p.note("Kafka %s, %d APIs", strings.TrimSpace(version+" "+string(p.out.Seen.Mode)), len(v.ApiKeys))
	return nil
}

// wire makes c the connection that is spoken on, watched and guarded like any other.
func (p *walk) wire(c net.Conn) {
	p.conn = p.cfg.tapConn(p.cfg.guard(&guarded{Conn: c, addr: p.addr}), p.addr, nil)
}

// speechless says what the other side is, as far as it shows.
func (p *walk) speechless(ctx context.Context, err error) *StepError {
	var timeout net.Error
	e := &StepError{Addr: p.addr, Step: StepAPI, Err: bare(err), Advice: adviceClosed}
	late := errors.As(err, &timeout) && timeout.Timeout()
	if late {
		e.Err, e.Advice = fmt.Errorf("no answer within %v", p.cfg.ReadTimeout), adviceHangs
	}
	silent := errors.As(err, &e) && e.Advice == adviceClosed
	if p.cfg.Auth.TLS == nil && (late || silent || e.Advice == adviceSpeakTLS) {
		if name := p.speaksTLS(ctx); name != "" {
			return &StepError{Addr: p.addr, Step: StepAPI, Err: errors.New("the other side speaks TLS (its certificate is " + name + ")"), Advice: adviceSpeakTLS + ": --tls, or security.protocol=SSL or SASL_SSL"}
		}
	}
	if ctx.Err() != nil {
		e.Err, e.Advice = inTime(context.Cause(ctx)), adviceHangs
	}
	return e
}

func (p *walk) apiVersions(ctx context.Context) (*kmsg.ApiVersionsResponse, error) {
	req := kmsg.NewPtrApiVersionsRequest()
	req.Version, req.ClientSoftwareName, req.ClientSoftwareVersion = 3, "lagtop", "1"
	v := kmsg.NewPtrApiVersionsResponse()
	body, err := p.ask(ctx, req)
	if err != nil {
		return nil, err
	}
	if v.Version = 3; len(body) >= 2 && kafka.Code(binary.BigEndian.Uint16(body)) == codeUnsupportedVersion {
		req.Version, v.Version = 0, 0 // before 2.4
		if body, err = p.ask(ctx, req); err != nil {
			return nil, err
		}
	}
	if err := v.ReadFrom(body); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUndecodable, err)
	}
	return v, kafka.Code(v.ErrorCode).Err()
}

const codeUnsupportedVersion kafka.Code = 35

// maxAnswer bounds what is read before the login: ApiVersions and SaslHandshake are a few kB.
const maxAnswer = 1 << 20

// ask sends a request on the walk's own connection and returns its answer behind the correlation id.
func (p *walk) ask(ctx context.Context, req kmsg.Request) ([]byte, error) {
	c := p.conn
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	p.next++
	f := kmsg.NewRequestFormatter(kmsg.FormatterClientID(p.cfg.ClientID))
	if err := c.SetDeadline(time.Now().Add(p.cfg.ReadTimeout)); err != nil {
		return nil, err
	}
	if _, err := c.Write(f.AppendRequest(nil, req, p.next)); err != nil {
		return nil, err
	}
	var head [8]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return nil, err
	}
	size := int64(binary.BigEndian.Uint32(head[:])) - 4
	if size < 0 || size > maxAnswer || int32(binary.BigEndian.Uint32(head[4:])) != p.next {
		return nil, &StepError{Addr: p.addr, Step: StepAPI, Err: errors.New("what answers is not Kafka's protocol"), Advice: adviceNotKafka}
	}
	body := make([]byte, size)
	_, err := io.ReadFull(c, body)
	return body, err
}

// unknownMechanism is refused by every broker, with the list of those that it offers.
const unknownMechanism = "LAGTOP-ASKS-WHICH"

// offered asks which logins the listener takes. A broker that hangs up instead does not tell.
func (p *walk) offered(ctx context.Context) *StepError {
	req := kmsg.NewPtrSASLHandshakeRequest()
	req.Version, req.Mechanism = 1, unknownMechanism
	body, err := p.ask(ctx, req)
	r := kmsg.NewPtrSASLHandshakeResponse()
	r.Version = req.Version
	if err != nil || r.ReadFrom(body) != nil {
		return nil
	}
	s := p.cfg.Auth.SASL
	switch kafka.Code(r.ErrorCode) {
	case codeSASLState:
		if s != nil {
			return &StepError{Addr: p.addr, Step: StepLogin, Err: codeSASLState, Advice: adviceNoLogin}
		}
		return nil
	case codeMechanism:
		p.out.Seen.Mechanisms = r.SupportedMechanisms
	}
	list := strings.Join(r.SupportedMechanisms, ", ")
	if s == nil || list == "" {
		return nil
	}
	if !slices.Contains(r.SupportedMechanisms, string(s.Mechanism)) {
		return &StepError{Addr: p.addr, Step: StepLogin, Err: fmt.Errorf("%s is not offered, only %s", s.Mechanism, list), Advice: adviceMechanism}
	}
	p.note("the listener offers %s", list)
	return nil
}

// enter logs in and asks for Metadata, by the way that all of the program goes.
func (p *walk) enter(ctx context.Context) *StepError {
	p.hangUp()
	b := NewBroker(p.cfg, p.addr, nil)
	defer b.Close()
	m, err := b.Metadata(ctx)
	if err != nil {
		return p.refused(err)
	}
	if s := p.cfg.Auth.SASL; s != nil {
		p.loggedIn(s)
	}
	seen := p.out.Seen
	seen.ClusterID, seen.Controller, seen.Brokers = m.ClusterID, m.Controller, m.Brokers
	p.note("cluster %s, brokers %s", idOf(m.ClusterID), brokerList(m.Brokers))
	return nil
}

func (p *walk) refused(err error) *StepError {
	var step *StepError
	if !errors.As(err, &step) {
		step = &StepError{Addr: p.addr, Step: StepRequest, Err: errors.Unwrap(err), Advice: Advice(err)}
	}
	if list := p.out.Seen.Mechanisms; p.cfg.Auth.SASL == nil && len(list) > 0 {
		return &StepError{Addr: p.addr, Step: StepLogin, Err: errors.New("the listener asks for a login and none is given"),
			Advice: "it offers " + strings.Join(list, ", ") + ": name a file with the login (--properties client.properties), or sasl in the context"}
	}
	return step
}

// loggedIn adds to the step of the login, or makes it, who we are.
func (p *walk) loggedIn(s *SASL) {
	who := string(s.Mechanism)
	if s.User != "" {
		who += " as " + s.User
	}
	if n := len(p.out.Steps); n > 0 && p.out.Steps[n-1].Step == StepLogin {
		p.out.Steps[n-1].Notes = append(p.out.Steps[n-1].Notes, who)
		return
	}
	p.out.Steps = append(p.out.Steps, Taken{Step: StepLogin, Notes: []string{who}})
}

func brokerList(brokers []kafka.Broker) string {
	const most = 8
	var out []string
	for i, b := range brokers {
		if i == most {
			out = append(out, fmt.Sprintf("and %d more", len(brokers)-most))
			break
		}
		out = append(out, strconv.Itoa(int(b.ID))+" "+b.Addr)
	}
	return strings.Join(out, ", ")
}

func idOf(cluster string) string {
	if cluster == "" {
		return "without an id"
	}
	return cluster
}
