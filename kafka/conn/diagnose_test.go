package conn

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"lagtop/kafka/secret"
)

// dated is a certificate of the authority for 127.0.0.1.
func (a *authority) dated(from, to time.Time, names ...string) tls.Certificate {
	x := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "broker\x1b[31m"}, NotBefore: from, NotAfter: to, DNSNames: names,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if len(names) == 0 {
		x.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	return tls.Certificate{Certificate: [][]byte{a.sign(x, a.cert).Raw}, PrivateKey: a.key}
}

func fakeTLS(t *testing.T, cert tls.Certificate) string {
	t.Helper()
	c := kfake.MustCluster(kfake.NumBrokers(1), kfake.TLS(&tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}))
	t.Cleanup(c.Close)
	return c.ListenAddrs()[0]
}

func TestTellsApartWhatIsWrongWithACertificate(t *testing.T) {
	a, other := newAuthority(t), newAuthority(t)
	now, day := time.Now(), 24*time.Hour
	believed := &TLS{CA: Store{Path: a.caPEM()}}
	for name, c := range map[string]struct {
		addr        string
		tls         *TLS
		err, advice string
	}{
		"expired":      {fakeTLS(t, a.dated(now.Add(-10*day), now.Add(-3*day-time.Hour))), believed, "expired 3 days ago", "renewed"},
		"not yet":      {fakeTLS(t, a.dated(now.Add(day), now.Add(2*day))), believed, "is not valid before", "clock of this machine"},
		"wrong name":   {fakeTLS(t, a.dated(now.Add(-day), now.Add(day), "kafka-1", "kafka-2")), believed, "for kafka-1, kafka-2, not for 127.0.0.1", "--map NAME:PORT="},
		"unknown CA":   {fakeTLS(t, a.dated(now.Add(-day), now.Add(day))), &TLS{CA: Store{Path: other.caPEM()}}, "not trusted here: CN=test CA", "ssl.truststore.location"},
		"no names":     {fakeTLS(t, a.dated(now.Add(-day), now.Add(day), "kafka-1")), &TLS{CA: believed.CA, SkipName: true}, "", ""},
		"not verified": {fakeTLS(t, a.dated(now.Add(-10*day), now.Add(-3*day))), &TLS{SkipVerify: true}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := Diagnose(t.Context(), Config{Bootstrap: []string{c.addr}, Auth: Auth{TLS: c.tls}})[0]
			switch {
			case c.err == "" && got.Err != nil:
				t.Fatal(got.Err)
			case c.err == "":
				return
			case got.Err == nil || got.Err.Step != StepTLS || !strings.Contains(got.Err.Error(), c.err) || !strings.Contains(got.Err.Advice, c.advice):
				t.Errorf("%+v", got.Err)
			case !strings.Contains(strings.Join(got.Notes, "\n"), "issued by CN=test CA"):
				t.Errorf("the certificate is not shown: %q", got.Notes)
			}
		})
	}
}

func TestNotesTheCertificateAndWarnsBeforeItsEnd(t *testing.T) {
	a := newAuthority(t)
	addr := fakeTLS(t, a.dated(time.Now().Add(-time.Hour), time.Now().Add(5*24*time.Hour+time.Hour)))
	got := Diagnose(t.Context(), Config{Bootstrap: []string{addr}, Auth: Auth{TLS: &TLS{CA: Store{Path: a.caPEM()}}}})[0]
	if got.Err != nil {
		t.Fatal(got.Err)
	}
	for _, s := range got.Steps {
		if s.Step != StepTLS {
			continue
		}
		all := strings.Join(s.Notes, "\n")
		for _, want := range []string{"TLS 1.3", "issued by CN=test CA", "(5 days left)", "for 127.0.0.1"} {
			if !strings.Contains(all, want) {
				t.Errorf("no %q in %s", want, all)
			}
		}
		if len(s.Warns) != 1 || !strings.Contains(s.Warns[0], "ends in 5 days") {
			t.Errorf("%q", s.Warns)
		}
		return
	}
	t.Errorf("no TLS step: %+v", got.Steps)
}

