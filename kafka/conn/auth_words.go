package conn

import (
	"cmp"
	"strings"
)

// Words says in one sentence how we log in: where certificates lie and who we are, never a secret.
func (a Auth) Words() string {
	var out []string
	if a.TLS == nil {
		out = append(out, "not encrypted")
	} else {
		out = append(out, a.TLS.words())
	}
	if a.SASL == nil {
		return strings.Join(append(out, "no SASL"), "; ")
	}
	return strings.Join(append(out, a.SASL.words()), "; ")
}

func (t *TLS) words() string {
	out := "TLS, trusting " + t.CA.words("this machine's certificates")
	switch {
	case t.SkipVerify:
		out = "TLS, trusting everybody"
	case t.SkipName:
		out += " whatever the name in them"
	}
	if !t.Cert.IsZero() {
		out += ", with the certificate " + t.Cert.words("")
		if t.Cert.KeyPath != "" {
			out += " and the key " + t.Cert.KeyPath
		}
	}
	return out
}

func (s Store) words(none string) string {
	switch {
	case s.Path != "":
		return s.Path
	case !s.PEM.IsZero():
		return "PEM text"
	}
	return none
}

func (s *SASL) words() string {
	switch {
	case s.AWS != nil:
		out := "AWS MSK IAM"
		for _, p := range [][2]string{{"profile", s.AWS.Profile}, {"role", s.AWS.Role}, {"region", s.AWS.Region}} {
			if p[1] != "" {
				out += ", " + p[0] + " " + p[1]
			}
		}
		return out
	case s.Kerberos != nil:
		k := s.Kerberos
		from := "the ticket cache"
		switch {
		case k.Keytab != "":
			from = "the keytab " + k.Keytab
		case !k.Password.IsZero():
			from = "a password"
		}
		return "SASL GSSAPI as " + cmp.Or(k.Principal, "the owner of the tickets") + " by " + from
	case s.Mechanism == OAuthBearer:
		return "SASL OAUTHBEARER with a token"
	}
	return "SASL " + string(s.Mechanism) + " as " + s.User
}
