package conn

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/IBM/sarama"

	"lagtop/kafka/secret"
)

// The form is that of Red Hat's distributions.
const redHat = `# To opt out of the system crypto-policies configuration of krb5, remove the symlink
includedir /no/such/krb5.conf.d/

[logging]
    default = FILE:/var/log/krb5libs.log

[libdefaults]
    dns_lookup_realm = false
    ticket_lifetime = 24h
    renew_lifetime = 7d
    forwardable = true
    rdns = false
    pkinit_anchors = FILE:/etc/pki/tls/certs/ca-bundle.crt
    spake_preauth_groups = edwards25519
    dns_canonicalize_hostname = fallback
    qualify_shortname = ""
    default_realm = CORP.EXAMPLE.COM
    default_ccache_name = KEYRING:persistent:%{uid}

[realms]
 CORP.EXAMPLE.COM = {
     kdc = kerberos.example.com
     admin_server = kerberos.example.com
 }

[domain_realm]
 .example.com = CORP.EXAMPLE.COM
`

// The form is that of Debian's package krb5-config.
const debian = `[libdefaults]
	default_realm = CORP.EXAMPLE.COM

# The following krb5.conf variables are only for MIT Kerberos.
	kdc_timesync = 1
	ccache_type = 4
	forwardable = true
	proxiable = true
        rdns = false


# The following libdefaults parameters are only for Heimdal Kerberos.
	fcc-mit-ticketflags = true

[realms]
	CORP.EXAMPLE.COM = {
		kdc = kerberos.example.com
		kdc = kerberos-2.example.com:88
		admin_server = kerberos.example.com
		default_domain = example.com
	}

[domain_realm]
	.example.com = CORP.EXAMPLE.COM
`

func TestIncludedFilesOfAKrb5ConfCount(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o700); err != nil {
		t.Fatal(err)
	}
	file("d/one", "[libdefaults]\ndefault_realm = ONE\n[realms]\nONE = {\n kdc = a\n}\n")
	file("d/two.conf", "[libdefaults]\ndefault_realm = TWO\n[realms]\nTWO = {\n kdc = b\n}\n[domain_realm]\n.two = TWO\n")
	file("d/three.rpmsave", "[libdefaults]\ndefault_realm = THREE\n")
	file("d/.four.conf", "[realms]\nFOUR = {\n kdc = d\n}\n")
	c, path, err := loadKrb5Conf(file("krb5.conf", "includedir "+filepath.Join(dir, "d")+"\n[libdefaults]\n udp_preference_limit = 1\n default_realm = OWN\n"))
	if err != nil || c.LibDefaults.DefaultRealm != "ONE" || c.LibDefaults.UDPPreferenceLimit != 1 || len(c.Realms) != 2 || c.DomainRealm[".two"] != "TWO" {
		t.Errorf("%+v %v", c, err)
	}
	if i, err := os.Stat(path); err != nil || i.Mode().Perm() != 0o600 {
		t.Error(path, i, err)
	}
	loop := filepath.Join(dir, "loop")
	if _, _, err := loadKrb5Conf(file("loop", "include "+loop+"\n")); err == nil || !strings.Contains(err.Error(), "too deeply") {
		t.Error(err)
	}
	plain := file("plain", "[libdefaults]\n default_realm = X\n")
	if _, path, err := loadKrb5Conf(plain); err != nil || path != plain {
		t.Error(path, err)
	}
}

func TestTheRealmComesFromTheKrb5ConfOfDistributions(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for name, text := range map[string]string{"Red Hat": redHat, "Debian": debian} {
		path := filepath.Join(t.TempDir(), "krb5.conf")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var g sarama.GSSAPIConfig
		k := &Kerberos{Principal: "alice", Password: secret.Literal("x"), Config: path}
		if err := k.sarama(t.Context(), &g); err != nil || g.Realm != "CORP.EXAMPLE.COM" || g.ServiceName != "kafka" {
			t.Errorf("%s: %+v %v", name, g, err)
		}
	}
}

func FuzzAnyKrb5ConfIsReadOrRefused(f *testing.F) {
	for _, text := range []string{redHat, debian, "[libdefaults]\nclockskew =\n= x\n{\n}\nx", "[realms]\nA = {\n", "[realms]\n}\n", "[domain_realm]\n=\n", "include\ninclude a b\n["} {
		f.Add(text)
	}
	f.Setenv("XDG_CACHE_HOME", f.TempDir())
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ReplaceAll(text, "include", "x") // it would reach the folders of this machine
		path := filepath.Join(t.TempDir(), "krb5.conf")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if c, _, err := loadKrb5Conf(path); c == nil && err == nil {
			t.Error("neither read nor refused")
		}
	})
}
