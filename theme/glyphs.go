package theme

// Glyphs are the signs that are not letters. Each takes exactly one cell.
type Glyphs struct {
	TopLeft, TopRight, BottomLeft, BottomRight string // corners of a frame
	Horizontal, Vertical                       string // its lines
	TeeLeft, TeeRight                          string // where a line across a frame meets it

	Spark        []string // 8 levels, lowest first
	SparkUnknown string   // a sample that is not known
	BarFull      string
	BarEmpty     string
	Thumb        string // part of the rows that a scroll bar says is shown
	Dots         bool   // charts are drawn with braille dots

	Ellipsis string // something was cut
	AtLeast  string // the sum misses parts
	Unknown  string // not a number
	Approx   string // interpolated
	Arrow    string // from, to
	Times    string // number of
	Dot      string // between facts
	Cursor   string // points at the chosen line
	Caret    string // where the next character goes

	Folded, Unfolded string // a row with rows below it
	Branch, LastLeaf string // rows below a row
	Marked           string
	Radio, RadioOff  string // the chosen of several, the others

	Bad, Warn, OK, Info string // verdicts
	Star                string // the controller, the preferred one
	Up, Down            string // sort order, more rows
	Left, Right         string // more to the side
	Live, Paused        string // following, not following
	Stale               string // older than it should be
}

// Unicode is the set for fonts with box lines and block elements.
func Unicode() Glyphs {
	return Glyphs{
		TopLeft: "╭", TopRight: "╮", BottomLeft: "╰", BottomRight: "╯",
		Horizontal: "─", Vertical: "│", TeeLeft: "├", TeeRight: "┤",
		Spark:        []string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
		SparkUnknown: "·", BarFull: "█", BarEmpty: "░", Thumb: "▐", Dots: true,
		Ellipsis: "…", AtLeast: "≥", Unknown: "–", Approx: "≈", Arrow: "→", Times: "×", Dot: "·",
		Cursor: "▸", Caret: "▏",
		Folded: "▸", Unfolded: "▾", Branch: "├", LastLeaf: "└", Marked: "◆", Radio: "●", RadioOff: "○",
		Bad: "✖", Warn: "!", OK: "●", Info: "○", Star: "★", Up: "↑", Down: "↓", Left: "‹", Right: "›",
		Live: "●", Paused: "‖", Stale: "◌",
	}
}

// ASCII is the set for terminals and fonts that have nothing else.
func ASCII() Glyphs {
	return Glyphs{
		TopLeft: "+", TopRight: "+", BottomLeft: "+", BottomRight: "+",
		Horizontal: "-", Vertical: "|", TeeLeft: "+", TeeRight: "+",
		Spark:        []string{"_", ".", ":", "-", "=", "+", "*", "#"},
		SparkUnknown: " ", BarFull: "#", BarEmpty: ".", Thumb: "#",
		Ellipsis: "~", AtLeast: ">", Unknown: "-", Approx: "~", Arrow: ">", Times: "x", Dot: "-",
		Cursor: ">", Caret: "_",
		Folded: ">", Unfolded: "v", Branch: "|", LastLeaf: "`", Marked: "+", Radio: "*", RadioOff: "o",
		Bad: "x", Warn: "!", OK: ".", Info: "i", Star: "*", Up: "^", Down: "v", Left: "<", Right: ">",
		Live: "*", Paused: "=", Stale: "?",
	}
}
