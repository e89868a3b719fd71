package conn

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lagtop/kafka/secret"
)

// tokenTime bounds the way to a token.
const tokenTime = 15 * time.Second

// ClientCredentials asks an OIDC token endpoint for tokens (RFC 6749, 4.4).
type ClientCredentials struct {
	Endpoint string // URL
	ClientID string
	Secret   secret.Value
	Scope    string            // several separated by spaces
	Params   map[string]string // added to the form, such as audience
	Encode   bool              // id and secret form-encoded in the header as RFC 6749, 2.3.1 says; Java does not
	CA       Store             // whom to believe there; the zero Store is what this machine believes
}

// Check says what is missing.
func (c ClientCredentials) Check() error {
	u, err := url.Parse(c.Endpoint)
	switch {
	case c.Endpoint == "":
		return errors.New("OAUTHBEARER: the URL of the token endpoint is missing")
	case err != nil, u.Host == "", u.Scheme != "https" && u.Scheme != "http", u.User != nil:
		return errors.New("OAUTHBEARER: the token endpoint is no https:// address (and holds no user name)")
	case c.ClientID == "":
		return errors.New("OAUTHBEARER: the client id is missing")
	case c.Secret.IsZero():
		return errors.New("OAUTHBEARER: the client secret is missing")
	}
	return nil
}

// Token is remembered for four fifths of its life.
func (c ClientCredentials) Token() secret.Value {
	return secret.Fetch(tokenTime, func(ctx context.Context) (string, time.Time, error) {
		began := time.Now()
		t, err := c.ask(ctx)
		if err != nil {
			c.Secret.Forget()
			return "", time.Time{}, err
		}
		return t.AccessToken, validUntil(began, t.AccessToken, time.Duration(t.ExpiresIn)*time.Second), nil
	})
}

// TokenFrom is the bearer token that v says. A JWT is read, or its command asked, again when four fifths of its life
// are over or the brokers refused it; any other token at each login.
func TokenFrom(v secret.Value) secret.Value {
	return secret.Fetch(tokenTime, func(ctx context.Context) (string, time.Time, error) {
		began := time.Now()
		v.Forget()
		t, err := v.Reveal(ctx)
		if err != nil {
			return "", time.Time{}, err
		}
		return t, validUntil(began, t, 0), nil
	})
}

// validUntil keeps a fifth of the life in hand for slow clocks, and because both libraries log in again
// after 85 % of it and must get a new token then. Without a known life a token counts once. The end is one by the
// clock on the wall, which goes on while the machine sleeps.
func validUntil(began time.Time, token string, life time.Duration) time.Time {
	if end, ok := expiry(token); ok {
		if own := end.Sub(began); life <= 0 || own < life {
			life = own
		}
	}
	return began.Round(0).Add(max(life, 0) / 5 * 4)
}

// expiry is the end that a JWT names (RFC 7519, 4.1.4).
func expiry(token string) (time.Time, bool) {
	var claims struct {
		Exp float64 `json:"exp"`
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}, false
	}
	b, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(b, &claims) != nil || claims.Exp <= 0 || claims.Exp > 1e11 {
		return time.Time{}, false
	}
	return time.Unix(int64(claims.Exp), 0), true
}

type tokenAnswer struct {
	AccessToken string  `json:"access_token"`
	ExpiresIn   float64 `json:"expires_in"` // seconds
	Error       string  `json:"error"`
	Description string  `json:"error_description"`
}

func (c ClientCredentials) ask(ctx context.Context) (*tokenAnswer, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	client, err := c.client(ctx)
	if err != nil {
		return nil, err
	}
	password, err := c.Secret.Reveal(ctx)
	if err != nil {
		return nil, err
	}
	form := url.Values{"grant_type": {"client_credentials"}}
	if c.Scope != "" {
		form.Set("scope", c.Scope)
	}
	for k, v := range maps.All(c.Params) {
		form.Set(k, v)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, errors.New("OAUTHBEARER: the token endpoint is no address")
	}
	if c.Encode {
		req.SetBasicAuth(url.QueryEscape(c.ClientID), url.QueryEscape(password))
	} else {
		req.SetBasicAuth(c.ClientID, password)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	r, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("token endpoint %s: %w", req.URL.Host, bareURL(err))
	}
	defer r.Body.Close() //nolint:errcheck // nothing was written
	a, err := readToken(r)
	if err != nil {
		return nil, fmt.Errorf("token endpoint %s: %s", req.URL.Host, strings.ReplaceAll(err.Error(), password, "***"))
	}
	return a, nil
}

// client is for one request: it follows no redirect, which would carry the secret elsewhere.
func (c ClientCredentials) client(ctx context.Context) (*http.Client, error) {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, ForceAttemptHTTP2: true}
	if !c.CA.IsZero() {
		conf, err := (&TLS{CA: c.CA}).config(ctx, "")
		if err != nil {
			return nil, fmt.Errorf("token endpoint: %w", err)
		}
		t.TLSClientConfig = conf
	}
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, nil
}

func readToken(r *http.Response) (*tokenAnswer, error) {
	var a tokenAnswer
	b, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return nil, bare(err)
	}
	bad := json.Unmarshal(b, &a) != nil
	switch {
	case r.StatusCode != http.StatusOK && a.Error != "":
		return nil, fmt.Errorf("%s: %s %s", r.Status, cut(a.Error), cut(a.Description))
	case r.StatusCode != http.StatusOK:
		return nil, errors.New(r.Status)
	case bad, a.AccessToken == "":
		return nil, errors.New("the answer holds no access_token")
	case strings.ContainsAny(a.AccessToken, "\x01\r\n"):
		return nil, errors.New("the access_token holds control characters")
	}
	return &a, nil
}

func cut(s string) string {
	if len(s) > 300 {
		return s[:300] + "…"
	}
	return s
}

// bareURL takes off the URL, which the caller names in part.
func bareURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return bare(u.Err)
	}
	return err
}
