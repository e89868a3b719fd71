package cli

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adrg/xdg"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// refuseOnce makes the cluster refuse the next change of a topic's configuration.
func refuseOnce(c *kfake.Cluster) {
	c.ControlKey(int16(kmsg.IncrementalAlterConfigs), func(r kmsg.Request) (kmsg.Response, error, bool) {
		req := r.(*kmsg.IncrementalAlterConfigsRequest)
		resp := req.ResponseKind().(*kmsg.IncrementalAlterConfigsResponse)
		for _, of := range req.Resources {
			one := kmsg.NewIncrementalAlterConfigsResponseResource()
			one.ResourceType, one.ResourceName, one.ErrorCode = of.ResourceType, of.ResourceName, kerr.TopicAuthorizationFailed.Code
			resp.Resources = append(resp.Resources, one)
		}
		return resp, nil, true
	})
}

// Neither an action that was applied nor one that was refused leaves the password anywhere in the state folder: not in
// the audit file, not beside it.
func TestNothingThatAnActionLeavesHoldsASecret(t *testing.T) {
	state := t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	xdg.Reload()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-256", "u", canary), kfake.SeedTopics(1, "orders"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	addr := c.ListenAddrs()[0]
	file := writeConfig(t, "contexts:\n  - name: a\n    bootstrap: "+addr+"\n    sasl: {mechanism: SCRAM-SHA-256, username: u, password: "+canary+"}\n")
	change := []string{"topics", "retention", "orders", "--execute", "--config", file}
	for _, login := range [][]string{{"--context", "a", "--ms", "30d"}, {"--properties", scram(t, addr, canary), "--ms", "40d"}} {
		for _, refused := range []bool{true, false} {
			if refused {
				refuseOnce(c)
			}
			code, out, errs := invoke(append(change[:len(change):len(change)], login...)...)
			if (code != exitOK) != refused || refused && !strings.Contains(errs, "TOPIC_AUTHORIZATION_FAILED") || strings.Contains(out+errs, canary) {
				t.Errorf("%v, refused %v: exit %d\n%s%s", login, refused, code, out, errs)
			}
		}
	}
	log, err := os.ReadFile(filepath.Join(state, "lagtop", "audit.jsonl"))
	if err != nil || bytes.Count(log, []byte("orders")) < 4 || !bytes.Contains(log, []byte("TOPIC_AUTHORIZATION_FAILED")) {
		t.Errorf("%v\n%s", err, log)
	}
	err = filepath.WalkDir(state, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte(canary)) {
			t.Errorf("%s holds the password:\n%s", path, text)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