func TestSaysWhatIsThereInsteadOfWhatWasExpected(t *testing.T) {
	cert, store := certificate(t)
	plain := kfake.MustCluster(kfake.NumBrokers(1))
	t.Cleanup(plain.Close)
	for name, c := range map[string]struct {
		addr string
		tls  *TLS
		err  string
	}{
		"Kafka without TLS": {plain.ListenAddrs()[0], &TLS{CA: store}, "TLS handshake: the other side speaks Kafka in plaintext"},
		"HTTP without TLS":  {serve(t, says("HTTP/1.1 400 Bad Request\r\n")), &TLS{CA: store}, "TLS handshake: an HTTP server answered"},
		"Kafka with TLS":    {fakeTLS(t, cert), nil, "ApiVersions: the other side speaks TLS (its certificate is CN=broker)"},
	} {
		got := Diagnose(t.Context(), Config{Bootstrap: []string{c.addr}, Auth: Auth{TLS: c.tls}, ReadTimeout: patience})[0]
		if got.Err == nil || !strings.Contains(got.Err.Error(), c.err) {
			t.Errorf("%s: %v", name, got.Err)
		}
	}
}

func TestNamesTheLoginsThatAreOffered(t *testing.T) {
	const canary = "cAnArY-d1a6"
	c := kfake.MustCluster(kfake.NumBrokers(1), kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-256", "u", canary))
	t.Cleanup(c.Close)
	addr := c.ListenAddrs()
	login := func(m Mechanism, word string) *SASL {
		return &SASL{Mechanism: m, User: "u", Password: secret.Literal(word)}
	}
	for name, k := range map[string]struct {
		sasl *SASL
		want string
	}{
		"right":         {login(ScramSHA256, canary), "SCRAM-SHA-256 as u"},
		"wrong":         {login(ScramSHA256, "x"+canary), "SASL login"},
		"none":          {nil, "asks for a login"},
		"other":         {login("X-NEW", canary), "X-NEW is not offered, only "},
		"is told apart": {login(ScramSHA256, canary), "the listener offers"},
	} {
		got := Diagnose(t.Context(), Config{Bootstrap: addr, Auth: Auth{SASL: k.sasl}})[0]
		all := fmt.Sprintf("%+v %v", got, got.Err)
		if got.Err != nil {
			all += got.Err.Advice
		}
		if !strings.Contains(all, k.want) {
			t.Errorf("%s: %s", name, all)
		}
		if strings.Contains(all, canary) {
			t.Errorf("%s leaks: %s", name, all)
		}
	}
}

func TestUnreachableAdvertisedAddressIsExplained(t *testing.T) {
	for name, c := range map[string]struct {
		step      Step
		addr      string
		bootstrap string
		want      string
	}{
		"container": {StepResolve, "kafka-2:9092", "10.0.0.1:9092", "names of containers and pods"},
		"firewall":  {StepConnect, "10.1.2.3:9092", "10.0.0.1:9092", "nothing answers from here"},
		"localhost": {StepConnect, "localhost:9092", "10.0.0.1:9092", "to each client is itself"},
		"forward":   {StepConnect, "localhost:9093", "localhost:9092", "nothing answers from here"},
	} {
		k := Check{Addr: c.addr, Err: &StepError{Addr: c.addr, Step: c.step}}
		explainAdvertised(&k, 2, Config{Bootstrap: []string{c.bootstrap}})
		for _, want := range []string{c.want, "broker 2", "--map " + c.addr + "=127.0.0.1:PORT", "advertised.listeners"} {
			if !strings.Contains(k.Err.Advice, want) {
				t.Errorf("%s: no %q in %q", name, want, k.Err.Advice)
			}
		}
	}
}

func TestAnAddressOfAnotherClusterFails(t *testing.T) {
	checks := []Check{{Addr: "a", Seen: &Seen{ClusterID: "1"}}, {Addr: "b", Seen: &Seen{ClusterID: "1"}}, {Addr: "c", Seen: &Seen{ClusterID: "2"}}}
	oneCluster(checks)
	if checks[0].Err != nil || checks[1].Err != nil || checks[2].Err == nil || !strings.Contains(checks[2].Err.Error(), "another cluster answers: 2, not 1") {
		t.Errorf("%+v", checks)
	}
}
