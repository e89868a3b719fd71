package theme

// ink is one colour: as 24 bits, and as the number that suits it best among a terminal's sixteen, whose
// shades are the user's own choice. The zero ink is the terminal's own colour.
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
		muted: ink{"#8a93a6", "7"}, border: ink{"#4b5364", "8"}, accent: ink{"#7fb4f5", "14"},
		good: ink{"#8fc98b", "2"}, info: ink{"#84c7d0", "6"}, lagging: ink{"#e6c07b", "3"},
		danger: ink{"#f2777a", "9"}, spark: ink{"#9aa9d6", "4"},
		onSelected: ink{"#ffffff", "15"}, selected: ink{"#31507a", "4"},
		onIdle: ink{"#d5dae3", "15"}, idle: ink{"#2d3340", "8"},
		onBadge: ink{"#1b1f27", "0"}, badge: ink{"#e6c07b", "3"},
	})
}

func light() looks {
	return build(inks{
		muted: ink{"#626a78", "8"}, border: ink{"#a3aab6", "7"}, accent: ink{"#1f5fb0", "4"},
		good: ink{"#27753a", "2"}, info: ink{"#0f6e7c", "6"}, lagging: ink{"#8a5a00", "5"},
		danger: ink{"#b3202c", "1"}, spark: ink{"#4a5fa5", "4"},
		onSelected: ink{"#ffffff", "15"}, selected: ink{"#2f68b5", "4"},
		onIdle: ink{"#1d222b", "0"}, idle: ink{"#dde3ec", "7"},
		onBadge: ink{"#ffffff", "15"}, badge: ink{"#8a5a00", "5"},
	})
}

// highContrast keeps at least 7:1 against black.
func highContrast() looks {
	l := build(inks{
		muted: ink{"#d0d0d0", "7"}, border: ink{"#b0b0b0", "7"}, accent: ink{"#00ffff", "14"},
		good: ink{"#5fff5f", "10"}, info: ink{"#87d7ff", "14"}, lagging: ink{"#ffff00", "11"},
		danger: ink{"#ff8787", "9"}, spark: ink{"#ffffff", "15"},
		onSelected: ink{"#000000", "0"}, selected: ink{"#ffff00", "11"},
		onIdle: ink{"#000000", "0"}, idle: ink{"#c0c0c0", "7"},
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
		muted: ink{"#9aa0ab", "7"}, border: ink{"#585e6a", "8"}, accent: ink{"#56b4e9", "14"},
		good: ink{"#009e73", "6"}, info: ink{"#56b4e9", "14"}, lagging: ink{"#f0e442", "11"},
		danger: ink{"#d55e00", "9"}, spark: ink{"#cc79a7", "13"},
		onSelected: ink{"#ffffff", "15"}, selected: ink{"#0072b2", "4"},
		onIdle: ink{"#e6e6e6", "15"}, idle: ink{"#30343d", "8"},
		onBadge: ink{"#000000", "0"}, badge: ink{"#e69f00", "3"},
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
