package kafkatest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Realm is a Kerberos realm with a KDC of MIT's on 127.0.0.1, alone in this test.
type Realm struct {
	Name string
	Conf string // krb5.conf

	tb   testing.TB
	dir  string
	kdc  *Process
	addr string
}

// KDC starts a realm. Its tickets last ten minutes and its principals must prove themselves before they get one, as is
// usual. Where MIT's KDC is not installed the test is skipped, also where the real Kafka is required: not every
// distribution has it.
func KDC(tb testing.TB) *Realm {
	tb.Helper()
	path := sbin("krb5kdc")
	for _, p := range []string{path, sbin("kdb5_util"), sbin("kadmin.local"), sbin("kinit")} {
		if p == "" {
			tb.Skip("Kerberos skipped: no KDC (Debian: apt-get install krb5-kdc krb5-admin-server krb5-user)")
		}
	}
	r := &Realm{Name: "LAGTOP.TEST", tb: tb, dir: tb.TempDir(), addr: lowAddr(tb)}
	r.Conf = r.write("krb5.conf", "[libdefaults]\n default_realm = "+r.Name+"\n dns_lookup_kdc = false\n dns_lookup_realm = false\n"+
		" rdns = false\n udp_preference_limit = 1\n[realms]\n "+r.Name+" = {\n  kdc = "+r.addr+"\n }\n"+
		"[logging]\n kdc = FILE:"+r.dir+"/kdc.log\n")
	r.write("kdc.conf", "[kdcdefaults]\n kdc_listen = "+r.addr+"\n kdc_tcp_listen = "+r.addr+"\n[realms]\n "+r.Name+" = {\n"+
		"  database_name = "+r.dir+"/principal\n  key_stash_file = "+r.dir+"/stash\n  max_life = 10m\n  default_principal_flags = +preauth\n"+
		"  supported_enctypes = aes256-cts-hmac-sha1-96:normal\n }\n")
	r.run("", "kdb5_util", "create", "-r", r.Name, "-s", "-P", "master")
	cmd := exec.CommandContext(context.Background(), path, "-n", "-r", r.Name)
	cmd.Env = r.env()
	r.kdc = startClient(tb, "krb5kdc", cmd)
	r.await()
	return r
}

// sbin is the path of a program, also where the folder of administrators' programs is not searched.
func sbin(name string) string {
	if p, err := exec.LookPath(name); err == nil {
		return p
	}
	p := filepath.Join("/usr/sbin", name)
	if _, err := os.Stat(p); err != nil {
		return ""
	}
	return p
}

// lowAddr is an address of 127.0.0.1 below the ephemeral range.
func lowAddr(tb testing.TB) string {
	tb.Helper()
	for port := 27900; port < 28600; port++ {
		addr := fmt.Sprintf("127.0.0.1:%d", port)
		if l, err := net.Listen("tcp4", addr); err == nil {
			_ = l.Close()
			return addr
		}
	}
	tb.Fatal("no free port")
	return ""
}

func (r *Realm) env() []string {
	return append(os.Environ(), "KRB5_CONFIG="+r.Conf, "KRB5_KDC_PROFILE="+filepath.Join(r.dir, "kdc.conf"))
}

func (r *Realm) write(name, text string) string {
	r.tb.Helper()
	path := filepath.Join(r.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		r.tb.Fatal(err)
	}
	return path
}

func (r *Realm) run(input, name string, args ...string) {
	r.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, sbin(name), args...)
	cmd.Env, cmd.Stdin = r.env(), strings.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil {
		r.tb.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

func (r *Realm) await() {
	r.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		if c, err := new(net.Dialer).DialContext(ctx, "tcp4", r.addr); err == nil {
			_ = c.Close()
			tick.Stop()
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			tick.Stop()
			r.tb.Fatal("the KDC does not listen")
		}
	}
}

// AddPrincipal makes a principal, such as alice or oncall/ops, with a password.
func (r *Realm) AddPrincipal(name, password string) {
	r.tb.Helper()
	r.run("", "kadmin.local", "-r", r.Name, "addprinc", "-pw", password, name)
}

// Keytab makes principals with random keys, those that are missing, and writes all their keys into a new file.
func (r *Realm) Keytab(file string, names ...string) string {
	r.tb.Helper()
	path := filepath.Join(r.dir, file)
	for _, n := range names {
		r.run("", "kadmin.local", "-r", r.Name, "addprinc", "-randkey", n)
		r.run("", "kadmin.local", "-r", r.Name, "ktadd", "-norandkey", "-k", path, n)
	}
	return path
}

// Tickets logs in by kinit and returns the file of the ticket cache.
func (r *Realm) Tickets(name, password string, args ...string) string {
	r.tb.Helper()
	path := filepath.Join(r.dir, strings.ReplaceAll(name, "/", "-")+".cc")
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.tb.Fatal(err)
	}
	r.run(password+"\n", "kinit", append(args, "-c", "FILE:"+path, name+"@"+r.Name)...)
	return path
}

// Stop ends the KDC.
func (r *Realm) Stop() { r.kdc.Stop() }
