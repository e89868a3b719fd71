package registry

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/bufbuild/protocompile"
	"github.com/twmb/franz-go/pkg/sr"

	"lagtop/kafka/secret"
)

// Config says where a registry is and who we are to it. With no URL there is none.
type Config struct {
	URL      string
	Username string
	Password secret.Value
	Token    secret.Value // a bearer token, in place of username and password
	CA       string       // file with the certificates to believe, PEM; empty: those that this machine trusts
}

// Check tells whether the URL can be one of a registry.
func Check(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return fmt.Errorf("%q is no URL", address)
	case u.User != nil: // an address is shown
		return errors.New("the URL has a user or a password in it: give username and password instead")
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("%q: want http:// or https://, host and port, perhaps a path", address)
	}
	return nil
}

const (
	requestTime = 10 * time.Second // for one schema with all that it refers to
	maxRefers   = 64               // schemas that one schema may need
	maxAnswer   = maxText + maxText/2
)

// decoder decodes payloads of one schema.
type decoder interface {
	decode(payload []byte) ([]byte, error)
	what() string
}

// fetcher asks a registry.
type fetcher struct {
	cfg  Config
	http *http.Client
	sr   *sr.Client
}

func newFetcher(cfg Config) (*fetcher, error) {
	if err := Check(cfg.URL); err != nil {
		return nil, fmt.Errorf("schema registry: %w", err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if cfg.CA != "" {
		pem, err := os.ReadFile(cfg.CA)
		if err != nil {
			return nil, fmt.Errorf("schema registry: read ca: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("schema registry: ca %s: no certificate in PEM", cfg.CA)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	f := &fetcher{cfg: cfg}
	f.http = &http.Client{
		Transport: &bounded{transport, &f.cfg},
		// A redirect would carry the password to wherever it points.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	var err error
	f.sr, err = sr.NewClient(sr.URLs(cfg.URL), sr.HTTPClient(f.http), sr.UserAgent("lagtop"))
	if err != nil {
		return nil, fmt.Errorf("schema registry: %w", err)
	}
	return f, nil
}

// bounded says who we are and cuts off answers that no schema needs.
type bounded struct {
	*http.Transport
	cfg *Config
}

// RoundTrip implements http.RoundTripper.
func (b *bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	switch {
	case !b.cfg.Token.IsZero():
		token, err := b.cfg.Token.Reveal(req.Context())
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+token)
	case b.cfg.Username != "":
		password, err := b.cfg.Password.Reveal(req.Context())
		if err != nil {
			return nil, err
		}
		req.SetBasicAuth(b.cfg.Username, password)
	}
	resp, err := b.Transport.RoundTrip(req)
	if err == nil {
		resp.Body = &body{resp.Body, maxAnswer}
	}
	return resp, err
}

type body struct {
	io.ReadCloser
	left int
}

var errHuge = errors.New("the answer is larger than 1.5 MiB")

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, errHuge
	}
	return n, err
}

// fetch reads a schema and what it refers to, and makes a decoder of it.
func (f *fetcher) fetch(ctx context.Context, id uint32) (_ decoder, err error) {
	ctx, stop := context.WithTimeout(ctx, requestTime)
	defer stop()
	s, err := f.sr.SchemaByID(ctx, int(id))
	if err != nil {
		return nil, err
	}
	r := referred{f: f, seen: map[sr.SchemaReference]bool{}}
	if s.Type == sr.TypeAvro || s.Type == sr.TypeProtobuf {
		if err := r.read(ctx, s.References, 0); err != nil {
			return nil, err
		}
	}
	defer recovered(&err)
	return build(ctx, s, r.found)
}

// reference is a schema under the name by which another refers to it.
type reference struct{ name, source string }

// referred collects references, those that others need first.
type referred struct {
	f     *fetcher
	seen  map[sr.SchemaReference]bool
	found []reference
}

func (r *referred) read(ctx context.Context, refs []sr.SchemaReference, depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	for _, ref := range refs {
		if r.seen[ref] {
			continue
		}
		if r.seen[ref] = true; len(r.seen) > maxRefers {
			return fmt.Errorf("the schema refers to more than %d others", maxRefers)
		}
		s, err := r.f.sr.SchemaByVersion(ctx, ref.Subject, ref.Version)
		if err != nil {
			return fmt.Errorf("reference %s, subject %s version %d: %w", ref.Name, ref.Subject, ref.Version, err)
		}
		if err := r.read(ctx, s.References, depth+1); err != nil {
			return err
		}
		r.found = append(r.found, reference{ref.Name, s.Schema.Schema})
	}
	return nil
}

// ownName is the schema itself among the files that it imports.
const ownName = "the schema.proto"

func build(ctx context.Context, s sr.Schema, refs []reference) (decoder, error) {
	for _, source := range append(refs, reference{source: s.Schema}) {
		if len(source.source) > maxText {
			return nil, errors.New("the schema is larger than 1 MiB")
		}
		if s.Type == sr.TypeProtobuf && tooDeep(source.source) {
			return nil, errors.New("the schema is nested too deeply")
		}
	}
	switch s.Type {
	case sr.TypeAvro:
		names := avroNames{}
		for _, r := range refs {
			if _, err := parseAvro(r.source, names); err != nil {
				return nil, fmt.Errorf("reference %s: %w", r.name, err)
			}
		}
		is, err := parseAvro(s.Schema, names)
		if err != nil {
			return nil, err
		}
		return avro{is}, nil
	case sr.TypeProtobuf:
		files := map[string]string{ownName: s.Schema}
		for _, r := range refs {
			files[r.name] = r.source
		}
		file, err := compileProto(ctx, ownName, &protocompile.SourceResolver{Accessor: protocompile.SourceAccessorFromMap(files)})
		if err != nil {
			return nil, err
		}
		return protobuf{file: file}, nil
	case sr.TypeJSON:
		return jsonText{}, nil
	}
	return nil, fmt.Errorf("schemas of type %s cannot be read", s.Type)
}

// jsonText is what JSON Schema describes: JSON behind the id.
type jsonText struct{}

func (jsonText) what() string { return "JSON Schema" }

func (jsonText) decode(payload []byte) ([]byte, error) {
	var out bytes.Buffer
	if err := json.Compact(&out, payload); err != nil {
		return nil, fmt.Errorf("no JSON behind the id: %w", err)
	}
	return out.Bytes(), nil
}

// recovered turns a panic over hostile input into an error.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("it cannot be decoded: %v", p)
	}
}

// plain is an error without the address, which messages name already.
func plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// down tells whether an error is about the registry, not about one schema.
func down(err error) bool {
	var r *sr.ResponseError
	if errors.As(err, &r) {
		return r.StatusCode < 400 || r.StatusCode == http.StatusUnauthorized || r.StatusCode == http.StatusForbidden ||
			r.StatusCode == http.StatusTooManyRequests || r.StatusCode >= 500
	}
	var u *url.Error
	return errors.As(err, &u)
}

// refused tells whether the registry wants another password.
func refused(err error) bool {
	var r *sr.ResponseError
	return errors.As(err, &r) && r.StatusCode == http.StatusUnauthorized
}
