package component

// Overlay centres box over base, which is w by h cells. A box larger than that is cut.
func Overlay(base []string, box []string, w, h int) []string {
	out := make([]string, max(h, 0))
	for y := range out {
		if y < len(base) {
			out[y] = Exact(base[y], w)
		} else {
			out[y] = blanks(w)
		}
	}
	bw := 0
	for _, l := range box {
		bw = max(bw, cellsOf(l))
	}
	bw = min(bw, w)
	x, y := (w-bw)/2, max((h-len(box))/2, 0)
	for i, l := range box {
		if y+i >= len(out) {
			break
		}
		under := out[y+i]
		out[y+i] = slice(under, 0, x) + Exact(l, bw) + slice(under, x+bw, w)
	}
	return out
}
