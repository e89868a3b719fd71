package component

import (
	"lagtop/kafka"
	"lagtop/theme"
)

// Verdict is the glyph and the look of a verdict. The word is kafka.VerdictKind.String: glyph, word and
// look always go together, so that the meaning is never in a colour alone.
func Verdict(th *theme.Theme, k kafka.VerdictKind) (glyph string, tok theme.Token) {
	g := &th.Glyphs
	switch k {
	case kafka.VerdictLost, kafka.VerdictStopped, kafka.VerdictStalled:
		return g.Bad, theme.Danger
	case kafka.VerdictRewound, kafka.VerdictAtRisk, kafka.VerdictFallingBehind, kafka.VerdictAhead:
		return g.Warn, theme.Lagging
	case kafka.VerdictNoCommit:
		return g.Info, theme.Info
	case kafka.VerdictOK:
		return g.OK, theme.Good
	}
	return " ", theme.Muted
}
