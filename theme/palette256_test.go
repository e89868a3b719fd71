package theme

import (
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

func TestEveryInkIsOneOfThe256Colours(t *testing.T) {
	for _, p := range palettes {
		for tok, l := range p.looks {
			for _, i := range []ink{l.fg, l.bg} {
				if i.rgb == "" {
					continue
				}
				wr, wg, wb, _ := lipgloss.Color(i.rgb).RGBA()
				gr, gg, gb, _ := colorprofile.ANSI256.Convert(lipgloss.Color(i.rgb)).RGBA()
				if wr != gr || wg != gg || wb != gb {
					t.Errorf("%s, token %d: %s is not among the 256 colours", p.name, tok, i.rgb)
				}
			}
		}
	}
}
