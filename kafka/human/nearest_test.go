package human

import "testing"

func TestNearestIsTheWordThatWasMeant(t *testing.T) {
	known := []string{"bootstrap", "read-only", "protected", "sasl"}
	for word, want := range map[string]string{
		"bootstrp": "bootstrap", "READ-ONLY": "read-only", "readonly": "read-only", "sals": "sasl", "colour": "", "": "",
	} {
		if got := Nearest(word, known, 3); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
	if got := Nearest("ab", []string{"abc", "ab"}, 3); got != "ab" {
		t.Errorf("the nearest is %q", got)
	}
}
