package cli

import (
	"reflect"
	"testing"

	"github.com/spf13/pflag"

	"lagtop/kafka/limit"
	"lagtop/ui/config"
)

func TestFlagsStandInPlaceOfTheFilesPatterns(t *testing.T) {
	r := &run{loaded: &config.Config{Watch: limit.Scope{Groups: []string{"file"}, ExcludeTopics: []string{"_*"}}}}
	f := pflag.NewFlagSet("lagtop", pflag.ContinueOnError)
	r.scopeFlags(f)
	if err := f.Parse([]string{"--group", "a*,b", "--group=c", "--topic", "orders"}); err != nil {
		t.Fatal(err)
	}
	want := limit.Scope{Groups: []string{"a*", "b", "c"}, Topics: []string{"orders"}, ExcludeTopics: []string{"_*"}}
	if got := r.scope(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	for _, bad := range []string{"[", "", "a,,b"} {
		if err := f.Parse([]string{"--exclude-group", bad}); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
