package django

import "fmt"

// Refusal says why a project can't be adopted, before anything is written. It
// is an answer, not a fault: Manual is what a person can do about it.
type Refusal struct {
	Path   string // relative to the root, with slashes; "" for the folder as a whole
	Line   int    // 1-based; 0 when no line is meant
	Reason string // what was met, lower case, no full stop
	Manual string // the step for a person, one sentence or two
	Ask    string // the answer that would settle it, by its key: "settings"; ""
}

func (r *Refusal) Error() string {
	switch {
	case r.Path == "":
		return r.Reason
	case r.Line == 0:
		return r.Path + ": " + r.Reason
	}
	return fmt.Sprintf("%s:%d: %s", r.Path, r.Line, r.Reason)
}

// Hint is the manual step.
func (r *Refusal) Hint() string { return r.Manual }
