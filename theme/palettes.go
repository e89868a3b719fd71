package theme

// ink is one colour: one of the 256 of xterm, written as its 24 bits, and the number that suits it best
// among a terminal's sixteen, whose shades are the user's own choice. The zero ink is the terminal's own
// colour. 24 bits would cost up to 8 bytes more for each change of colour, a fifth of all bytes over SSH.
type ink struct{ rgb, ansi string }

type attr uint8

const (
	bold attr = 1 << iota
	faint
	underline
	reverse
)

type look struct {
	fg, bg ink
	attr   attr
}

type looks [tokens]look

type palette struct {
	name  string
	looks looks
}

// palettes in the order of Names; the one without colours is last.
var palettes = [...]palette{
	{"dark", dark()},
	{"light", light()},
	{"high-contrast", highContrast()},
	{"colour-blind", colourBlind()},
	{None, plain()},
}

// inks are the few colours that a palette is made of.
type inks struct {
	muted, border, accent, good, info, lagging, danger, spark ink
	onSelected, selected, onIdle, idle, onBadge, badge        ink
}

// build gives each meaning its ink. Which meaning is bold or underlined is the same in all palettes.
func build(c inks) looks {
	return looks{
		Muted: {fg: c.muted}, Border: {fg: c.border}, BorderFocus: {fg: c.accent},
		Title: {attr: bold}, TitleFocus: {fg: c.accent, attr: bold}, Header: {fg: c.muted, attr: bold},
		Selected:     {fg: c.onSelected, bg: c.selected, attr: bold},
		SelectedIdle: {fg: c.onIdle, bg: c.idle},
		Good:         {fg: c.good}, Info: {fg: c.info}, Lagging: {fg: c.lagging},
		Danger: {fg: c.danger, attr: bold}, Stale: {fg: c.muted, attr: faint},
		Accent: {fg: c.accent}, Key: {fg: c.accent, attr: bold}, Match: {fg: c.lagging, attr: underline},
		Marked: {fg: c.info, attr: bold}, Badge: {fg: c.onBadge, bg: c.badge, attr: bold},
		Bar: {fg: c.spark}, Spark: {fg: c.spark},
	}
}

func dark() looks {
	return build(inks{
		muted: ink{"#949494", "7"}, border: ink{"#585858", "8"}, accent: ink{"#87afff", "14"},
		good: ink{"#87d787", "2"}, info: ink{"#87d7d7", "6"}, lagging: ink{"#d7af5f", "3"},
		danger: ink{"#ff8787", "9"}, spark: ink{"#87afd7", "4"},
		onSelected: ink{"#ffffff", "15"}, selected: ink{"#005f87", "4"},
		onIdle: ink{"#d0d0d0", "15"}, idle: ink{"#303030", "8"},
		onBadge: ink{"#1c1c1c", "0"}, badge: ink{"#d7af5f", "3"},
	})
}

func light() looks {
	return build(inks{
		muted: ink{"#626262", "8"}, border: ink{"#a8a8a8", "7"}, accent: ink{"#005faf", "4"},
		good: ink{"#008700", "2"}, info: ink{"#005f87", "6"}, lagging: ink{"#875f00", "5"},
		danger: ink{"#af0000", "1"}, spark: ink{"#5f5faf", "4"},
		onSelected: ink{"#ffffff", "15"}, selected: ink{"#005faf", "4"},
		onIdle: ink{"#262626", "0"}, idle: ink{"#dadada", "7"},
		onBadge: ink{"#ffffff", "15"}, badge: ink{"#875f00", "5"},
	})
}

// highContrast keeps at least 7:1 against black.
func highContrast() looks {
	l := build(inks{
		muted: ink{"#d0d0d0", "7"}, border: ink{"#b2b2b2", "7"}, accent: ink{"#00ffff", "14"},
		good: ink{"#5fff5f", "10"}, info: ink{"#87d7ff", "14"}, lagging: ink{"#ffff00", "11"},
		danger: ink{"#ff8787", "9"}, spark: ink{"#ffffff", "15"},
		onSelected: ink{"#000000", "0"}, selected: ink{"#ffff00", "11"},
		onIdle: ink{"#000000", "0"}, idle: ink{"#c6c6c6", "7"},
		onBadge: ink{"#000000", "0"}, badge: ink{"#ffffff", "15"},
	})
	l[Text] = look{fg: ink{"#ffffff", "15"}}
	l[Danger].attr |= underline
	l[Stale].attr = underline
	return l
}

// colourBlind uses the colours of Okabe and Ito, which people with any common colour blindness tell
// apart.
func colourBlind() looks {
	return build(inks{
		muted: ink{"#9e9e9e", "7"}, border: ink{"#626262", "8"}, accent: ink{"#5fafff", "14"},
		good: ink{"#00af87", "6"}, info: ink{"#5fafff", "14"}, lagging: ink{"#ffff5f", "11"},
		danger: ink{"#d75f00", "9"}, spark: ink{"#d787af", "13"},
		onSelected: ink{"#ffffff", "15"}, selected: ink{"#005faf", "4"},
		onIdle: ink{"#e4e4e4", "15"}, idle: ink{"#303030", "8"},
		onBadge: ink{"#000000", "0"}, badge: ink{"#d7af00", "3"},
	})
}

// plain has no colours.
func plain() looks {
	return looks{
		Muted: {attr: faint}, Border: {attr: faint}, BorderFocus: {attr: bold},
		Title: {attr: bold}, TitleFocus: {attr: bold | underline}, Header: {attr: bold},
		Selected: {attr: reverse | bold}, SelectedIdle: {attr: reverse}, Lagging: {attr: bold},
		Danger: {attr: bold | underline}, Stale: {attr: faint}, Key: {attr: bold}, Match: {attr: underline},
		Accent: {attr: bold}, Marked: {attr: bold}, Badge: {attr: reverse},
	}
}
