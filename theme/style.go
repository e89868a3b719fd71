package theme

// Token is a meaning that has a look.
type Token int

// The tokens. Text is the terminal's own colours.
const (
	Text         Token = iota
	Muted              // side information: units, notes, rows that need no look
	Border             // frame of a pane, but for the upper line of the one with the focus
	BorderFocus        // upper line of the frame of the pane with the focus; frame of a dialog
	Title              // title of a frame
	TitleFocus         // title of the frame with the focus
	Header             // column titles
	Selected           // the row under the cursor, pane focused
	SelectedIdle       // the row under the cursor, pane not focused
	Good               // as it should be
	Info               // worth knowing
	Lagging            // worth a look soon
	Danger             // trouble, or a command that changes the cluster
	Stale              // older than it should be
	Accent             // what the eye should find first
	Key                // a key to press
	Match              // what a filter or search found
	Marked             // chosen for the next command
	Badge              // a word on a ground of its own, such as READ-ONLY
	Bar                // bars
	Spark              // sparklines
	tokens
)

// reset ends every styled run.
const reset = "\x1b[m"

// Style is the look of a token: the escape sequences before and after a text. The zero Style changes
// nothing.
type Style struct{ open, close string }

// Render puts the style around text without measuring it.
func (s Style) Render(text string) string {
	if s.open == "" || text == "" {
		return text
	}
	return s.open + text + s.close
}

// Open is the escape sequence that begins the style, empty where nothing applies.
func (s Style) Open() string { return s.open }

// Close is the escape sequence that ends it, empty where nothing applies.
func (s Style) Close() string { return s.close }
