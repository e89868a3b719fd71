package theme

import (
	"fmt"
	"image/color"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

// Options choose a theme.
type Options struct {
	Palette string               // one of Names; empty is dark
	ASCII   bool                 // glyphs for fonts without box lines
	Profile colorprofile.Profile // what the terminal can show; Unknown counts as TrueColor
}

// Theme is a palette and a glyph set for one terminal. It does not change after New.
type Theme struct {
	Name   string // of the palette, as Names has it
	Glyphs Glyphs
	styles [tokens]Style
}

// None is the palette that uses attributes only: bold, reverse, underline, faint.
const None = "none"

// Names are the palettes in the order in which a key goes through them.
func Names() []string {
	names := make([]string, 0, len(palettes))
	for _, p := range palettes {
		names = append(names, p.name)
	}
	return names
}

// New builds a theme. A terminal without colours gets the palette None, whatever was asked for; an
// unknown palette is an error that names the known ones.
func New(o Options) (*Theme, error) {
	p, err := find(o.Palette)
	if err != nil {
		return nil, err
	}
	if o.Profile == colorprofile.Unknown {
		o.Profile = colorprofile.TrueColor
	}
	if o.Profile <= colorprofile.ASCII {
		p = palettes[len(palettes)-1]
	}
	t := &Theme{Name: p.name, Glyphs: Unicode()}
	if o.ASCII {
		t.Glyphs = ASCII()
	}
	for tok, l := range p.looks {
		t.styles[tok] = l.style(o.Profile)
	}
	return t, nil
}

// Style is the look of a token; of an unknown one, that of Text.
func (t *Theme) Style(tok Token) Style {
	if tok < 0 || tok >= tokens {
		return t.styles[Text]
	}
	return t.styles[tok]
}

// Render is text in the look of a token.
func (t *Theme) Render(tok Token, text string) string { return t.Style(tok).Render(text) }

func find(name string) (palette, error) {
	if name == "" {
		return palettes[0], nil
	}
	i := slices.IndexFunc(palettes[:], func(p palette) bool { return p.name == name })
	if i < 0 {
		return palette{}, fmt.Errorf("palette %q: unknown, choose one of %s", name, strings.Join(Names(), ", "))
	}
	return palettes[i], nil
}

// style builds the escape sequences of a look once, for what the terminal can show.
func (l look) style(p colorprofile.Profile) Style {
	s := lipgloss.NewStyle().Bold(l.attr&bold != 0).Faint(l.attr&faint != 0).
		Underline(l.attr&underline != 0).Reverse(l.attr&reverse != 0)
	if c := l.fg.on(p); c != nil {
		s = s.Foreground(c)
	}
	if c := l.bg.on(p); c != nil {
		s = s.Background(c)
	}
	open, _, _ := strings.Cut(s.Render("x"), "x")
	if open == "" {
		return Style{}
	}
	return Style{open: open, close: reset}
}

// on is the colour as a terminal with that profile shows it; nil is the terminal's own.
func (i ink) on(p colorprofile.Profile) color.Color {
	switch {
	case i.rgb == "" || p <= colorprofile.ASCII:
		return nil
	case p == colorprofile.ANSI:
		return lipgloss.Color(i.ansi)
	}
	return colorprofile.ANSI256.Convert(lipgloss.Color(i.rgb))
}
