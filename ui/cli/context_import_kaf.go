package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"

	"lagtop/kafka/conn"
	"lagtop/ui/config"
)

// kafFile is the part of kaf's configuration that says how clusters are reached.
type kafFile struct {
	Clusters []kafCluster `yaml:"clusters"`
}

type kafCluster struct {
	Name     string   `yaml:"name"`
	Brokers  []string `yaml:"brokers"`
	Protocol string   `yaml:"security-protocol"`
	TLS      *struct {
		CA       string `yaml:"cafile"`
		Cert     string `yaml:"clientfile"`
		Key      string `yaml:"clientkeyfile"`
		Insecure bool   `yaml:"insecure"`
	} `yaml:"TLS"`
	SASL *kafSASL `yaml:"SASL"`
}

type kafSASL struct {
	Mechanism    string   `yaml:"mechanism"`
	Username     string   `yaml:"username"`
	Password     string   `yaml:"password"`
	ClientID     string   `yaml:"clientID"`
	ClientSecret string   `yaml:"clientSecret"`
	TokenURL     string   `yaml:"tokenURL"`
	Scopes       []string `yaml:"scopes"`
	Token        string   `yaml:"token"`
}

// parseKaf leaves out what the library says of a mistake: it quotes lines, which may hold a password.
func parseKaf(path string) (*kafFile, error) {
	text, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	var f kafFile
	if err := yaml.Unmarshal(text, &f); err != nil {
		return nil, fmt.Errorf("%s: it is not in the form of kaf's configuration", path)
	}
	return &f, nil
}

// isKaf tells a file of kaf from properties.
func isKaf(path string) bool {
	f, err := parseKaf(path)
	return err == nil && len(f.Clusters) > 0
}

func readKaf(path string, k keeping) ([]foreign, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	f, err := parseKaf(path)
	if err != nil {
		return nil, err
	}
	var out []foreign
	for i := range f.Clusters {
		out = append(out, f.Clusters[i].foreign(path, k))
	}
	return out, nil
}

func (c *kafCluster) foreign(path string, k keeping) foreign {
	f := foreign{source: path, Written: config.Written{Context: config.Context{Name: contextNameOf(c.Name)}}}
	var err error
	if f.Bootstrap, err = conn.ParseBootstrap(strings.Join(c.Brokers, ",")); err != nil {
		f.skip = err.Error()
		return f
	}
	if !config.CheckName(f.Name) {
		f.skip = "its name cannot be that of a context"
		return f
	}
	if tls := c.tls(); tls != "" {
		f.Lines = append(f.Lines, "tls: "+tls)
	}
	if c.SASL == nil {
		return f
	}
	line, err := c.SASL.line(&f, k)
	if err != nil {
		f.skip = err.Error()
		return f
	}
	f.Lines = append(f.Lines, "sasl: {"+line+"}")
	return f
}

// tls is the value of the key tls, empty for plaintext.
func (c *kafCluster) tls() string {
	if c.TLS == nil {
		if strings.HasSuffix(strings.ToUpper(c.Protocol), "SSL") {
			return "true"
		}
		return ""
	}
	return tlsValue(c.TLS.CA, c.TLS.Cert, c.TLS.Key, c.TLS.Insecure)
}

// line is what stands in the section sasl.
func (s *kafSASL) line(f *foreign, k keeping) (string, error) {
	switch m := strings.ToUpper(s.Mechanism); m {
	case "AWS_MSK_IAM":
		return "aws: {}", nil
	case string(conn.OAuthBearer):
		if s.Token != "" {
			return "oauth: {" + k.refer(f, "token", s.Token) + "}", nil
		}
		if s.TokenURL == "" || s.ClientSecret == "" {
			return "", errors.New("OAUTHBEARER without tokenURL and clientSecret")
		}
		out := "oauth: {token-endpoint: " + config.Scalar(s.TokenURL) + ", client-id: " + config.Scalar(s.ClientID) + ", " + k.refer(f, "client-secret", s.ClientSecret)
		if len(s.Scopes) > 0 {
			out += ", scope: " + config.Scalar(strings.Join(s.Scopes, " "))
		}
		return out + "}", nil
	case "", string(conn.Plain), string(conn.ScramSHA256), string(conn.ScramSHA512):
		if m == "" {
			m = string(conn.Plain)
		}
		return passwordLine(f, k, conn.Mechanism(m), s.Username, s.Password)
	}
	return "", errors.New("SASL mechanism that lagtop does not know")
}
