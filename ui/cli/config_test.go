package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMistakeInTheConfigurationEndsTheStart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte("alerts:\n  rule: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		file:               file + `:2:3: alerts has no key "rule"; did you mean "rules"?`,
		file + ".none":     "read the configuration: open " + file + ".none",
		filepath.Dir(file): "read the configuration: read " + filepath.Dir(file),
	} {
		var out, errs strings.Builder
		code := Run(context.Background(), []string{"-b", "127.0.0.1:1", "--config", path}, strings.NewReader(""), &out, &errs)
		if code != exitUsage || !strings.Contains(errs.String(), want) {
			t.Errorf("exit %d, said %q, want %q", code, errs.String(), want)
		}
	}
}
