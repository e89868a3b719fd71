package conn_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/secret"
)

// kerberized is a broker of Apache Kafka with a listener that wants tickets of the realm.
func kerberized(t *testing.T, r *kafkatest.Realm) string {
	t.Helper()
	addr := fmt.Sprintf("127.0.0.1:%d", lowPorts(t, 1)[0])
	t.Setenv("JAVA_TOOL_OPTIONS", "-Djava.security.krb5.conf="+r.Conf)
	const l = "listener.name.krb."
	kafkatest.RealOwn(t, kafkatest.Own{Nodes: 1, Props: map[string]string{
		"listeners":                      "{default},KRB://" + addr,
		"advertised.listeners":           "{default},KRB://" + addr,
		"listener.security.protocol.map": "{default},KRB:SASL_PLAINTEXT",
		l + "sasl.enabled.mechanisms":    "GSSAPI",
		"sasl.kerberos.service.name":     "kafka",
		l + "gssapi.sasl.jaas.config": `com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true keyTab="` +
			r.Keytab("kafka.keytab", "kafka/127.0.0.1") + `" principal="kafka/127.0.0.1@` + r.Name + `";`,
	}})
	return addr
}

func TestRealKafkaLetsUsInByKerberos(t *testing.T) {
	r := kafkatest.KDC(t)
	addr := kerberized(t, r)
	r.AddPrincipal("alice", realCanary)
	keytab, none := r.Keytab("ops.keytab", "oncall/ops"), r.Conf+".none"
	password := func(name, word string) *conn.Kerberos {
		return &conn.Kerberos{Principal: name, Password: secret.Literal(word)}
	}
	type login struct {
		k             *conn.Kerberos
		fails, advice string // of both libraries
	}
	try := func(name string, c login) {
		cfg := kerberosConfig(t, r, addr, c.k)
		for i, err := range conn.Both(t, cfg) {
			library, advice := [...]string{"sarama", "franz-go"}[i], conn.Advice(err)
			if (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), "SASL login: ") ||
				err != nil && !strings.Contains(err.Error(), c.fails) || !strings.Contains(advice, c.advice) {
				t.Errorf("%s by %s: %v\n\t%s", name, library, err, advice)
			}
			if all := fmt.Sprintf("%v %+v %#v %+v %s", err, err, err, cfg, advice); strings.Contains(all, realCanary) {
				t.Errorf("%s by %s leaks: %s", name, library, all)
			}
		}
	}
	for name, c := range map[string]login{
		"keytab":             {&conn.Kerberos{Principal: "oncall/ops@" + r.Name, Keytab: keytab}, "", ""},
		"realm of krb5.conf": {&conn.Kerberos{Principal: "oncall/ops", Keytab: keytab}, "", ""},
		"password":           {password("alice@"+r.Name, realCanary), "", ""},
		"tickets":            {&conn.Kerberos{Cache: r.Tickets("alice", realCanary)}, "", ""},
		"tickets, with type": {&conn.Kerberos{Cache: "FILE:" + r.Tickets("alice", realCanary)}, "", ""},
		"included krb5.conf": {&conn.Kerberos{Principal: "oncall/ops", Keytab: keytab, Config: including(t, r)}, "", ""},

		"wrong password":      {password("alice", "x"+realCanary), "PREAUTH_FAILED", "refused the password"},
		"unknown principal":   {password("mallory", realCanary), "C_PRINCIPAL_UNKNOWN", "does not know this principal"},
		"not in the keytab":   {&conn.Kerberos{Principal: "alice", Keytab: keytab}, "not found in keytab", "klist -k"},
		"no keytab":           {&conn.Kerberos{Principal: "alice", Keytab: none}, "read the keytab " + none, "nothing was sent"},
		"no tickets":          {&conn.Kerberos{Cache: none}, "kinit -c FILE:" + none, "nothing was sent"},
		"service of no one":   {&conn.Kerberos{Principal: "oncall/ops", Keytab: keytab, Service: "kafkaa"}, "S_PRINCIPAL_UNKNOWN", "check the service name"},
		"realm without a KDC": {password("alice@ELSEWHERE.TEST", realCanary), "ELSEWHERE.TEST", "names no KDC"},
	} {
		try(name, c)
	}
	polled(t, r, addr, keytab)
	r.Stop()
	try("no KDC", login{password("alice", realCanary), "refused", "no KDC answered"})
}

// including is a krb5.conf as Red Hat's distributions have it, which includes that of the realm.
func including(t *testing.T, r *kafkatest.Realm) string {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	path := filepath.Join(t.TempDir(), "krb5.conf")
	if err := os.WriteFile(path, []byte("include "+r.Conf+"\n[libdefaults]\n dns_canonicalize_hostname = fallback\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func kerberosConfig(t *testing.T, r *kafkatest.Realm, addr string, k *conn.Kerberos) conn.Config {
	t.Helper()
	k.Config = cmp.Or(k.Config, r.Conf)
	cfg, err := conn.Config{Bootstrap: []string{addr}, Auth: conn.Auth{SASL: &conn.SASL{Mechanism: conn.GSSAPI, Kerberos: k}}}.Checked()
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// polled polls with a client.properties, as Java's clients have it.
func polled(t *testing.T, r *kafkatest.Realm, addr, keytab string) {
	t.Helper()
	t.Setenv("KRB5_CONFIG", r.Conf)
	t.Setenv("KRB5CCNAME", "FILE:"+r.Tickets("alice", realCanary))
	const common = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=GSSAPI\nsasl.kerberos.service.name=kafka\n" +
		"sasl.jaas.config=com.sun.security.auth.module.Krb5LoginModule required "
	for name, options := range map[string]string{
		"keytab":  `useKeyTab=true storeKey=true keyTab="` + keytab + `" principal="oncall/ops@` + r.Name + `";`,
		"tickets": "useTicketCache=true;",
	} {
		cfg, err := snapshot(t, addr, common+options)
		if err != nil {
			t.Errorf("poll by %s: %v\n\t%s", name, err, conn.Advice(err))
		}
		if way := conn.Diagnose(t.Context(), cfg)[0]; way.Err != nil {
			t.Errorf("diagnosis by %s: %v", name, way.Err)
		}
	}
}
