package operate

import (
	"context"
	"fmt"
)

// State says how the world stands to a plan whose outcome is not known.
type State string

// The states. Unclear is a world that is neither the one before the plan nor the one after it.
const (
	Applied    State = "applied"
	NotApplied State = "not applied"
	Partly     State = "partly applied"
	Unclear    State = "changed since by somebody else"
)

// Standing reads the present state and says whether a plan whose process died was applied. The results
// tell each change as it reads now; nothing is sent that changes anything.
func Standing(ctx context.Context, r Reader, p Plan) (State, []Result, error) {
	now, err := p.now(ctx, r)
	if err != nil {
		return "", nil, fmt.Errorf("look how far it came: %s: %w", title(p.Does(), p.Object()), err)
	}
	var out []Result
	done, undone := 0, 0
	for _, c := range p.Changes() {
		if c.Skip != "" || c.Detail {
			continue
		}
		res := Result{What: c.What, Want: c.After, Got: now[c.What]}
		switch res.Got {
		case c.After:
			done++
		case c.Before:
			undone++
			res.Err = "still " + res.Got
		default:
			res.Err = "reads " + res.Got
		}
		out = append(out, res)
	}
	switch {
	case done == len(out):
		return Applied, out, nil
	case done > 0:
		return Partly, out, nil
	case undone == len(out):
		return NotApplied, out, nil
	}
	return Unclear, out, nil
}
